/** Status, severity and owner. A change of the first two asks why; the answer goes into the timeline. */

import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { people } from "@/api/calls";
import type { Incident } from "@/api/types";
import { useMe } from "@/app/session";
import { useKeys } from "@/keys/dispatch";
import classes from "./Incidents.module.css";
import { SEVERITIES, STATUSES } from "./status";
import type { useIncidentWork } from "./useIncidentWork";

interface Props {
  incident: Incident;
  work: ReturnType<typeof useIncidentWork>;
}

type Change = { what: "status"; to: Incident["status"] } | { what: "severity"; to: Incident["severity"] };

export function IncidentControls({ incident, work }: Props) {
  const { t } = useTranslation(["incident", "common"]);
  const me = useMe();
  const users = useQuery({ queryKey: ["users"], queryFn: people.users, staleTime: Infinity });
  const [change, setChange] = useState<Change>();
  const [reason, setReason] = useState("");
  useKeys({ assign: () => me && void work.assign(me.name), close: () => setChange(undefined) });

  const confirm = () => {
    if (!change) return;
    const sent = change.what === "status" ? work.setStatus(change.to, reason.trim()) : work.setSeverity(change.to, reason.trim());
    void sent.then((done) => {
      if (!done) return;
      setChange(undefined);
      setReason("");
    });
  };
  const owners = [...new Set([...(users.data ?? []).map((user) => user.name), ...(incident.owner ? [incident.owner] : [])])];
  const nameOf = (name: string) => users.data?.find((user) => user.name === name)?.display_name ?? name;
  return (
    <form
      className={classes.controls}
      onSubmit={(event) => {
        event.preventDefault();
        confirm();
      }}
    >
      <NativeSelect
        size="xs"
        label={t("control.status")}
        value={change?.what === "status" ? change.to : incident.status}
        onChange={(event) => {
          const to = STATUSES.find((status) => status === event.currentTarget.value);
          setChange(to && to !== incident.status ? { what: "status", to } : undefined);
        }}
        data={STATUSES.map((value) => ({ value, label: t(`status.${value}`) }))}
      />
      <NativeSelect
        size="xs"
        label={t("control.severity")}
        value={change?.what === "severity" ? change.to : incident.severity}
        onChange={(event) => {
          const to = SEVERITIES.find((severity) => severity === event.currentTarget.value);
          setChange(to && to !== incident.severity ? { what: "severity", to } : undefined);
        }}
        data={SEVERITIES.map((value) => ({ value, label: t(`common:severity.${value}`) }))}
      />
      <NativeSelect
        size="xs"
        label={t("control.owner")}
        value={incident.owner ?? ""}
        onChange={(event) => void work.assign(event.currentTarget.value || null)}
        data={[{ value: "", label: t("no_owner") }, ...owners.map((value) => ({ value, label: nameOf(value) }))]}
      />
      {change && (
        <>
          <TextInput size="xs" required withAsterisk={false} label={t("control.reason")} placeholder={t("control.reason_hint")} maxLength={500} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
          <Button size="xs" type="submit" disabled={reason.trim() === ""}>
            {t("control.confirm")}
          </Button>
          <Button size="xs" variant="subtle" color="gray" onClick={() => setChange(undefined)}>
            {t("common:cancel")}
          </Button>
        </>
      )}
    </form>
  );
}
