// What people, and programs that pretend to be people, put into forms. Whatever it is: no mark of it is obeyed, what was typed
// stays, the page says what is wrong and where, and nothing happens twice.

import { intrusions, open } from "./browser.mjs";
import { check, hold, same } from "./checks.mjs";
import { arrives, button, field, ofService, reachServices, signIn, sit, threadOf } from "./desk.mjs";
import { made } from "./journeys.mjs";
import { refer } from "./states.mjs";
import { FOLLOWED, NEW, SHARED } from "./town.mjs";
import { say, within } from "./words.mjs";

const SCRIPT = `"><script>alert("hacked")</script><img src=x onerror=alert("hacked")>{{7*7}}`;
const HOSTILE = {
  "nothing but spaces": "   ",
  "10 kB of emoji": "\u{1F600}".repeat(2_560),
  "bidi marks": "Ali\u202Ecba\u2066\u200F",
  "control characters": "a\u0001b\u0007c\u001b[31m",
  "a script": SCRIPT,
  "a formula": `=HYPERLINK("http://example.test","x")`,
  "a social security number": "2 84 05 17 300 123 45",
  "a phone number": "appelez le 06 39 98 12 34",
};
/** Longest until the page has kept what was typed. */
const KEPT_MS = 1_200;
/** Longer than any field takes, UTF-16 units. */
const LONG = 2_000;
/** What no note may hold; one that travels no phone number either. */
const NEVER = ["10 kB of emoji", "bidi marks", "control characters", "a social security number"];

/** Where what was received stands, the newest first. */
const RECEIVED = "/orientations?voir=recues";

/** Sends a form and answers the status of the page that comes. */
async function submit(page, control) {
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().isNavigationRequest() && response.status() !== 303),
    control.click(),
  ]);
  await page.waitForLoadState("load");
  return answer.status();
}

/** Holds that the page says what is wrong, as every page does, and that what was typed still stands there. */
async function saysWrong(page, sent = {}) {
  same(await page.evaluate(() => document.activeElement?.id), "erreurs", "the focus");
  const form = await page.locator("#erreurs.summary").count();
  for (const [name, typed] of Object.entries(sent)) {
    if (form) same((await page.locator(`#champ-${name}`).inputValue()).trim(), typed.trim(), `what was typed into ${name}`);
    else hold((await page.locator("#erreurs").innerText()).includes(typed.trim()), "what was typed is lost");
  }
  if (!form) return;
  hold(within("error-title").test(await page.title()), `the title is «${await page.title()}»`);
  const links = await page.locator("#erreurs a").evaluateAll((all) => all.map((one) => [one.getAttribute("href"), one.textContent]));
  hold(links.length > 0, "the summary names no field");
  for (const [href, words] of links) {
    hold((await page.locator(href).count()) === 1, `${href} leads nowhere`);
    hold((await page.locator(".mistake").filter({ hasText: words }).count()) > 0, `«${words}» does not stand beside its field`);
    hold(!/^[a-z_.]+: /.test(words), `«${words}» is not said in French`);
  }
}

