// @ts-check
// Creating a guild, or joining one by its invite.

import { fill, h } from "../dom.js";
import { arrive, inviteCard } from "../invite-card.js";
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
  const preview = h("div", {});
  const join = h("form", { class: "join-form" }, h("h3", {}, text.guilds.joinTitle), labelled({ name: "code", label: text.guilds.inviteField, required: true }), preview, problem, h("footer", { class: "dialog-foot" }, h("button", { type: "submit", class: "button" }, text.guilds.join)));
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
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  join.addEventListener("input", () => {
    clearTimeout(timer);
    problem.textContent = "";
    timer = setTimeout(() => {
      const code = codeOf(valuesOf(join).code);
      fill(preview, code ? inviteCard(app, code, false) : null);
    }, 300);
  });
  const box = dialog({ title: text.guilds.createTitle, content: [form, h("hr", {}), join], narrow: true });
}
