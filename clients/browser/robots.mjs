// Commands, components and forms of a bot. The bot lives in a page of its own and speaks to the gateway and REST as bots do.

import { base, browser, channel, composer, message, picture, shots, step } from "./stage.mjs";
import { Buffer } from "node:buffer";
import process from "node:process";

const token = process.env.ROBOT ?? "";
/** A bot's token begins with its id in base64. */
const id = Buffer.from(token.split(".")[0] ?? "", "base64").toString();

const FRUITS = ["apple", "apricot", "banana", "cherry"];
const COMMANDS = [
  { name: "fruit", description: "Names a fruit", options: [{ type: 3, name: "kind", description: "Which", required: true, autocomplete: true }, { type: 6, name: "for", description: "For whom" }] },
  { name: "measure", description: "Measures a file", options: [{ type: 11, name: "file", description: "What to measure", required: true }] },
  { name: "form", description: "Opens a form" },
  { name: "panel", description: "Shows buttons and menus" },
  { name: "silent", description: "Never answers" },
  { name: "Shout", type: 3 },
];

/** What the bot does, run inside its page. Everything it needs comes as an argument, because it is sent there as text. */
function live({ token, id, fruits }) {
  const api = (method, path, body) => fetch(`/api/v10${path}`, { method, headers: { Authorization: `Bot ${token}`, "Content-Type": "application/json" }, body: body && JSON.stringify(body) });
  const answer = (interaction, type, data) => api("POST", `/interactions/${interaction.id}/${interaction.token}/callback`, { type, data });
  const value = (interaction, name) => interaction.data.options?.find((option) => option.name === name)?.value;
  const row = (...components) => ({ type: 1, components });
  const commands = {
    fruit: (it) => answer(it, 4, { content: `One ${value(it, "kind")} for <@${value(it, "for") ?? it.member.user.id}>` }),
    measure: (it) => answer(it, 4, { content: `It has ${it.data.resolved.attachments[value(it, "file")].size} bytes`, flags: 64 }),
    form: (it) => answer(it, 9, { custom_id: "form", title: "Tell me", components: [row({ type: 4, custom_id: "name", label: "Your name", style: 1, min_length: 2 }), row({ type: 4, custom_id: "story", label: "Your story", style: 2, required: false })] }),
    panel: (it) =>
      answer(it, 4, {
        content: "Choose",
        components: [
          row({ type: 2, style: 1, label: "Press me", custom_id: "press" }, { type: 2, style: 4, label: "Deaf", custom_id: "deaf" }),
          row({ type: 3, custom_id: "colours", placeholder: "Colours", min_values: 1, max_values: 2, options: ["red", "green", "blue"].map((colour) => ({ label: colour, value: colour })) }),
          row({ type: 5, custom_id: "who", placeholder: "Whom?" }),
        ],
      }),
    Shout: (it) => answer(it, 4, { content: Object.values(it.data.resolved.messages)[0].content.toUpperCase() }),
  };
  const used = {
    press: (it) => answer(it, 7, { content: "Pressed", components: it.message.components }),
    colours: (it) => answer(it, 4, { content: `Colours: ${it.data.values.join(" and ")}` }),
    who: (it) => answer(it, 4, { content: `Chosen: ${Object.values(it.data.resolved.users)[0].username}` }),
  };
  const suggest = (it) => {
    const typed = it.data.options.find((option) => option.focused).value;
    return answer(it, 8, { choices: fruits.filter((fruit) => fruit.startsWith(typed)).map((fruit) => ({ name: fruit, value: fruit })) });
  };
  const submitted = (it) => {
    const [name, story] = it.data.components.map((outer) => outer.components[0].value);
    return answer(it, 4, { content: `${name} tells: ${story || "nothing"}` });
  };
  const hear = (it) => (it.type === 4 ? suggest(it) : it.type === 5 ? submitted(it) : it.type === 3 ? used[it.data.custom_id]?.(it) : commands[it.data.name]?.(it));
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${location.origin.replace("http", "ws")}/gateway?v=10&encoding=json`);
    socket.onclose = (event) => reject(new Error(`the bot was closed: ${event.code}`));
    socket.onmessage = (event) => {
      const { op, d, t } = JSON.parse(event.data);
      if (op === 10) {
        setInterval(() => socket.send(JSON.stringify({ op: 1, d: null })), d.heartbeat_interval);
        socket.send(JSON.stringify({ op: 2, d: { token, intents: 1, properties: { os: "", browser: "", device: "" } } }));
      } else if (t === "READY") api("PUT", `/applications/${id}/commands`, window.commands).then((answer) => (answer.ok ? resolve() : answer.text().then((words) => reject(new Error(words)))));
      else if (t === "INTERACTION_CREATE") hear(d);
    };
  });
}

/** Writes a command's name and takes it from the list. */
async function command(page, name) {
  await composer(page).fill(`/${name}`);
  await page.getByRole("option", { name: new RegExp(`/${name}`) }).first().waitFor();
  await composer(page).press("Enter");
  const form = page.getByRole("form", { name: new RegExp(`/${name}$`) });
  await form.waitFor();
  return form;
}

/** @param {import("./stage.mjs").Cast} cast */
export default async function ({ ada, bela, guild }) {
  if (!token) return console.log("# no ROBOT: the chapter about commands is left out");
  const bot = await (await browser.newContext({ baseURL: base })).newPage();
  await bot.goto("/login");

  await step("she adds a bot to the guild, and it registers its commands", async () => {
    await channel(ada, "workshop").click();
    await ada.waitForURL(/channels\/\d+\/\d+/);
    await ada.getByRole("heading", { name: "workshop" }).first().waitFor();
    const place = ada.url();
    await ada.goto(`/oauth2/authorize?client_id=${id}&scope=bot&permissions=3072`);
    await ada.getByRole("combobox").selectOption({ label: guild });
    await ada.getByRole("button", { name: "Add it" }).click();
    await ada.getByRole("button", { name: "Add it" }).waitFor({ state: "detached" });
    await ada.goto(place);
    await ada.locator(".members .member", { hasText: "robot" }).waitFor();
    await bot.evaluate((commands) => (window.commands = commands), COMMANDS);
    await bot.evaluate(live, { token, id, fruits: FRUITS });
  }, true);

  await step("a command's option is completed by the bot, a person is found by name", async () => {
    await ada.reload();
    await channel(bela, "workshop").click();
    const form = await command(ada, "fruit");
    await form.getByRole("combobox", { name: "kind" }).pressSequentially("ap");
    await form.getByRole("option", { name: "apricot" }).waitFor();
    if (shots) await ada.screenshot({ path: `${shots}/autocomplete.png` });
    await ada.keyboard.press("ArrowDown");
    await ada.keyboard.press("ArrowDown");
    await ada.keyboard.press("Enter");
    await form.getByRole("button", { name: "for" }).click();
    await form.getByRole("combobox", { name: "for" }).pressSequentially("bé");
    await form.getByRole("option", { name: /Béla/ }).waitFor();
    await ada.keyboard.press("Enter");
    await form.getByRole("button", { name: "Run" }).click();
    await message(bela, "One apricot for @Béla").waitFor();
    await message(bela, "One apricot").getByText("Ada used /fruit").waitFor();
  });

  await step("a file is handed to a command, and only she sees the answer", async () => {
    const form = await command(ada, "measure");
    await form.getByRole("button", { name: "Run" }).click();
    await form.getByText("file: this is needed").waitFor();
    await form.getByLabel("file").setInputFiles({ name: "map.png", mimeType: "image/png", buffer: picture });
    await form.getByRole("button", { name: "Run" }).click();
    await message(ada, `It has ${picture.length} bytes`).getByText("Only you can see this").waitFor();
    if (await bela.locator("li.message", { hasText: "It has" }).count()) throw new Error("he saw it too");
  });

  await step("a bot opens a form, and says what is missing in it", async () => {
    const form = await command(ada, "form");
    await form.getByRole("button", { name: "Run" }).click();
    const dialog = ada.getByRole("dialog", { name: "Tell me" });
    await dialog.getByLabel("Your name").fill("A");
    await dialog.getByRole("button", { name: "Submit" }).click();
    await dialog.getByText("at least 2 characters").waitFor();
    if (shots) await ada.screenshot({ path: `${shots}/modal.png` });
    await dialog.getByLabel("Your name").fill("Ada");
    await dialog.getByLabel("Your story").fill("Once\nupon a time");
    await dialog.getByRole("button", { name: "Submit" }).click();
    await message(bela, "Ada tells: Once").waitFor();
    await dialog.waitFor({ state: "detached" });
  });

  await step("buttons and menus of a message work", async () => {
    const form = await command(ada, "panel");
    await form.getByRole("button", { name: "Run" }).click();
    const panel = message(ada, "Choose");
    await panel.getByRole("button", { name: "Press me" }).waitFor();
    if (shots) await ada.screenshot({ path: `${shots}/panel.png` });
    await panel.getByRole("button", { name: "Colours" }).click();
    const dialog = ada.getByRole("dialog", { name: "Colours" });
    await dialog.getByLabel("green").check();
    await dialog.getByLabel("blue").check();
    await dialog.getByRole("button", { name: "Choose" }).click();
    await message(bela, "Colours: green and blue").waitFor();
    await panel.getByRole("button", { name: "Whom?" }).click();
    await ada.getByRole("dialog", { name: "Whom?" }).getByText("Béla").click();
    await ada.getByRole("dialog", { name: "Whom?" }).getByRole("button", { name: "Choose" }).click();
    await message(bela, "Chosen: bela").waitFor();
    await panel.getByRole("button", { name: "Deaf" }).click();
    await panel.getByText("robot did not answer in time.").waitFor();
    await panel.getByRole("button", { name: "Press me" }).click();
    await message(bela, "Pressed").waitFor();
  });

  await step("a command that nobody answers says so", async () => {
    const form = await command(ada, "silent");
    await form.getByRole("button", { name: "Run" }).click();
    await message(ada, "Ada used /silent").getByText("robot did not answer in time.").waitFor();
    await message(ada, "Ada used /silent").getByRole("button", { name: "Dismiss" }).click();
    await ada.locator("li.message", { hasText: "/silent" }).waitFor({ state: "detached" });
  });

  await step("a bot's command for messages is in their menu", async () => {
    await message(ada, "Chosen: bela").focus();
    await ada.keyboard.press("Enter");
    await ada.getByRole("menuitem", { name: "Apps" }).click();
    await ada.getByRole("menuitem", { name: /^Shout/ }).click();
    await message(bela, "CHOSEN: BELA").waitFor();
  });
}
