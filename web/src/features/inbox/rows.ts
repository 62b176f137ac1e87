/** Changes to the loaded rows, as plain functions over the pages of the query cache. */

import type { InfiniteData } from "@tanstack/react-query";
import type { Group, Page } from "@/api/types";

export type Pages = InfiniteData<Page<Group>, string | undefined>;

export function rowsOf(data: Pages | undefined): Group[] {
  const seen = new Set<string>();
  // A row that moved between two page requests comes twice; the first is the newer answer.
  return (data?.pages ?? []).flatMap((page) => page.items).filter((group) => !seen.has(group.id) && seen.add(group.id));
}

export function mapRows(data: Pages, change: (group: Group) => Group | undefined): Pages {
  return {
    ...data,
    pages: data.pages.map((page) => {
      const items = page.items.map(change).filter((group) => group !== undefined);
      return { ...page, items, total: Math.max(0, page.total - (page.items.length - items.length)) };
    }),
  };
}

export function putOnTop(data: Pages, groups: readonly Group[]): Pages {
  const known = new Set(rowsOf(data).map((group) => group.id));
  const fresh = groups.filter((group) => !known.has(group.id));
  return {
    ...data,
    pages: data.pages.map((page, index) => ({ ...page, items: index === 0 ? [...fresh, ...page.items] : page.items, total: page.total + fresh.length })),
  };
}

/** Where the reader stands: on a row, and on which line it last was. */
export interface Place {
  id?: string;
  index: number;
}

/** The line of the reader's row; the line it was on when the row is gone. */
export function standOn(rows: readonly Group[], place: Place): number {
  const found = rows.findIndex((group) => group.id === place.id);
  return found >= 0 ? found : Math.max(0, Math.min(place.index, rows.length - 1));
}

/** The row to stand on when `gone` leaves the list: the next that stays, or else the one before. */
export function neighbour(rows: readonly Group[], gone: ReadonlySet<string>, from: string): string | undefined {
  const start = rows.findIndex((group) => group.id === from);
  const after = rows.slice(start + 1).find((group) => !gone.has(group.id));
  return (after ?? rows.slice(0, Math.max(0, start)).findLast((group) => !gone.has(group.id)))?.id;
}

/** `Shift-x`: everything between the anchor and here, in the order of the list. */
export function range(rows: readonly Group[], anchor: string | undefined, here: string): string[] {
  const to = rows.findIndex((group) => group.id === here);
  const from = rows.findIndex((group) => group.id === anchor);
  if (to < 0) return [];
  if (from < 0) return [here];
  return rows.slice(Math.min(from, to), Math.max(from, to) + 1).map((group) => group.id);
}

/** `.`: the next unread row after here, from the top again when there is none below. */
export function nextUnread(rows: readonly Group[], here: string | undefined): string | undefined {
  const start = rows.findIndex((group) => group.id === here);
  return [...rows.slice(start + 1), ...rows.slice(0, start + 1)].find((group) => group.unread)?.id;
}
