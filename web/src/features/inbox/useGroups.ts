/** The loaded rows of a view, and the live rows that wait until the list is at its top. */

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { type RefObject, useEffect, useMemo, useState } from "react";
import { groups } from "@/api/calls";
import type { Group } from "@/api/types";
import { onLiveGroup } from "@/app/live";
import { belongs, groupFilter, type InboxSearch } from "./filters";
import { mapRows, type Pages, putOnTop, rowsOf } from "./rows";

export type View = Omit<InboxSearch, "group">;

export function viewOf({ state, severity, hours, q, agency }: InboxSearch): View {
  return { state, severity, hours, q, agency };
}

export function useGroups(view: View, atTop: RefObject<boolean>) {
  const client = useQueryClient();
  const key = useMemo(() => ["groups", view] as const, [view]);
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => groups.list(groupFilter(view, Date.now()), pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    // Live rows keep it true; asking again would move rows under the reader's hand.
    staleTime: 60_000,
  });
  const [waiting, setWaiting] = useState<{ key: unknown; rows: readonly Group[] }>({ key, rows: [] });
  const pending = waiting.key === key ? waiting.rows : [];

  useEffect(
    () =>
      onLiveGroup((group) => {
        const data = client.getQueryData<Pages>(key);
        if (!data) return;
        const fits = belongs(group, view);
        if (rowsOf(data).some((row) => row.id === group.id)) {
          client.setQueryData<Pages>(key, mapRows(data, (row) => (row.id !== group.id ? row : fits ? group : undefined)));
        } else if (fits && view.q === undefined) {
          if (atTop.current) client.setQueryData<Pages>(key, putOnTop(data, [group]));
          else setWaiting((now) => ({ key, rows: [group, ...(now.key === key ? now.rows : []).filter((row) => row.id !== group.id)] }));
        }
      }),
    [client, key, view, atTop],
  );

  const showPending = () => {
    client.setQueryData<Pages>(key, (data) => data && putOnTop(data, pending));
    setWaiting({ key, rows: [] });
  };
  const rows = useMemo(() => rowsOf(query.data as Pages | undefined), [query.data]);
  return { query, rows, total: query.data?.pages[0]?.total ?? 0, pending: pending.length, showPending };
}
