// One audit of a page by Lighthouse, as on a desktop; prints its scores as JSON.
import { pathToFileURL } from "node:url";

const { url, modules, chromium, audits } = JSON.parse(process.env.AUDIT);
const from = (path) => import(pathToFileURL(`${modules}/${path}`).href);
const { default: lighthouse } = await from("lighthouse/core/index.js");
const { default: desktop } = await from("lighthouse/core/config/desktop-config.js");
const { launch } = await from("chrome-launcher/dist/index.js");

for (let i = 0; i < audits; ++i) {
  const chrome = await launch({
    chromePath: chromium,
    chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
  try {
    const categories = ["performance", "accessibility", "best-practices"];
    const options = { port: chrome.port, onlyCategories: categories, logLevel: "error" };
    const { lhr } = await lighthouse(url, options, desktop);
    const scores = Object.fromEntries(
      categories.map((name) => [name, Math.round(100 * lhr.categories[name].score)]),
    );
    const figures = ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time"];
    for (const name of [...figures, "cumulative-layout-shift"])
      scores[name] = lhr.audits[name].displayValue;
    // What costs points, to be mended.
    scores.failed = Object.values(lhr.audits)
      .filter(({ score }) => score !== null && score < 0.9)
      .map(({ id }) => id);
    console.log(JSON.stringify(scores));
  } finally {
    await chrome.kill();
  }
}
