// Three real nodes with their pages: `relais demo`, which stays up until it is told to stop.

import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { RELAIS } from "./places.mjs";

const START_MS_MAX = 60_000;
const STOP_MS_MAX = 10_000;
const run = promisify(execFile);

/** The professionals of the demo by the part they play here, as their accounts are called. */
const PARTS = { agency: "claire", hub: "samir", reading: "odile" };

/** Starts the demo; answers its three houses and how to stop it. */
export async function start() {
  const child = spawn(RELAIS, ["demo", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
    await ended;
    clearTimeout(late);
  };
  try {
    return { ...(await told(child, ended)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What the demo says until its pages are up. */
function told(child, ended) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("the demo did not come up in time")), START_MS_MAX);
    let folders = [];
    ended.then((code) => reject(new Error(`the demo ended early: ${code}`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const event = JSON.parse(line);
      if (event.ok === false) reject(new Error(`a step of the demo did not come true: ${line}`));
      if (event.folders) folders = event.folders;
      if (event.step !== "pages") return;
      clearTimeout(late);
      const houses = Object.entries(PARTS).map(([part, account]) => {
        const at = event.pages.findIndex((page) => page.account === account);
        const { address, link, structure, professional } = event.pages[at];
        return [part, { address, link, structure, professional, account, folder: folders[at] }];
      });
      resolve(Object.fromEntries(houses));
    });
  });
}

/** What a command of the program answers about a house. */
export async function command(house, ...words) {
  const { stdout } = await run(RELAIS, ["--folder", house.folder, "--json", ...words]);
  return JSON.parse(stdout);
}
