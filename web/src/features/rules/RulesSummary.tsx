/** Loaded and failed per language, and the reasons with how many rules each stops. Every number leads to its rules. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { RulesSummary as Summary } from "@/api/types";
import { Foreign } from "@/ui/Foreign";
import { whole } from "@/ui/time";
import classes from "./Rules.module.css";

export function RulesSummary({ summary }: { summary: Summary }) {
  const { t, i18n } = useTranslation(["rules", "common"]);
  const number = (count: number) => whole(count, i18n.language);
  const boxes = [
    { engine: "network", loaded: summary.network_loaded, failed: summary.network_failed },
    { engine: "log", loaded: summary.log_loaded, failed: summary.log_failed },
  ] as const;
  return (
    <div className={classes.summary}>
      {boxes.map((box) => (
        <div key={box.engine} className={classes.box}>
          <h2>{t(`common:engine.${box.engine}`)}</h2>
          <p>
            <Link to="/rules" search={{ engine: box.engine, state: "loaded" }}>
              <strong>{number(box.loaded)}</strong> {t("loaded", { count: box.loaded })}
            </Link>
          </p>
          <p>
            <Link to="/rules" search={{ engine: box.engine, state: "failed" }} data-bad={box.failed > 0 || undefined}>
              <strong>{number(box.failed)}</strong> {t("failed", { count: box.failed })}
            </Link>
          </p>
        </div>
      ))}
      {summary.reasons.length > 0 && (
        <details className={classes.reasons}>
          <summary>{t("reasons", { count: summary.reasons.length })}</summary>
          <ul>
            {summary.reasons.map(([reason, count]) => (
              <li key={reason}>
                <Link to="/rules" search={{ state: "failed", q: reason }}>
                  {number(count)}
                </Link>
                <Foreign text={reason} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
