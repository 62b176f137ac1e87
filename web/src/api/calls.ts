/** The calls of the API by the console's words. One line per route, so that the contract reads at a glance. */

import { post, Problem, read, remove } from "./client";
import type { IncidentStatus, Severity, VerdictKind } from "./types";

export interface GroupFilter {
  state?: "open" | "closed" | "all" | undefined;
  min_severity?: Severity | undefined;
  since?: string | undefined;
  q?: string | undefined;
  agency?: string | undefined;
}
export interface RuleFilter {
  engine?: "network" | "log" | undefined;
  state?: "loaded" | "failed" | undefined;
  q?: string | undefined;
}

export const session = {
  read: () => read("/session"),
  signIn: (name: string, password: string) => post("/session", {}, { name, password }),
  signOut: () => remove("/session"),
  setupValid: (token: string) => read("/setup/{token}", { token }),
  setUp: (token: string, password: string) => post("/setup/{token}", { token }, { password }),
};

/** Several groups in one request. Each succeeds by itself: a partial failure is told by its first reason. */
async function bulk(ids: readonly string[], action: Parameters<typeof post<"/groups/bulk">>[2] extends { action: infer A } | undefined ? A : never): Promise<void> {
  const { failed } = await post("/groups/bulk", {}, { ids: [...ids], action });
  if (failed[0]) throw new Problem(409, failed[0].code, failed.map((each) => each.id).join(", "), "", undefined);
}

const ROWS = 100;

export const groups = {
  list: (filter: GroupFilter, cursor: string | undefined) => read("/groups", {}, { ...filter, cursor, limit: ROWS }),
  detail: (id: string) => read("/groups/{id}", { id }),
  markRead: (id: string) => post("/groups/{id}/read", { id }),
  verdict: (ids: readonly string[], verdict: VerdictKind, reason: string) =>
    ids.length === 1 ? post("/groups/{id}/verdict", { id: ids[0] ?? "" }, { verdict, reason }) : bulk(ids, { verdict: { verdict, reason } }),
  undoVerdict: (id: string) => post("/groups/{id}/verdict/undo", { id }),
  assign: (ids: readonly string[], user: string | null) =>
    ids.length === 1 ? post("/groups/{id}/assign", { id: ids[0] ?? "" }, { user }) : bulk(ids, { assign: { user } }),
  note: (id: string, text: string) => post("/groups/{id}/notes", { id }, { text }),
};

export const incidents = {
  list: (status: string | undefined, cursor: string | undefined) => read("/incidents", {}, { status, cursor, limit: ROWS }),
  detail: (number: string) => read("/incidents/{number}", { number }),
  open: (group_ids: string[]) => post("/incidents", {}, { group_ids }),
  addGroups: (number: string, group_ids: string[]) => post("/incidents/{number}/groups", { number }, { group_ids }),
  status: (number: string, status: IncidentStatus, reason: string) => post("/incidents/{number}/status", { number }, { status, reason }),
  assign: (number: string, user: string | null) => post("/incidents/{number}/assign", { number }, { user }),
  note: (number: string, text: string) => post("/incidents/{number}/notes", { number }, { text }),
  severity: (number: string, severity: Severity, reason: string) => post("/incidents/{number}/severity", { number }, { severity, reason }),
};

export const rules = {
  summary: () => read("/rules/summary"),
  list: (filter: RuleFilter, cursor: string | undefined) => read("/rules", {}, { ...filter, cursor, limit: 2 * ROWS }),
};

export const health = { sources: () => read("/health/sources") };

export const outbox = {
  list: (cursor: string | undefined) => read("/outbox", {}, { cursor, limit: ROWS }),
  detail: (id: string) => read("/outbox/{id}", { id }),
};

export const people = {
  users: () => read("/users"),
};
