/** The last 24 hours, what else happened to the same target, and what was decided before. */

import { useTranslation } from "react-i18next";
import type { GroupDetail } from "@/api/types";
import { Foreign } from "@/ui/Foreign";
import { useTitle } from "@/ui/localized";
import { Severity } from "@/ui/Severity";
import { Spark } from "@/ui/Spark";
import { compact } from "@/ui/time";
import { When } from "@/ui/When";
import classes from "./Panel.module.css";

export function PanelHistory({ detail, onOther }: { detail: GroupDetail; onOther: (id: string) => void }) {
  const { t, i18n } = useTranslation("inbox");
  const titleOf = useTitle();
  const { group, other_groups_24h: others, earlier_verdicts: earlier } = detail;
  return (
    <>
      <section className={classes.section}>
        <h3>{t("panel.day")}</h3>
        <Spark wide hours={group.spark_24h} />
        {others.length === 0 ? (
          <p className={classes.faint}>{t("panel.no_others")}</p>
        ) : (
          <ul className={classes.others} aria-label={t("panel.others", { count: others.length })}>
            {others.map((other) => (
              <li key={other.id}>
                <button type="button" className={classes.other} onClick={() => onOther(other.id)}>
                  <Severity level={other.severity} wordless />
                  <span title={titleOf(other.rule)}>{titleOf(other.rule)}</span>
                  <span className={classes.faint}>{compact(other.count, i18n.language)}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section className={classes.section}>
        <h3>{t("panel.before")}</h3>
        {earlier.length === 0 && <p className={classes.faint}>{t("panel.no_before")}</p>}
        <ul>
          {earlier.map((verdict) => (
            <li key={verdict.at} className={classes.earlier}>
              <strong>{t(`verdict.${verdict.verdict}`)}</strong> <Foreign text={verdict.reason} />{" "}
              <span className={classes.faint}>
                {verdict.by} · <When at={verdict.at} />
              </span>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
