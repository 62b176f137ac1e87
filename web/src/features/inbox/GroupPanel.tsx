/** The panel: why it fired, what the target is, what else it did, what was decided last time, what to do. */

import { CloseButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type Ref, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { groups } from "@/api/calls";
import type { Group } from "@/api/types";
import { Chip } from "@/ui/Chip";
import { useTitle } from "@/ui/localized";
import { Severity } from "@/ui/Severity";
import { Failure, Loading } from "@/ui/States";
import { whole } from "@/ui/time";
import { plain } from "@/ui/visible";
import { When } from "@/ui/When";
import { PanelAdvice } from "./PanelAdvice";
import classes from "./Panel.module.css";
import { PanelHistory } from "./PanelHistory";
import { PanelNotes } from "./PanelNotes";
import { PanelTarget } from "./PanelTarget";
import { PanelWhy } from "./PanelWhy";
import { TriageButtons, type TriageActions } from "./TriageButtons";
import type { Triage } from "./useTriage";

interface Props {
  id: string;
  triage: Triage;
  actions: TriageActions;
  noteBox: Ref<HTMLTextAreaElement>;
  onClose: () => void;
  onOther: (id: string) => void;
}

export function GroupPanel({ id, triage, actions, noteBox, onClose, onOther }: Props) {
  const { t } = useTranslation(["inbox", "common"]);
  const detail = useQuery({ queryKey: ["group", id], queryFn: () => groups.detail(id) });
  useMarkRead(detail.data?.group, triage);
  return (
    <aside className={classes.panel} aria-label={t("panel.label")}>
      <CloseButton className={classes.close} aria-label={t("panel.close")} onClick={onClose} />
      {detail.isPending && <Loading />}
      {detail.isError && <Failure error={detail.error} onRetry={() => void detail.refetch()} />}
      {detail.data && (
        <>
          <PanelHead group={detail.data.group} />
          <div className={classes.actions}>
            <TriageButtons actions={actions} />
          </div>
          <PanelWhy detail={detail.data} />
          <PanelTarget detail={detail.data} />
          <PanelHistory detail={detail.data} onOther={onOther} />
          <PanelAdvice rule={detail.data.rule} />
          <PanelNotes detail={detail.data} noteBox={noteBox} onNote={(text) => triage.note(detail.data.group, text)} />
        </>
      )}
    </aside>
  );
}

/** Once for each group that is opened; the rows show it at once. */
function useMarkRead(group: Group | undefined, triage: Triage): void {
  const marked = useRef("");
  useEffect(() => {
    if (!group?.unread || marked.current === group.id) return;
    marked.current = group.id;
    void triage.markRead(group);
  }, [group, triage]);
}

function PanelHead({ group }: { group: Group }) {
  const { t, i18n } = useTranslation(["inbox", "common"]);
  const title = useTitle()(group.rule);
  return (
    <header className={classes.head}>
      <Severity level={group.severity} />
      <h2>{title}</h2>
      <p className={classes.facts}>
        <span>{t("panel.count", { count: group.count, number: whole(group.count, i18n.language) })}</span>
        <span>
          {t("panel.first")} <When at={group.first_seen} />
        </span>
        <span>
          {t("panel.last")} <When at={group.last_seen} />
        </span>
      </p>
      <p className={classes.chips}>
        {group.incident && (
          <Link to="/incidents/$number" params={{ number: group.incident }}>
            {group.incident}
          </Link>
        )}
        {group.verdict && (
          <Chip tone="accent" title={group.verdict.reason}>
            {t("panel.verdict_by", { verdict: t(`verdict.${group.verdict.verdict}`), by: group.verdict.by })}
          </Chip>
        )}
        {group.assignee && <Chip>{t("assigned_to", { name: group.assignee })}</Chip>}
        {group.engines.map((engine) => (
          <Chip key={engine}>{t(`common:engine.${engine}`)}</Chip>
        ))}
        {group.tags.map((tag) => (
          <Chip key={tag}>{plain(tag)}</Chip>
        ))}
      </p>
    </header>
  );
}
