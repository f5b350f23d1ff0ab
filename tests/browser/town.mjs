// The town of the demo, made ready: everyone signed in, one more service, walk-ins welcome, persons to follow.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as demo from "./demo.mjs";
import { button, field, signInOnce, sit } from "./desk.mjs";
import { RELAIS, ROOT } from "./places.mjs";

/** A need that two structures answer, so that who refuses can name a better door. */
export const SHARED = { theme: "numerique--maitriser-les-fondamentaux-du-numerique", service: "Apprendre les bases du numérique" };
/** A need whose service takes who comes without an appointment. */
export const WALK_IN = { theme: "numerique--acquerir-un-equipement", id: "relais-demo--ec-equipement" };
/** Who is followed; names that stand in no address, title or store of the browser. */
export const FOLLOWED = [
  { given: "Bahija", family: "Kaddour", phone: "0639981200" },
  { given: "Bastien", family: "Moreau", phone: "0639981201" },
  { given: "Basile", family: "Nguyen", phone: "0639981202" },
];
/** Who is met for the first time. */
export const NEW = { given: "Nadia", family: "B", phone: "0639981234" };

/** Starts the demo and makes it ready. */
export async function prepare(browser) {
  const town = await demo.start();
  try {
    const houses = [town.agency, town.hub, town.reading];
    await Promise.all([...houses.map((house) => signInOnce(browser, house)), publish(town.reading), welcome(town.hub)]);
    const page = await sit(browser, town.agency);
    for (const person of FOLLOWED) await follow(page, person);
    await page.close();
    return town;
  } catch (error) {
    await town.stop();
    throw error;
  }
}

/** Publishes one more service of a structure, made from its first one. */
async function publish(house) {
  const file = JSON.parse(readFileSync(join(ROOT, "node/cli/demo/lecture.json"), "utf8"));
  const more = { id: "relais-demo--le-numerique", nom: "Numérique facile", thematiques: [SHARED.theme] };
  file.services.push({ ...file.services[0], ...more });
  const child = spawn(RELAIS, ["--folder", house.folder, "--json", "service", "import", "-"], { stdio: ["pipe", "ignore", "inherit"] });
  child.stdin.end(JSON.stringify(file));
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`the service was not published: ${code}`);
}

async function welcome(house) {
  await demo.command(house, "service", "offer", WALK_IN.id, "--hours", "Tu,Th 14:00-17:00", "--places", "5");
}

/** Begins to follow a person. */
export async function follow(page, person) {
  await page.goto("/personnes/nouvelle");
  await field(page, "agreement-first-name").fill(person.given);
  await page.locator("#champ-initiale").fill(person.family);
  await field(page, "agreement-detail").fill(person.phone);
  await button(page, "follow-act").click();
  await page.waitForURL(/\/personnes\/[0-9a-f]{32}/);
  person.path = new URL(page.url()).pathname;
}
