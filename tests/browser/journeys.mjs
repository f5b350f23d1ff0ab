// The measured journeys of a professional's day, each played with the mouse and again by keyboard alone.
//
// A journey of a referral is measured from the chosen service to the receipt. A1 counts finding the person too, as who is
// known is found before the need is named; what the need and the service cost to choose is outside the clock.

import { check, hold } from "./checks.mjs";
import { arrives, button, field, link, ofService, reachServices, sit, threadOf } from "./desk.mjs";
import { Person } from "./klm.mjs";
import { FOLLOWED, NEW, SHARED, WALK_IN } from "./town.mjs";
import { say, within } from "./words.mjs";

/** Most that each journey may cost. */
export const TARGETS = {
  A1: { interactions: 7, characters: 4, average: 21, unfamiliar: 25, words: 120, screens: 3 },
  A2: { interactions: 9, characters: 21, average: 33, unfamiliar: 52, words: 150, screens: 3 },
  A3: { interactions: 5, characters: 0, average: 15, unfamiliar: 15, words: 100, screens: 2 },
  B: { interactions: 2, characters: 0, average: 6, unfamiliar: 6, words: 60, screens: 1 },
  "B'": { interactions: 4, characters: 0, average: 11, unfamiliar: 11, words: 80, screens: 1 },
  C: { interactions: 5, characters: 4, average: 16, unfamiliar: 19, words: 100, screens: 2 },
  D: { interactions: 1, characters: 0, average: 3, unfamiliar: 3, words: 30, screens: 1 },
};
const NAMES = {
  A1: "refer a person who is known", A2: "refer someone new", A3: "give a slip without a name", B: "accept",
  "B'": "refuse, with a reason and a better door", C: "hand a person over", D: "see what became of it",
};
/** What was measured, to be printed at the end. */
export const measured = [];
/** Threads that the journeys made, for those who look at pages later. */
export const made = {};

/** Ticks what a person agreed to, and how. */
async function agree(person, bundles) {
  for (const key of [...bundles, "how-oral"]) await person.choose(field(person.page, key));
}

async function a1(page, by) {
  const followed = FOLLOWED[by === "mouse" ? 0 : 1];
  const person = new Person(page, by);
  await page.goto("/personnes");
  await person.start();
  await person.type(field(page, "people-search"), followed.given.slice(0, 4));
  await person.enter();
  const row = page.locator("main li").filter({ hasText: followed.given });
  const direct = row.locator('a[href*="nouvelle?suivi="]');
  if (!(await direct.count())) await person.press(row.getByRole("link").first());
  await person.press(page.locator('main a[href*="nouvelle?suivi="]').first());
  await person.stop();
  await page.getByRole("button", { name: say(`theme-${SHARED.theme}`), exact: true }).first().click();
  await page.waitForURL(/\/service$/);
  await person.start();
  await person.press(ofService(page, SHARED.service, "service-choose"));
  await agree(person, ["bundle-need", "bundle-contact"]);
  await person.read();
  await person.press(button(page, "agreement-send"));
  await page.waitForURL(/\/envoyee$/);
  return person;
}

async function a2(page, by) {
  const person = new Person(page, by);
  await reachServices(page, SHARED.theme, person);
  await person.start();
  await person.press(ofService(page, SHARED.service, "service-choose"));
  await person.type(field(page, "agreement-first-name"), NEW.given);
  await person.type(field(page, "agreement-initial"), NEW.family);
  await person.type(field(page, "agreement-detail"), NEW.phone);
  await agree(person, ["bundle-need", "bundle-contact"]);
  await person.read();
  await person.press(button(page, "agreement-send"));
  await page.waitForURL(/\/envoyee$/);
  return person;
}

async function a3(page, by) {
  const person = new Person(page, by);
  await reachServices(page, WALK_IN.theme, person);
  await person.start();
  await person.press(button(page, "service-slip").first());
  await agree(person, ["bundle-need"]);
  await person.read();
  await person.press(button(page, "agreement-slip-send"));
  await page.waitForURL(/\/envoyee$/);
  hold((await page.locator("main").innerText()).includes(say("sent-walk-in")), "no slip was made");
  return person;
}

async function b(page, by, thread) {
  const row = await arrives(page, "/", thread);
  const person = new Person(page, by);
  await person.start();
  await person.press(row);
  await person.press(button(page, "act-accept"));
  hold(within("waiting-accept").test(await page.locator("main").innerText()), "it is not accepted");
  return person;
}

