// The cases of money and pilots; screens.mjs runs them with its own.
import { accessibility, check, read, scene, settings, until } from "./browser.mjs";

export async function makePilot(pilot) {
  const answer = await fetch(`${settings.url}/api/v1/pilots`, {
    method: "POST",
    body: JSON.stringify(pilot),
  });
  check(answer.ok, `the pilot was answered ${answer.status}`);
}

export function addInsightScenes() {
  addMoney();
  addPilots();
}

function addMoney() {
  scene("the calculator follows what is entered, and says how", async (page) => {
    await page.goto("/money?ltv=600&monthly_churn=0.08&found=400&share_saved=0.05&months=12");
    const table = page.getByRole("region", { name: "Figures, table" });
    const gain = table.getByRole("row", { name: /^Gain, scenario/ });
    await gain.getByText("144,000").waitFor(); // 400 x 12 x 0.05 x 600
    await gain.getByText("x share_saved x value_saved").waitFor();
    await page.getByLabel(/^Share saved/).fill("0.1");
    await gain.getByText("288,000").waitFor();
    check(page.url().includes("share_saved=0.1"), "the URL does not hold the input");
    await page.getByLabel(/^Share saved/).fill("7");
    await page.getByRole("alert").getByText(/^share.saved is from 0 to 1/i).waitFor();
    await accessibility(page);
    await page.getByRole("button", { name: "As known" }).click();
    await page.getByRole("alert").waitFor({ state: "detached" });
    check(!page.url().includes("ltv"), "the inputs stay in the URL");
  }, { allow: /400|Failed to load resource/ });

  scene("months reconcile as they are shown", async (page) => {
    const { months } = await read("/api/v1/retention");
    for (const [i, month] of months.entries()) {
      const sum = month.new + month.retained + month.resurrected;
      check(sum === month.active, `${month.month}: ${sum} of ${month.active}`);
      if (i === 0) continue;
      const before = month.retained + month.churned;
      check(before === months[i - 1].active, `${month.month}: ${before} from the month before`);
      check(month.gross_retention === null || month.gross_retention <= 1, "retention above 1");
    }
    await page.goto("/money");
    await page.getByRole("region", { name: "Months, table" }).waitFor();
  });
}

function addPilots() {
  scene("a pilot is drafted, started, widened and stopped", async (page) => {
    const name = "Tutor match";
    await page.goto("/pilots?view=new");
    const form = page.getByRole("form", { name: "New pilot" });
    await form.getByLabel("Name").fill(name);
    await form.getByLabel("What the treated get").fill("a mail with three tutors");
    await form.getByText(/customers, .* of them treated/).waitFor();
    await accessibility(page);
    await form.getByRole("button", { name: "Make a draft" }).click();
    await page.waitForURL(/open=tutor-match/);
    const detail = page.getByRole("region", { name, exact: true });
    await detail.getByRole("button", { name: "Start" }).click();
    await detail.getByRole("button", { name: "Widen to 100 %" }).waitFor();
    const first = (await read("/api/v1/pilots/tutor-match")).report.customers;
    check(first > 0, "nobody came in");
    await page.getByRole("region", { name: "Exposure log", exact: true }).waitFor();
    await accessibility(page);
    await detail.getByRole("button", { name: "Widen to 100 %" }).click();
    await until(
      async () => (await read("/api/v1/pilots/tutor-match")).report.customers > first,
      "more come in",
    );
    const { report } = await read("/api/v1/pilots/tutor-match");
    check(!report.sample_ratio.alarm, "the split is broken");
    await detail.getByRole("button", { name: "Stop" }).click();
    await detail.getByText("Stopped", { exact: true }).waitFor();
    check((await read("/api/v1/pilots/tutor-match")).status === "stopped", "it still runs");
  });
}
