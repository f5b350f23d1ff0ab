// Where things are.

import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
/** Where cargo builds. */
export const TARGET = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? "target");
/** The program under test. */
export const RELAIS = process.env.RELAIS_TEST_PROGRAM ?? join(TARGET, "debug/relais");
/** The browser: Debian's, or the one RELAIS_CHROMIUM names. */
export const CHROMIUM = process.env.RELAIS_CHROMIUM ?? "/usr/bin/chromium";
/** Where pictures of the pages go. */
export const PICTURES = join(ROOT, "target/screenshots");
