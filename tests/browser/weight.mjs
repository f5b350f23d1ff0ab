// What a page costs and what it tells the browser: bytes over the wire, time of the server, headers, traces left behind.

import { open, traces } from "./browser.mjs";
import { check, hold, same } from "./checks.mjs";
import { FOLLOWED, NEW } from "./town.mjs";

const FIRST_LOAD_BYTES_MAX = 60_000;
const LATER_LOAD_BYTES_MAX = 15_000;
// One sample of a debug build on a busy machine; the target of 200 ms is for p95 of the release build.
const SERVER_MS_MAX = 600;
/** How long a page may still load after it is loaded. */
const AFTER_LOAD_MS = 60;
/** What every answer says, and how it begins. */
const HEADERS = {
  "content-security-policy": "default-src 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=()",
  "cache-control": "no-store",
};
const CSP = ["frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"];

/** The bytes that came over the wire for whatever `act` loads. */
async function bytes(page, act) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  let sum = 0;
  session.on("Network.loadingFinished", (event) => (sum += event.encodedDataLength));
  const answer = await act();
  // The icon is asked for after everything else.
  await page.waitForTimeout(AFTER_LOAD_MS);
  await session.detach();
  return { answer, sum };
}

function judge(state, answer) {
  const headers = answer.headers();
  for (const [name, value] of Object.entries(HEADERS)) {
    hold(headers[name]?.startsWith(value), `${name}: ${headers[name] ?? "missing"}`);
  }
  for (const rule of CSP) hold(headers["content-security-policy"].includes(rule), `no ${rule}`);
  hold(!/unsafe|\*|data:|https?:/.test(headers["content-security-policy"]), "the policy lets something in");
  hold(headers["content-type"] === "text/html; charset=utf-8", `content-type: ${headers["content-type"]}`);
  hold(["br", "gzip", "zstd", "deflate"].includes(headers["content-encoding"]), "not compressed");
  hold(!headers["set-cookie"], "a cookie is set by looking");
  hold(!headers.server && !headers["x-powered-by"], "the server names itself");
}

async function kept(page) {
  return page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
}

/** Weighs the first load, then every page once the files are there. */
export async function weighAll(browser, states) {
  const spent = { first: 0, later: 0, slowest: 0 };
  const pages = new Map();
  for (const state of states.filter((one) => !one.act)) {
    await check(`weight, time and headers: ${state.name}`, async () => {
      const key = state.house?.account ?? "";
      const isFirst = !pages.has(key);
      if (isFirst) {
        const context = await open(browser, { baseURL: state.at.address, storageState: state.house?.cookies });
        pages.set(key, await context.newPage());
      }
      const page = pages.get(key);
      const { answer, sum } = await bytes(page, () => page.goto(state.path));
      const most = isFirst ? FIRST_LOAD_BYTES_MAX : LATER_LOAD_BYTES_MAX;
      hold(sum > 0 && sum <= most, `${sum} bytes, at most ${most}`);
      const timing = answer.request().timing();
      const server = timing.responseStart - timing.requestStart;
      spent[isFirst ? "first" : "later"] = Math.max(spent[isFirst ? "first" : "later"], sum);
      spent.slowest = Math.max(spent.slowest, server);
      hold(server <= SERVER_MS_MAX, `${Math.round(server)} ms of the server, at most ${SERVER_MS_MAX}`);
      judge(state, answer);
      same(/[?&](?!voir|page)/.test(new URL(page.url()).search), false, "the address says more than which list");
      const names = new RegExp([...FOLLOWED, NEW].flatMap(({ given, phone }) => [given, phone]).join("|"));
      hold(!names.test(await kept(page)), "a person's name or number is kept in the browser");
    });
  }
  for (const page of pages.values()) await page.context().close();
  return spent;
}

/** After everything: no request left the houses, and nothing personal stands in an address or a title. */
export async function judgeTraces(town) {
  const houses = [town.agency, town.hub, town.reading].map(({ address }) => address);
  await check("no request went to another origin", () => {
    const foreign = [...traces.addresses].filter((address) => !houses.includes(new URL(address).origin) && !address.startsWith("data:"));
    hold(traces.addresses.size > 100 && foreign.length === 0, foreign.slice(0, 5).join("\n"));
  });
  await check("no name or number stands in an address or a title", () => {
    const personal = [...FOLLOWED, NEW].flatMap(({ given, phone }) => [given, phone]).concat("Kaddour", "Moreau", "Nguyen");
    const said = [...traces.addresses, ...traces.titles].map(decodeURIComponent);
    const found = said.filter((text) => personal.some((one) => text.includes(one)));
    hold(traces.titles.size > 5 && found.length === 0, found.slice(0, 5).join("\n"));
  });
}
