// What a professional does at the desk that no journey measures: signing in, beginning, waiting for the other node.

import { open } from "./browser.mjs";
import { say } from "./words.mjs";

const PASSWORD = "girafe-bouton-marmite-7";
const ARRIVAL_MS_MAX = 15_000;
const LOOK_MS = 150;

export function button(page, key) {
  return page.getByRole("button", { name: say(key), exact: true });
}

export function link(page, key) {
  return page.getByRole("link", { name: say(key), exact: true });
}

export function field(page, key) {
  return page.getByLabel(say(key), { exact: true });
}

/** Opens an account by its one-time link and sets its password; keeps its cookie in `house.cookies`. */
export async function signInOnce(browser, house) {
  const context = await open(browser);
  const page = await context.newPage();
  await page.goto(house.link);
  await button(page, "link-act").click();
  await field(page, "password-new").fill(PASSWORD);
  await button(page, "password-act").click();
  await page.waitForURL((address) => !/^\/(mot-de-passe|lien)/.test(address.pathname));
  house.cookies = await context.storageState();
  await context.close();
}

/** Signs in by name and password, in the page that stands open. */
export async function signIn(page, house) {
  await field(page, "sign-in-name").fill(house.account);
  await field(page, "sign-in-password").fill(PASSWORD);
  await button(page, "sign-in-act").click();
}

/** Contexts that are open: to open one costs the browser more than many pages in it. */
const contexts = new Map();

/** A page of a house, whose professional is signed in unless `options` say otherwise. */
export async function sit(browser, house, options = {}) {
  const all = { storageState: house.cookies, baseURL: house.address, ...options };
  const key = JSON.stringify(all);
  if (!contexts.has(key)) contexts.set(key, open(browser, all));
  return (await contexts.get(key)).newPage();
}

/**
 * Goes to the services that answer a need: the chosen service is where the measured journeys start. `person` reads on the way. What is urgent
 * stands first among what is to do.
 */
export async function reachServices(page, theme, person) {
  await page.goto("/");
  await link(page, "new-referral").click();
  await person?.look();
  await field(page, "urgency-now").check();
  await page.getByRole("button", { name: say(`theme-${theme}`), exact: true }).first().click();
  await page.waitForURL(/\/service$/);
}

/** The button of a service that stands under `key`. */
export function ofService(page, service, key) {
  return page.getByRole("listitem").filter({ hasText: service }).getByRole("button", { name: say(key), exact: true });
}

/** The thread that the page at `address` is about. */
export function threadOf(address) {
  const found = /\/orientations\/([0-9a-f]{32})(\/|\?|$)/.exec(address);
  if (!found) throw new Error(`no thread in ${new URL(address).pathname}`);
  return found[1];
}

/** Waits until a link to a thread stands on a page. */
export async function arrives(page, address, thread) {
  const row = page.locator(`main a[href^="/orientations/${thread}"]`).first();
  const until = Date.now() + ARRIVAL_MS_MAX;
  for (;;) {
    await page.goto(address);
    if (await row.count()) return row;
    if (Date.now() > until) throw new Error(`nothing of the thread stands on ${address}`);
    await page.waitForTimeout(LOOK_MS);
  }
}
