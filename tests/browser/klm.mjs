// The keystroke-level model: a person at the desk, whose every act is done in the browser and counted.
//
//   T = 1.10·P + 0.20·B + 0.40·H + 1.35·M + K·t      t = 0.28 s for an average typist, 1.20 s for an unfamiliar one
//
// P: pointing at a control with the mouse. B: a click. H: moving the hand between mouse and keyboard. K: a key.
// M: making up one's mind. Only the operator's acts count: the page's time is measured elsewhere, and what is read aloud to
// the person is outside the clock.
//
// Rule for M (Card, Moran and Newell 1980): rule 0 puts one M before every control that is chosen and before every text that
// is typed; their rules 1 to 4 would then take some away, where an act is foreseen while doing the one before. We take none
// away: one act, one decision, one M. What is typed into one field is one chunk.
//
// Rule for K: every key is counted, the ones that move (Tab, Shift, arrows, Space, Enter) too. The unfamiliar typist looks for
// letters and digits, 1.20 s each; who goes by keyboard alone knows the handful of keys that move, 0.28 s each.
//
// An interaction is an act upon a control that means something: a press, a choice, a field filled in. Moving to it is none.
// A screen is a page (its path) that was not open when the clock started.

const SECONDS = { P: 1.1, B: 0.2, H: 0.4, M: 1.35, average: 0.28, unfamiliar: 1.2 };
/** Keys that may be needed to get from one control to the next. */
const KEYS_MAX = 80;
/** How long the page waits, after the last key, before it shows what the other structure will see. */
const PREVIEW_MS = 750;

/** Someone at the desk. */
export class Person {
  /** `by` is "mouse" or "keyboard". */
  constructor(page, by) {
    this.page = page;
    this.by = by;
    this.hand = by;
    this.running = false;
    this.counts = { P: 0, B: 0, H: 0, M: 0, typed: 0, moves: 0, interactions: 0, words: 0 };
    this.texts = new Set();
    this.screens = new Set();
    this.fresh = [];
  }

  /** Starts the clock: what is shown now is known, and was not opened on this path. */
  async start() {
    await this.look();
    this.running = true;
  }

  /** Stops the clock for acts that are not part of the journey. */
  async stop() {
    this.running = false;
    await this.look();
  }

  count(what, n = 1) {
    if (this.running) this.counts[what] += n;
  }

  /** Presses a button, follows a link, opens what is folded. */
  async press(control) {
    await this.decide();
    if (this.by === "mouse") await this.point(control);
    else await this.strike(control, "Enter");
    await this.rest();
  }

  /** Ticks a box or chooses a radio button. */
  async choose(control) {
    await this.decide();
    if (this.by === "mouse") {
      await this.point(control);
    } else {
      await this.move(control);
      if (!(await control.isChecked())) await this.key("Space");
    }
    if (!(await control.isChecked())) throw new Error("what was chosen is not chosen");
    await this.rest();
  }

  /** Types a text into a field. */
  async type(field, text) {
    await this.decide();
    if (this.by === "keyboard") await this.move(field);
    else if (!(await hasFocus(field))) await this.point(field);
    this.turn("keyboard");
    await this.page.keyboard.type(text);
    this.count("typed", [...text].length);
    if ((await field.inputValue()) !== text) throw new Error(`the field holds something else than what was typed`);
    await this.rest();
  }

  /** Presses Enter in the field that was just typed: the same act goes on. */
  async enter() {
    this.turn("keyboard");
    await this.key("Enter");
    await this.rest();
  }

  /** Waits for what the page shows by itself, and reads it. */
  async read() {
    await this.page.waitForTimeout(PREVIEW_MS);
    await this.rest();
    await this.look();
  }

  async decide() {
    await this.look();
    this.count("M");
    this.count("interactions");
  }

  /** The hand goes to the mouse or to the keyboard, when it is not there. */
  turn(hand) {
    if (this.hand !== hand) this.count("H");
    this.hand = hand;
  }

  async point(control) {
    this.turn("mouse");
    this.count("P");
    this.count("B");
    await control.click();
  }

  async key(name) {
    this.count("moves");
    await this.page.keyboard.press(name);
  }

  async strike(control, name) {
    await this.move(control);
    await this.key(name);
  }

  /** Goes to a control by keys alone, as one does who sees where it is: past the menu by the skip link, then on by Tab. */
  async move(control) {
    await control.waitFor();
    const inside = await control.evaluate((node) => Boolean(node.closest("main")));
    const begins = await this.page.evaluate(() => document.activeElement === document.body);
    if (begins && inside && !this.inMain()) {
      await this.key("Tab");
      await this.key("Enter");
      this.skipped = this.page.url().split("#")[0];
    }
    for (let keys = 0; keys < KEYS_MAX; keys++) {
      const place = await control.evaluate(standing);
      if (place === "here") return;
      await this.key(place === "beside" ? "ArrowDown" : place === "above" ? "ArrowUp" : place === "before" ? "Shift+Tab" : "Tab");
    }
    throw new Error("the control cannot be reached by keyboard");
  }

  inMain() {
    return this.skipped === this.page.url().split("#")[0];
  }

  /** Waits until the page has done what was asked. */
  async rest() {
    await this.page.waitForLoadState("load");
    await this.page.locator(".htmx-request").first().waitFor({ state: "detached" }).catch(() => {});
  }

  /** Reads the page: its words that did not stand there before on this path. */
  async look() {
    const path = new URL(this.page.url()).pathname;
    const before = this.screens.has(path);
    if (this.running) this.screens.add(path);
    else if (!before) this.first = path;
    for (const text of (await this.page.evaluate(visibleTexts)).flatMap((text) => text.split(" · "))) {
      if (this.texts.has(text)) continue;
      this.texts.add(text);
      if (this.running) this.fresh.push(text);
    }
  }

  /** What the journey cost. */
  async figures() {
    await this.look();
    const { P, B, H, M, typed, moves, interactions } = this.counts;
    const acts = SECONDS.P * P + SECONDS.B * B + SECONDS.H * H + SECONDS.M * M + SECONDS.average * moves;
    const words = this.fresh.flatMap((text) => text.split(/\s+/)).filter((word) => /[\p{L}\p{N}]/u.test(word));
    this.screens.delete(this.first);
    return {
      interactions, characters: typed,
      average: acts + SECONDS.average * typed, unfamiliar: acts + SECONDS.unfamiliar * typed,
      words: words.length, screens: this.screens.size, fresh: this.fresh,
    };
  }
}

async function hasFocus(control) {
  return control.evaluate((node) => node === document.activeElement);
}

/** In the page: where the focus stands, seen from a control. */
function standing(control) {
  const active = document.activeElement;
  if (active === control) return "here";
  const radios = control.type === "radio" && active.type === "radio" && active.name === control.name;
  const order = active.compareDocumentPosition(control);
  const after = Boolean(order & Node.DOCUMENT_POSITION_FOLLOWING);
  if (radios && active.form === control.form) return after ? "beside" : "above";
  return after || active === document.body || active.contains(control) ? "after" : "before";
}

/** In the page: every piece of text that can be seen. */
function visibleTexts() {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.data.replace(/\s+/g, " ").trim();
    const element = node.parentElement;
    if (!text || element.closest("script, style, noscript, template")) continue;
    if (element.tagName === "OPTION" && !element.selected) continue;
    const box = (element.closest("select") ?? element).getBoundingClientRect();
    const shown = (element.closest("select") ?? element).checkVisibility({ visibilityProperty: true, opacityProperty: true });
    if (shown && box.width > 1 && box.height > 1 && box.right > 0) texts.push(text);
  }
  return texts;
}
