// The assistant's panel: asked by keyboard, answered with its query, gone on with, unsure, away.
import { accessibility, answerWith, check, read, scene } from "./browser.mjs";

async function openPanel(page) {
  await page.goto("/");
  await page.getByRole("heading", { name: "Overview" }).first().waitFor();
  await page.keyboard.press("q");
  const panel = page.getByRole("dialog", { name: "Ask" });
  await panel.getByRole("textbox", { name: "Your question" }).waitFor();
  return panel;
}

export function addAssistantScenes() {
  scene("a question is asked by keyboard and answered with its query", async (page) => {
    const panel = await openPanel(page);
    await panel.getByRole("list", { name: "Questions that can be asked" }).waitFor();
    await accessibility(page);
    await page.keyboard.type("split customers by tier");
    await page.keyboard.press("Enter");
    const answer = panel.getByRole("region", { name: "split customers by tier" });
    await answer.getByRole("table").waitFor();
    await answer.getByRole("list", { name: "Chart of the result" }).waitFor();
    const { data } = await read("/api/v1/tiers");
    const most = data.reduce((a, b) => (b.customers > a.customers ? b : a));
    check(
      (await answer.getByRole("table").innerText()).includes(most.tier.replace("_", " ")),
      "the largest tier is not shown",
    );
    await answer.getByText("Query", { exact: true }).click();
    await answer.getByText(/SELECT standing/).waitFor();
    await accessibility(page);
  });

  scene("a conversation goes on, and doubt offers what can be asked", async (page) => {
    const panel = await openPanel(page);
    const say = async (text) => {
      await panel.getByRole("textbox", { name: "Your question" }).fill(text);
      await page.keyboard.press("Enter");
      return panel.getByRole("region", { name: text, exact: true });
    };
    await (await say("revenue last month")).getByText(/came in/).waitFor();
    await (await say("and yesterday?")).getByText(/yesterday/).first().waitFor();
    const doubt = await say("how many customers own a bicycle");
    await doubt.getByText(/I do not know/).waitFor();
    await doubt.getByRole("list", { name: "Questions that can be asked" }).waitFor();
    await accessibility(page);
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });
  });

  scene(
    "an assistant that is away says so",
    async (page) => {
      await answerWith(page, /\/api\/v1\/ask$/, 503);
      const panel = await openPanel(page);
      await page.keyboard.type("how are we doing");
      await page.keyboard.press("Enter");
      await panel.getByRole("button", { name: /again/i }).waitFor();
      await accessibility(page);
    },
    { allow: /503|Failed to load resource/ },
  );
}
