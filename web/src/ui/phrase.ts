/** Sentences that the centre says as a code with values, in the reader's language. */

import { useTranslation } from "react-i18next";
import type { Phrase } from "@/api/types";

/** The code itself is shown when it is newer than this console: better than silence. */
export function usePhrase(): (phrase: Phrase) => string {
  const { i18n } = useTranslation("words");
  return ({ code, params }) => {
    const key = `words:${code}`;
    // The key comes from outside, so the compiler cannot know it; `exists` just did.
    if (i18n.exists(key)) return (i18n.t as (key: string, params: Record<string, string>) => string)(key, params);
    const values = Object.entries(params).map(([name, value]) => `${name}=${value}`);
    return [code, ...values].join(" ");
  };
}
