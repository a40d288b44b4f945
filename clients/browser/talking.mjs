// Writing, answering, editing, reacting, and what happens when the network does not.

import { channel, composer, message, picture, say, step } from "./stage.mjs";

/** @param {import("./stage.mjs").Cast} cast */
export default async function ({ ada, bela }) {
  await step("she writes, he sees it live, and that somebody is typing", async () => {
    await channel(bela, "workshop").click();
    await bela.getByRole("heading", { name: "workshop" }).first().waitFor();
    await composer(ada).pressSequentially("Welcome to the **workshop**, `friend`", { delay: 15 });
    await bela.locator("#typing.active", { hasText: "Ada" }).waitFor();
    await composer(ada).press("Enter");
    await message(bela, "Welcome to the workshop").locator("strong", { hasText: "workshop" }).waitFor();
  });

  await step("he answers with a reply, and she sees it", async () => {
    await message(bela, "Welcome to the workshop").hover();
    await message(bela, "Welcome to the workshop").getByRole("button", { name: "Reply" }).click();
    await say(bela, "Glad to be here");
    await message(ada, "Glad to be here").locator(".reply-line", { hasText: "Welcome to the workshop" }).waitFor();
  });

  await step("he edits with the keyboard alone", async () => {
    await composer(bela).press("ArrowUp");
    const field = bela.getByRole("textbox", { name: "Edit message" });
    await field.fill("Very glad to be here");
    await field.press("Enter");
    await message(ada, "Very glad to be here").getByText("(edited)").waitFor();
  });

  await step("she reacts, he joins in, the count is two", async () => {
    await message(ada, "Very glad").focus();
    await ada.keyboard.press("+");
    await ada.getByRole("searchbox", { name: "Emoji" }).fill("tada");
    await ada.keyboard.press("Enter");
    await message(bela, "Very glad").locator(".reaction", { hasText: "🎉" }).click();
    await message(ada, "Very glad").locator(".reaction", { hasText: "2" }).waitFor();
  });

  await step("she uploads a picture, and he sees it", async () => {
    await ada.locator("#composer input[type=file]").setInputFiles({ name: "map.png", mimeType: "image/png", buffer: picture });
    await ada.locator(".tray", { hasText: "map.png" }).waitFor();
    await say(ada, "The map");
    const shown = message(bela, "The map").locator(".picture img");
    await shown.waitFor();
    await bela.waitForFunction(() => [...document.querySelectorAll(".picture img")].some((image) => image.complete && image.naturalWidth === 3));
  });

  await step("she deletes a message, and it is gone for him", async () => {
    await say(ada, "A slip of the pen");
    await message(bela, "A slip of the pen").waitFor();
    await message(ada, "A slip of the pen").and(ada.locator(":not(.pending)")).focus();
    await ada.keyboard.press("Delete");
    await ada.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await bela.locator("li.message", { hasText: "A slip of the pen" }).waitFor({ state: "detached" });
  });

  await step("she pins a message", async () => {
    await message(ada, "Very glad to be here").focus();
    await ada.keyboard.press("p");
    await message(bela, "Very glad to be here").locator(".pinned").waitFor({ state: "attached" });
    await bela.getByRole("button", { name: "Pinned messages" }).click();
    await bela.locator(".pin-entry", { hasText: "Very glad to be here" }).waitFor();
    await bela.keyboard.press("Escape");
  });

  await step("a message elsewhere marks its channel unread", async () => {
    await channel(ada, "general").first().click();
    await say(ada, "Over here");
    await message(ada, "Over here").waitFor();
    await bela.locator(".row.unread", { hasText: "general" }).waitFor();
    await channel(bela, "general").first().click();
    await message(bela, "Over here").waitFor();
    await bela.locator(".row.unread", { hasText: "general" }).waitFor({ state: "detached" });
  });

  await step("the server's refusal is shown, with a way to try again", async () => {
    await bela.route("**/channels/*/messages", (route) => (route.request().method() === "POST" ? route.abort() : route.continue()));
    await say(bela, "Into the void");
    await message(bela, "Into the void").getByText("Not sent.").waitFor();
    await bela.unroute("**/channels/*/messages");
    await message(bela, "Into the void").getByRole("button", { name: "Try again" }).click();
    await message(ada, "Into the void").waitFor();
  });

  await step("a lost connection is resumed without a gap or a repeat", async () => {
    await bela.context().setOffline(true);
    await bela.evaluate(() => dispatchEvent(new Event("offline")));
    await bela.getByText("You are offline").waitFor();
    for (const word of ["one", "two", "three"]) await say(ada, `While away: ${word}`);
    await message(ada, "While away: three").and(ada.locator(":not(.pending)")).waitFor();
    await bela.context().setOffline(false);
    await bela.evaluate(() => dispatchEvent(new Event("online")));
    await message(bela, "While away: three").waitFor();
    const count = await bela.locator("li.message", { hasText: "While away:" }).count();
    if (count !== 3) throw new Error(`expected 3 messages, found ${count}`);
    await bela.locator("#connection").waitFor({ state: "hidden" });
  });

  await step("no message can freeze the page or become more than text", async () => {
    const found = await ada.evaluate(async () => {
      const { markup } = await import("/assets/chat/markup.js");
      const names = { user: () => "U", role: () => ({ name: "R", color: 1 }), channel: () => ({ name: "c", href: "/x" }) };
      const parts = ["*", "**", "***a", "_", "__a", "`", "``a", "```", "||", "~~a", "[", "[a](", "<@", "> ", "- ", "https://", "*a **b", "||*_**~~", "\n> ", "@", "<t:1"];
      const alphabet = "*_~|`<>@#[]()\\ \nabh:/-1.!";
      const random = () => Array.from({ length: 120 }, () => alphabet[Math.floor(Math.random() * alphabet.length)]).join("");
      const evil = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) <https://a.b/\"onclick=1>";
      const texts = [...parts.map((part) => part.repeat(4000 / part.length)), ...Array.from({ length: 1000 }, () => random() + evil)];
      for (const text of texts) {
        const start = performance.now();
        const holder = document.createElement("div");
        holder.append(...markup(text, names));
        if (performance.now() - start > 1000) return `slow: ${text.slice(0, 20)}`;
        if (holder.querySelector("img, script, iframe, style")) return `element from: ${text}`;
        for (const element of holder.querySelectorAll("*")) {
          for (const { name, value } of element.attributes) if (name.startsWith("on") || /javascript:/i.test(value)) return `attribute from: ${text}`;
        }
      }
      return "";
    });
    if (found) throw new Error(found);
  });
}
