/** Why it fired: what was looked for, where, and the bytes or the field that matched. */

import { ActionIcon } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Alert, GroupDetail } from "@/api/types";
import { EvidenceList } from "@/ui/EvidenceList";
import { Foreign } from "@/ui/Foreign";
import { Icon } from "@/ui/Icon";
import { whole } from "@/ui/time";
import { When } from "@/ui/When";
import classes from "./Panel.module.css";

export function PanelWhy({ detail }: { detail: GroupDetail }) {
  const { t, i18n } = useTranslation("inbox");
  const { alerts, group, rule } = detail;
  const [index, setIndex] = useState(0);
  const alert = alerts[Math.min(index, alerts.length - 1)];
  return (
    <section className={classes.section}>
      <h3>{t("panel.why")}</h3>
      {alerts.length > 1 && (
        <div className={classes.samples}>
          <ActionIcon size="sm" variant="default" aria-label={t("panel.newer")} disabled={index === 0} onClick={() => setIndex(index - 1)}>
            <Icon name="back" />
          </ActionIcon>
          <span>{t("panel.sample", { index: index + 1, kept: alerts.length, count: group.count, total: whole(group.count, i18n.language) })}</span>
          <ActionIcon size="sm" variant="default" aria-label={t("panel.older")} disabled={index >= alerts.length - 1} onClick={() => setIndex(index + 1)}>
            <Icon name="forward" />
          </ActionIcon>
          {alert && <When at={alert.time} precise />}
        </div>
      )}
      {alert ? <OneAlert alert={alert} /> : <p className={classes.faint}>{t("panel.no_alert")}</p>}
      <details className={classes.details}>
        <summary>{t("panel.rule", { id: group.rule.id })}</summary>
        {group.rule.source && <p className={classes.faint}>{group.rule.source}</p>}
        {rule ? <Foreign block text={rule.text} /> : <p className={classes.faint}>{t("panel.no_rule")}</p>}
      </details>
    </section>
  );
}

function OneAlert({ alert }: { alert: Alert }) {
  const { t } = useTranslation("inbox");
  return (
    <>
      <EvidenceList evidence={alert.evidence} />
      <details className={classes.details}>
        <summary>{t("panel.event", { source: alert.source })}</summary>
        <Foreign block text={JSON.stringify(alert.event, null, 2)} />
      </details>
    </>
  );
}
