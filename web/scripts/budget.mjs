// Adds up what a browser fetches for the first view (page, entry script with its static imports, their styles, and the
// text font; the monospaced font comes with the first panel), compressed as the server sends it, and fails above the budget of the design.
import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET_BYTES = 300_000;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

/** Entry, everything it imports statically, and the chunks every start loads: the inbox and one language. */
function firstView() {
  const files = new Set(["index.html"]);
  const seen = new Set();
  const walk = (key) => {
    const chunk = manifest[key];
    if (!chunk || seen.has(key)) return;
    seen.add(key);
    files.add(chunk.file);
    for (const style of chunk.css ?? []) files.add(style);
    for (const next of chunk.imports ?? []) walk(next);
  };
  walk("index.html");
  for (const key of Object.keys(manifest)) {
    if (/i18n\/vi\/index|features\/inbox\/InboxPage/.test(key)) walk(key);
  }
  return [...files];
}

const packed = (file) => {
  const bytes = readFileSync(new URL(file, dist));
  return /\.woff2$/.test(file) ? bytes.length : gzipSync(bytes, { level: 9 }).length;
};
const fonts = readdirSync(new URL("assets/", dist)).filter((name) => /be-vietnam-pro.*\.woff2$/.test(name)).map((name) => `assets/${name}`);
const rows = [...firstView(), ...fonts].map((file) => [file, packed(file)]);
const total = rows.reduce((sum, [, size]) => sum + size, 0);
for (const [file, size] of rows) console.log(`${String(size).padStart(8)}  ${file}`);
console.log(`${String(total).padStart(8)}  first view, compressed (budget ${BUDGET_BYTES})`);
if (total > BUDGET_BYTES) {
  console.error("the first view is above its budget: load what it does not need later, or leave it out");
  process.exit(1);
}
