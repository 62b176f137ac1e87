/** Vietnamese first, English second. A language is one lazily loaded chunk; keys are checked by the compiler. */

import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { prefer } from "@/app/preferences";

export type Language = "vi" | "en";
export const LANGUAGES: readonly Language[] = ["vi", "en"];

export function isLanguage(value: string): value is Language {
  return (LANGUAGES as readonly string[]).includes(value);
}

const load = {
  vi: () => import("./vi/index"),
  en: () => import("./en/index"),
};

async function ensure(language: Language): Promise<void> {
  const { resources } = await load[language]();
  for (const [namespace, texts] of Object.entries(resources)) {
    if (!i18next.hasResourceBundle(language, namespace)) i18next.addResourceBundle(language, namespace, texts);
  }
}

export async function startLanguages(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    // No second language behind the first: a missing key is a failed test, not a mixed page.
    fallbackLng: false,
    resources: {},
    defaultNS: "common",
    // React escapes what it renders.
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await speak(language);
}

export async function speak(language: Language): Promise<void> {
  await ensure(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  prefer({ language });
}
