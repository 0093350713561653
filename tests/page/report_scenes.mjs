// Reports: files to open, files that are kept, and the query behind every figure.
import { accessibility, answerWith, check, read, scene, settings, until } from "./browser.mjs";

scene("reports with the source of every figure", async (page) => {
  await page.goto("/reports");
  const sources = page.getByRole("region", { name: "Where the figures of Engagement come from" });
  await sources.getByText("Known customers").waitFor();
  const { figures } = await read("/api/v1/reports/engagement");
  const shown = await sources.getByRole("listitem").count();
  check(shown === figures.length, `${shown} of ${figures.length} sources`);
  await accessibility(page);
  await page.getByRole("combobox", { name: "Paper" }).selectOption("letter");
  const link = page.getByRole("link", { name: "Open PDF of Cost and budget" });
  const address = await link.getAttribute("href");
  check(address.includes("paper=letter"), address);
  const cookies = await page.context().cookies();
  const file = await fetch(settings.url + address, {
    headers: { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join("; ") },
  });
  const bytes = Buffer.from(await file.arrayBuffer());
  check(file.status === 200 && bytes.subarray(0, 5).toString() === "%PDF-", `${file.status}`);
  await page
    .getByRole("region", { name: "Cost and budget", exact: true })
    .getByRole("button", { name: "Sources" })
    .click();
  await page.getByRole("region", { name: /of Cost and budget come from/ }).waitFor();
  check(page.url().includes("report=cost"), page.url());
});

scene("a report is drawn and kept", async (page) => {
  await page.goto("/reports");
  const card = page.getByRole("region", { name: "Architecture and its reasons", exact: true });
  await card.getByRole("button", { name: "Draw and keep" }).click();
  await card.getByText(/^Kept in the data folder: /).waitFor();
  await until(async () => {
    const { data } = await read("/api/v1/reports");
    return data.find(({ name }) => name === "architecture").kept !== null;
  }, "the file is kept");
});

for (const colorScheme of ["light", "dark"]) {
  scene(
    `reports on schedule, in ${colorScheme}`,
    async (page) => {
      const reports = await read("/api/v1/reports");
      await page.goto("/reports");
      const panel = page.getByRole("region", { name: "On schedule" });
      await panel.getByText("report.every_days").waitFor();
      const schedule = {
        every_days: 7,
        weekday: "monday",
        at: "07:00",
        time_zone: "Europe/Berlin",
        words: "every 7 days, Monday, 07:00 (Europe/Berlin)",
        next: new Date(Date.now() + 86_400_000).toISOString(),
        last: null,
        given_up: true,
        mail_addresses: 0,
        receivers: 2,
      };
      await answerWith(page, /\/api\/v1\/reports$/, { ...reports, schedule });
      await page.reload();
      await panel.getByText("Every 7 days, Monday, 07:00 (Europe/Berlin)").waitFor();
      await panel.getByText("never yet").waitFor();
      await panel.getByText("tried three times in vain").waitFor();
      await accessibility(page);
      await page.screenshot({ path: `${settings.shots}/schedule-${colorScheme}.png` });
      await panel.getByRole("link", { name: "2 receivers" }).click();
      await page.waitForURL(/settings\?tab=webhooks/);
    },
    { colorScheme },
  );
}

scene("reports that cannot be had say why", async (page) => {
  await answerWith(page, /\/reports\/engagement$/, 503);
  await page.goto("/reports");
  await page.getByRole("button", { name: /again|Retry/i }).first().waitFor();
  await accessibility(page);
}, { allow: /503/ });
