// The cases of actions, tiers set by hand, and what the overview tells of them; screens.mjs runs
// them with its own.
import { accessibility, answerWith, check, read, scene, settings, until } from "./browser.mjs";

const list = (page) => page.getByRole("list", { name: "Actions" }).getByRole("listitem");
const notice = (page, text) => page.getByRole("status", { name: "Notices" }).getByText(text);
const opened = (page) => new URL(page.url()).searchParams.get("open");
const statusOf = async (id) => (await read(`/api/v1/actions/${id}`)).status;

async function becomes(id, status) {
  await until(async () => (await statusOf(id)) === status, `the action becomes ${status}`);
}

// Goes to a part of the inbox of its own, so that cases at the same time do not meet.
async function goTo(page, filters) {
  await page.goto(`/actions?${filters}`);
  await list(page).first().waitFor();
}

scene("an action is done and undone, by keyboard alone", async (page) => {
  await goTo(page, "priority=high");
  await page.keyboard.press("j");
  await page.waitForURL(/open=/);
  const id = opened(page);
  await page.getByRole("region", { name: "Action", exact: true }).getByText("History").waitFor();
  await accessibility(page);
  await page.keyboard.press("e");
  await notice(page, /done$/).waitFor();
  await becomes(id, "done");
  check(opened(page) !== id, "it stayed open");
  await page.keyboard.press("u");
  await becomes(id, "open");
  await page.keyboard.press("k");
});

scene("an action is snoozed, and dismissed for a reason", async (page) => {
  await goTo(page, "priority=low&sort=created");
  await page.keyboard.press("j");
  await page.waitForURL(/open=/);
  const id = opened(page);
  await page.keyboard.press("s");
  await page.getByRole("dialog", { name: "Snooze until" }).waitFor();
  await accessibility(page);
  await page.getByRole("button", { name: "In a week" }).click();
  await becomes(id, "snoozed");
  await page.goto(`/actions?status=snoozed&open=${id}`);
  await page.getByRole("button", { name: "Dismiss…" }).click();
  const dialog = page.getByRole("dialog", { name: "Why not?" });
  check(
    await dialog.getByRole("button", { name: "Dismiss" }).isDisabled(),
    "a dismissal needs no reason",
  );
  await dialog.getByLabel("Reason").fill("left town");
  await page.keyboard.press("Enter");
  await becomes(id, "dismissed");
  const { reason } = await read(`/api/v1/actions/${id}`);
  check(reason === "left town", `the reason is ${reason}`);
});

scene("an outcome is told, and an owner given", async (page) => {
  await goTo(page, "priority=medium");
  await list(page).first().getByRole("button").click();
  await page.waitForURL(/open=/);
  const id = opened(page);
  await page.getByRole("button", { name: "Assign…" }).click();
  await page.getByLabel("Name; empty: nobody").fill("grace");
  await page.getByRole("button", { name: "Assign", exact: true }).click();
  await until(async () => (await read(`/api/v1/actions/${id}`)).owner === "grace", "an owner");
  await page.getByRole("button", { name: "Done", exact: true }).click();
  await becomes(id, "done");
  await page.getByRole("button", { name: "Outcome…" }).click();
  await page.getByLabel("No answer").check();
  await page.getByLabel("Note").fill("rang twice");
  await page.getByRole("button", { name: "Save" }).click();
  await until(
    async () => (await read(`/api/v1/actions/${id}`)).outcome === "no_answer",
    "an outcome",
  );
  await page.getByText("rang twice").first().waitFor();
});

scene("several actions at once", async (page) => {
  await goTo(page, "priority=low");
  for (const key of ["j", "x", "j", "x"]) await page.keyboard.press(key);
  await page.getByText("2 selected").waitFor();
  await accessibility(page);
  const ids = (await read("/api/v1/actions?priority=low&limit=2")).data.map(({ id }) => id);
  await page.keyboard.press("e");
  await notice(page, "2 actions done").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  for (const id of ids) await becomes(id, "open");
});

