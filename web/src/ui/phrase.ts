/** Sentences that the centre says as a code with values, in the reader's language. */

import { useTranslation } from "react-i18next";
import type { Phrase } from "@/api/types";
import { exact, whole } from "./time";
import { plain } from "./visible";

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** Values may come from outside: times and numbers are written for the reader, everything else is made inert. */
export function readable(value: string, language: string): string {
  if (TIME.test(value)) return exact(value, language);
  if (/^\d{4,15}$/.test(value)) return whole(Number(value), language);
  return plain(value);
}

export function usePhrase(): (phrase: Phrase) => string {
  const { i18n } = useTranslation("words");
  return ({ code, params }) => {
    const values = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, readable(value, i18n.language)]));
    const key = `words:${code}`;
    // The code itself is shown when it is newer than this console: better than silence.
    if (!i18n.exists(key)) return [code, ...Object.entries(values).map(([name, value]) => `${name}=${value}`)].join(" ");
    const context = params["user"] === "" ? { context: "nobody" } : {};
    // The key comes from outside, so the compiler cannot know it; `exists` just did.
    return (i18n.t as (key: string, values: Record<string, string>) => string)(key, { ...values, ...context });
  };
}