async function refuse(page, by, thread) {
  const row = await arrives(page, "/", thread);
  const person = new Person(page, by);
  await person.start();
  await person.press(row);
  await person.press(page.locator("summary").filter({ hasText: say("act-refuse") }));
  await person.choose(page.getByRole("radio", { name: say("reason-full"), exact: true }));
  await person.press(page.getByRole("button", { name: within("do-refuse-door") }).first());
  await page.waitForURL(/fait=refuser|fait=/);
  hold((await page.locator("main").innerText()).includes(say("done-refuse")), "it is not refused");
  return person;
}

async function c(page, by) {
  const followed = FOLLOWED[by === "mouse" ? 1 : 2];
  const person = new Person(page, by);
  await page.goto(followed.path);
  await person.look();
  await link(page, "handover-title").click();
  await person.start();
  await person.press(ofService(page, SHARED.service, "service-choose"));
  await agree(person, ["bundle-need", "handover-bundle"]);
  await person.read();
  await person.press(button(page, "handover-send"));
  await page.waitForURL(/\/orientations\/[0-9a-f]{32}/);
  return person;
}

async function d(page, by, thread) {
  await arrives(page, "/", thread);
  const row = page.locator("h2 ~ ul.rows a.row").first();
  const person = new Person(page, by);
  await person.start();
  await person.press(row);
  hold(/accepté|refusé/.test(await page.locator("main").innerText()), "it does not say what became of it");
  return person;
}

/** Fails when a journey costs more than it may. */
function keepWithin(figures, targets) {
  const over = Object.entries(targets).filter(([name, most]) => figures[name] > most + 1e-9);
  const said = over.map(([name, most]) => `${name} ${Math.round(figures[name] * 10) / 10}, at most ${most}`);
  hold(over.length === 0, `${said.join("; ")}\nwords newly shown: ${figures.fresh.join(" | ")}`);
}

async function journey(name, by, options, play) {
  const how = options.scripts === false ? "without JavaScript" : by === "mouse" ? "by mouse" : "by keyboard";
  let thread;
  await check(`${name} ${how}: ${NAMES[name]}`, async () => {
    const page = await sit(options.browser, options.house, { javaScriptEnabled: options.scripts !== false });
    try {
      const person = await play(page, by);
      const figures = await person.figures();
      measured.push({ name, how, figures });
      thread = threadOf(page.url());
      keepWithin(figures, TARGETS[name]);
    } finally {
      await page.close();
    }
  });
  return thread;
}

/** Plays them all between the agency and the hub. */
export async function playAll(browser, { agency, hub }) {
  const at = (house, scripts = true) => ({ browser, house, scripts });
  for (const by of ["mouse", "keyboard"]) {
    const known = await journey("A1", by, at(agency), a1);
    const unknown = await journey("A2", by, at(agency), a2);
    made.slip = await journey("A3", by, at(agency), a3);
    await journey("B", by, at(hub), (page) => b(page, by, unknown));
    await journey("B'", by, at(hub), (page) => refuse(page, by, known));
    made.handover = await journey("C", by, at(agency), c);
    await journey("D", by, at(agency), (page) => d(page, by, known));
    Object.assign(made, { accepted: unknown, refused: known });
  }
  const plain = await journey("A2", "mouse", at(agency, false), a2);
  await journey("B", "mouse", at(hub, false), (page) => b(page, "mouse", plain));
  Object.assign(made, { plain });
}

/** A table of what was measured beside what may be. */
export function table() {
  const columns = ["interactions", "characters", "average", "unfamiliar", "words", "screens"];
  const shown = (figures, name) => (["average", "unfamiliar"].includes(name) ? figures[name].toFixed(1) : String(figures[name]));
  const lines = [`${"journey".padEnd(24)}${["acts", "chars", "average s", "unfam. s", "words", "screens"].map((head) => head.padStart(15)).join("")}`];
  for (const { name, how, figures } of measured) {
    const cells = columns.map((column) => `${shown(figures, column)} ≤ ${TARGETS[name][column]}`.padStart(15));
    lines.push(`${`${name} ${how}`.padEnd(24)}${cells.join("")}`);
  }
  return lines.join("\n");
}
