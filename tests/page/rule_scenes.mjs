// Tiers and playbook, models and what changed: scenes that change what all others look at, so they
// are run after them.
import { accessibility, check, read, scene, until } from "./browser.mjs";

const tierCounts = async () => (await read("/api/v1/tiers")).data;

export function addRuleScenes() {
  scene("thresholds previewed, saved, shown and undone", async (page) => {
    const before = await read("/api/v1/rules");
    await page.goto("/rules");
    await page.getByRole("heading", { name: "Tiers and playbook" }).waitFor();
    const preview = page.getByRole("region", { name: "What this would do" });
    await preview.getByText(/Nobody of .* customers would move/).waitFor();
    const field = page.getByRole("spinbutton", { name: /^Churned: Health score/ });
    await field.fill("55");
    await preview.getByText(/^[\d,]+ of .* customers would move/).waitFor();
    const moved = Number(await preview.locator("[data-moved]").getAttribute("data-moved"));
    check(moved > 0, "nobody moves");
    await accessibility(page);
    await page.getByRole("img", { name: /Tiers over/ }).waitFor();
    await page.getByLabel("Note").fill("a browser test");
    await page.getByRole("button", { name: `Save as version ${before.newest + 1}` }).click();
    await page.getByText(`Version ${before.newest + 1}, saved`).waitFor();
    await until(async () => {
      const rows = await tierCounts();
      return /< 55/.test(rows.find(({ tier }) => tier === "churned").rule);
    }, "the saved rule is in force");
    await page.getByRole("button", { name: /Undo/ }).click();
    await until(async () => {
      const rows = await tierCounts();
      return !/< 55/.test(rows.find(({ tier }) => tier === "churned").rule);
    }, "undoing restores the rule");
    await page.goto("/rules?tab=versions");
    const versions = page.getByRole("region", { name: "Versions" });
    await versions.getByRole("button", { name: /a browser test/ }).click();
    await versions.getByRole("region", { name: "Differences" }).getByText("< 55").waitFor();
    await accessibility(page);
    await versions.getByRole("button", { name: `Restore version ${before.newest + 1}` }).click();
    await page.getByText(`Version ${before.newest + 1} is in force again.`).waitFor();
    await page.getByRole("button", { name: /Undo/ }).last().click();
    await until(
      async () =>
        JSON.stringify((await read("/api/v1/rules")).book) === JSON.stringify(before.book),
      "the rules are as they were",
    );
  });

  scene("a mistake in a rule is shown where it is", async (page) => {
    await page.goto("/rules");
    await page.getByRole("button", { name: "Edit as text" }).click();
    await page.getByRole("textbox", { name: "Rule of Healthy" }).fill("helth_score >= 50");
    await page.getByRole("alert").getByText(/did you mean "health_score"/).waitFor();
    const save = page.getByRole("button", { name: /Save as version/ });
    check(await save.isDisabled(), "it can be saved");
    await accessibility(page);
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByRole("region", { name: "Draft" }).waitFor({ state: "detached" });
  });

  scene("plays are counted, edited and turned off", async (page) => {
    await page.goto("/rules?tab=playbook");
    const plays = page.getByRole("region", { name: "Plays" });
    await plays.getByText(/Counted on/).waitFor();
    await plays.getByRole("button", { name: /^Maintain/ }).click();
    await plays.getByRole("textbox", { name: "When" }).fill("tier.healthy and sessions_30d >= 0");
    await plays.getByText(/For one of them/).waitFor();
    await plays.getByRole("switch", { name: "Upsell is on" }).click();
    await page.getByRole("region", { name: "Draft" }).getByText("2 changes").waitFor();
    await accessibility(page);
    await page.getByRole("button", { name: "Discard" }).click();
    await plays.getByRole("switch", { name: "Upsell is on", checked: true }).waitFor();
  });

  scene("what changed between two dates adds up", async (page) => {
    const { data } = await read("/api/v1/customers?sort=-churn_risk_14d&limit=20");
    const { customer_id: id } = data.find(({ status }) => status === "scored");
    await page.goto(`/customers/${id}`);
    const panel = page.getByRole("region", { name: "What changed" });
    await panel.waitFor();
    await panel.getByRole("rowheader", { name: "What the customer did" }).waitFor();
    const ago = (days) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
    const told = await read(`/api/v1/customers/${id}/change?from=${ago(30)}`);
    for (const { from, to, ...parts } of Object.values(told.changes)) {
      const sum = Object.values(parts).reduce((a, b) => a + b, 0);
      check(Math.abs(to - from - sum) < 1e-9, JSON.stringify({ from, to, parts }));
    }
    await accessibility(page);
    await panel.getByRole("button", { name: "Last 90 days" }).click();
    await page.waitForURL(new RegExp(`from=${ago(90)}`));
    await panel.getByLabel("To").fill(ago(1));
    await page.waitForURL(new RegExp(`to=${ago(1)}`));
    await panel.getByRole("rowheader", { name: "What the customer did" }).waitFor();
  });

  scene("a version of the model runs in the shadow, takes over and goes back", async (page) => {
    const { data } = await read("/api/v1/models");
    await page.goto("/models");
    await page.getByText("In service").waitFor();
    const other = data.find(({ active }) => !active);
    if (!other) return console.log("one version only: nothing to promote");
    const active = data.find((model) => model.active);
    await page.getByRole("button", { name: other.id }).click();
    await page.getByRole("button", { name: "Promote" }).click();
    const dialog = page.getByRole("alertdialog");
    await dialog.getByRole("columnheader", { name: "Best baseline" }).waitFor();
    await accessibility(page);
    const began = Date.now();
    await dialog.getByRole("button", { name: "Promote" }).click();
    await until(
      async () => (await read("/api/v1/models")).data.find(({ id }) => id === other.id).active,
      "it is in production",
    );
    console.log(`promoted after ${Date.now() - began} ms`);
    await page.getByRole("button", { name: /Undo/ }).click();
    await until(
      async () => (await read("/api/v1/models")).data.find(({ id }) => id === active.id).active,
      "it went back",
    );
  });
}
