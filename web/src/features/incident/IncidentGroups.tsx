/** The groups of an incident, each with the evidence of its newest alert on demand. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { groups as calls } from "@/api/calls";
import type { Group } from "@/api/types";
import { Chip } from "@/ui/Chip";
import { EvidenceList } from "@/ui/EvidenceList";
import { Foreign } from "@/ui/Foreign";
import { useTitle } from "@/ui/localized";
import { Severity } from "@/ui/Severity";
import { Failure, Loading } from "@/ui/States";
import { whole } from "@/ui/time";
import { When } from "@/ui/When";
import classes from "./Incidents.module.css";

export function IncidentGroups({ groups }: { groups: readonly Group[] }) {
  const { t } = useTranslation(["incident", "common", "inbox"]);
  return (
    <section>
      <h2>{t("groups", { count: groups.length })}</h2>
      {groups.map((group, index) => (
        <GroupCard key={group.id} group={group} opened={index === 0} />
      ))}
    </section>
  );
}

function GroupCard({ group, opened }: { group: Group; opened: boolean }) {
  const { t, i18n } = useTranslation(["incident", "common", "inbox"]);
  const titleOf = useTitle();
  const [open, setOpen] = useState(opened);
  return (
    <div className={classes.group}>
      <header>
        <Severity level={group.severity} wordless />
        <Link to="/inbox" search={{ group: group.id, state: "all" }}>
          {titleOf(group.rule)}
        </Link>
        {group.verdict && <Chip>{t(`inbox:verdict.${group.verdict.verdict}`)}</Chip>}
        {group.engines.map((engine) => (
          <Chip key={engine}>{t(`common:engine.${engine}`)}</Chip>
        ))}
      </header>
      <p className={classes.faint}>
        <Foreign text={group.target.label} /> · {t("size.alerts", { count: group.count, number: whole(group.count, i18n.language) })} · <When at={group.last_seen} />
      </p>
      <details className={classes.details} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{t("evidence")}</summary>
        {open && <GroupEvidence id={group.id} />}
      </details>
    </div>
  );
}

function GroupEvidence({ id }: { id: string }) {
  const detail = useQuery({ queryKey: ["group", id], queryFn: () => calls.detail(id) });
  if (detail.isPending) return <Loading />;
  if (detail.isError) return <Failure error={detail.error} onRetry={() => void detail.refetch()} />;
  return <EvidenceList evidence={detail.data.alerts[0]?.evidence ?? []} />;
}
