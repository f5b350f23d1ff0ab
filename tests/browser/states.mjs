// The pages in the states a professional meets them in: who looks, where, and what they do first.

import { check, hold } from "./checks.mjs";
import { arrives, button, field, link, ofService, reachServices, sit, threadOf } from "./desk.mjs";
import { made } from "./journeys.mjs";
import { FOLLOWED, NEW, SHARED, WALK_IN } from "./town.mjs";
import { say } from "./words.mjs";

/** Longest until an acceptance is done that may be taken back for 10 s, and the name has arrived. */
const DISCLOSED_MS_MAX = 30_000;

async function choose(page, theme, key = "service-choose") {
  await reachServices(page, theme);
  const path = new URL(page.url()).pathname;
  const control = theme === SHARED.theme ? ofService(page, SHARED.service, key) : button(page, key).first();
  await control.click();
  await page.waitForURL(/\/accord$/);
  return { service: path, agreement: new URL(page.url()).pathname };
}

/** Sends a referral of someone new; answers its thread. `told` is what is different this time. */
export async function refer(page, told = {}) {
  const { person = NEW, note, notice } = told;
  await choose(page, SHARED.theme);
  await field(page, "agreement-first-name").fill(person.given);
  await field(page, "agreement-initial").fill(person.family);
  await field(page, "agreement-detail").fill(person.phone);
  for (const key of ["bundle-need", "bundle-contact", "how-oral"]) await field(page, key).check();
  if (note !== undefined) {
    await page.locator("summary").filter({ hasText: say("agreement-more") }).click();
    await page.locator("#champ-note").fill(note);
  }
  if (notice !== undefined) {
    await page.locator("summary").filter({ hasText: say("agreement-script") }).click();
    await page.locator("#champ-avis").selectOption(notice);
    await page.locator(`#dit [lang="${notice}"]`).first().waitFor();
  }
  await button(page, "agreement-send").click();
  await page.waitForURL(/\/envoyee$/);
  return threadOf(page.url());
}

/** Waits until the hub has the name of the person of an accepted thread, and may set an appointment. */
async function disclosed(page, thread) {
  const until = Date.now() + DISCLOSED_MS_MAX;
  for (;;) {
    await page.goto(`/orientations/${thread}`);
    const offered = link(page, "act-schedule");
    if (await offered.count()) return;
    hold(Date.now() < until, "the name did not arrive after the acceptance");
    await page.waitForTimeout(300);
  }
}

/** Waits until the inquiry stands on the hub's first page. */
async function asked(page) {
  const until = Date.now() + DISCLOSED_MS_MAX;
  for (;;) {
    await page.goto("/");
    if (await page.locator('[action^="/demandes/"]').count()) return;
    hold(Date.now() < until, "the inquiry did not arrive");
    await page.waitForTimeout(300);
  }
}

/** Makes what the states show. */
async function prepare(browser, { agency, hub }) {
  const page = await sit(browser, agency);
  const receiving = await sit(browser, hub);
  await page.goto("/orientations/nouvelle");
  const drafts = { need: new URL(page.url()).pathname, referral: await choose(page, SHARED.theme), slip: await choose(page, WALK_IN.theme, "service-slip") };
  await reachServices(page, SHARED.theme);
  drafts.filtered = new URL(page.url()).pathname;
  made.waiting = await refer(page, { note: "Préfère venir le matin." });
  made.arabic = await refer(page, { notice: "ar" });
  await page.goto(drafts.referral.service);
  await unfold("inquiry-ask")(page);
  await button(page, "inquiry-ask-act").click();
  await page.waitForURL(/\/demande\/[0-9a-f]{32}$/);
  drafts.inquiry = new URL(page.url()).pathname;
  await page.goto(`${FOLLOWED[0].path}/relais`);
  drafts.doors = new URL(page.url()).pathname;
  await ofService(page, SHARED.service, "service-choose").click();
  await page.waitForURL(/\/accord$/);
  drafts.handover = new URL(page.url()).pathname;
  await arrives(receiving, "/", made.waiting);
  await asked(receiving);
  if (made.accepted) await disclosed(receiving, made.accepted);
  await page.close();
  await receiving.close();
  return drafts;
}

