/** Ill before quiet before well; among equals what lost most, then by name. */

import type { SourceHealth } from "@/api/types";

const RANK = { ill: 0, quiet: 1, ok: 2 } as const;

export function lostOf(source: SourceHealth): number {
  return source.lost.reduce((sum, { count }) => sum + count, source.kernel_drops ?? 0);
}

export function worstFirst(sources: readonly SourceHealth[]): SourceHealth[] {
  return [...sources].sort((a, b) => RANK[a.state] - RANK[b.state] || lostOf(b) - lostOf(a) || a.name.localeCompare(b.name, "vi"));
}
