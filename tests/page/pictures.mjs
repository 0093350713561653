// Pictures of every screen, light and dark, for the docs; pictures.py starts the demo.
import { check, read, settings, startBrowser, until } from "./browser.mjs";

await until(
  async () => (await read("/api/v1/overview")).mean_health !== null,
  "the demo's first scores",
);
const [declining] = (await read("/api/v1/customers?tier=at_risk&sort=-churn_risk_14d&limit=1"))
  .data;
check(declining, "nobody is at risk");
const SCREENS = {
  overview: "/",
  customers: "/customers?sort=-churn_risk_14d",
  customer: `/customers/${encodeURIComponent(declining.customer_id)}`,
  pipeline: "/pipeline",
  models: "/models",
};

const browser = await startBrowser();
for (const colorScheme of ["light", "dark"]) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    baseURL: settings.url,
    colorScheme,
  });
  const page = await context.newPage();
  for (const [name, path] of Object.entries(SCREENS)) {
    await page.goto(path);
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByLabel("Loading").first().waitFor({ state: "detached" });
    await page.waitForTimeout(3_000); // a plot that grows has something to show
    await page.screenshot({ path: `${settings.shots}/${name}-${colorScheme}.png` });
  }
  await context.close();
}
await browser.close();
