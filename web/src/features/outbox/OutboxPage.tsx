/** The outbox: every mail that was written, what became of it, and how it reads. */

import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { outbox } from "@/api/calls";
import { Page } from "@/ui/Page";
import { Empty, Failure, Loading } from "@/ui/States";
import { MailRow } from "./MailRow";
import { MailView } from "./MailView";
import classes from "./Outbox.module.css";

export function OutboxPage() {
  const { t } = useTranslation(["outbox", "common"]);
  const { mail } = useSearch({ from: "/signed-in/outbox" });
  const navigate = useNavigate({ from: "/outbox" });
  const list = useInfiniteQuery({
    queryKey: ["outbox", "list"],
    queryFn: ({ pageParam }) => outbox.list(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title={t("title")} lead={t("lead")}>
      {list.isPending && <Loading />}
      {list.isError && <Failure error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && rows.length === 0 && <Empty title={t("empty_title")}>{t("empty_text")}</Empty>}
      <div className={classes.columns} data-mail={mail !== undefined || undefined}>
        <div>
          <ul className={classes.list}>
            {rows.map((row) => (
              <MailRow key={row.id} mail={row} opened={row.id === mail} onOpen={() => void navigate({ search: { mail: row.id } })} />
            ))}
          </ul>
          {list.hasNextPage && (
            <Button variant="default" size="xs" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              {t("common:more")}
            </Button>
          )}
        </div>
        {mail !== undefined && <MailView key={mail} id={mail} onClose={() => void navigate({ search: {} })} />}
      </div>
    </Page>
  );
}