scene("what somebody else did is not undone", async (page) => {
  await goTo(page, "priority=medium&sort=created");
  await page.keyboard.press("j");
  await page.waitForURL(/open=/);
  const id = opened(page);
  await page.getByRole("region", { name: "Action", exact: true }).getByText("History").waitFor();
  // The page does not hear of it.
  await answerWith(page, /^\/api\/v1\/actions(\/[0-9a-f]+)?$/, () => new Promise(() => {}));
  const other = await fetch(`${settings.url}/api/v1/actions/${id}/assign`, {
    method: "POST",
    body: JSON.stringify({ owner: "ada" }),
  });
  check(other.ok, `answered ${other.status}`);
  await page.keyboard.press("e");
  await notice(page, /somebody changed the action meanwhile/).waitFor();
  check((await statusOf(id)) === "open", "it was done all the same");
});

scene("the inbox without anything, and CSV of it", async (page) => {
  await goTo(page, "priority=high");
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV" }).click();
  const { readFileSync } = await import("node:fs");
  const lines = readFileSync(await (await saved).path(), "utf8").trim().split("\r\n");
  check(lines[0].startsWith("id,customer_id,play"), lines[0]);
  check(lines.length > 1, "no rows");
  await page.goto("/actions?q=no-such-customer");
  await page.getByText("Nothing fits these filters").waitFor();
  await answerWith(page, /^\/api\/v1\/actions$/, { counts: {}, data: [], next_cursor: null });
  await page.goto("/actions");
  await page.getByText("Nothing to do").waitFor();
  await accessibility(page);
});

const DIFFERENCE = {
  measure: "retained",
  is_share: true,
  treated: 0.61,
  holdout: 0.52,
  difference: 0.09,
  low: 0.02,
  high: 0.16,
  treated_n: 900,
  holdout_n: 100,
};

scene("the effect, or that there is not enough yet", async (page) => {
  await page.goto("/actions?view=effect");
  await page.getByText(/Not enough data yet/).first().waitFor();
  await accessibility(page);
  const report = await read("/api/v1/effect");
  await answerWith(page, /^\/api\/v1\/effect$/, {
    ...report,
    data: [{ ...report.data[0], enough: true, differences: [DIFFERENCE] }],
  });
  await page.reload();
  const table = page.getByRole("table", { name: "Effect, All plays" });
  await table.getByText("+2.0 % to +16.0 %").waitFor();
  await table.getByText("Better").waitFor();
  await accessibility(page);
});

scene("a tier is set by hand, beside the model's own, and ended", async (page) => {
  const [customer] = (await read("/api/v1/customers?tier=healthy&limit=1")).data;
  const id = customer.customer_id;
  await page.goto(`/customers/${id}`);
  await page.getByRole("button", { name: "Set tier by hand…" }).click();
  const dialog = page.getByRole("dialog", { name: "Set tier by hand" });
  await dialog.getByLabel("Tier").selectOption("at_risk");
  check(await dialog.getByRole("button", { name: "Set" }).isDisabled(), "it needs no reason");
  await dialog.getByLabel("Reason").fill("told us on the phone");
  await accessibility(page);
  await dialog.getByRole("button", { name: "Set" }).click();
  const banner = page.getByRole("note", { name: "Tier set by hand" });
  await banner.getByText("told us on the phone").waitFor();
  await accessibility(page);
  const shown = (await read(`/api/v1/customers/${id}`)).prediction;
  check(shown.override.tier === "at_risk", "it was not set");
  await banner.getByRole("button", { name: "End it" }).click();
  await banner.waitFor({ state: "detached" });
  check((await read(`/api/v1/customers/${id}`)).prediction.override === null, "it did not end");
});

scene("a customer's actions have the same controls", async (page) => {
  const [action] = (await read("/api/v1/actions?priority=medium&limit=1")).data;
  await page.goto(`/customers/${action.customer_id}`);
  const panel = page.getByRole("region", { name: "Actions", exact: true });
  await panel.getByText(action.sentence).first().waitFor();
  await panel.getByRole("button", { name: "Snooze…" }).first().waitFor();
  await accessibility(page);
});

scene("the overview tells what is at risk, and the flow as a table", async (page) => {
  await page.goto("/");
  const now = page.getByRole("region", { name: "Now" });
  await now.getByText("Money at risk").waitFor();
  await now.getByText("Expected churn").waitFor();
  const flow = page.getByRole("region", { name: "Flow between tiers" });
  await flow.getByRole("img", { name: /Customers by tier/ }).waitFor();
  await flow.getByRole("button", { name: "Show as table" }).click();
  const rows = flow.getByRole("table").getByRole("row");
  await rows.nth(1).waitFor();
  await accessibility(page);
});
