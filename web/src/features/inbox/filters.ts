/** The inbox filter lives in the address: a link is a saved view. */

import type { GroupFilter } from "@/api/calls";
import type { Group, Severity } from "@/api/types";

export const LEVELS: readonly Severity[] = ["informational", "low", "medium", "high", "critical"];
export const STATES = ["open", "closed", "all"] as const;
export const HOURS = [1, 24, 168, 720] as const;

export interface InboxSearch {
  state?: (typeof STATES)[number] | undefined;
  severity?: Severity | undefined;
  hours?: number | undefined;
  q?: string | undefined;
  agency?: string | undefined;
  /** The group whose panel is open. */
  group?: string | undefined;
}

function oneOf<T>(allowed: readonly T[], value: unknown): T | undefined {
  return allowed.find((each) => each === value);
}

function words(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value.slice(0, 200) : undefined;
}

/** From the address, where anybody may have written anything. */
export function inboxSearch(raw: Record<string, unknown>): InboxSearch {
  return {
    state: oneOf(STATES, raw["state"]),
    severity: oneOf(LEVELS, raw["severity"]),
    hours: oneOf(HOURS, Number(raw["hours"])),
    q: words(raw["q"]),
    agency: words(raw["agency"]),
    group: words(raw["group"]),
  };
}

/** What is asked of the centre. `since` is cut to the minute so that one view is one cache entry for a while. */
export function groupFilter(search: InboxSearch, now: number): GroupFilter {
  const minute = 60_000;
  const since = search.hours === undefined ? undefined : new Date(Math.floor(now / minute) * minute - search.hours * 60 * minute).toISOString();
  return { state: search.state ?? "open", min_severity: search.severity, since, q: search.q, agency: search.agency };
}

/**
 * Whether a live row belongs into the view. Free text is the centre's to judge: a view with `q` takes updates of rows
 * it already shows, but no new ones.
 */
export function belongs(group: Group, search: InboxSearch): boolean {
  const state = search.state ?? "open";
  if (state !== "all" && group.state !== state) return false;
  if (search.severity !== undefined && LEVELS.indexOf(group.severity) < LEVELS.indexOf(search.severity)) return false;
  return search.agency === undefined || group.agency.id === search.agency;
}
