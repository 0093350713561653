// The page while things happen: what the stream brings, what is shown when it breaks, and names
// that would like to be script. page_test.py starts the demo and answers at settings.control.
import { readFileSync } from "node:fs";
import {
  WAIT_MS,
  accessibility,
  answerWith,
  check,
  counted,
  daysAgo,
  failures,
  live,
  read,
  rowOf,
  runScenes,
  scene,
  send,
  sendAll,
  settings,
  startBrowser,
  until,
} from "./browser.mjs";
import { PAYLOADS } from "./payloads.mjs";
import { addStory, hardlyHealthy } from "./story.mjs";

const browser = await startBrowser();

addStory();

// ---- The stream

scene("what happens comes by the stream, not by reading again", async (page) => {
  await page.goto("/");
  await live(page);
  const reads = counted(page, /^\/api\/v1\/(overview|tiers|pipeline|predictions)$/);
  const { events: before } = await read("/api/v1/overview");
  for (let i = 0; i < 3; ++i)
    await send({ event: "Signed In", userId: "by-stream", messageId: `s${i} ${Date.now()}` });
  const received = page.getByRole("region", { name: "Events received" });
  await until(async () => {
    const text = await received.getByRole("definition").first().textContent();
    return Number(text.replaceAll(",", "")) >= before.received + 3;
  }, "the count of events");
  check(reads.length === 0, `read again: ${reads}`);
});

scene("a figure that cannot be told is greyed with the reason, and comes back", async (page) => {
  let broken = false;
  await page.clock.install();
  await page.route(/\/api\/v1\/stream/, (route) => route.abort());
  await answerWith(page, /^\/api\/(?!v1\/stream)/, () => (broken ? 500 : undefined));
  await page.goto("/");
  await page.getByText("Read every 5 s").waitFor();
  await page.getByText(/^updated/).first().waitFor();
  broken = true;
  for (let i = 0; i < 6; ++i) {
    await page.clock.runFor(5_000);
    await page.waitForTimeout(50);
  }
  await page.getByText(/Figures of .* reading them again fails/).first().waitFor();
  check((await page.locator(".stale").count()) > 3, "no figure looks stale");
  await accessibility(page);
  broken = false;
  for (let i = 0; i < 3; ++i) {
    await page.clock.runFor(5_000);
    await page.waitForTimeout(50);
  }
  await page.locator("[data-stale]").first().waitFor({ state: "detached" });
}, { allow: /status of 500|ERR_FAILED/ });

scene("polling asks by ETag and is answered 304", async (page) => {
  // Requests must not be routed here: a browser that routes has no cache.
  await page.addInitScript(() => {
    window.EventSource = class extends EventTarget {
      static CLOSED = 2;
      readyState = 2;
      constructor() {
        super();
        setTimeout(() => this.onerror?.(new Event("error")));
      }
      close() {}
    };
  });
  const conditional = [];
  await page.goto("/models");
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  session.on("Network.responseReceivedExtraInfo", ({ statusCode }) =>
    conditional.push(statusCode),
  );
  await until(async () => conditional.includes(304), "a 304");
}, { allow: /ERR_FAILED/ });

// ---- Copying, undoing

scene("a panel is copied as curl, and the command works", async (page) => {
  await page.goto("/");
  const panel = page.getByRole("region", { name: "Customers by tier" });
  await panel.getByRole("button", { name: "Copy as curl" }).click();
  await panel.getByRole("button", { name: "Copied" }).waitFor();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  check(text.includes(`'${settings.url}/api/v1/tiers'`), text);
  check(/^curl -s /.test(text), text);
}, { permissions: ["clipboard-read", "clipboard-write"] });

scene("a view is saved, opened, deleted and the deletion undone", async (page) => {
  const name = `مشاهدة ${"long ".repeat(8)}`.slice(0, 50).trim();
  await page.goto("/customers?tier=healthy&sort=-health_score&hide=session_velocity");
  await page.getByRole("row").nth(2).waitFor();
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByLabel("Name of the view").fill(name);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("status", { name: "Notices" }).getByText(/is saved/).waitFor();
  await page.keyboard.press("Escape");
  await page.goto("/customers");
  await page.getByRole("row").nth(2).waitFor();
  await page.getByRole("button", { name: "Views" }).click();
  await accessibility(page);
  await page.getByRole("list", { name: "Views" }).getByRole("button", { name }).first().click();
  await page.waitForURL((url) =>
    ["hide=session_velocity", "sort=-health_score", "tier=healthy"].every((part) =>
      url.search.includes(part),
    ),
  );
  await page.getByRole("button", { name }).click();
  await page.getByRole("button", { name: /^Delete the view/ }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /Undo/ }).click();
  const { data } = await read("/api/v1/views");
  check(data.length === 1 && data[0].name === name, JSON.stringify(data));
  await page.getByRole("button", { name }).waitFor();
});

