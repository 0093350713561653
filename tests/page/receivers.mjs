// The cases of alerts on the page; receivers_test.py starts a server and somebody who is sent to.
import {
  accessibility,
  answerWith,
  check,
  failures,
  runScenes,
  scene,
  settings,
  startBrowser,
} from "./browser.mjs";

const PLACE = "/settings?tab=webhooks";
const browser = await startBrowser();

async function add(page, name, path) {
  await page.goto(PLACE);
  await page.getByRole("button", { name: "Add a receiver" }).click();
  const form = page.getByRole("form", { name: "Receiver" });
  await form.getByLabel("URL").fill(settings.farEnd + path);
  await form.getByLabel("Name").fill(name);
  await form.getByRole("button", { name: "Add" }).click();
  await page.getByText("The secret, shown only now").waitFor();
}

for (const colorScheme of ["light", "dark"]) {
  scene(
    `webhooks in ${colorScheme}: added, secret shown once, tested, sent again`,
    async (page) => {
      const name = `crm ${colorScheme}`;
      await add(page, name, "/hook");
      const secret = await page.locator("code", { hasText: "whsec_" }).textContent();
      check(/^whsec_[A-Za-z0-9+/]{43}=$/.test(secret), `no secret: ${secret}`);
      await page.getByRole("dialog").getByRole("button", { name: "Send test" }).click();
      await page.getByRole("dialog").getByText("Arrived").waitFor();
      await page.getByRole("button", { name: /A test from Tideline/ }).first().click();
      await page.getByLabel("What was sent").getByText(`"type": "test"`).waitFor();
      await page.getByRole("button", { name: "Send again" }).click();
      await accessibility(page);
      await page.screenshot({ path: `${settings.shots}/receiver-${colorScheme}.png` });
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name, exact: true }).waitFor();
      await accessibility(page);
      await page.screenshot({ path: `${settings.shots}/webhooks-${colorScheme}.png` });
      await page.getByRole("button", { name, exact: true }).click();
      check((await page.getByText("whsec_").count()) === 0, "the secret is shown again");
      await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
      await page.getByRole("button", { name: "Remove it and all it was sent" }).click();
      await page.getByRole("button", { name, exact: true }).waitFor({ state: "detached" });
    },
    { colorScheme },
  );
}

scene(
  "webhooks: what is wrong is said before and after it is sent",
  async (page) => {
    await page.goto(`${PLACE}&receiver=new`);
    const form = page.getByRole("form", { name: "Receiver" });
    await form.getByLabel("URL").fill("ftp://example.com");
    await form.getByRole("alert").getByText("begins with https://").waitFor();
    check(await form.getByRole("button", { name: "Add" }).isDisabled(), "it can be added");
    await form.getByLabel("Mail", { exact: true }).check();
    await form.getByLabel("Mail addresses").fill("ann@example.com, bob");
    await form.getByRole("alert").getByText('"bob" is no mail address').waitFor();
    await form.getByLabel("Mail addresses").fill("ann@exa(mple.com");
    await form.getByRole("button", { name: "Add" }).click();
    await form.getByRole("alert").getByText("is no mail address").waitFor();
  },
  { allow: /status of 400/ },
);

scene("webhooks: empty, and by keyboard alone", async (page) => {
  await answerWith(page, /\/api\/v1\/webhooks$/, { data: [], next_cursor: null });
  await page.goto(PLACE);
  await page.getByText("Nobody is told yet").waitFor();
  await page.getByRole("button", { name: "Add a receiver" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "New receiver" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
});

scene(
  "webhooks: failing",
  async (page) => {
    await answerWith(page, /\/api\/v1\/webhooks$/, 500);
    await page.goto(PLACE);
    await page.getByText("This could not be read").waitFor();
  },
  { allow: /status of 500/ },
);

scene("alerts on the overview: dead letters that just came, and trouble", async (page) => {
  await page.goto("/");
  await page.getByRole("region", { name: "Alerts" }).getByText(/1 dead letter/).waitFor();
  await accessibility(page);
  const since = "2026-03-01T12:00:00.000Z";
  const trouble = { name: "lag", what: "events wait for 90 s", since };
  await answerWith(page, /\/api\/v1\/alerts$/, {
    open: [trouble],
    data: [],
    next_cursor: null,
  });
  await page.reload();
  await page.getByText("Lag: events wait for 90 s").waitFor();
  await page.getByRole("region", { name: "Alerts" }).getByText("1 not over").waitFor();
});

await runScenes(browser);
await browser.close();
process.exit(failures() > 0 ? 1 : 0);
