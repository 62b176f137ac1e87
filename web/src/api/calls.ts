/** The calls of the API by the console's words. One line per route, so that the contract reads at a glance. */

import { change, Problem, read } from "./client";
import type {
  AgencyRow, Group, GroupDetail, Incident, IncidentDetail, IncidentStatus, MailBrief, MailDetail, Page, RuleRow, RulesSummary, Session, Severity,
  SourceHealth, User, VerdictKind,
} from "./types";

const at = encodeURIComponent;

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
  read: () => read<Session>("/session"),
  signIn: (name: string, password: string) => change<Session>("POST", "/session", { name, password }),
  signOut: () => change("DELETE", "/session"),
  setupValid: (token: string) => read<{ name: string }>(`/setup/${at(token)}`),
  setUp: (token: string, password: string) => change("POST", `/setup/${at(token)}`, { password }),
};

/** One group by its own address, several in one request. */
async function onOneOrMany(ids: readonly string[], action: "verdict" | "assign", body: object): Promise<unknown> {
  const [only] = ids;
  if (ids.length === 1 && only !== undefined) return change("POST", `/groups/${at(only)}/${action}`, body);
  const { failed } = await change<{ done: number; failed: { id: string; code: string }[] }>("POST", "/groups/bulk", { ids, action: { [action]: body } });
  // Each group succeeds by itself: a partial failure is told by its first reason, and the views are asked anew.
  if (failed[0]) throw new Problem(409, failed[0].code, failed.map((each) => each.id).join(", "), "", undefined);
  return undefined;
}

export const groups = {
  list: (filter: GroupFilter, cursor: string | undefined) => read<Page<Group>>("/groups", { ...filter, cursor, limit: 100 }),
  detail: (id: string) => read<GroupDetail>(`/groups/${at(id)}`),
  markRead: (id: string) => change("POST", `/groups/${at(id)}/read`),
  verdict: (ids: readonly string[], verdict: VerdictKind, reason: string) => onOneOrMany(ids, "verdict", { verdict, reason }),
  undoVerdict: (id: string) => change("POST", `/groups/${at(id)}/verdict/undo`),
  assign: (ids: readonly string[], user: string | null) => onOneOrMany(ids, "assign", { user }),
  note: (id: string, text: string) => change("POST", `/groups/${at(id)}/notes`, { text }),
};

export const incidents = {
  list: (status: string | undefined, cursor: string | undefined) => read<Page<Incident>>("/incidents", { status, cursor }),
  detail: (number: string) => read<IncidentDetail>(`/incidents/${at(number)}`),
  open: (group_ids: string[]) => change<Incident>("POST", "/incidents", { group_ids }),
  addGroups: (number: string, group_ids: string[]) => change("POST", `/incidents/${at(number)}/groups`, { group_ids }),
  status: (number: string, status: IncidentStatus, reason: string) => change("POST", `/incidents/${at(number)}/status`, { status, reason }),
  assign: (number: string, user: string | null) => change("POST", `/incidents/${at(number)}/assign`, { user }),
  note: (number: string, text: string) => change("POST", `/incidents/${at(number)}/notes`, { text }),
  severity: (number: string, severity: Severity, reason: string) => change("POST", `/incidents/${at(number)}/severity`, { severity, reason }),
};

export const rules = {
  summary: () => read<RulesSummary>("/rules/summary"),
  list: (filter: RuleFilter, cursor: string | undefined) => read<Page<RuleRow>>("/rules", { ...filter, cursor, limit: 200 }),
};

export const health = { sources: () => read<SourceHealth[]>("/health/sources") };

export const outbox = {
  list: (cursor: string | undefined) => read<Page<MailBrief>>("/outbox", { cursor }),
  detail: (id: string) => read<MailDetail>(`/outbox/${at(id)}`),
};

export const people = {
  users: () => read<User[]>("/users"),
  agencies: () => read<AgencyRow[]>("/agencies"),
};