// ---- Choosing customers

scene("customers are chosen by keyboard and pointer, copied and exported", async (page) => {
  // An order that no event changes, without the customers that other cases bring.
  await page.goto("/customers?sort=customer_id&q=c0000");
  await page.getByRole("row").nth(8).waitFor();
  for (const key of ["j", "x", "j", "x"]) await page.keyboard.press(key);
  const bar = page.getByRole("group", { name: "Chosen customers" });
  await bar.getByText("2 chosen").waitFor();
  await page.getByRole("row").nth(6).getByRole("checkbox").click({ modifiers: ["Shift"] });
  await bar.getByText("6 chosen").waitFor();
  await accessibility(page);
  const { data } = await read("/api/v1/customers?sort=customer_id&q=c0000&limit=6");
  const ids = data.map((row) => row.customer_id);
  await bar.getByRole("button", { name: "Copy ids" }).click();
  await page.getByText("6 ids copied.").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  check(copied.split("\n").sort().join() === ids.sort().join(), copied);
  const saved = page.waitForEvent("download");
  await bar.getByRole("button", { name: "Export CSV" }).click();
  const lines = readFileSync(await (await saved).path(), "utf8").trim().split("\r\n");
  check(lines.length === 7 && lines[0].startsWith("customer_id,tier,"), lines.join("|"));
  await bar.getByRole("button", { name: /^Choose all/ }).click();
  const all = page.waitForEvent("download");
  await bar.getByRole("button", { name: "Export CSV" }).click();
  const whole = readFileSync(await (await all).path(), "utf8").trim().split("\r\n");
  const { total } = await read("/api/v1/customers?q=c0000&limit=1");
  check(whole.length >= total, `${whole.length} lines for ${total} customers`);
}, { permissions: ["clipboard-read", "clipboard-write"] });

// ---- Plots

scene("a plot is hovered, zoomed into by a drag, and read as a table", async (page) => {
  const [id] = await hardlyHealthy(1);
  const past = await read(`/api/v1/customers/${id}/predictions?limit=1`);
  const rows = Array.from({ length: 60 }, (_, i) => ({
    ...past.data[0],
    timestamp: daysAgo(i),
    health_score: 50 + (i % 7),
  }));
  await answerWith(page, /^\/api\/v1\/customers\/[^/]+\/predictions$/, {
    data: rows,
    next_cursor: null,
  });
  await page.goto(`/customers/${id}`);
  const panel = page.getByRole("region", { name: "History", exact: true });
  const plot = panel.locator(".u-over");
  await plot.waitFor();
  await plot.scrollIntoViewIfNeeded();
  const box = await plot.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 40);
  await until(
    async () => /5\d\.\d/.test(await panel.locator(".u-legend").textContent()),
    "the figure under the pointer",
  );
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/history=\d+-\d+/);
  await page.reload();
  await panel.getByRole("button", { name: "Show all" }).click();
  await page.waitForURL((url) => !url.searchParams.has("history"));
  await panel.getByRole("button", { name: "Show as table" }).click();
  await page.waitForURL(/table=history/);
  check((await panel.getByRole("row").count()) > 50, "no table");
  await accessibility(page);
});

// ---- Names that would like to be script

scene(
  "none of 150 script payloads runs, anywhere they are shown",
  async (page) => {
    check(PAYLOADS.length >= 150, `${PAYLOADS.length} payloads`);
    await page.addInitScript(() => {
      window.ran = [];
      for (const name of ["alert", "confirm", "prompt", "print", "open"])
        window[name] = (...words) => window.ran.push(`${name}(${words})`);
      document.addEventListener("securitypolicyviolation", (event) =>
        window.ran.push(`policy: ${event.violatedDirective} ${event.blockedURI}`),
      );
    });
    const letterAndEvent = PAYLOADS.flatMap((text, i) => [
      {
        userId: text.slice(0, 110),
        event: text,
        properties: { [text]: text, plain: text },
        messageId: `payload ${i}`,
      },
      // Out of its range: a dead letter that holds it.
      {
        userId: text.slice(0, 110),
        event: "Session Rated",
        properties: { rating: -1, tutor_id: text },
        messageId: `letter ${i}`,
      },
    ]);
    const { shard, offset } = await sendAll(letterAndEvent);
    // Until an event is archived it is not among those of its customer.
    const first = encodeURIComponent(PAYLOADS[0].slice(0, 110));
    await read(`/api/v1/customers/${first}/events?wait_for=${shard}:${offset}`);
    const clean = async (where) => {
      const ran = await page.evaluate(() => window.ran);
      check(ran.length === 0, `${where}: ${ran.slice(0, 3)}`);
    };
    const seen = async (path, shown) => {
      await page.goto(path);
      await shown().first().waitFor();
      await clean(path);
    };
    await seen("/", () => page.getByRole("row").nth(3));
    const list = page.getByRole("region", { name: "List of customers" });
    await seen("/customers", () => page.getByRole("row").nth(3));
    for (let step = 0; step < 25; ++step) {
      await list.evaluate((element) => (element.scrollTop += 700));
      await page.waitForTimeout(15);
    }
    await clean("the list");
    for (const status of ["open", "all"]) {
      await seen(`/pipeline?status=${status}`, () => page.getByText("letter", { exact: false }));
    }
    const letters = await read("/api/v1/deadletters?limit=60");
    for (const { id } of letters.data.filter((_, i) => i % 12 === 0)) {
      await seen(`/pipeline?letter=${id}`, () => page.getByLabel("Payload"));
    }
    for (const text of PAYLOADS.filter((_, i) => i % 10 === 0)) {
      const id = encodeURIComponent(text.slice(0, 110));
      await seen(`/customers/${id}`, () => page.getByText("Last event", { exact: true }));
      await page.getByRole("region", { name: "Events" }).getByRole("listitem").first().waitFor();
      await clean(`customer ${text}`);
      await seen(`/customers?q=${id}&tier=${id}`, () => page.getByRole("heading"));
    }
  },
  { allow: /status of 4\d\d/ },
);

