/** A short fact beside a title. Grey unless its tone means something. */

import type { ReactNode } from "react";
import classes from "./Chip.module.css";

export type Tone = "plain" | "accent" | "ok" | "warn" | "bad";

export function Chip({ tone = "plain", title, children }: { tone?: Tone; title?: string; children: ReactNode }) {
  return (
    <span className={classes.chip} data-tone={tone} title={title}>
      {children}
    </span>
  );
}
