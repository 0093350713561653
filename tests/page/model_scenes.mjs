// Models: the few features that trees go by, and groups treated alike or not. The demo's business
// has neither, so what a platform's model was judged with is put into its answer.
import { accessibility, answerWith, check, read, scene, settings } from "./browser.mjs";

const figure = (value, half, customers) => ({
  value,
  interval: [value - half, value + half],
  customers,
});
const gap = (name, value, low, high) => {
  const alike = name === "selection_ratio" ? 1 : 0;
  return {
    name,
    value,
    interval: value === null ? null : [low, high],
    enough_data: value !== null,
    differs: value !== null && (high < alike || low > alike),
  };
};
const GAPS = ["selection_ratio", "true_positive_gap", "false_positive_gap", "calibration_gap"];
const NO_GAPS = GAPS.map((name) => gap(name, null));
const tooSmall = (group, customers) => ({
  group,
  rows: 3 * customers,
  customers,
  selection_rate: null,
  true_positive_rate: null,
  false_positive_rate: null,
  calibration: null,
  gaps: NO_GAPS,
});

const CURVE = [
  [72, 0.9655],
  [32, 0.9649],
  [14, 0.9612],
  [5, 0.9487],
  [1, 0.9021],
];
const SELECTION = {
  names: ["days_since_last_visit", "active_days_7d", "visit_trend", "messages_per_day"].concat(
    Array.from({ length: 10 }, (_, i) => `feature_${i + 5}_of_a_long_name_that_does_not_fit`),
  ),
  loss: 0.0043,
  best_alone: "days_since_last_visit",
  best_alone_score: 0.9021,
  curve: CURVE.map(([features, score]) => ({ features, score })),
};

// Four groups: the largest, one that differs, one that does not, one that is too small.
const UNLIKE = {
  task: "churn_risk_14d",
  trait: "age_band",
  reference: "25-34",
  selected_from: 0.61,
  outcome_from: 1,
  unknown: 12,
  enough_data: true,
  differs: true,
  verdict:
    "age_band: treated differently beside 25-34: 18-24 selected 1.31 times as often " +
    "(1.08 to 1.58)",
  groups: [
    {
      group: "25-34",
      rows: 5_400,
      customers: 1_804,
      selection_rate: figure(0.412, 0.041, 1_804),
      true_positive_rate: figure(0.772, 0.052, 902),
      false_positive_rate: figure(0.092, 0.031, 902),
      calibration: figure(-0.004, 0.021, 1_804),
      gaps: [],
    },
    {
      group: "18-24",
      rows: 3_600,
      customers: 1_203,
      selection_rate: figure(0.54, 0.049, 1_203),
      true_positive_rate: figure(0.801, 0.061, 612),
      false_positive_rate: figure(0.171, 0.044, 591),
      calibration: figure(-0.051, 0.026, 1_203),
      gaps: [
        gap("selection_ratio", 1.31, 1.08, 1.58),
        gap("true_positive_gap", 0.029, -0.051, 0.109),
        gap("false_positive_gap", 0.079, 0.025, 0.133),
        gap("calibration_gap", -0.047, -0.08, -0.014),
      ],
    },
    {
      group: "35-44",
      rows: 900,
      customers: 311,
      selection_rate: figure(0.42, 0.09, 311),
      true_positive_rate: null,
      false_positive_rate: figure(0.1, 0.07, 204),
      calibration: figure(0.01, 0.05, 311),
      gaps: [
        gap("selection_ratio", 1.02, 0.81, 1.28),
        gap("true_positive_gap", null),
        gap("false_positive_gap", 0.008, -0.06, 0.076),
        gap("calibration_gap", 0.014, -0.04, 0.068),
      ],
    },
    tooSmall("55+", 199),
  ],
};
const ALIKE = {
  ...UNLIKE,
  trait: "gender",
  differs: false,
  reference: "25-34",
  groups: [UNLIKE.groups[0], UNLIKE.groups[2]],
  verdict:
    "gender: no difference is established beside 25-34: 35-44 selected 1.02 times as often " +
    "(0.81 to 1.28); a difference inside these ranges may be there",
};
const TOO_FEW = {
  ...UNLIKE,
  task: "health_score",
  trait: "region",
  differs: false,
  enough_data: false,
  groups: [tooSmall("north", 123), tooSmall("south", 117)],
  verdict: "region: not enough data; a comparison needs 200 customers in each of two groups",
};

