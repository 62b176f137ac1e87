/** `i`: a new incident of the chosen groups, or more groups for one that is open. */

import { Button, CloseButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { incidents } from "@/api/calls";
import { useTitle } from "@/ui/localized";
import { Failure, Loading } from "@/ui/States";
import classes from "./Inbox.module.css";

interface Props {
  count: number;
  onChoose: (number: string | undefined) => void;
  onClose: () => void;
}

const FINISHED: readonly string[] = ["resolved", "closed"];

export function IncidentStrip({ count, onChoose, onClose }: Props) {
  const { t } = useTranslation(["inbox", "common"]);
  const titleOf = useTitle();
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  const open = useQuery({
    queryKey: ["incidents", "joinable"],
    queryFn: async () => (await incidents.list(undefined, undefined)).items.filter((incident) => !FINISHED.includes(incident.status)).slice(0, 8),
  });
  return (
    <section className={classes.strip} aria-label={t("incident_strip", { count })}>
      <header>
        <h2>{t("incident_strip", { count })}</h2>
        <CloseButton size="sm" aria-label={t("common:close")} onClick={onClose} />
      </header>
      <div className={classes.options}>
        <Button ref={first} size="xs" onClick={() => onChoose(undefined)}>
          {t("incident_new")}
        </Button>
        {open.isPending && <Loading />}
        {open.isError && <Failure error={open.error} />}
        {open.data?.map((incident) => (
          <Button key={incident.number} size="xs" variant="default" onClick={() => onChoose(incident.number)} title={titleOf(incident)}>
            {t("incident_join", { number: incident.number, title: titleOf(incident) })}
          </Button>
        ))}
      </div>
    </section>
  );
}
