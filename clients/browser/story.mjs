// The person's story, in real browsers: two people meet in a guild and see each other's doings live.
//
//   GUILDHALL_URL   where the server is, default http://127.0.0.1:8080; registration has to be open
//   CHROMIUM        the browser, default /usr/bin/chromium
//   SHOTS           a folder for screenshots of failures (and of the end), default none
//   ROBOT           token of a bot, in no guild yet, for the chapter about commands; without it that is left out
//   STAFF           token of a member of staff, for what they do with queues; without it that is left out
//   ASSETS          crates/chat/assets, to try changes of scripts and styles without building
//   CHAPTERS        only these, separated by spaces (arriving always comes first), default all
//
// Prints one line per step and ends with 1 when a step failed.

import process from "node:process";
import { browser, failures, number, pages, person, shots, stamp } from "./stage.mjs";

const CHAPTERS = ["talking", "reading", "plain", "robots", "friends", "order", "standing", "keyboard", "phone", "guarding", "entering", "working", "keeping"];

const cast = { ada: await person("Ada", { width: 1280, height: 800 }), bela: await person("Béla", { width: 1280, height: 800 }), guild: `Story ${stamp}` };
const wanted = process.env.CHAPTERS?.split(" ") ?? CHAPTERS;
for (const name of ["arriving", ...CHAPTERS.filter((chapter) => wanted.includes(chapter))]) {
  const chapter = await import(`./${name}.mjs`);
  await chapter.default(cast);
}

const open = [...pages.entries()].filter(([, page]) => !page.isClosed());
if (shots) for (const [index, page] of open) await page.screenshot({ path: `${shots}/end-${index}.png` });
await browser.close();
if (failures.length) {
  console.log(`\n${failures.length} failed:\n  ${failures.join("\n  ")}`);
  process.exit(1);
}
console.log(`\nall ${number} steps passed`);
