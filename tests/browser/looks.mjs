// Every state looked at in every way of looking: axe finds nothing, nothing is cut off, controls are big enough; pictures.

import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { DESKTOP, open, PHONE } from "./browser.mjs";
import { check, hold, same } from "./checks.mjs";
import { PICTURES } from "./places.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** Least height of what is pressed, CSS pixels. */
const TARGET_MIN = 44;
/** Most lines that the menu and who is signed in take on a phone. */
const TOP_LINES_MAX = 2;

/** The ways: each is a browser set up as someone has it. Contrast is measured in each set of colours of ours, once. */
const WAYS = [
  { name: "at a desk", pictures: DESKTOP, options: {} },
  { name: "320 px wide, motion reduced", pictures: PHONE, options: { viewport: { width: 320, height: 640 }, reducedMotion: "reduce" }, narrow: true, lines: TOP_LINES_MAX, without: ["color-contrast"] },
  { name: "zoomed to 200 %, dark", options: { viewport: { width: 600, height: 450 }, deviceScaleFactor: 2, colorScheme: "dark" }, narrow: true },
  { name: "320 px wide, words 40 % longer, right to left", pictures: PHONE, options: { viewport: { width: 320, height: 640 } }, narrow: true, mirrored: true },
  { name: "forced colours, JavaScript off", options: { forcedColors: "active" }, plain: true, without: ["color-contrast"] },
];

/** Longest a state may take to be looked at in one way: what runs in a page has no limit of its own. */
const LOOK_MS_MAX = 25_000;

/** Loads without running a script, then lets axe run in what was loaded. */
async function loadPlain(page, state) {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setScriptExecutionDisabled", { value: true });
  const answer = await page.goto(state.path);
  await state.act?.(page);
  await session.send("Emulation.setScriptExecutionDisabled", { value: false });
  await session.detach();
  return answer;
}

/** Loads in words that are longer, as they would stand in a language written from right to left. */
async function loadMirrored(page, state) {
  await page.context().addCookies([{ name: "relais-langue", value: "qps", url: state.at.address }]);
  const answer = await page.goto(state.path);
  same(await page.evaluate(() => document.documentElement.lang), "qps", "the language of the page");
  await page.evaluate(() => (document.documentElement.dir = "rtl"));
  return answer;
}

async function load(page, state, way) {
  if (way.plain) return loadPlain(page, state);
  if (way.mirrored) return loadMirrored(page, state);
  const answer = await page.goto(state.path);
  await state.act?.(page);
  return answer;
}

async function violations(page, without = []) {
  await page.evaluate(AXE);
  const found = await page.evaluate(async ([values, without]) => {
    const rules = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]));
    const options = { runOnly: { type: "tag", values }, rules, resultTypes: ["violations"], preload: false, iframes: false };
    const { violations } = await window.axe.run(document, options);
    return violations.map(({ id, help, nodes }) => `${id} (${help}): ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" ; ")}`);
  }, [RULES, without]);
  return found;
}

/** In the page: what is wrong with its shape. */
function shape({ narrow, min, lines }) {
  const wrong = [];
  const root = document.documentElement;
  if (narrow && root.scrollWidth > root.clientWidth) {
    const out = ({ left, right, width }) => width > 0 && (right > root.clientWidth + 1 || left < -1);
    const wide = [...document.querySelectorAll("body *")].find((node) => !node.matches(".skip, .visually-hidden") && out(node.getBoundingClientRect()));
    wrong.push(`${root.scrollWidth} px wide in ${root.clientWidth}: ${wide?.outerHTML.slice(0, 120)}`);
  }
  const pressed = document.querySelectorAll("button, .button, summary, input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea, .choice, .row");
  for (const control of pressed) {
    const { width, height } = control.getBoundingClientRect();
    const shown = width > 1 && control.checkVisibility({ visibilityProperty: true });
    if (shown && height < min - 0.5) wrong.push(`${Math.round(height)} px high: ${control.outerHTML.slice(0, 120)}`);
  }
  const top = [...document.querySelectorAll(".top .brand, .top nav li, .who > *")].map((node) => Math.round(node.getBoundingClientRect().top));
  if (new Set(top).size > lines) wrong.push(`the menu takes ${new Set(top).size} lines`);
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
  return wrong;
}

