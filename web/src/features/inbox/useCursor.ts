/** Where the reader stands in the list and which rows are ticked. */

import { useState } from "react";
import type { Group } from "@/api/types";
import { neighbour, nextUnread, type Place, range, standOn } from "./rows";

export function useCursor(rows: readonly Group[], onMove: (id: string) => void) {
  const [place, setPlace] = useState<Place>({ index: 0 });
  const [anchor, setAnchor] = useState<string>();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  // The reader stands on a row, not on a line: rows that slide in or leave above do not change what a key acts on.
  const index = standOn(rows, place);
  const current = rows[index];
  if (current && (current.id !== place.id || index !== place.index)) setPlace({ id: current.id, index });

  const goTo = (id: string | undefined) => {
    if (id === undefined) return;
    setPlace((now) => ({ ...now, id }));
    onMove(id);
  };
  const tick = (id: string) => {
    setAnchor(id);
    setTicked((now) => {
      const next = new Set(now);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  };
  return {
    current,
    index,
    ticked,
    /** The ticked rows, or else the one the reader stands on. */
    chosen: ticked.size > 0 ? rows.filter((group) => ticked.has(group.id)) : current ? [current] : [],
    goTo,
    step: (by: number) => goTo(rows[Math.min(rows.length - 1, Math.max(0, index + by))]?.id),
    toEnd: (last: boolean) => goTo(rows[last ? rows.length - 1 : 0]?.id),
    toUnread: () => goTo(nextUnread(rows, current?.id)),
    /** Stands on a row that stays when `gone` leave. */
    leave: (gone: readonly Group[]) => {
      const ids = new Set(gone.map((group) => group.id));
      setTicked(new Set());
      if (current && ids.has(current.id)) goTo(neighbour(rows, ids, current.id));
    },
    tick,
    tickRange: () => {
      if (current) setTicked((now) => new Set([...now, ...range(rows, anchor, current.id)]));
    },
    untickAll: () => setTicked(new Set()),
  };
}
