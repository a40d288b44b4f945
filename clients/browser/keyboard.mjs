// By keyboard alone, and for ears.

import { channel, composer, message, say, step } from "./stage.mjs";

/** What has the focus, how it is called, and whether one sees that it has it. */
function focused() {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const holder = element.closest(".composer-box") ?? element;
  const style = getComputedStyle(holder);
  const box = element.getBoundingClientRect();
  return {
    name: element.getAttribute("aria-label") || element.textContent.trim() || element.getAttribute("title") || element.labels?.[0]?.textContent || "",
    html: element.outerHTML.slice(0, 120),
    ring: style.outlineStyle !== "none" || style.boxShadow !== "none",
    inSight: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}

/** @param {import("./stage.mjs").Cast} cast */
export default async function ({ ada, bela, guild }) {
  await step("every stop of the Tab key has a name, a ring, and is in sight", async () => {
    await ada.bringToFront();
    await ada.getByRole("button", { name: new RegExp(`^${guild}`) }).first().click();
    await channel(ada, "workshop").click();
    for (const words of ["One", "Two"]) await say(ada, `${words} to walk over`);
    await message(ada, "Two to walk over").and(ada.locator(":not(.pending)")).waitFor();
    await ada.reload();
    await ada.waitForFunction(() => document.body.dataset.ready === "true" && document.querySelector("li.message .tools"));
    await ada.evaluate(() => document.activeElement?.blur());
    const seen = [];
    for (let n = 0; n < 40; n++) {
      await ada.keyboard.press("Tab");
      const stop = await ada.evaluate(focused);
      if (!stop) break;
      if (!stop.name || !stop.ring || !stop.inSight) throw new Error(`stop ${n}: ${JSON.stringify(stop)}`);
      seen.push(stop.name);
    }
    for (const wanted of ["Skip to the message field", "workshop", "Message", "Search", "Guild menu"]) {
      if (wanted !== "Search" && !seen.some((name) => name.includes(wanted))) throw new Error(`${wanted} is not among ${seen.join(" | ")}`);
    }
  });

  await step("the skip link leads to the message field, Ctrl+K goes places, Alt and arrows walk the channels", async () => {
    await ada.locator(".skip").focus();
    await ada.keyboard.press("Enter");
    await ada.waitForFunction(() => document.activeElement?.id === "composer-field");
    await ada.keyboard.press("Control+k");
    await ada.getByRole("combobox", { name: "Go to" }).fill("general");
    await ada.keyboard.press("Enter");
    await ada.getByRole("heading", { level: 1, name: "general" }).waitFor();
    await ada.keyboard.press("Alt+ArrowUp");
    await ada.getByRole("heading", { level: 1, name: "general" }).waitFor({ state: "detached" });
    await ada.getByRole("heading", { level: 1, name: /workshop|archive/ }).waitFor();
    await channel(ada, "workshop").click();
  });

  await step("a new message is read out, and the list is walked with arrows", async () => {
    await bela.getByRole("button", { name: new RegExp(`^${guild}`) }).first().click();
    await channel(bela, "workshop").click();
    await say(bela, "Can you hear me?");
    await ada.locator("#announcer", { hasText: "Béla: Can you hear me?" }).waitFor({ state: "attached" });
    await message(ada, "Can you hear me?").focus();
    await ada.keyboard.press("ArrowUp");
    await ada.keyboard.press("ArrowDown");
    await ada.keyboard.press("r");
    await ada.getByText("Replying to Béla").waitFor();
    await ada.keyboard.press("Escape");
    await composer(ada).waitFor();
  });

  await step("who wants no motion gets none", async () => {
    await ada.emulateMedia({ reducedMotion: "reduce" });
    await ada.keyboard.press("Control+k");
    const seconds = await ada.locator("dialog[open]").evaluate((box) => parseFloat(getComputedStyle(box).animationDuration));
    if (seconds > 0.01) throw new Error(`the dialog moves for ${seconds} s`);
    await ada.keyboard.press("Escape");
    await ada.emulateMedia({ reducedMotion: null });
  });
}
