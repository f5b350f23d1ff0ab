// Checks: one line each, none stops the others, and a count at the end.

/** What was checked so far. */
export const counts = { passed: 0, failed: 0 };
const failures = [];

/** Runs one check; answers what `body` answers, or nothing when it failed. */
export async function check(title, body) {
  try {
    const answer = await body();
    counts.passed += 1;
    console.log(`ok      ${title}`);
    return answer;
  } catch (error) {
    counts.failed += 1;
    const why = String(error?.message ?? error).replaceAll(/\u001b\[\d+m/g, "").trim();
    failures.push(`${title}\n        ${why.split("\n").slice(0, 12).join("\n        ")}`);
    console.log(`FAILED  ${failures.at(-1)}`);
    return undefined;
  }
}

/** Fails unless `truth` holds. */
export function hold(truth, why) {
  if (!truth) throw new Error(why);
}

/** Fails unless both are the same. */
export function same(found, wanted, what) {
  hold(found === wanted, `${what}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
}

/** The failures again, and the count, which `tests/run` reads. */
export function conclude() {
  if (failures.length > 0) console.log(`\nWhat failed in the browser:\n${failures.map((one) => `- ${one}`).join("\n")}`);
  console.log(`\nbrowser: ${counts.passed} passed, ${counts.failed} failed`);
}
