// What changes while one types, and the person who comes with a paper.

import { check, hold, same } from "./checks.mjs";
import { arrives, button, field, ofService, reachServices, sit } from "./desk.mjs";
import { made } from "./journeys.mjs";
import { NEW, SHARED } from "./town.mjs";
import { say, within } from "./words.mjs";

/** Longest until the page shows what was just typed. */
const SHOWN_MS_MAX = 4_000;

async function preview(browser, { agency }) {
  await check("while one types, the page shows exactly what the other structure will see, now and after it accepts", async () => {
    const page = await sit(browser, agency);
    await reachServices(page, SHARED.theme);
    await ofService(page, SHARED.service, "service-choose").click();
    await page.waitForURL(/\/accord$/);
    const seen = page.locator("#apercu");
    hold(!(await seen.innerText()).includes(NEW.given), "a name stands there before it is typed");
    await field(page, "agreement-first-name").fill(NEW.given);
    await field(page, "agreement-initial").fill(NEW.family);
    await field(page, "agreement-detail").pressSequentially(NEW.phone);
    for (const key of ["bundle-need", "bundle-contact"]) await field(page, key).check();
    await seen.getByText(NEW.phone).waitFor({ timeout: SHOWN_MS_MAX });
    const [now, after] = (await seen.innerText()).split(say("seen-after"));
    hold(now.includes(say(`theme-${SHARED.theme}`)), "the need is not told now");
    hold(!now.includes(NEW.given) && !now.includes(NEW.phone), "a name or number is told before it accepts");
    hold(after.includes(`${NEW.given} ${NEW.family}.`) && after.includes(NEW.phone), `told after it accepts: ${after}`);
    await page.close();
  });
}

async function languages(browser, { agency }) {
  await check("another language shows its own text beside the French one, right to left, and says that nobody reviewed it", async () => {
    const page = await sit(browser, agency);
    await reachServices(page, SHARED.theme);
    await ofService(page, SHARED.service, "service-choose").click();
    await page.waitForURL(/\/accord$/);
    await page.locator("summary").filter({ hasText: say("agreement-script") }).click();
    await page.locator("#champ-avis").selectOption("ar");
    const arabic = page.locator('#dit [lang="ar"][dir="rtl"]');
    await arabic.first().waitFor({ timeout: SHOWN_MS_MAX });
    hold(/[\u0600-\u06FF]{3}/.test(await arabic.first().innerText()), "there is no Arabic text");
    hold((await page.locator("#dit").innerText()).includes(say("paper-not-reviewed")), "it does not say that nobody reviewed it");
    hold(await page.locator("#champ-avis").isVisible(), "what was unfolded is folded again");
    await page.close();
  });
}

async function unread(browser, { agency }) {
  await check("a text that was not on the page yet is shown before anything is sent, and the paper bears that very text", async () => {
    const page = await sit(browser, agency);
    await reachServices(page, SHARED.theme);
    await ofService(page, SHARED.service, "service-choose").click();
    await page.waitForURL(/\/accord$/);
    await field(page, "agreement-first-name").fill(NEW.given);
    await field(page, "agreement-initial").fill(NEW.family);
    await field(page, "agreement-detail").fill(NEW.phone);
    for (const key of ["bundle-need", "bundle-contact", "how-oral"]) await field(page, key).check();
    // Chosen, and sent before the page could change: no event tells it.
    await page.locator("#champ-avis").evaluate((select) => { select.value = "ar"; });
    await button(page, "agreement-send").click();
    await page.locator("#erreurs").getByText(say("agreement-notice-unseen")).waitFor();
    const arabic = page.locator('#dit .notices [lang="ar"]');
    hold(await arabic.isVisible(), "the Arabic text is not unfolded");
    const text = (await arabic.innerText()).replace(say("paper-not-reviewed"), "").replace(/\s+/g, " ").trim();
    await button(page, "agreement-send").click();
    await page.waitForURL(/\/envoyee$/);
    await page.goto(page.url().replace(/envoyee$/, "accord"));
    const paper = (await page.locator("main").innerText()).replace(/\s+/g, " ");
    hold(text.length > 100 && paper.includes(text), `the paper does not bear «${text}»`);
    await page.close();
  });
}

async function slip(browser, { agency, hub }) {
  await check("who comes with a paper is found by its number, and received in one press", async () => {
    const sender = await sit(browser, agency);
    await sender.goto(`/orientations/${made.slip}/bon`);
    const number = (await sender.locator(".slip .code").first().innerText()).trim();
    const page = await sit(browser, hub);
    await arrives(page, "/orientations?voir=recues", made.slip);
    await page.goto("/");
    hold(!(await page.locator("main").innerText()).includes(number), "a paper is nobody's task before the person comes");
    await page.goto("/papier");
    await page.locator("#champ-reference").fill(number.toLowerCase().replace("-", " "));
    await button(page, "walk-in-find").click();
    await page.waitForURL(new RegExp(`/orientations/${made.slip}$`));
    same(new URL(page.url()).search, "", "what the address says of the number");
    await button(page, "act-arrive").click();
    await page.waitForLoadState("load");
    hold(within("done-arrive").test(await page.locator("main").innerText()), "it does not say that the person came");
    await page.close();
    await sender.close();
  });
}

/** Plays them. */
export async function playAll(browser, town) {
  await preview(browser, town);
  await languages(browser, town);
  await unread(browser, town);
  await slip(browser, town);
}
