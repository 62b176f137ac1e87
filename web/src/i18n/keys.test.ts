/** Both languages have the same keys with the same values in them; every key is used; every used key exists. */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { resources as en } from "./en/index";
import { resources as vi } from "./vi/index";

const SOURCE = fileURLToPath(new URL("..", import.meta.url));
/** Keys that the centre names: they cannot be found in the console's source. */
const BY_CODE = ["words:", "errors:"];

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, prefix: string): Map<string, string> {
  return new Map(Object.entries(tree).flatMap(([key, value]) => (typeof value === "string" ? [[`${prefix}${key}`, value] as const] : [...flat(value, `${prefix}${key}.`)])));
}
function texts(resources: Record<string, unknown>): Map<string, string> {
  return new Map(Object.entries(resources).flatMap(([namespace, tree]) => [...flat(tree as Tree, `${namespace}:`)]));
}
const singular = (key: string) => key.replace(/_(?:one|other)$/, "");
const places = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((found) => found[1] ?? "").sort();

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = `${folder}/${name}`;
    if (statSync(path).isDirectory()) return name === "i18n" ? [] : sources(path);
    return /\.tsx?$/.test(name) && !/\.test\.ts$/.test(name) ? [readFileSync(path, "utf8")] : [];
  });
}

/** Keys as written in `t("…")` and the beginnings of keys that are put together, with their namespace. */
function used(source: string): { keys: string[]; prefixes: string[] } {
  const own = /useTranslation\(\[?"(\w+)"/.exec(source)?.[1] ?? "common";
  const whole = (key: string) => (key.includes(":") ? key : `${own}:${key}`);
  const strings = [...source.matchAll(/\bt\(\s*(?:[^"`)]*\?\s*)?"([^"]+)"(?:\s*:\s*"([^"]+)")?/g)].flatMap((found) => [found[1], found[2]]);
  const nested = [...source.matchAll(/\bt\([^)]*?"([\w.]+)"/g), ...source.matchAll(/\bt\([^)]*?\?[^)]*?"([\w.]+)"\)/g), ...source.matchAll(/\? "([\w.]+)" : /g), ...source.matchAll(/ : "([\w.]+)"/g)].map((found) => found[1]);
  const templates = [...source.matchAll(/\bt\(`([^`$]*)\$\{/g)].map((found) => found[1]);
  return {
    keys: [...strings, ...nested].filter((key) => key !== undefined).map(whole),
    prefixes: templates.filter((key) => key !== undefined).map(whole),
  };
}

const vietnamese = texts(vi);
const english = texts(en);

describe("the translation files", () => {
  it("have the same keys in both languages", () => {
    const keys = (map: Map<string, string>) => [...new Set([...map.keys()].map(singular))].sort();
    expect(keys(english)).toEqual(keys(vietnamese));
  });

  it("have the same places for values in both languages", () => {
    const differing = [...english].filter(([key, text]) => {
      if (key.endsWith("_one")) return false;
      return places(text).join() !== places(vietnamese.get(key) ?? "").join();
    });
    expect(differing).toEqual([]);
  });

  it("have no empty text", () => {
    expect([...vietnamese, ...english].filter(([, text]) => text.trim() === "")).toEqual([]);
  });

  const found = sources(SOURCE).map(used);
  const keys = new Set(found.flatMap((each) => each.keys));
  const prefixes = found.flatMap((each) => each.prefixes);

  it("hold no text that nothing uses", () => {
    const unused = [...vietnamese.keys()]
      .filter((key) => !BY_CODE.some((prefix) => key.startsWith(prefix)))
      .map(singular)
      .filter((key) => !keys.has(key) && !prefixes.some((prefix) => key.startsWith(prefix)));
    expect(unused).toEqual([]);
  });

  it("hold a text for every key and every beginning of a key in the source", () => {
    const known = [...vietnamese.keys()].map(singular);
    expect(prefixes.filter((prefix) => !known.some((key) => key.startsWith(prefix)))).toEqual([]);
    // That each written-out key exists is the compiler's work (i18n/types.d.ts); this checks that the scan sees them.
    expect([...keys].filter((key) => known.includes(key)).length).toBeGreaterThan(100);
  });
});
