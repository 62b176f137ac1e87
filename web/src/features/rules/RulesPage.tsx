/** The rules: how many run, which do not and why, and each of them by search. */

import { NativeSelect, TextInput } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { rules } from "@/api/calls";
import { Page } from "@/ui/Page";
import { Empty, Failure, Loading } from "@/ui/States";
import { RulesList } from "./RulesList";
import { RulesSummary } from "./RulesSummary";

const STATES = ["loaded", "failed"] as const;
const ENGINES = ["network", "log"] as const;

export function RulesPage() {
  const { t } = useTranslation(["rules", "common"]);
  const search = useSearch({ from: "/signed-in/rules" });
  const navigate = useNavigate({ from: "/rules" });
  const [text, setText] = useState(search.q ?? "");
  const q = useDeferredValue(text.trim());
  const filter = {
    state: STATES.find((state) => state === search.state),
    engine: ENGINES.find((engine) => engine === search.engine),
    q: q === "" ? undefined : q,
  };
  const summary = useQuery({ queryKey: ["rules", "summary"], queryFn: rules.summary });
  const list = useInfiniteQuery({
    queryKey: ["rules", filter],
    queryFn: ({ pageParam }) => rules.list(filter, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
  const go = (change: Partial<typeof search>) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title={t("title")}
      lead={t("lead")}
      tools={
        <>
          <TextInput
            size="xs"
            type="search"
            aria-label={t("search")}
            placeholder={t("search")}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              go({ q: event.currentTarget.value.trim() || undefined });
            }}
          />
          <NativeSelect
            size="xs"
            aria-label={t("filter_state")}
            value={filter.state ?? ""}
            onChange={(event) => go({ state: event.currentTarget.value || undefined })}
            data={[{ value: "", label: t("any_state") }, ...STATES.map((value) => ({ value, label: t(`state.${value}`) }))]}
          />
          <NativeSelect
            size="xs"
            aria-label={t("filter_engine")}
            value={filter.engine ?? ""}
            onChange={(event) => go({ engine: event.currentTarget.value || undefined })}
            data={[{ value: "", label: t("any_engine") }, ...ENGINES.map((value) => ({ value, label: t(`common:engine.${value}`) }))]}
          />
        </>
      }
    >
      {summary.isError && <Failure error={summary.error} onRetry={() => void summary.refetch()} />}
      {summary.data && <RulesSummary summary={summary.data} />}
      {list.isPending && <Loading />}
      {list.isError && <Failure error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && rows.length === 0 && <Empty title={t("empty_title")}>{t("empty_text")}</Empty>}
      {rows.length > 0 && (
        <RulesList
          rows={rows}
          total={list.data?.pages[0]?.total ?? 0}
          onEnd={() => {
            if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
          }}
        />
      )}
    </Page>
  );
}
