/** Well, quiet or ill: shape, colour and word. */

import { useTranslation } from "react-i18next";
import type { SourceHealth } from "@/api/types";
import classes from "./Health.module.css";

const SHAPES = {
  ok: <path d="M2.5 8.5 6.5 12.5 13.5 4" fill="none" stroke="currentColor" strokeWidth="2.2" />,
  quiet: <path d="M5 3v10M11 3v10" fill="none" stroke="currentColor" strokeWidth="2.6" />,
  ill: <path d="M8 1.5 15 14H1z" fill="currentColor" />,
} as const;

export function StateMark({ state }: { state: SourceHealth["state"] }) {
  const { t } = useTranslation("health");
  return (
    <span className={classes.mark} data-state={state}>
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        {SHAPES[state]}
      </svg>
      <strong>{t(`state.${state}`)}</strong>
    </span>
  );
}
