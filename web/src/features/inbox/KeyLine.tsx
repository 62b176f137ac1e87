/** The keys one needs most, at the foot of the list; `?` shows all. */

import { useTranslation } from "react-i18next";
import { usePreferences } from "@/app/preferences";
import { Hint } from "@/keys/Hint";
import type { Action } from "@/keys/keymap";
import classes from "./Inbox.module.css";

const SHOWN: readonly Action[] = ["next", "previous", "open", "select", "falsePositive", "benign", "truePositive", "incident", "note", "assign", "help"];

export function KeyLine() {
  const { t } = useTranslation("keys");
  if (!usePreferences().letterKeys) return null;
  return (
    <footer className={classes.keyline}>
      {SHOWN.map((action) => (
        <span key={action}>
          <Hint action={action} />
          {t(`short.${action as "next"}`)}
        </span>
      ))}
    </footer>
  );
}