/** In the page: whether anything moves although motion is to be reduced. */
function moving() {
  const nodes = [...document.querySelectorAll("button, a, .choice, summary")];
  const slow = nodes.find((node) => /[1-9]/.test(getComputedStyle(node).transitionDuration) || getComputedStyle(node).animationName !== "none");
  return slow ? [`moves: ${slow.outerHTML.slice(0, 120)}`] : [];
}

async function look(page, state, way, number) {
  const wrong = [];
  const answer = await load(page, state, way);
  const status = state.status ?? 200;
  if (answer.status() !== status) return [`${way.name}: answers ${answer.status()}`];
  if (!way.mirrored) wrong.push(...(await violations(page, way.without)));
  wrong.push(...(await page.evaluate(shape, { narrow: way.narrow, min: TARGET_MIN, lines: way.lines })));
  if (way.options.reducedMotion) wrong.push(...(await page.evaluate(moving)));
  if (way.pictures) {
    const before = page.viewportSize();
    await page.setViewportSize(way.pictures);
    const suffix = way.mirrored ? "droite-a-gauche" : way.pictures.width;
    const file = `${String(number).padStart(2, "0")}-${state.name}-${suffix}.png`;
    await page.screenshot({ path: join(PICTURES, file), fullPage: true });
    await page.setViewportSize(before);
  }
  if (state.prints && way.pictures === DESKTOP) {
    await page.emulateMedia({ media: "print" });
    await page.screenshot({ path: join(PICTURES, `${String(number).padStart(2, "0")}-${state.name}-papier.png`), fullPage: true });
    wrong.push(...(await page.evaluate(() => [...document.querySelectorAll(".top, .bottom, main button")].filter((node) => node.checkVisibility()).map((node) => `printed: ${node.outerHTML.slice(0, 80)}`))));
    await page.emulateMedia({ media: null });
  }
  return wrong.map((one) => `${way.name}: ${one}`);
}

function inTime(work, what) {
  let late;
  const limit = new Promise((_, reject) => {
    late = setTimeout(() => reject(new Error(`${what}: not done in time`)), LOOK_MS_MAX);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(late));
}

/** A page per house and way, each opened once. */
function seats(browser) {
  const open_ones = new Map();
  const take = (state, way) => {
    const key = `${state.house?.account ?? ""} ${way.name}`;
    if (!open_ones.has(key)) {
      const options = { baseURL: state.at.address, storageState: state.house?.cookies, ...way.options };
      open_ones.set(key, open(browser, options).then((context) => context.newPage()));
    }
    return open_ones.get(key);
  };
  const close = async () => {
    for (const page of open_ones.values()) await (await page).context().close();
  };
  return { take, close };
}

/** A fault is put on a page: what finds nothing must find it. */
async function canary(browser, state) {
  await check("a fault put on a page is found", async () => {
    const page = await (await open(browser, { baseURL: state.at.address })).newPage();
    await loadPlain(page, state);
    await page.evaluate(() => {
      document.querySelector("main").insertAdjacentHTML("beforeend", '<img src="/x"><button id="petit"></button><input>');
      document.getElementById("petit").style.cssText = "min-block-size: 0; block-size: 12px; padding: 0";
    });
    const found = (await violations(page)).map((one) => one.split(" ")[0]);
    for (const rule of ["image-alt", "button-name", "label"]) hold(found.includes(rule), `${rule} is not seen: ${found}`);
    const wrong = await page.evaluate(shape, { narrow: false, min: TARGET_MIN });
    hold(wrong.some((one) => one.includes("petit")), `a small button is not seen: ${wrong}`);
    await page.context().close();
  });
}

/** Looks at all of them. */
export async function lookAtAll(browser, states) {
  if (states.length > 0) await canary(browser, states[0]);
  rmSync(PICTURES, { recursive: true, force: true });
  mkdirSync(PICTURES, { recursive: true });
  const { take, close } = seats(browser);
  for (const [at, state] of states.entries()) {
    await check(`looks right and reads right in its ways: ${state.name}`, async () => {
      // What is done first is done by its French words.
      const looks = WAYS.filter((way) => !way.mirrored || !state.act).map(async (way) => inTime(look(await take(state, way), state, way, at + 1), way.name));
      const settled = await Promise.allSettled(looks);
      const wrong = settled.flatMap((one) => (one.status === "fulfilled" ? one.value : [one.reason.message.split("\n")[0]]));
      hold(wrong.length === 0, [...new Set(wrong)].join("\n"));
    });
  }
  await close();
}