scene("no CSV of the page begins a cell like a formula", async (page) => {
  const formulas = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "＝1+1", "a;=1+1"];
  const { shard, offset } = await sendAll(
    formulas.map((text, i) => ({
      userId: text,
      event: "Signed In",
      messageId: `formula ${i}`,
    })),
  );
  await read(`/api/v1/customers?limit=1&wait_for=${shard}:${offset}`);
  const listed = async (id) =>
    (await read(`/api/v1/customers?q=${encodeURIComponent(id)}`)).data.length > 0;
  for (const id of formulas) await until(() => listed(id), `${id} is listed`);
  await page.goto("/customers");
  await page.getByRole("row").nth(3).waitFor();
  const cells = (text) =>
    [...text.matchAll(/(?:^|,)("(?:[^"]|"")*"|[^,\r\n]*)/gm)].map(([, cell]) =>
      cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
    );
  const inert = (text) => {
    const bad = cells(text).filter(
      (cell) => /^\s*[=+\-@＝＋－＠\t\r]/.test(cell) && !/^[+-]?\d[\d.]*(e[+-]?\d+)?$/i.test(cell),
    );
    check(bad.length === 0, `cells ${bad}`);
    check(text.includes("'=1+1"), "the formulas are not there");
  };
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV", exact: true }).click();
  inert(readFileSync(await (await saved).path(), "utf8"));
  // Of chosen rows the page makes the CSV itself.
  await page.goto("/customers?q=%3D1");
  await page.getByRole("row").nth(1).waitFor();
  await page.getByRole("row").nth(1).getByRole("checkbox").click();
  const count = Math.min(40, (await page.getByRole("row").count()) - 1);
  await page.getByRole("row").nth(count).getByRole("checkbox").click({ modifiers: ["Shift"] });
  const chosen = page.waitForEvent("download");
  await page
    .getByRole("group", { name: "Chosen customers" })
    .getByRole("button", { name: "Export CSV" })
    .click();
  inert(readFileSync(await (await chosen).path(), "utf8"));
});

// ---- A server that goes away: alone, as it takes the server from all others

await runScenes(browser);

const control = async (what) => {
  const answer = await fetch(`${settings.control}/${what}`, { method: "POST" });
  check(answer.ok, `${what} was answered ${answer.status}`);
};

scene(
  "the server is frozen: figures turn stale, and it goes on without loss",
  async (page) => {
    await page.goto("/");
    await live(page);
    await control("freeze");
    try {
      await page.locator("[data-stale]").first().waitFor({ timeout: WAIT_MS + 30_000 });
      await page.getByText("Not reachable").waitFor();
      check((await page.locator(".stale").count()) > 3, "no figure looks stale");
    } finally {
      await control("thaw");
    }
    await page.locator("[data-stale]").first().waitFor({ state: "detached" });
    await live(page);
  },
  { allow: /ERR_|status of/ },
);

await runScenes(browser);

scene(
  "the server is killed and started again: the page comes back and has what happened",
  async (page) => {
    await page.goto("/customers?q=after-restart");
    await page.getByText("Nobody fits these filters").waitFor();
    await live(page);
    await control("kill");
    await page.getByText("Not reachable").waitFor({ timeout: WAIT_MS + 30_000 });
    await control("start");
    await send({ event: "Signed In", userId: "after-restart", messageId: `r ${Date.now()}` });
    await rowOf(page, "after-restart").waitFor({ timeout: WAIT_MS + 30_000 });
    await live(page);
  },
  { allow: /ERR_|status of/ },
);

await runScenes(browser);

await browser.close();
process.exitCode = failures() > 0 ? 1 : 0;
