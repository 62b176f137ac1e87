/** The facts a lead needs: whose, which system, since when, how it was seen, which deadlines run. */

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { IncidentDetail } from "@/api/types";
import { usePhrase } from "@/ui/phrase";
import { whole } from "@/ui/time";
import { When } from "@/ui/When";
import classes from "./Incidents.module.css";

export function IncidentFacts({ detail: { incident, clocks } }: { detail: IncidentDetail }) {
  const { t, i18n } = useTranslation("incident");
  const phrase = usePhrase();
  const system = [incident.system, incident.level ? t("level", { level: incident.level }) : ""].filter(Boolean).join(" · ");
  const facts: [string, ReactNode][] = [
    [t("fact.agency"), incident.agency.name || incident.agency.id],
    [t("fact.system"), system || "–"],
    [t("fact.t0"), <When key="t0" at={incident.t0} precise />],
    [t("fact.opened"), <When key="opened" at={incident.opened_at} precise />],
    [t("fact.stages"), incident.stages.map((stage) => t(`stage.${stage}`)).join(", ") || "–"],
    [t("fact.seen_by"), incident.seen_by.map((how) => t(`seen_by.${how}`)).join(" + ")],
    [
      t("fact.size"),
      [
        t("size.groups", { count: incident.group_count, number: whole(incident.group_count, i18n.language) }),
        t("size.alerts", { count: incident.alert_count, number: whole(incident.alert_count, i18n.language) }),
      ].join(" · "),
    ],
    ...clocks.map(({ code, due_at }): [string, ReactNode] => [phrase({ code, params: {} }), <When key={code} at={due_at} precise />]),
  ];
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
