// What the stories share: numbered steps, and how many of them went wrong.

let number = 0;
let failed = 0;

/** Runs one step and says what came of it; a failure is counted, and the answer is then nothing. */
export async function step(name, work) {
  number++;
  try {
    const result = await work();
    console.log(`ok ${number} - ${name}`);
    return result;
  } catch (error) {
    failed++;
    console.log(`not ok ${number} - ${name}\n    ${String(error.stack ?? error).split("\n").slice(0, 6).join("\n    ")}\n    ${JSON.stringify(error.cause ?? null)?.slice(0, 400)}`);
  }
}

export function check(condition, what) {
  if (!condition) throw new Error(`expected: ${what}`);
}

/** Prints the sum and gives the exit code. */
export function summary() {
  console.log(`${number - failed} passed, ${failed} failed`);
  return failed ? 1 : 0;
}