/** A form: who opens it and how, which fields take text (each group is tried at once), and its button. */
function forms({ agency, hub }) {
  const fill = async (page, texts) => {
    for (const [name, text] of Object.entries(texts)) await page.locator(`#champ-${name}`).fill(text);
  };
  // A draft is opened again as long as it was not sent: what was refused can be mended.
  const drafts = { accord: "", relais: "" };
  const keep = async (page, which, begin) => {
    if (drafts[which]) await page.goto(drafts[which]);
    if (drafts[which] && new URL(page.url()).pathname === drafts[which]) return;
    await begin();
    await page.waitForURL(/\/accord$/);
    drafts[which] = new URL(page.url()).pathname;
  };
  const accord = async (page) => {
    await keep(page, "accord", async () => {
      await reachServices(page, SHARED.theme);
      await ofService(page, SHARED.service, "service-choose").click();
    });
    await page.locator("details:not([open]) > summary").filter({ hasText: say("agreement-more") }).click().catch(() => {});
    await fill(page, { prenom: NEW.given, initiale: NEW.family, joindre: NEW.phone, langues: "", note: "" });
    for (const key of ["bundle-need", "bundle-contact", "how-oral"]) await field(page, key).check();
  };
  const relais = (page) => keep(page, "relais", async () => {
    await page.goto(`${FOLLOWED[2].path}/relais`);
    await ofService(page, SHARED.service, "service-choose").click();
  });
  const follow = async (page) => {
    await page.goto("/personnes/nouvelle");
    await fill(page, { prenom: "Zoe", initiale: "Z", joindre: "0639981299" });
  };
  const at = (path) => (page) => page.goto(path);
  const departements = async (page) => {
    await page.goto("/structure/annuaire");
    await page.locator("summary").filter({ hasText: say("directory-choose") }).click();
    await field(page, "directory-choice-list").check();
  };
  return [
    { name: "the agreement", house: agency, open: accord, fields: [["prenom", "initiale", "joindre", "langues"], ["note"]], send: (page) => button(page, "agreement-send") },
    { name: "the need", house: agency, open: at("/orientations/nouvelle"), fields: [["commune"]], send: (page) => page.locator("button.tile").first() },
    { name: "a new person", house: agency, open: follow, fields: [["prenom", "initiale", "joindre", "langue"], ["note"]], own: true, send: (page) => button(page, "follow-act") },
    { name: "the search of persons", house: agency, open: at("/personnes"), fields: [["debut"]], searches: true, send: (page) => button(page, "people-find") },
    { name: "the handover", house: agency, open: relais, fields: [["reste"]], send: (page) => button(page, "handover-send") },
    { name: "an appointment", house: hub, open: at(`/orientations/${made.accepted}/rendez-vous`), fields: [["lieu"]], send: (page) => button(page, "do-schedule") },
    { name: "a note", house: hub, open: at(`/orientations/${made.accepted}/note`), fields: [["note"]], send: (page) => button(page, "do-write-note") },
    { name: "the password", house: agency, open: at("/mot-de-passe"), fields: [["nouveau"]], secret: true, send: (page) => button(page, "password-act") },
    { name: "a colleague", house: agency, open: at("/structure/collegues"), fields: [["nom"]], send: (page) => button(page, "colleagues-add-act") },
    { name: "an invitation", house: agency, open: at("/structure/partenaires"), fields: [["invitation"]], send: (page) => button(page, "partners-join") },
    { name: "the search of structures", house: agency, open: at("/structure/annuaire"), fields: [["nom"]], searches: true, send: (page) => button(page, "directory-search-act") },
    { name: "départements", house: agency, open: departements, fields: [["codes"]], send: (page) => button(page, "directory-choose-act") },
    { name: "a key for software", house: agency, open: at("/structure/logiciels"), fields: [["nom", "jours"]], send: (page) => button(page, "software-create") },
    { name: "a public page", house: agency, open: at("/structure/pages/mentions-legales"), fields: [["texte"]], optional: true, send: (page) => button(page, "about-save") },
    { name: "the sign-in", at: agency, open: at("/connexion"), fields: [["nom"]], send: (page) => button(page, "sign-in-act") },
  ];
}

/** A page on which a form is tried: signed in, or nobody. */
function seat(browser, form) {
  return sit(browser, form.house ?? form.at, form.house ? {} : { storageState: undefined });
}

async function hostile(browser, form) {
  const page = await seat(browser, form);
  for (const names of form.fields) {
    await check(`bad input: ${form.name}, ${names.join(", ")}`, async () => {
      const wrong = [];
      // What is very long fills one field at a time, so that each limit is met by itself.
      const tries = Object.entries(HOSTILE).flatMap(([what, text]) => (text.length > LONG ? names.map((name) => [what, text, [name]]) : [[what, text, names]]));
      for (const [what, text, filled] of tries) {
        try {
          await tryOne(page, form, filled, what, text);
        } catch (error) {
          wrong.push(`${what}: ${error.message.split("\n")[0]}`);
        }
      }
      hold(wrong.length === 0, wrong.join("\n"));
    });
  }
  await page.close();
}

