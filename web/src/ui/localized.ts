/** Titles and advice come in two languages from the content packs; Vietnamese falls back to what the rule says. */

import { useTranslation } from "react-i18next";
import { plain } from "./visible";

interface Titled {
  title: string;
  title_vi?: string | null | undefined;
}

export function titleOf(thing: Titled, language: string): string {
  // Titles of public rules and of people are text like any other from outside.
  return plain(language === "vi" ? (thing.title_vi ?? thing.title) : thing.title);
}

export function useTitle(): (thing: Titled) => string {
  const { i18n } = useTranslation();
  return (thing) => titleOf(thing, i18n.language);
}
