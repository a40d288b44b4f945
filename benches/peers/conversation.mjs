// What every program of a peer does: enqueue, say "ready", wait for a line, work, say how much CPU time that took.
import { createInterface } from "node:readline";

export function conversation() {
  const [url, jobs, width, connections] = process.argv.slice(2);
  const ready = () =>
    new Promise((resolve) => {
      console.log("ready");
      createInterface({ input: process.stdin }).once("line", () => {
        const before = process.cpuUsage();
        resolve(() => {
          const { user, system } = process.cpuUsage(before);
          console.log(`done ${(user + system) / 1e6}`);
          process.exit(0);
        });
      });
    });
  return { url, jobs: Number(jobs), width: Number(width), connections: Number(connections), ready };
}
