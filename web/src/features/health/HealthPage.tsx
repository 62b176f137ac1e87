/** What brings the data in: the worst first, with the reason in words. */

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { health } from "@/api/calls";
import { Page } from "@/ui/Page";
import { Empty, Failure, Loading } from "@/ui/States";
import { worstFirst } from "./order";
import { SourceCard } from "./SourceCard";

const EVERY_MS = 10_000;

export function HealthPage() {
  const { t } = useTranslation("health");
  const sources = useQuery({ queryKey: ["health"], queryFn: health.sources, refetchInterval: EVERY_MS });
  const ill = sources.data?.filter((source) => source.state !== "ok").length ?? 0;
  return (
    <Page title={t("title")} lead={sources.data && sources.data.length > 0 && (ill === 0 ? t("all_well", { count: sources.data.length }) : t("some_ill", { count: ill, total: sources.data.length }))}>
      {sources.isPending && <Loading />}
      {sources.isError && <Failure error={sources.error} onRetry={() => void sources.refetch()} />}
      {sources.data?.length === 0 && <Empty title={t("empty_title")}>{t("empty_text")}</Empty>}
      {/* The page scrolls and may hold nothing else to focus: the list itself takes the keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <ul tabIndex={0} aria-label={t("title")}>
        {worstFirst(sources.data ?? []).map((source) => (
          <SourceCard key={`${source.kind}${source.name}`} source={source} />
        ))}
      </ul>
    </Page>
  );
}
