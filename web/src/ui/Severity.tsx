/** Severity is shape, colour and word: none of the three alone. */

import { useTranslation } from "react-i18next";
import type { Severity as Level } from "@/api/types";
import classes from "./Severity.module.css";

const SHAPES: Record<Level, React.ReactNode> = {
  critical: <path d="M7 0.8 13.2 7 7 13.2 0.8 7z" fill="currentColor" />,
  high: <path d="M7 1.4 13 12.4H1z" fill="currentColor" />,
  medium: <circle cx="7" cy="7" r="5.4" fill="currentColor" />,
  low: <path d="M1.8 2.4h10.4L7 12z" fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinejoin="round" />,
  informational: <circle cx="7" cy="7" r="4.9" fill="none" stroke="currentColor" strokeWidth="1.7" />,
};

interface Props {
  level: Level;
  /** In dense rows the word is left to screen readers and the tooltip. */
  wordless?: boolean;
}

export function Severity({ level, wordless = false }: Props) {
  const { t } = useTranslation();
  const word = t(`severity.${level}`);
  return (
    <span className={classes.severity} data-level={level} title={wordless ? word : undefined}>
      <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
        {SHAPES[level]}
      </svg>
      <span className={wordless ? "visually-hidden" : classes.word}>{word}</span>
    </span>
  );
}
