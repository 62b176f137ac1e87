/** The incident list: open work first. */

import { Button, NativeSelect } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { incidents } from "@/api/calls";
import type { Incident } from "@/api/types";
import { Chip } from "@/ui/Chip";
import { useTitle } from "@/ui/localized";
import { Page } from "@/ui/Page";
import { Severity } from "@/ui/Severity";
import { Empty, Failure, Loading } from "@/ui/States";
import { whole } from "@/ui/time";
import { When } from "@/ui/When";
import classes from "./Incidents.module.css";
import { STATUSES } from "./status";

export function IncidentsPage() {
  const { t } = useTranslation(["incident", "common"]);
  const { status } = useSearch({ from: "/signed-in/incidents" });
  const navigate = useNavigate({ from: "/incidents" });
  const list = useInfiniteQuery({
    queryKey: ["incidents", status ?? "all"],
    queryFn: ({ pageParam }) => incidents.list(status, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title={t("list.title")}
      lead={list.data?.pages[0] && t("list.total", { count: list.data.pages[0].total })}
      tools={
        <NativeSelect
          size="xs"
          aria-label={t("list.status")}
          value={status ?? ""}
          onChange={(event) => void navigate({ search: { status: event.currentTarget.value || undefined } })}
          data={[{ value: "", label: t("list.any_status") }, ...STATUSES.map((value) => ({ value, label: t(`status.${value}`) }))]}
        />
      }
    >
      {list.isPending && <Loading />}
      {list.isError && <Failure error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && rows.length === 0 && <Empty title={t("list.empty_title")}>{t("list.empty_text")}</Empty>}
      <ul className={classes.list}>
        {rows.map((incident) => (
          <IncidentRow key={incident.number} incident={incident} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button variant="default" size="xs" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t("common:more")}
        </Button>
      )}
    </Page>
  );
}

function IncidentRow({ incident }: { incident: Incident }) {
  const { t, i18n } = useTranslation(["incident", "common"]);
  const titleOf = useTitle();
  return (
    <li className={classes.row}>
      <Severity level={incident.severity} />
      <div className={classes.what}>
        <Link to="/incidents/$number" params={{ number: incident.number }}>
          <span className={classes.number}>{incident.number}</span> {titleOf(incident)}
        </Link>
        <span className={classes.faint}>
          {[incident.agency.name || incident.agency.id, incident.system, incident.level ? t("level", { level: incident.level }) : ""].filter(Boolean).join(" · ")}
        </span>
      </div>
      <span className={classes.chips}>
        <Chip tone={incident.status === "new" ? "accent" : "plain"}>{t(`status.${incident.status}`)}</Chip>
        {incident.seen_by.map((how) => (
          <Chip key={how}>{t(`seen_by.${how}`)}</Chip>
        ))}
      </span>
      <span className={classes.faint}>
        {t("size.groups", { count: incident.group_count, number: whole(incident.group_count, i18n.language) })} ·{" "}
        {t("size.alerts", { count: incident.alert_count, number: whole(incident.alert_count, i18n.language) })}
      </span>
      <span className={classes.faint}>{incident.owner ?? t("no_owner")}</span>
      <span className={classes.faint}>
        <When at={incident.updated_at} />
      </span>
    </li>
  );
}
