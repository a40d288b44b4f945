// @ts-check
// Creating a guild, or joining one by its invite.

import { h } from "../dom.js";
import { text } from "../text.js";
import { sentence } from "../toast.js";
import { dialog, labelled, showProblems, valuesOf } from "./dialog.js";

/** The code in a link or in what somebody typed. @param {string} value */
const codeOf = (value) => value.trim().replace(/[?#].*$/, "").replace(/\/+$/, "").split("/").pop() ?? "";

/** @param {import("../app.js").App} app */
export function createGuild(app) {
  const submit = h("button", { type: "submit", class: "button primary" }, text.create);
  const form = h("form", { novalidate: true }, h("p", { class: "muted" }, text.guilds.createIntro), labelled({ name: "name", label: text.guilds.name, required: true, maxlength: 100 }), h("p", { class: "problem form-problem", role: "alert" }), h("footer", { class: "dialog-foot" }, submit));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    try {
      const guild = await app.rest.post("/guilds", { name: valuesOf(form).name.trim() });
      arrive(app, guild.id);
      box.close();
    } catch (error) {
      showProblems(form, error);
    } finally {
      submit.disabled = false;
    }
  });
  const problem = h("p", { class: "problem", role: "alert" });
  const join = h("form", { class: "join-form" }, h("h3", {}, text.guilds.joinTitle), labelled({ name: "code", label: text.guilds.inviteField, required: true }), problem, h("footer", { class: "dialog-foot" }, h("button", { type: "submit", class: "button" }, text.guilds.join)));
  join.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const invite = await app.rest.post(`/invites/${encodeURIComponent(codeOf(valuesOf(join).code))}`);
      arrive(app, invite.guild?.id ?? invite.guild_id);
      box.close();
    } catch (error) {
      problem.textContent = sentence(error);
    }
  });
  const box = dialog({ title: text.guilds.createTitle, content: [form, h("hr", {}), join], narrow: true });
}

/** Opens a guild as soon as the gateway has told of it. @param {import("../app.js").App} app @param {string} guild */
function arrive(app, guild) {
  const ready = () => app.store.guilds.has(guild) && !app.store.guilds.get(guild)?.unavailable;
  if (ready()) return app.open(guild);
  const watch = () => {
    if (!ready()) return;
    app.store.watchers.get("guilds")?.delete(watch);
    app.open(guild);
  };
  app.store.on("guilds", watch);
}