/** Presses a button and waits for the page that answers. */
const press = (key) => async (page) => {
  await button(page, key).first().click();
  await page.waitForLoadState("load");
};
/** Asks more of a door than any can be: nobody who cannot travel is received in person. */
async function askTooMuch(page) {
  await unfold("filter-title")(page);
  await page.locator("#champ-filtre-distance").selectOption("domicile");
  await page.locator("#champ-filtre-accueil").selectOption("sur-place");
  await press("filter-act")(page);
  await page.getByText(say("service-none-asked")).waitFor();
}
/** Writes a language that is none. */
async function askKlingon(page) {
  await unfold("filter-title")(page);
  await page.locator("#champ-filtre-langue").fill("klingonais");
  await press("filter-act")(page);
}
const unfold = (key) => (page) => page.locator("summary").filter({ hasText: say(key) }).first().click();

/** Chooses the Arabic text; without scripts, by the button that shows again what will be told. */
async function inArabic(page) {
  await unfold("agreement-script")(page);
  await page.locator("#champ-avis").selectOption("ar");
  const again = button(page, "agreement-look");
  if (await again.count()) await again.click();
  await page.locator('#dit [dir="rtl"]').first().waitFor();
}

function ofPublic() {
  return [
    { name: "connexion", path: "/connexion" },
    { name: "connexion-erreur", path: "/connexion", act: press("sign-in-act") },
    { name: "accessibilite", path: "/accessibilite" },
    { name: "donnees-personnelles", path: "/confidentialite" },
    { name: "mentions-legales", path: "/mentions-legales" },
    { name: "lien", path: "/lien/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
    { name: "introuvable", path: "/nulle-part", status: 404 },
  ].map((state) => ({ ...state, house: undefined }));
}

function ofAgency(drafts) {
  const thread = (id, rest = "") => `/orientations/${id}${rest}`;
  return [
    { name: "a-traiter", path: "/" },
    { name: "orientations", path: "/orientations" },
    { name: "besoin", path: drafts.need, act: unfold("need-others") },
    { name: "besoin-erreur", path: drafts.need, act: async (page) => {
      await page.locator("#champ-commune").fill("Zzzzz");
      await page.locator("button.tile").first().click();
      await page.waitForLoadState("load");
    } },
    { name: "service", path: drafts.referral.service },
    { name: "service-affiner", path: drafts.referral.service, act: unfold("filter-title") },
    { name: "service-rien", path: drafts.filtered, act: askTooMuch },
    { name: "service-langue-erreur", path: drafts.filtered, act: askKlingon },
    { name: "service-demande", path: drafts.referral.service, act: unfold("inquiry-ask") },
    { name: "demande", path: drafts.inquiry },
    { name: "demandes-toutes", path: "/qui-peut-prendre" },
    { name: "demande-sans-brouillon", path: drafts.inquiry.replace(/^.*\/demande\//, "/qui-peut-prendre/") },
    { name: "personne-et-accord", path: drafts.referral.agreement },
    { name: "personne-et-accord-ouvert", path: drafts.referral.agreement, act: async (page) => {
      for (const key of ["agreement-script", "agreement-feedback", "agreement-more"]) await unfold(key)(page);
    } },
    { name: "personne-et-accord-arabe", path: drafts.referral.agreement, act: inArabic },
    { name: "personne-et-accord-erreur", path: drafts.referral.agreement, act: press("agreement-send") },
    { name: "bon-sans-nom", path: drafts.slip.agreement },
    { name: "envoyee", path: thread(made.waiting, "/envoyee") },
    { name: "envoyee-bon", path: thread(made.slip, "/envoyee") },
    { name: "orientation-envoyee", path: thread(made.waiting), act: unfold("thread-timeline") },
    { name: "orientation-acceptee", path: thread(made.accepted), act: unfold("thread-timeline") },
    { name: "orientation-refusee", path: thread(made.refused), act: unfold("thread-told") },
    { name: "passage-de-relais", path: thread(made.handover) },
    { name: "reprendre", path: thread(made.waiting, "/reprendre") },
    { name: "fin-de-l-accord", path: thread(made.waiting, "/fin-accord") },
    { name: "papier-de-la-personne", prints: true, path: thread(made.waiting, "/bon") },
    { name: "papier-bon", prints: true, path: thread(made.slip, "/bon") },
    { name: "accord", prints: true, path: thread(made.waiting, "/accord") },
    { name: "accord-arabe", prints: true, path: thread(made.arabic, "/accord") },
    { name: "personnes", path: "/personnes" },
    { name: "suivre-une-personne", path: "/personnes/nouvelle" },
    { name: "suivre-une-personne-erreur", path: "/personnes/nouvelle", act: press("follow-act") },
    { name: "personne-suivie", path: FOLLOWED[0].path },
    { name: "relais-a-qui", path: drafts.doors },
    { name: "relais-accord", path: drafts.handover },
    { name: "relais-accord-erreur", path: drafts.handover, act: press("handover-send") },
    { name: "papier", path: "/papier" },
    { name: "papier-erreur", path: "/papier", act: press("walk-in-find") },
    { name: "compte", path: "/compte" },
    { name: "compte-logiciels", path: "/compte/logiciels" },
    { name: "compte-logiciels-erreur", path: "/compte/logiciels", act: press("software-create") },
    { name: "compte-code", path: "/compte/code" },
    { name: "mot-de-passe", path: "/mot-de-passe" },
    { name: "mot-de-passe-erreur", path: "/mot-de-passe", act: press("password-act") },
  ];
}

function ofHub() {
  const thread = (id, rest = "") => `/orientations/${id}${rest}`;
  const acts = ["rendez-vous", "attente", "terminer", "arreter", "note", "fin-accord"];
  return [
    { name: "hub-a-traiter", path: "/" },
    { name: "hub-demandes", path: "/", act: (page) => page.locator('details:has([action^="/demandes/"]) > summary').first().click() },
    { name: "hub-orientation-recue", path: thread(made.waiting), act: unfold("act-refuse") },
    { name: "hub-question", path: thread(made.waiting, "/question") },
    { name: "hub-orientation-acceptee", path: thread(made.accepted), act: unfold("thread-others") },
    { name: "hub-passage-de-relais", path: thread(made.handover) },
    { name: "hub-rendez-vous-erreur", path: thread(made.accepted, "/rendez-vous"), act: press("do-schedule") },
    ...acts.map((act) => ({ name: `hub-${act}`, path: thread(made.accepted, `/${act}`) })),
  ];
}

/** The rooms of «Ma structure», as its own page links them. */
async function ofStructure(browser, house) {
  const page = await sit(browser, house);
  const answer = await page.goto("/structure");
  hold(answer.status() === 200, `/structure answers ${answer.status()}`);
  const seen = new Set(["/structure"]);
  for (const path of seen) {
    await page.goto(path);
    const found = await page.locator('main a[href^="/structure"]').evaluateAll((links) => links.map((one) => one.getAttribute("href")));
    for (const href of found) if (!/\?|#|download|\/export\//.test(href) && !/[0-9a-f]{32}/i.test(href)) seen.add(href);
  }
  await page.close();
  return [...seen].map((path) => ({ name: path.slice(1).replaceAll("/", "-"), path }));
}

/** The directory: one of its structures, what refusing it would do, and a département that is none. */
async function ofDirectory(browser, house) {
  const page = await sit(browser, house);
  await page.goto("/structure/annuaire");
  const partner = page.getByRole("listitem").filter({ hasText: say("directory-standing-partner") });
  const path = await partner.locator('a[href^="/structure/annuaire/"]').first().getAttribute("href");
  await page.close();
  const search = async (page) => {
    await field(page, "directory-search").fill("zzz");
    await press("directory-search-act")(page);
    await page.waitForURL(/[?&]nom=zzz/);
  };
  const choose = async (page) => {
    await unfold("directory-choose")(page);
    await field(page, "directory-choice-list").check();
    await field(page, "directory-codes").fill("17, 99");
    await press("directory-choose-act")(page);
    await page.locator("#erreur-codes").waitFor();
  };
  return [
    { name: "annuaire-structure", path },
    { name: "annuaire-refuser", path: `${path}/refuser` },
    { name: "annuaire-rien-trouve", path: "/structure/annuaire", act: search },
    { name: "annuaire-choisir", path: "/structure/annuaire", act: unfold("directory-choose") },
    { name: "annuaire-choisir-erreur", path: "/structure/annuaire", act: choose },
  ];
}

/** Every state, with the house whose professional looks; no house for who is not signed in. */
export async function all(browser, town) {
  const drafts = await check("the pages to look at can be reached", () => prepare(browser, town));
  const structure = await check("«Ma structure» and its rooms are there", () => ofStructure(browser, town.agency));
  const directory = await check("the directory and its structures are there", () => ofDirectory(browser, town.agency));
  if (!drafts) return [];
  return [
    ...ofPublic().map((state) => ({ ...state, at: town.agency })),
    ...[...ofAgency(drafts), ...(structure ?? []), ...(directory ?? [])].map((state) => ({ ...state, house: town.agency, at: town.agency })),
    ...ofHub().map((state) => ({ ...state, house: town.hub, at: town.hub })),
  ];
}
