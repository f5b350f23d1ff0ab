// The words of the pages, read from the word files by their key: a word may change without a test changing.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./places.mjs";

const FOLDER = join(ROOT, "gateway/locales/fr");
const said = read();

function read() {
  const words = new Map();
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".ftl"))) {
    let key = "";
    for (const line of readFileSync(join(FOLDER, file), "utf8").split("\n")) {
      const entry = /^([a-z][\w-]*) = ?(.*)$/.exec(line);
      if (entry) {
        key = entry[1];
        words.set(key, entry[2]);
      } else if (/^\s+\S/.test(line) && key) {
        words.set(key, `${words.get(key)} ${line.trim()}`.trim());
      }
    }
  }
  return words;
}

/** A text as a pattern; its spaces match any, as the browser's names of controls know one kind of space only. */
function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/gu, "\\s+");
}

/** Tells whether there is such a key. */
export function has(key) {
  return said.has(key);
}

/** The words of a key, which hold no variable. */
export function say(key) {
  const words = said.get(key);
  if (words === undefined) throw new Error(`no words are called ${key}`);
  if (words.includes("{")) throw new Error(`${key} holds a variable: use shape("${key}")`);
  return words;
}

/** The words of a key, whatever its variables are. */
export function shape(key) {
  const words = said.get(key);
  if (words === undefined) throw new Error(`no words are called ${key}`);
  const parts = words.split(/\{\s*\$[\w-]+\s*\}/).map(escaped);
  return new RegExp(`^\\s*${parts.join(".+")}\\s*$`, "u");
}

/** The words of a key, which stand somewhere in a text. */
export function within(key) {
  return new RegExp(shape(key).source.slice(4, -4), "u");
}
