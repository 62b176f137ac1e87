/** What a page shows instead of its content: still loading, nothing there, or what went wrong and what to do. */

import { Button, Loader } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useProblemText } from "./problem";
import classes from "./States.module.css";

export function Loading() {
  const { t } = useTranslation();
  return (
    <div className={classes.state} role="status">
      <Loader size="sm" />
      <p>{t("loading")}</p>
    </div>
  );
}

/** An empty state teaches: what would be here, and how it comes. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={classes.state}>
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}

export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const { what, todo } = useProblemText()(error);
  return (
    <div className={classes.state} role="alert">
      <h2>{what}</h2>
      <p>{todo}</p>
      {onRetry && (
        <Button variant="default" size="xs" onClick={onRetry}>
          {t("retry")}
        </Button>
      )}
    </div>
  );
}
