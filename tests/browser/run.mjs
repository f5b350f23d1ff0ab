// Plays the desk in a real browser against real nodes: `node run.mjs` in this folder, after `npm ci` here and
// `cargo build --workspace --bins` at the root. Prints one line per check, then what each journey cost.

import * as badInput from "./bad_input.mjs";
import { start } from "./browser.mjs";
import { conclude, counts } from "./checks.mjs";
import * as journeys from "./journeys.mjs";
import * as live from "./live.mjs";
import { lookAtAll } from "./looks.mjs";
import * as states from "./states.mjs";
import { prepare } from "./town.mjs";
import { judgeTraces, weighAll } from "./weight.mjs";

const browser = await start();
const began = Date.now();
let town;
let spent;
try {
  town = await prepare(browser);
  await phase("journeys", () => journeys.playAll(browser, town));
  await phase("live", () => live.playAll(browser, town));
  const known = await phase("states", () => states.all(browser, town));
  spent = await phase("weight", () => weighAll(browser, known));
  await phase("looks and bad input", () => Promise.all([lookAtAll(browser, known), badInput.tryAll(browser, town)]));
  await judgeTraces(town);
} finally {
  await browser.close();
  await town?.stop();
}

async function phase(name, play) {
  const from = Date.now();
  const answer = await play();
  console.log(`        ${name}: ${Math.round((Date.now() - from) / 1000)} s`);
  return answer;
}

console.log(`\n${journeys.table()}`);
if (spent) console.log(`\nfirst load ${spent.first} bytes, later at most ${spent.later}; slowest page ${Math.round(spent.slowest)} ms of the server`);
console.log(`${Math.round((Date.now() - began) / 1000)} s in all`);
conclude();
process.exitCode = counts.failed === 0 ? 0 : 1;
