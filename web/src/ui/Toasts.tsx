/** Confirmations in the corner, announced politely; each with the way back where there is one. */

import { Button, CloseButton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Hint } from "@/keys/Hint";
import classes from "./Toasts.module.css";
import { dismiss, undo, useToasts } from "./notices";

export function Toasts({ onUndo }: { onUndo: (result: Promise<boolean>) => void }) {
  const toasts = useToasts();
  const { t } = useTranslation();
  return (
    <div className={classes.corner} aria-live="polite" role="status">
      {toasts.map((toast) => (
        <div key={toast.id} className={classes.toast} data-tone={toast.tone}>
          <span>{toast.text}</span>
          {toast.link && <Link to={toast.link.to}>{toast.link.label}</Link>}
          {toast.undo && (
            <Button size="compact-xs" variant="subtle" onClick={() => onUndo(undo(toast.id))} rightSection={<Hint action="undo" />}>
              {t("undo")}
            </Button>
          )}
          <CloseButton size="sm" aria-label={t("close")} onClick={() => dismiss(toast.id)} />
        </div>
      ))}
    </div>
  );
}
