// The cases of signing in; access_test.py starts an empty server and one with a user a role.
import {
  accessibility,
  check,
  failures,
  runScenes,
  scene,
  settings,
  startBrowser,
} from "./browser.mjs";

// A refused call is an error of the console; nothing else may be.
const REFUSED = { allow: /status of (40[013]|429)/ };
const browser = await startBrowser();

async function fillLogin(page, name, password = settings.password) {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.keyboard.press("Enter");
}

async function signIn(page, name, path = "/") {
  await page.goto(path);
  await page.waitForURL("**/login**");
  await fillLogin(page, name);
  await page.getByText("Sign out").first().waitFor();
}

scene(
  "login: where one wanted to go is where one comes",
  async (page) => {
    await page.goto("/customers?sort=health_score");
    await page.waitForURL("**/login**");
    await accessibility(page);
    await fillLogin(page, "viewer");
    await page.waitForURL("**/customers?sort=health_score");
    await page.getByRole("heading", { name: "Customers" }).waitFor();
    await page.getByText("Sign out").first().click();
    await page.waitForURL("**/login");
    await page.goto("/pipeline");
    await page.waitForURL("**/login**");
  },
  REFUSED,
);

scene(
  "login: a wrong password is said, and the right one still works",
  async (page) => {
    await page.goto("/login");
    await fillLogin(page, "analyst", "guess");
    await page.getByRole("alert").getByText("Name or password is wrong.").waitFor();
    await fillLogin(page, "analyst");
    await page.waitForURL((url) => url.pathname === "/");
  },
  REFUSED,
);

scene(
  "login: the way back leads to no other host",
  async (page) => {
    await page.goto("/login?back=//evil.example/");
    await fillLogin(page, "viewer");
    await page.waitForURL(`${settings.url}/`);
  },
  REFUSED,
);

scene(
  "a viewer is told what their role does not open",
  async (page) => {
    await signIn(page, "viewer", "/settings?tab=keys");
    await page.getByText("Your role does not open this").waitFor();
    await accessibility(page);
    await page.getByRole("tab", { name: "Account" }).click();
    await page.getByRole("region", { name: "You" }).getByText("Viewer", { exact: true }).waitFor();
  },
  REFUSED,
);

for (const colorScheme of ["light", "dark"]) {
  scene(
    `settings in ${colorScheme}: every tab`,
    async (page) => {
      await signIn(page, "admin", "/settings");
      for (const [tab, region] of [
        ["Account", "Password"],
        ["Keys", "New key"],
        ["Users and roles", "Users"],
        ["Audit", "Audit log"],
      ]) {
        await page.getByRole("tab", { name: tab }).click();
        await page.getByRole("region", { name: region, exact: true }).waitFor();
        await page.getByLabel("Loading").first().waitFor({ state: "detached" });
        await accessibility(page);
        const name = tab.split(" ")[0].toLowerCase();
        await page.screenshot({ path: `${settings.shots}/settings-${name}-${colorScheme}.png` });
      }
    },
    { ...REFUSED, colorScheme },
  );
}

scene(
  "settings on a narrow screen are not too wide",
  async (page) => {
    await signInNarrow(page);
    for (const tab of ["account", "keys", "users", "audit"]) {
      await page.goto(`/settings?tab=${tab}`);
      await page.getByRole("tabpanel").getByRole("region").first().waitFor();
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      check(over <= 0, `${tab} is ${over} px too wide`);
    }
  },
  { ...REFUSED, viewport: { width: 390, height: 844 } },
);
async function signInNarrow(page) {
  await page.goto("/login");
  await fillLogin(page, "admin");
  await page.waitForURL((url) => url.pathname === "/");
}

scene(
  "a key is made, shown once with code to copy, works, and is revoked",
  async (page) => {
    await signIn(page, "admin", "/settings?tab=keys");
    await page.getByLabel("Name of the key").fill("from-page");
    await page.getByLabel("It may").selectOption("send events and read");
    await page.getByRole("button", { name: "Make" }).click();
    const key = await page.locator("[data-key]").innerText();
    check(/^tl_[\w-]{49}$/.test(key), `the key is ${key}`);
    const code = await page.getByLabel("Code: curl").innerText();
    check(code.includes(key) && code.includes(settings.url), code);
    await accessibility(page);
    await page.screenshot({ path: `${settings.shots}/settings-new-key.png` });
    const asked = () =>
      fetch(`${settings.url}/api/v1/overview`, { headers: { Authorization: `Bearer ${key}` } });
    check((await asked()).status === 200, "the key opens nothing");
    await page.getByRole("button", { name: "I have it" }).click();
    check(!(await page.content()).includes(key), "the key is still in the page");
    const row = page.getByRole("listitem").filter({ hasText: "from-page" });
    await row.getByRole("button", { name: "Revoke" }).click();
    await row.getByRole("button", { name: "Revoke for good?" }).click();
    await row.getByText("Revoked").waitFor();
    check((await asked()).status === 401, "the revoked key still opens");
  },
  REFUSED,
);

scene(
  "a user is made and loses the role while signed in",
  async (page) => {
    await signIn(page, "admin", "/settings?tab=users");
    const form = page.getByRole("region", { name: "New user" });
    await form.getByLabel("Name").fill("grace");
    await form.getByLabel(/^Password/).fill(settings.password);
    await form.getByLabel("Role").selectOption("operator");
    await form.getByRole("button", { name: "Make" }).click();
    await page.getByText("grace can sign in now.").waitFor();
    const other = await (
      await browser.newContext({ baseURL: settings.url })
    ).newPage();
    await signIn(other, "grace", "/pipeline");
    await page.getByLabel("Role of grace").selectOption("viewer");
    await page.getByText("grace is changed and signed out everywhere.").waitFor();
    await other.waitForURL("**/login**");
    await other.context().close();
    await page.getByRole("listitem").filter({ hasText: "admin" }).first().waitFor();
  },
  REFUSED,
);

scene(
  "the set-up link: the first admin by keyboard, then it is void",
  async (page) => {
    await page.goto(`${settings.emptyUrl}/`);
    await page.waitForURL("**/login**");
    await page.getByText("Nobody can sign in yet.").waitFor();
    await page.goto(settings.link);
    await accessibility(page);
    await page.screenshot({ path: `${settings.shots}/setup.png` });
    await page.getByLabel("Name").waitFor();
    await page.keyboard.type("root");
    await page.keyboard.press("Tab");
    await page.keyboard.type(settings.password);
    await page.keyboard.press("Tab");
    await page.keyboard.type(settings.password);
    await page.keyboard.press("Enter");
    await page.getByText("Sign out").first().waitFor();
    await page.goto("about:blank");
    await page.goto(settings.link);
    await page.getByLabel("Name").fill("eve");
    await page.getByLabel("Password", { exact: true }).fill(settings.password);
    await page.getByLabel("Password again").fill(settings.password);
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("not valid any more").waitFor();
  },
  { ...REFUSED, baseURL: settings.emptyUrl },
);

await runScenes(browser);
await browser.close();
process.exit(failures() > 0 ? 1 : 0);
