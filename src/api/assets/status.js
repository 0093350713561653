// Fills the status page from the API, every two seconds. Everything that comes from outside is set
// as text, never as markup: ids are whatever a sender chose.
"use strict";

const PERIOD_MS = 2000;
const ROWS = 20;

const element = (id) => document.getElementById(id);
const whole = new Intl.NumberFormat("en");
const figure = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });

function setText(id, text) {
  element(id).textContent = text;
}

function number(value, format = whole) {
  return typeof value === "number" ? format.format(value) : "–";
}

function cell(text, className) {
  const td = document.createElement("td");
  td.textContent = text;
  if (className) td.className = className;
  return td;
}

function shareCell(count, total) {
  const td = document.createElement("td");
  const bar = document.createElement("progress");
  bar.max = Math.max(1, total);
  bar.value = count;
  const percent = total > 0 ? `${Math.round((100 * count) / total)} %` : "–";
  bar.textContent = percent;
  bar.title = percent;
  td.append(bar);
  return td;
}

function row(cells) {
  const tr = document.createElement("tr");
  tr.append(...cells);
  return tr;
}

async function read(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

let lastCount = null;

// Events a second between this reading and the one before.
function rateOf(received) {
  const now = performance.now();
  const before = lastCount;
  lastCount = { received, now };
  if (!before || now <= before.now) return null;
  return Math.max(0, ((received - before.received) * 1000) / (now - before.now));
}

function showOverview(overview) {
  setText("pack", overview.pack);
  setText("customers", number(overview.customers));
  setText("received", number(overview.events.received));
  setText("rate", number(rateOf(overview.events.received), figure));
  setText("lag", number(overview.lag));
  setText("dead-letters", number(overview.events.dead_lettered));
  setText("health", number(overview.mean_health, figure));
  setText("model", overview.model_version ?? "none yet");
  setText("version", `Tideline ${overview.program_version}`);
  const notice = element("notice");
  if (overview.as_of) {
    notice.textContent = `Time stands still at ${overview.as_of}; nothing is taken in.`;
  } else if (overview.degraded) {
    notice.textContent = "No model is in production: events are taken in, customers are unscored.";
  }
  notice.hidden = !overview.as_of && !overview.degraded;
}

function percent(share) {
  return typeof share === "number" ? `${Math.round(100 * share)} %` : "–";
}

// How full the fullest of the bounded queues is, 0 to 1.
function fullestShare(pipeline) {
  const { queues, door } = pipeline;
  const pairs = [
    [queues.shard_events_fullest, queues.shard_events_max],
    [queues.log?.bytes, queues.log?.bytes_max],
    [queues.ingest?.bytes, queues.ingest?.bytes_max],
    [door?.held_bytes, door?.held_bytes_max],
  ];
  return Math.max(...pairs.map(([fill, room]) => (room > 0 ? fill / room : 0)));
}

function showLoad(pipeline) {
  setText("utilisation", percent(pipeline.rates?.utilisation));
  const headroom = pipeline.rates?.headroom_per_s;
  setText("headroom", number(typeof headroom === "number" ? Math.round(headroom) : null));
  setText("events-per-commit", number(pipeline.rates?.events_per_commit, figure));
  const age = pipeline.oldest_unprocessed_age_s;
  setText("oldest", typeof age === "number" ? `${figure.format(age)} s` : "nothing waits");
  setText("fullest", percent(fullestShare(pipeline)));
  setText("connections", number(pipeline.door?.connections));
  const refusals = Object.entries(pipeline.refusals);
  setText("refused", number(refusals.reduce((sum, [, count]) => sum + count, 0)));
  const parts = refusals.map(([code, count]) => `${whole.format(count)} ${code}`);
  setText("refusals", parts.length > 0 ? `Refused: ${parts.join(", ")}.` : "");
}

function showTiers(tiers) {
  const total = tiers.data.reduce((sum, tier) => sum + tier.customers, 0);
  element("tiers").replaceChildren(...tiers.data.map((tier) => row([
    cell(tier.tier), cell(number(tier.customers), "number"), shareCell(tier.customers, total),
    cell(tier.rule === "true" ? "everything else" : tier.rule, "rule"),
  ])));
  const parts = Object.entries(tiers.unscored).map(([why, n]) => `${whole.format(n)} ${why}`);
  const unscored = parts.length > 0 ? `Unscored: ${parts.join(", ")}. ` : "";
  setText("unscored", `${unscored}Lapsed: ${whole.format(tiers.lapsed)}.`);
}

// The time alone for today, else the date too.
function shortTime(time) {
  const today = time.toDateString() === new Date().toDateString();
  return today ? time.toLocaleTimeString() : time.toLocaleString();
}

function showScores(predictions) {
  const rows = predictions.data;
  element("no-scores").hidden = rows.length > 0;
  const tasks = rows.length > 0 ? Object.keys(rows[0].definition) : [];
  const heads = ["Customer", "Tier", ...tasks, "Status", "Scored at"].map((name, i) => {
    const th = document.createElement("th");
    th.scope = "col";
    th.textContent = name;
    if (i >= 2 && i < 2 + tasks.length) {
      th.className = "number";
      th.title = rows[0].definition[name];
    }
    return th;
  });
  element("score-heads").replaceChildren(...(rows.length > 0 ? heads : []));
  element("scores").replaceChildren(...rows.map((p) => row([
    cell(p.customer_id, "id"),
    cell(p.tier ?? "–"),
    ...tasks.map((task) => cell(number(p[task], figure), "number")),
    cell(p.status === "scored" ? (p.lapsed ? "lapsed" : "scored") : `${p.status}: ${p.reason}`),
    cell(shortTime(new Date(p.timestamp)), "number"),
  ])));
}

let lastGood = null;

async function refresh() {
  const connection = element("connection");
  try {
    const [overview, pipeline, tiers, predictions] = await Promise.all([
      read("/api/v1/overview"), read("/api/v1/pipeline"), read("/api/v1/tiers"),
      read(`/api/v1/predictions?limit=${ROWS}`),
    ]);
    showOverview(overview);
    showLoad(pipeline);
    showTiers(tiers);
    showScores(predictions);
    lastGood = new Date();
    connection.textContent = `Live, updated ${lastGood.toLocaleTimeString()}`;
    connection.className = "";
  } catch (error) {
    const since = lastGood ? `figures of ${lastGood.toLocaleTimeString()}` : "no figures yet";
    connection.textContent = `Not reachable, ${since} (${error.message})`;
    connection.className = "stale";
  }
  setTimeout(refresh, document.hidden ? 5 * PERIOD_MS : PERIOD_MS);
}

refresh();
