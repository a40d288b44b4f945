// Work that goes on by itself: a backup of a guild, messages deleted by a job, and queues that staff hold back. Every page
// is looked at by axe, in both themes and three widths.

import { readFileSync } from "node:fs";
import process from "node:process";
import { accessible, base, channel, composer, message, pages, person, register, say, shots, stamp, step } from "./stage.mjs";

const guild = `Works ${stamp}`;

/** Looks at a page in both themes and three widths; the last look is by axe too. */
async function look(page, name) {
  const size = page.viewportSize();
  for (const colorScheme of /** @type {const} */ (["dark", "light"])) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1440, 768, 360]) {
      await page.setViewportSize({ width, height: 900 });
      if (shots) await page.screenshot({ path: `${shots}/working-${name}-${width}-${colorScheme}.png`, fullPage: true });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wide > 0) throw new Error(`${name} sticks out by ${wide} pixels at ${width}`);
    }
    await accessible(page, `working-${name}-${colorScheme}`);
  }
  await page.setViewportSize(size);
}

/** Goes from one control to the next until this one has the focus, and presses it. */
async function press(page, control) {
  for (let steps = 0; !(await control.evaluate((at) => at === document.activeElement)); steps++) {
    if (steps > 80) throw new Error("the keyboard does not get there");
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
}

export default async function () {
  const nora = await person("Nora", { width: 1280, height: 800 });
  let [id, list] = ["", ""];
  const staff = process.env.STAFF ? await person("Staff", { width: 1280, height: 800 }) : null;
  if (staff) await staff.context().addCookies([{ name: "guildhall_session", value: process.env.STAFF ?? "", url: base }]);
  /** Holds the queue of backups back, or lets it go on, by the button of its row. */
  const queue = async (action) => {
    await staff.goto("/staff/jobs");
    await staff.getByRole("row", { name: /backups/ }).getByRole("button", { name: action, exact: true }).click();
    await staff.getByRole("row", { name: /backups/ }).getByRole("button", { name: action === "Pause" ? "Resume" : "Pause", exact: true }).waitFor();
  };

  await step("she founds a guild, says something, and finds no backups", async () => {
    await nora.goto("/register");
    await register(nora, "Nora");
    await nora.waitForURL(/\/channels\/@me/);
    await nora.getByRole("button", { name: "Create or join a guild" }).click();
    await nora.getByRole("dialog").getByLabel("Name").fill(guild);
    await nora.keyboard.press("Enter");
    await nora.getByRole("button", { name: `${guild}: Guild menu` }).waitFor();
    await channel(nora, "general").first().click();
    for (const text of ["one plank", "two planks", "a hammer"]) await say(nora, text);
    await message(nora, "a hammer").and(nora.locator(":not(.pending)")).waitFor();
    id = new URL(nora.url()).pathname.split("/")[2];
    list = `/guilds/${id}/backups`;
    await nora.goto(list);
    await nora.getByText("There are no backups of this guild.").waitFor();
    await look(nora, "none");
  }, true);

  await step("a backup waits while staff hold its queue back, and is done before her eyes once they let it go", async () => {
    if (staff) {
      await queue("Pause");
      await look(staff, "queues");
    }
    await nora.getByRole("checkbox", { name: "With bans" }).uncheck();
    await press(nora, nora.getByRole("button", { name: "Make a backup" }));
    await nora.waitForURL(/\/jobs\/\d+/);
    if (staff) {
      await nora.locator("[data-state]", { hasText: "Due" }).waitFor();
      if ((await nora.getByRole("progressbar").count()) !== 1) throw new Error("there is no bar");
      await look(nora, "waiting");
      await nora.reload(); // the looks held its stream up
      await queue("Resume");
    }
    await nora.locator("[data-state]", { hasText: "Done" }).waitFor();
    const bar = nora.getByRole("progressbar");
    const [at, of] = [await bar.evaluate((one) => one.value), await bar.evaluate((one) => one.max)];
    if (at !== of || at < 3) throw new Error(`the bar is at ${at} of ${of}`);
    await look(nora, "done");
  });

  await step("she downloads it", async () => {
    await nora.goto(list);
    const [download] = await Promise.all([nora.waitForEvent("download"), nora.getByRole("link", { name: "Download" }).click()]);
    const file = readFileSync(await download.path());
    if (download.suggestedFilename() !== "backup.guildhall" || file.length < 200) throw new Error(`${download.suggestedFilename()}: ${file.length} bytes`);
    await look(nora, "list");
  });

  await step("she cancels another one, by keyboard", async () => {
    if (staff) await queue("Pause");
    await nora.goto(list);
    await press(nora, nora.getByRole("button", { name: "Make a backup" }));
    await nora.waitForURL(/\/jobs\/\d+/);
    if (!staff) return;
    await press(nora, nora.getByRole("button", { name: "Cancel" }));
    await nora.locator("[data-state]", { hasText: "Cancelled" }).waitFor();
    await queue("Resume");
    await look(nora, "cancelled");
    await nora.goto(list);
    await nora.locator("li.card", { hasText: "Cancelled" }).waitFor();
  });

  await step("she sees the plan of a restore", async () => {
    await nora.getByRole("link", { name: "Restore" }).click();
    await nora.getByRole("radio", { name: /A new guild/ }).check();
    await press(nora, nora.getByRole("button", { name: "Show the plan" }));
    await nora.getByRole("heading", { name: "What will be done" }).waitFor();
    await look(nora, "plan");
  });

  await step("on a phone she deletes messages by a job, after a look at how many", async () => {
    const phone = await nora.context().newPage();
    pages.push(phone);
    await phone.setViewportSize({ width: 360, height: 740 });
    await phone.goto(`/guilds/${id}/tools`);
    await look(phone, "tools");
    await phone.getByRole("link", { name: "Delete messages" }).click();
    await phone.getByLabel("Only with this text").fill("plank");
    await look(phone, "prune");
    await press(phone, phone.getByRole("button", { name: "See how many" }));
    await phone.getByRole("heading", { name: "What will happen" }).waitFor();
    await phone.locator("section.card", { hasText: "2" }).first().waitFor();
    await look(phone, "preview");
    await press(phone, phone.getByRole("button", { name: "Start" }));
    await phone.waitForURL(/\/jobs\/\d+/);
    await phone.locator("[data-state]", { hasText: "Done" }).waitFor();
    await phone.goto(`/jobs/guild/${id}`);
    await look(phone, "jobs");
    await phone.close();
    pages.pop();
    await nora.goto(`/channels/${id}`);
    await channel(nora, "general").first().click();
    await message(nora, "a hammer").waitFor();
    if (await nora.locator("li.message", { hasText: "plank" }).count()) throw new Error("they are still there");
    await composer(nora).waitFor();
  });

  await staff?.context().close();
  await nora.context().close();
}