async function tryOne(page, form, names, what, text) {
  await form.open(page);
  const sent = {};
  for (const name of names) {
    const control = page.locator(`#champ-${name}`);
    // The browser's own limit holds nobody back.
    await control.evaluate((node) => node.removeAttribute("maxlength"));
    await control.fill(text);
    sent[name] = await control.inputValue();
  }
  const status = await submit(page, form.send(page));
  hold([200, 422].includes(status), `answers ${status}`);
  const never = form.own ? NEVER : [...NEVER, "a phone number"];
  hold(status === 422 || names[0] !== "note" || !never.includes(what), "it was taken");
  same(intrusions.length, 0, "scripts that ran");
  if (status === 422) await saysWrong(page, form.secret ? {} : sent);
}

/** Every form sent with nothing in it. */
async function empty(browser, form) {
  await check(`nothing typed: ${form.name}`, async () => {
    const page = await seat(browser, form);
    await form.open(page);
    for (const control of await page.locator("main form input:visible, main form textarea:visible").all()) {
      const type = await control.getAttribute("type");
      if (type === "checkbox") await control.uncheck();
      else if (type !== "radio") await control.fill("");
    }
    const status = await submit(page, form.send(page));
    if (!form.searches && !form.optional) {
      same(status, 422, "the answer");
      await saysWrong(page);
    }
    await page.close();
  });
}

/** Fills in a whole referral, up to its button. */
async function fillReferral(page) {
  await reachServices(page, SHARED.theme);
  await ofService(page, SHARED.service, "service-choose").click();
  await page.waitForURL(/\/accord$/);
  for (const [name, text] of [["prenom", NEW.given], ["initiale", NEW.family], ["joindre", NEW.phone]]) await page.locator(`#champ-${name}`).fill(text);
  for (const key of ["bundle-need", "bundle-contact", "how-oral"]) await field(page, key).check();
}

async function countSent(page) {
  await page.goto("/orientations?voir=envoyees");
  let count = 0;
  for (;;) {
    count += await page.locator("main ul.rows > li").count();
    const next = page.getByRole("link", { name: say("list-next") });
    if (!(await next.count())) return count;
    await next.click();
  }
}

/** The fields of the form on a page, as the browser would send them. */
function fieldsOf(page) {
  return page.locator("main form").first().evaluate((form) => new URLSearchParams(new FormData(form)).toString());
}

function post(page, path, body) {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return page.context().request.post(path, { data: body, headers, maxRedirects: 0 });
}

async function once(browser, { agency }) {
  await check("one effect: the button pressed twice, the form sent twice at once, the way back", async () => {
    const page = await sit(browser, agency);
    const before = await countSent(page);
    await fillReferral(page);
    const path = new URL(page.url()).pathname;
    const body = await fieldsOf(page);
    await button(page, "agreement-send").dblclick();
    await page.waitForURL(/\/envoyee$/);
    const sent = page.url();
    const again = await Promise.all([post(page, path, body), post(page, path, body)]);
    for (const answer of again) {
      same(answer.status(), 303, "sent again");
      same(new URL(answer.headers().location, agency.address).pathname, new URL(sent).pathname, "it leads to");
    }
    await page.goBack();
    await page.waitForURL(/\/envoyee$/);
    same(page.url(), sent, "the way back leads to");
    same((await countSent(page)) - before, 1, "referrals sent");
    await page.close();
  });
  await check("one effect: two first sendings at the same instant", async () => {
    const page = await sit(browser, agency);
    const before = await countSent(page);
    await fillReferral(page);
    const path = new URL(page.url()).pathname;
    const body = await fieldsOf(page);
    const both = await Promise.all([post(page, path, body), post(page, path, body)]);
    const led = both.map((answer) => answer.headers().location);
    same(led[0], led[1], "they lead to");
    same((await countSent(page)) - before, 1, "referrals sent");
    await page.close();
  });
}

async function expired(browser, { agency }) {
  for (const scripts of [true, false]) {
    await check(`a session that ends in mid-form, ${scripts ? "with" : "without"} JavaScript: signed in again, nothing is lost`, async () => {
      const alone = await open(browser, { storageState: agency.cookies, baseURL: agency.address, javaScriptEnabled: scripts });
      const page = await alone.newPage();
      await fillReferral(page);
      const draft = new URL(page.url()).pathname;
      // With scripts the page keeps what is typed by itself; without, the button that shows what will be said does.
      if (scripts) await page.waitForTimeout(KEPT_MS);
      else await page.locator("button[formaction]").first().click();
      await page.waitForLoadState("load");
      await alone.clearCookies();
      await button(page, "agreement-send").click();
      await page.waitForURL(/\/connexion/);
      await signIn(page, agency);
      await page.waitForURL((address) => address.pathname !== "/connexion");
      if (!new URL(page.url()).pathname.startsWith("/orientations/nouvelle/")) throw new Error(`it leads to ${new URL(page.url()).pathname}, not to the form`);
      await page.goto(draft);
      same(await page.locator("#champ-prenom").inputValue(), NEW.given, "the first name");
      same(await page.locator("#champ-joindre").inputValue(), NEW.phone, "the number");
      await alone.close();
    });
  }
}

