// Coming in: by mail (a link, a code), with an account that is made on the way; sessions, programs, a new password. Once
// by keyboard alone and once on a phone; every page is looked at by axe.

import { accessible as lookedAt, browser, base, pages, password, person, register, shots, stamp, step } from "./stage.mjs";

/** Lets axe look at a page. */
const accessible = (page, name) => lookedAt(page, `entering-${name}`);

/** A browser that reads this language. */
async function stranger(locale, viewport, mobile = false) {
  const context = await browser.newContext({ viewport, isMobile: mobile, hasTouch: mobile, locale, baseURL: base });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  pages.push(page);
  return page;
}

/** The newest mail to an address: its text and its link. */
async function letter(address) {
  const reader = await stranger("en-GB", { width: 900, height: 700 });
  for (const start = Date.now(); ; await reader.waitForTimeout(100)) {
    await reader.goto("/dev/mail");
    const row = reader.locator("tr", { hasText: address }).first();
    if (await row.count()) {
      await row.getByRole("link").click();
      const text = await reader.locator("pre.letter").innerText();
      const link = await reader.locator("section.card a").first().getAttribute("href");
      await reader.context().close();
      return { text, link, code: text.match(/^\d{6}$/m)?.[0] };
    }
    if (Date.now() - start > 10_000) throw new Error(`no mail to ${address}`);
  }
}

export default async function () {
  const aino = await stranger("fi-FI", { width: 360, height: 740 }, true);
  const finn = `aino-${stamp}@example.org`;
  await step("on a phone, in Finnish, a stranger asks for a mail and enters by its link with a name made for her", async () => {
    await aino.goto("/login");
    await accessible(aino, "login-fi-phone");
    await aino.getByRole("link", { name: "Kirjaudu sähköpostilla" }).click();
    await accessible(aino, "mail-fi-phone");
    await aino.locator("#email").fill(finn);
    await aino.locator("main button[type=submit]").first().click();
    await aino.locator("#code").waitFor();
    await accessible(aino, "code-fi-phone");
    const { link } = await letter(finn);
    await aino.goto(link);
    await accessible(aino, "link-fi-phone");
    await aino.locator("main button[type=submit]").first().click();
    await aino.waitForURL(/\/channels\/@me/);
    await aino.goto("/settings");
    await accessible(aino, "settings-fi-phone");
    const name = await aino.locator("#global_name").inputValue();
    if (!/^\p{Lu}[\p{L}]+ ?[\p{L}]* ?#?\d*$/u.test(name)) throw new Error(`her name is ${name}`);
    const wide = await aino.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    if (wide) throw new Error("the settings are wider than the phone");
    console.log(`# in Finnish she is called ${name}`);
  });

  const emma = await stranger("en-GB", { width: 1280, height: 800 });
  const english = `emma-${stamp}@example.org`;
  /** Presses Tab until this has the focus. */
  const reach = async (locator) => {
    for (let presses = 0; presses < 60; presses++) {
      if (await locator.evaluate((node) => node === document.activeElement)) return;
      await emma.keyboard.press("Tab");
    }
    throw new Error("the keyboard does not get there");
  };
  await step("by keyboard alone a stranger asks for a mail and enters by its code", async () => {
    await emma.goto("/login");
    await accessible(emma, "login");
    await reach(emma.getByRole("link", { name: "Sign in by e-mail" }));
    await emma.keyboard.press("Enter");
    await reach(emma.locator("#email"));
    await emma.keyboard.type(english);
    await emma.keyboard.press("Enter");
    await emma.locator("#code").waitFor();
    await reach(emma.locator("#code"));
    await emma.keyboard.type("000000");
    await emma.keyboard.press("Enter");
    await emma.getByRole("alert").waitFor();
    await accessible(emma, "code-wrong");
    const { code } = await letter(english);
    await reach(emma.locator("#code"));
    await emma.keyboard.type(code);
    await emma.keyboard.press("Enter");
    await emma.waitForURL(/\/channels\/@me/);
    await emma.goto("/settings");
    console.log(`# in English she is called ${await emma.locator("#global_name").inputValue()}`);
  });

  await step("what was entered by once does not open again", async () => {
    const other = await stranger("en-GB", { width: 1280, height: 800 });
    const { link } = await letter(english);
    await other.goto(link);
    await other.getByText(/no longer good/).first().waitFor();
    await other.context().close();
  });

  const vilja = await person("Vilja", { width: 1280, height: 800 });
  const again = await person("Vilja elsewhere", { width: 1280, height: 800 });
  const signIn = async (page, secret) => {
    await page.goto("/login?next=/settings");
    await page.getByLabel("Username").fill(`vilja_${stamp}`);
    await page.getByLabel("Password").fill(secret);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
  };
  await step("she sees her other session in the list and ends it there", async () => {
    await vilja.goto("/register");
    await accessible(vilja, "register");
    await register(vilja, "Vilja");
    await vilja.waitForURL(/\/channels\/@me/);
    await signIn(again, password);
    await again.waitForURL(/\/settings/);
    await vilja.goto("/settings");
    await accessible(vilja, "settings");
    await vilja.getByRole("button", { name: "Sign out", exact: true }).first().click();
    await vilja.waitForURL(/done=sessions/);
    await again.goto("/settings");
    await again.waitForURL(/\/login/);
  });

  await step("a new password signs her out elsewhere and is the one that counts", async () => {
    await signIn(again, password);
    await again.waitForURL(/\/settings/);
    await vilja.goto("/settings");
    await vilja.getByLabel("Current password").fill(password);
    await vilja.getByLabel("New password").fill(`${password} new`);
    await vilja.getByRole("button", { name: "Change the password" }).click();
    await vilja.waitForURL(/done=password/);
    await again.goto("/settings");
    await again.waitForURL(/\/login/);
    await signIn(again, password);
    await again.getByText("The name or the password is not right.").waitFor();
    await accessible(again, "login-wrong");
    await signIn(again, `${password} new`);
    await again.waitForURL(/\/settings/);
  });

  await step("she gives a program a session of its own, which may read only, and ends it", async () => {
    await vilja.goto("/settings/programs");
    await accessible(vilja, "programs");
    await vilja.getByLabel("Name").fill("Nightly export");
    await vilja.getByRole("button", { name: "Make it" }).click();
    await accessible(vilja, "program-token");
    const token = (await vilja.locator("code.secret").innerText()).trim();
    const ask = (path, method = "GET") => vilja.request.fetch(`/api/v10${path}`, { method, headers: { authorization: token, cookie: "" } });
    if ((await ask("/users/@me")).status() !== 200) throw new Error("it cannot read");
    if ((await ask("/auth/sessions")).status() !== 403) throw new Error("it sees her sessions");
    await vilja.getByRole("link", { name: "I have noted it" }).click();
    await vilja.getByRole("button", { name: /^End/ }).click();
    await vilja.waitForURL(/done=sessions/);
    if ((await ask("/users/@me")).status() !== 401) throw new Error("it lives on");
  });

  await step("axe finds nothing wrong with what guards the account", async () => {
    await vilja.goto("/settings/security");
    await accessible(vilja, "security");
    await vilja.getByRole("button", { name: "Set up an app" }).click();
    await vilja.locator("code.secret").waitFor();
    await accessible(vilja, "authenticator");
    await vilja.goto("/settings/applications");
    await accessible(vilja, "applications");
    await vilja.goto("/login/forgot");
    await accessible(vilja, "forgot");
  });

  for (const page of [aino, emma, vilja, again]) await page.context().close();
}
