/** One incident: what, where, how urgent; why it is one; what happened; what was seen; who was told. */

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { incidents } from "@/api/calls";
import type { IncidentDetail } from "@/api/types";
import { useKeys } from "@/keys/dispatch";
import { Foreign } from "@/ui/Foreign";
import { useTitle } from "@/ui/localized";
import { NoteForm } from "@/ui/NoteForm";
import { usePageTitle } from "@/ui/Page";
import page from "@/ui/Page.module.css";
import { usePhrase } from "@/ui/phrase";
import { Severity } from "@/ui/Severity";
import { Failure, Loading } from "@/ui/States";
import { IncidentControls } from "./IncidentControls";
import { IncidentFacts } from "./IncidentFacts";
import { IncidentGroups } from "./IncidentGroups";
import { IncidentMails } from "./IncidentMails";
import classes from "./Incidents.module.css";
import { Timeline } from "./Timeline";
import { useIncidentWork } from "./useIncidentWork";

export function IncidentPage() {
  const { number } = useParams({ from: "/signed-in/incidents/$number" });
  const detail = useQuery({ queryKey: ["incident", number], queryFn: () => incidents.detail(number) });
  usePageTitle(number);
  if (detail.isPending) return <Loading />;
  if (detail.isError) return <Failure error={detail.error} onRetry={() => void detail.refetch()} />;
  return <Loaded detail={detail.data} />;
}

function Loaded({ detail }: { detail: IncidentDetail }) {
  const { t } = useTranslation("incident");
  const { incident } = detail;
  const title = useTitle()(incident);
  const phrase = usePhrase();
  const work = useIncidentWork(incident);
  const noteBox = useRef<HTMLTextAreaElement>(null);
  useKeys({ note: () => noteBox.current?.focus() });
  return (
    <article className={page.page}>
      <header className={classes.head}>
        <span className={classes.faint}>
          <Link to="/incidents">{t("list.title")}</Link> / <span className={classes.number}>{incident.number}</span>
        </span>
        <h1>{title}</h1>
        <Severity level={incident.severity} />
        <p className={classes.why}>
          <strong>{t("why")}</strong> {phrase(incident.why)}
        </p>
      </header>
      <IncidentControls incident={incident} work={work} />
      <IncidentFacts detail={detail} />
      <div className={classes.columns}>
        <div>
          <IncidentGroups groups={detail.groups} />
          <section>
            <h2>{t("notes")}</h2>
            {detail.notes.map((note) => (
              <p key={`${note.at}${note.by}`} className={classes.mail}>
                <Foreign text={note.text} /> <span className={classes.faint}>{note.by}</span>
              </p>
            ))}
            <NoteForm boxRef={noteBox} onNote={work.note} />
          </section>
          <IncidentMails mails={detail.mails} />
        </div>
        <div>
          <section>
            <h2>{t("timeline")}</h2>
            <Timeline items={detail.timeline} />
          </section>
          <section>
            <h2>{t("entities")}</h2>
            <ul className={classes.entities}>
              {detail.entities.map((entity) => (
                <li key={entity}>
                  <Foreign text={entity} />
                </li>
              ))}
            </ul>
          </section>
        </div>
      </div>
    </article>
  );
}
