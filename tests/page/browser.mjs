// A Chromium under playwright-core with what every case of the page wants: complaints of the
// console, requests to other hosts, accessibility, and answers of the API that are made up.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

export const settings = JSON.parse(process.env.PAGE_SETTINGS);
const { chromium } = await import(
  pathToFileURL(`${settings.modules}/playwright-core/index.mjs`).href
);
const axe = readFileSync(`${settings.modules}/axe-core/axe.min.js`, "utf8");

export const WAIT_MS = 15_000 * settings.slow;
let failed = 0;

export function check(condition, why) {
  if (!condition) throw new Error(why);
}

export async function startBrowser() {
  return chromium.launch({
    executablePath: settings.chromium,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
}

// A page of its own, with `complaints` and `strangers`: requests that left this host.
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    baseURL: settings.url,
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  page.complaints = [];
  page.strangers = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) page.complaints.push(message.text());
  });
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  const home = options.baseURL ?? settings.url;
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== home && url.protocol !== "blob:")
      page.strangers.push(request.url());
  });
  return page;
}

const waiting = [];
const AT_ONCE = 3;

const only = new RegExp(process.env.PAGE_ONLY ?? "");

// `work` becomes a case of its own on a page of its own, run by runScenes; of all or, while one is
// written, of those that PAGE_ONLY names.
export function scene(name, work, options = {}) {
  if (!only.test(name)) return;
  waiting.push((browser) => play(browser, name, work, options));
}

// Several at once: most of their time is waiting.
export async function runScenes(browser, atOnce = AT_ONCE) {
  const worker = async () => {
    while (waiting.length > 0) await waiting.shift()(browser);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

async function play(browser, name, work, options) {
  const { allow, ...context } = options;
  const page = await openPage(browser, context);
  try {
    await work(page);
    const bad = page.complaints.filter((text) => !allow?.test(text));
    check(bad.length === 0, `the console says: ${bad.join(" | ")}`);
    check(page.strangers.length === 0, `asked another host: ${page.strangers}`);
    console.log(`ok ${name}`);
  } catch (error) {
    failed += 1;
    const words = `${error.message}`.split(/\s+/).join(" ").slice(0, 500);
    console.log(`${error.stack}\nat ${page.url()}`);
    await page
      .screenshot({ path: `${settings.shots}/${name.replaceAll(/\W+/g, "_")}.png` })
      .catch(() => {});
    console.log(`not ok ${name}: ${words}`);
  } finally {
    // A request that is still being answered would otherwise end the whole script.
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await page.context().close();
  }
}
export const failures = () => failed;

// Serious and critical breaches of the accessibility rules. Run outside the page's policy.
export async function accessibility(page) {
  await page.evaluate(axe);
  const report = await page.evaluate(() =>
    globalThis.axe.run(document, {
      resultTypes: ["violations"],
    }),
  );
  const serious = report.violations.filter(({ impact }) =>
    ["serious", "critical"].includes(impact),
  );
  check(
    serious.length === 0,
    `axe: ${serious
      .map(
        ({ id, nodes }) =>
          `${id} (${nodes
            .slice(0, 3)
            .map(({ html }) => html.slice(0, 120))
            .join(" ; ")})`,
      )
      .join(" | ")}`,
  );
}

// Answers paths that match with what `answer` returns: an object as JSON, a number as a problem.
export async function answerWith(page, path, answer) {
  await page.route(
    (url) => path.test(url.pathname),
    async (route) => {
      const made =
        typeof answer === "function" ? await answer(new URL(route.request().url())) : answer;
      if (made === null) return route.abort();
      if (made === undefined) return route.fallback();
      if (typeof made !== "number") return route.fulfill({ json: made });
      return route.fulfill({
        status: made,
        contentType: "application/problem+json",
        body: JSON.stringify({ status: made, code: "planted", detail: "planted trouble" }),
      });
    },
  );
}

export async function read(path) {
  const answer = await fetch(settings.url + path);
  check(answer.ok, `${path} answered ${answer.status}`);
  return answer.json();
}

export async function send(event) {
  const answer = await fetch(`${settings.url}/v1/batch?verdicts=1`, {
    method: "POST",
    headers: { Authorization: `Basic ${btoa(`${settings.key}:`)}` },
    body: JSON.stringify({ batch: [{ type: "track", ...event }] }),
  });
  check(answer.ok, `the event was answered ${answer.status}`);
  return (await answer.json()).results[0];
}

// Many at once, by import: they may lie far back. The verdict of the last.
// Imported events are history, of which nobody is told; those of a batch are news.
export async function sendAll(events, path = "/v1/import") {
  let last;
  for (let at = 0; at < events.length; at += 200) {
    const batch = events.slice(at, at + 200).map((event) => ({ type: "track", ...event }));
    const answer = await fetch(`${settings.url}${path}?verdicts=1`, {
      method: "POST",
      headers: { Authorization: `Basic ${btoa(`${settings.key}:`)}` },
      body: JSON.stringify({ batch }),
    });
    check(answer.ok, `the events were answered ${answer.status}`);
    last = (await answer.json()).results?.at(-1);
  }
  return last;
}

export async function until(what, why) {
  const end = Date.now() + WAIT_MS;
  while (!(await what())) {
    check(Date.now() < end, `not in time: ${why}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const DAY_MS = 86_400_000;
export const daysAgo = (days) => new Date(Date.now() - days * DAY_MS).toISOString();
export const rowOf = (page, id) => page.getByRole("row").filter({ hasText: id });

// Requests of a page for a path, from now on.
export function counted(page, path) {
  const asked = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (path.test(url.pathname)) asked.push(url.pathname + url.search);
  });
  return asked;
}

export const live = (page) =>
  page.getByRole("status", { name: "Connection" }).getByText("Live").first().waitFor();