async function judged(page, change) {
  const { data } = await read("/api/v1/models");
  const { id } = data.find(({ active }) => active);
  const answer = await read(`/api/v1/models/${id}/evaluation`);
  change(answer.evaluation);
  await answerWith(page, /\/models\/[^/]+\/evaluation$/, answer);
  await page.goto("/models");
  await page.getByText("In service").waitFor();
}

export function addModelScenes() {
  for (const colorScheme of ["light", "dark"]) {
    scene(
      `few features and groups, in ${colorScheme}`,
      async (page) => {
        await judged(page, (evaluation) => {
          const churn = evaluation.tasks.find(({ task }) => task === "churn_risk_14d");
          churn.selection = SELECTION;
          evaluation.fairness = [UNLIKE, ALIKE, TOO_FEW];
        });
        await showsSelection(page);
        await showsFairness(page);
        await accessibility(page);
        const path = `${settings.shots}/judged-${colorScheme}.png`;
        await page.screenshot({ path, fullPage: true });
      },
      { colorScheme },
    );
  }

  scene(
    "few features and groups on a narrow screen",
    async (page) => {
      await judged(page, (evaluation) => {
        evaluation.tasks[0].selection = SELECTION;
        evaluation.fairness = [UNLIKE];
      });
      await page.getByRole("region", { name: /^Features chosen for/ }).waitFor();
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      check(over <= 0, `the page is ${over} px too wide`);
      await accessibility(page);
    },
    { viewport: { width: 390, height: 844 } },
  );

  scene("a model that has neither shows neither", async (page) => {
    await judged(page, () => {});
    await page.getByRole("region", { name: "Health score", exact: true }).waitFor();
    check((await page.getByText("Are groups treated alike?").count()) === 0, "fairness is shown");
    check((await page.getByText("Features chosen").count()) === 0, "a selection is shown");
  });
}

async function showsSelection(page) {
  const part = page.getByRole("region", { name: "Features chosen for Churn risk, 14 days" });
  await part.getByRole("heading", { name: "14 of 72 features" }).waitFor();
  await part.getByText("Leaving out the others costs 0.0043 of ROC AUC.").waitFor();
  check((await part.getByRole("listitem").count()) === 14, "not all features are named");
  const chosen = part.getByRole("row", { name: /^Chosen: 14/ });
  const words = await chosen.textContent();
  check(words.includes("0.961") && words.includes("0.004"), words);
}

async function showsFairness(page) {
  const panel = page.getByRole("region", { name: "Are groups treated alike?" });
  // What differs is open; the rest opens by keyboard.
  const unlike = panel.getByRole("table", { name: "Churn risk, 14 days by age band" });
  const young = unlike.getByRole("row", { name: /^18-24/ });
  await young.getByText("× 1.31 (× 1.08 to × 1.58)").waitFor();
  const small = await unlike.getByRole("row", { name: /^55\+/ }).textContent();
  check(small.split("not enough data").length === 5, small);
  await panel.getByText("A difference is established").waitFor();
  const alike = panel.getByRole("table", { name: "Churn risk, 14 days by gender" });
  check(!(await alike.isVisible()), "what does not differ is open");
  await panel.locator("summary", { hasText: "by gender" }).focus();
  await page.keyboard.press("Enter");
  await alike.waitFor();
  await panel.getByText("a difference inside these ranges may be there").waitFor();
  const few = panel.locator("summary", { hasText: "Health score by region" });
  await few.getByText("Not enough data").waitFor();
  check(!/bias-free|unbiased/i.test(await panel.textContent()), "it clears somebody");
}
