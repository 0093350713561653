// The story of the product, on the page of a live demo: a customer declines, somebody is told,
// sees why and acts, and what came of it is kept.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import {
  accessibility,
  check,
  counted,
  daysAgo,
  live,
  read,
  rowOf,
  scene,
  sendAll,
  settings,
  until,
} from "./browser.mjs";

// Customers whom the demo's model finds healthy, but only just.
export async function hardlyHealthy(limit) {
  const path = `/api/v1/customers?tier=healthy&sort=-churn_risk_14d&limit=${limit}`;
  const { data } = await read(path);
  check(data.length > 0, "nobody in the demo is healthy");
  return data.map((row) => row.customer_id);
}

// Two weeks in which lessons are cancelled, answers come late, payments fail, ratings are bad.
function badWeeks(userId) {
  const events = [];
  const add = (name, days, properties = {}) =>
    events.push({
      userId,
      event: name,
      properties,
      timestamp: daysAgo(days),
      messageId: `story ${userId} ${name} ${days}`,
    });
  for (let day = 0.2; day < 13; day += 0.5) {
    add("Session Cancelled", day, { by: "tutor", notice_hours: 1, tutor_id: "t-bad" });
    add("Session Rated", day, { rating: 1, tutor_id: "t-bad" });
    add("Payment Failed", day);
    add("Tutor Message", day, { reply_hours: 60, tutor_id: "t-bad" });
    add("Dispute Opened", day);
    add("Support Ticket Opened", day, { topic: "tutor" });
    add("Tutor Changed", day, { tutor_id: `t-${day}` });
  }
  add("Subscription Cancelled", 0.1, { reason: "tutor" });
  return events;
}

const tierOf = async (id) => (await read(`/api/v1/customers/${id}`)).prediction.tier;
const openActionsOf = async (id) =>
  (await read(`/api/v1/actions?status=open&q=${id}`)).data;

async function within(ms, holds) {
  for (const end = Date.now() + ms; Date.now() < end; ) {
    if (await holds()) return true;
    await new Promise((done) => setTimeout(done, 100));
  }
  return false;
}

const SCORED_MS = 3_000 * settings.slow;

// Makes one customer after the other decline, in view of the page, until a tier moved and the
// playbook asks for something: a customer of the holdout is never acted on.
async function decline(page, ids) {
  for (const id of ids) {
    await page.goto(`/customers?q=${id}`);
    await rowOf(page, id).waitFor();
    await live(page);
    const loads = counted(page, /^\/customers$/);
    const { shard, offset } = await sendAll(badWeeks(id), "/v1/batch");
    await read(`/api/v1/customers/${id}?wait_for=${shard}:${offset}`);
    const calls = async () =>
      ["at_risk", "churned"].includes(await tierOf(id)) && (await openActionsOf(id)).length > 0;
    if (await within(SCORED_MS, calls)) return { id, loads };
  }
  throw new Error(`none of ${ids} declined`);
}

// Somebody whom webhooks tell of tiers that call for something.
async function listener() {
  const received = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    received.push({ headers: request.headers, body });
    response.end("ok");
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  server.unref(); // a case that fails ends all the same
  const answer = await fetch(`${settings.url}/api/v1/webhooks`, {
    method: "POST",
    body: JSON.stringify({
      kind: "webhook",
      name: "story",
      url: `http://127.0.0.1:${server.address().port}/story`,
      topics: ["tier_entered"],
      tiers: ["at_risk", "churned"],
    }),
  });
  check(answer.ok, `the receiver was answered ${answer.status}`);
  const { id, secret } = await answer.json();
  const end = async () => {
    await fetch(`${settings.url}/api/v1/webhooks/${id}`, { method: "DELETE" });
    server.closeAllConnections();
    server.close();
  };
  return { received, secret, end };
}

// The customers that a message is about: of one, or of those that a digest gathers.
function customersOf({ type, data }) {
  return type === "digest" ? data.first.flatMap(customersOf) : [data.customer_id];
}

// A webhook, as its reference library verifies it, names the customer.
async function isTold({ received, secret }, id) {
  const { Webhook } = createRequire(`${settings.webhooks}/`)("standardwebhooks");
  const verified = () =>
    received.map(({ headers, body }) => new Webhook(secret).verify(body, headers));
  const names = () => verified().some((message) => customersOf(message).includes(id));
  const told = await within(10_000 * settings.slow, async () => names());
  if (told) return;
  const kept = (await read("/api/v1/alerts?limit=100")).data.filter((one) =>
    JSON.stringify(one).includes(id),
  );
  const { data: history } = await read(`/api/v1/customers/${id}/predictions?limit=5`);
  throw new Error(`nobody was told of ${id}: ${JSON.stringify({ received, kept, history })}`);
}

async function seesWhy(page, id) {
  await rowOf(page, id).getByText(id).click();
  await page.getByRole("heading", { name: id }).waitFor();
  const drivers = page.getByRole("region", { name: "What drives it" });
  const cause = drivers
    .getByRole("listitem")
    .filter({ hasText: /cancel|rating|rated|tutor|payment|disput|support/i });
  // A figure may be told by a simple rule, which knows one cause alone.
  const names = async ([figure, way]) => {
    await drivers.getByRole("button", { name: figure }).click();
    return within(SCORED_MS, () => cause.filter({ hasText: way }).first().isVisible());
  };
  const figures = [["Churn risk 14d", "raises"], ["Churn risk 30d", "raises"]];
  let seen = false;
  for (const one of [...figures, ["Health score", "lowers"]]) seen ||= await names(one);
  check(seen, "no figure's drivers name the cause");
  await accessibility(page);
}

async function acts(page, id) {
  const [action] = await openActionsOf(id);
  await page.goto(`/actions?open=${action.id}`);
  const shown = page.getByRole("region", { name: "Action", exact: true });
  await shown.getByText("History").waitFor();
  await page.getByRole("button", { name: "Done", exact: true }).click();
  const now = async () => read(`/api/v1/actions/${action.id}`);
  await until(async () => (await now()).status === "done", "the action is done");
  await page.goto(`/actions?status=done&open=${action.id}`);
  await page.getByRole("button", { name: "Outcome…" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await until(async () => (await now()).outcome === "worked", "the outcome is kept");
}

export function addStory() {
  scene("a customer declines, is told of and acted on; the outcome is kept", async (page) => {
    // What another model says is no news (the demo learns quickly first, then from all it has),
    // nor is what a folder of imports alone comes to.
    const ready = async () => {
      const { model_version, events } = await read("/api/v1/overview");
      return model_version?.endsWith("-v2") && events.live > 0;
    };
    check(await within(60_000 * settings.slow, ready), "the demo did not come to life");
    const crm = await listener();
    const { id, loads } = await decline(page, await hardlyHealthy(8));
    const words = (await tierOf(id)).replace("_", " ");
    await rowOf(page, id).getByText(new RegExp(`^${words}$`, "i")).waitFor();
    check(loads.length === 0, `loaded again: ${loads}`);
    await isTold(crm, id);
    await crm.end();
    await seesWhy(page, id);
    await acts(page, id);
  });
}