/** The session ends under a form that no draft keeps: signed in again, its writer finds it as they left it, and nothing was done. */
async function cut(browser, { hub }) {
  await check("a session that ends under a form without JavaScript: what was written comes back behind one button", async () => {
    const alone = await open(browser, { baseURL: hub.address, javaScriptEnabled: false });
    const page = await alone.newPage();
    await page.goto("/connexion?suite=%2Fpersonnes%2Fnouvelle");
    await signIn(page, hub);
    await page.waitForURL(/\/personnes\/nouvelle$/);
    const note = "L'eau & <le feu>\nsur deux lignes";
    await field(page, "agreement-first-name").fill("Zélie");
    await page.locator("#champ-initiale").fill("O");
    await page.locator("#champ-note").fill(note);
    // The same session is ended from elsewhere: the browser bears a cookie that is worth nothing any more.
    const other = await open(browser, { storageState: await alone.storageState(), baseURL: hub.address });
    const elsewhere = await other.newPage();
    await elsewhere.goto("/");
    await button(elsewhere, "sign-out").click();
    await elsewhere.waitForURL(/\/connexion$/);
    await other.close();
    await button(page, "follow-act").click();
    await page.locator("text=" + say("sign-in-kept")).waitFor();
    same(await field(page, "sign-in-name").inputValue(), hub.account, "the name");
    await signIn(page, hub);
    await button(page, "resume-act").click();
    await page.locator("#champ-prenom").waitFor();
    same(await page.locator("#champ-prenom").inputValue(), "Zélie", "the first name");
    same(await page.locator("#champ-note").inputValue(), note, "the note");
    hold(!decodeURIComponent(page.url()).includes("Z"), "it stands in the address");
    await button(page, "follow-act").click();
    await page.waitForURL(/\/personnes\/[0-9a-f]{32}/);
    hold((await page.locator("main").innerText()).includes("Zélie"), "nobody is followed");
    await alone.close();
  });
}

async function undone(browser, { agency, hub }) {
  await check("an acceptance is taken back before it leaves", async () => {
    const sender = await sit(browser, agency);
    const thread = await refer(sender);
    const page = await sit(browser, hub);
    await arrives(page, RECEIVED, thread);
    await page.goto(`/orientations/${thread}`);
    await button(page, "act-accept").click();
    await button(page, "waiting-undo").click();
    await page.waitForLoadState("load");
    hold((await page.locator("main").innerText()).includes(say("done-taken-back")), "it does not say so");
    same(await button(page, "act-accept").count(), 1, "buttons to accept");
    await page.close();
    await sender.close();
  });
}

async function stale(browser, { agency, hub }) {
  await check("a stale page: someone else acted; it says so and keeps what was typed", async () => {
    const sender = await sit(browser, agency);
    const thread = await refer(sender);
    const [page, other] = [await sit(browser, hub), await sit(browser, hub)];
    await arrives(page, RECEIVED, thread);
    await page.goto(`/orientations/${thread}/question`);
    await page.locator("main input[type=radio]").first().check();
    await other.goto(`/orientations/${thread}`);
    await other.locator("summary").filter({ hasText: say("act-refuse") }).click();
    await other.getByRole("radio", { name: say("reason-full"), exact: true }).check();
    await button(other, "do-refuse").click();
    await other.waitForURL(/fait=/);
    const status = await submit(page, page.locator("main form button").first());
    same(status, 409, "the answer");
    hold((await page.locator("#erreurs").innerText()).includes(say("changed-title")), "it does not say that it changed");
    same(await page.evaluate(() => document.activeElement?.id), "erreurs", "the focus");
    hold(within("state-received-refused").test(await page.locator("main").innerText()), "it does not show where things are");
    for (const one of [sender, page, other]) await one.close();
  });
}

