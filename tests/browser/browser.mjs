// One Chromium, alone: no window, no account, no word to anyone but the pages under test.

import { chromium } from "playwright-core";
import { CHROMIUM } from "./places.mjs";

/** Headless and with a fresh folder of its own is how Playwright starts it already. */
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
];
/** Longest a page may take to do what is waited for. */
const WAIT_MS = 8_000;

export const DESKTOP = { width: 1200, height: 900 };
export const PHONE = { width: 360, height: 740 };

/** Starts it. */
export async function start() {
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
}

/** Every address the browser was told to fetch, and every title a tab has borne. */
export const traces = { addresses: new Set(), titles: new Set() };
/** Scripts that a page ran though nobody wrote them: what a professional typed was taken for one. */
export const intrusions = [];

/** A context of its own: French, and what `options` of Playwright say. */
export async function open(browser, options = {}) {
  const context = await browser.newContext({ locale: "fr-FR", viewport: DESKTOP, ...options });
  context.setDefaultTimeout(WAIT_MS);
  context.on("request", (request) => traces.addresses.add(request.url()));
  context.on("dialog", (dialog) => {
    intrusions.push(`${dialog.type()}: ${dialog.message()}`);
    dialog.dismiss();
  });
  context.on("page", (page) => page.on("domcontentloaded", async () => traces.titles.add(await page.title().catch(() => ""))));
  return context;
}
