/** A refusal in the reader's words: what happened and what to do, from the stable code of the centre. */

import { useTranslation } from "react-i18next";
import { Problem } from "@/api/client";

export interface ProblemText {
  what: string;
  todo: string;
}

export function useProblemText(): (error: unknown) => ProblemText {
  const { t, i18n } = useTranslation("errors");
  return (error) => {
    if (!(error instanceof Problem)) return { what: t("http.unexpected.what"), todo: error instanceof Error ? error.message : "" };
    const key = `errors:${error.code}`;
    // A code that is newer than this console falls back to the centre's own words, which are in the reader's language too.
    if (!i18n.exists(`${key}.what`)) return { what: t("http.unexpected.what"), todo: [error.detail, error.requestId].filter(Boolean).join(" · ") };
    const minutes = Math.max(1, Math.ceil((error.retryAfterS ?? 60) / 60));
    const params = { detail: error.detail, count: minutes };
    return { what: i18n.t(`${key}.what` as "errors:http.unexpected.what", params), todo: i18n.t(`${key}.todo` as "errors:http.unexpected.todo", params) };
  };
}