async function tampered(browser, { agency, hub, reading }) {
  const page = await sit(browser, agency);
  await fillReferral(page);
  const path = new URL(page.url()).pathname;
  const body = await fieldsOf(page);
  const service = path.replace(/accord$/, "service");
  const filters = path.replace(/accord$/, "filtres");
  const changed = (name, value) => {
    const fields = new URLSearchParams(body);
    fields.set(name, value);
    return fields.toString();
  };
  const jeton = new URLSearchParams(body).get("jeton");
  const tries = [
    ["the token cut off", path, changed("jeton", jeton.slice(0, -4)), [403]],
    ["no token", path, changed("jeton", ""), [403]],
    ["a draft that is none", path.replace(/[0-9a-f]{32}/, "zz"), body, [404]],
    ["another manner", path, changed("maniere", "telepathie"), [422]],
    ["another language", path, changed("avis", "xx"), [422]],
    ["a grade beyond", path, changed("autonomie", "99"), [422]],
    ["another content type", path, body, [400, 415], "text/plain"],
    ["a service that is none", service, `jeton=${jeton}&porte=${"0".repeat(64)}%20-%20nulle-part`, [303, 404, 422]],
    ["a door that is none", service, `jeton=${jeton}&porte=abc`, [400, 422]],
    ["a page of doors that is none", service, `jeton=${jeton}&suite=zzz`, [400, 422]],
    ["a language of 10 kB", filters, `jeton=${jeton}&filtre-langue=${encodeURIComponent("😀".repeat(2_500))}`, [422]],
    ["a script for a language", filters, `jeton=${jeton}&filtre-langue=${encodeURIComponent("<script>alert(1)</script>")}`, [422]],
    ["filters that are none", filters, `jeton=${jeton}&filtre-public=tout&filtre-distance=-1&filtre-accueil=x&filtre-horaire=x`, [303]],
    ["a filter to take away that is none", filters, `jeton=${jeton}&sans=structure`, [303]],
  ];
  for (const [what, where, sent, statuses, type = "application/x-www-form-urlencoded"] of tries) {
    await check(`tampered: ${what}`, async () => {
      const answer = await page.context().request.post(where, { data: sent, headers: { "content-type": type }, maxRedirects: 0 });
      hold(statuses.includes(answer.status()), `answers ${answer.status()}`);
    });
  }
  await check("tampered: another house's thread, another's act and a request from another site", async () => {
    const stranger = await sit(browser, reading);
    const answer = await stranger.goto(`/orientations/${made.accepted}`);
    same(answer.status(), 404, "a thread of others");
    const foreign = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site", origin: "http://evil.test" };
    const cross = await page.context().request.post(path, { data: body, headers: foreign, maxRedirects: 0 });
    same(cross.status(), 403, "from another site");
    const nobody = await open(browser, { baseURL: hub.address });
    const refused = await nobody.request.post(`/orientations/${made.accepted}/accepter`, { data: body, headers: foreign, maxRedirects: 0 });
    hold([303, 403].includes(refused.status()), `without a session: ${refused.status()}`);
    await nobody.close();
    await stranger.close();
  });
  await page.close();
}

async function inert(browser, { agency, hub }) {
  await check("a script in a note is text at both ends", async () => {
    const page = await sit(browser, agency);
    const text = `<b>gras</b><script>alert(1)</script> {{7*7}} ${"\u0645\u0631\u062D\u0628\u0627"}`;
    const thread = await refer(page, { note: text });
    const other = await sit(browser, hub);
    await arrives(other, RECEIVED, thread);
    for (const one of [page, other]) {
      await one.goto(`/orientations/${thread}`);
      hold((await one.locator("main").textContent()).includes(text), "the note is not shown as it was typed");
    }
    same(intrusions.length, 0, "scripts that ran");
    await page.close();
    await other.close();
  });
}

/** All of it. */
export async function tryAll(browser, town) {
  for (const form of forms(town)) {
    await empty(browser, form);
    await hostile(browser, form);
  }
  await once(browser, town);
  await expired(browser, town);
  await cut(browser, town);
  await undone(browser, town);
  await stale(browser, town);
  await tampered(browser, town);
  await inert(browser, town);
}
