// The Explore screen over whatever folder it is given: what a query answers there is what
// `tideline sql` answers. support/explore.py starts it with `query` and the `rows` that it must
// show.
import { readFileSync } from "node:fs";
import {
  accessibility,
  check,
  failures,
  runScenes,
  scene,
  settings,
  startBrowser,
} from "./browser.mjs";

const browser = await startBrowser();

async function ask(page, query) {
  const editor = page.getByRole("combobox", { name: "Query" });
  await editor.fill(query);
  await page.keyboard.press("Control+Enter");
}

scene("a query is typed, run, shown as rows and chart, and saved as CSV", async (page) => {
  await page.goto("/explore");
  await ask(page, settings.query);
  const table = page.getByRole("table", { name: "Result" });
  for (const cells of settings.rows) {
    const row = table.getByRole("row").filter({ hasText: cells[0] }).first();
    for (const cell of cells) await row.getByText(cell, { exact: true }).first().waitFor();
  }
  check(page.url().includes("q="), "the query is not in the URL");
  await accessibility(page);
  await page.screenshot({ path: `${settings.shots}/explore.png` });
  await page.getByRole("button", { name: "Chart", exact: true }).click();
  await page.getByRole("list", { name: "Chart of the result" }).waitFor();
  await accessibility(page);
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV", exact: true }).click();
  const lines = readFileSync(await (await saved).path(), "utf8").trim().split(/\r?\n/);
  check(lines.length === settings.rows.length + 1, lines.join("|"));
});

scene(
  "a query that is wrong says where, and one that writes is refused",
  async (page) => {
    await page.goto("/explore");
    await ask(page, "select nothing_of_that_name from events");
    await page.getByRole("alert").getByText(/nothing_of_that_name/).waitFor();
    await ask(page, "drop table events");
    await page.getByRole("alert").getByText(/only a query can be run/).waitFor();
    await accessibility(page);
  },
  { allow: /400|Failed to load resource/ },
);

scene("a query is saved by name, run again and removed", async (page) => {
  await page.goto("/explore");
  await ask(page, settings.query);
  await page.getByRole("table", { name: "Result" }).waitFor();
  await page.getByRole("textbox", { name: "Name of the query" }).fill("by name");
  await page.keyboard.press("Enter");
  await page.goto("/explore");
  await page.getByRole("button", { name: "by name", exact: true }).click();
  await page.getByRole("table", { name: "Result" }).waitFor();
  await page.getByRole("button", { name: "Remove by name" }).click();
  await page.getByText("None yet.").waitFor();
});

await runScenes(browser, 1);
await browser.close();
process.exitCode = failures() > 0 ? 1 : 0;
