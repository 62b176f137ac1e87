/** What the API speaks. Hand-written after the contract until `openapi.json` is there. */

export type Severity = "informational" | "low" | "medium" | "high" | "critical";
export type Engine = "network" | "log" | "correlation" | "system";
export type VerdictKind = "true_positive" | "benign_positive" | "false_positive" | "duplicate" | "undetermined";
export type Stage =
  | "reconnaissance" | "resource_development" | "initial_access" | "execution" | "persistence" | "privilege_escalation" | "defense_evasion"
  | "credential_access" | "discovery" | "lateral_movement" | "collection" | "command_and_control" | "exfiltration" | "impact";
export type IncidentStatus = "new" | "investigating" | "contained" | "resolved" | "closed";

export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
  total: number;
}
export interface User {
  name: string;
  display_name: string;
  role: "viewer" | "responder" | "administrator";
}
export interface Session {
  user: User & { language: string };
  csrf_token: string;
  version: string;
}
/** A sentence as data: the console renders it from its translation files. */
export interface Phrase {
  code: string;
  params: Record<string, string>;
}
export interface RuleBrief {
  id: string;
  engine: Engine;
  title: string;
  title_vi?: string | null;
  source?: string | null;
}
export interface Agency {
  id: string;
  name: string;
}
export interface AgencyRow {
  id: string;
  parent: string | null;
  kind: string;
  name_vi: string;
  name_en: string | null;
}
export interface Asset {
  name: string;
  title: string;
  system: string;
  /** Legal level of the system, 1 to 5; 0 where none is given. */
  level: number;
}
export interface Target {
  label: string;
  ip?: string | null;
  host?: string | null;
  asset?: Asset | null;
}
export interface Actor {
  label: string;
  ip?: string | null;
}
export interface VerdictRecord {
  verdict: VerdictKind;
  reason: string;
  by: string;
  at: string;
  undo_until: string;
}
export interface Group {
  id: string;
  rule: RuleBrief;
  severity: Severity;
  stages: Stage[];
  agency: Agency;
  target: Target;
  actor?: Actor | null;
  count: number;
  spark_24h: number[];
  first_seen: string;
  last_seen: string;
  unread: boolean;
  state: "open" | "closed";
  verdict?: VerdictRecord | null;
  earlier_verdict?: VerdictRecord | null;
  assignee?: string | null;
  incident?: string | null;
  tags: string[];
  engines: Engine[];
}
/** Bytes of the UTF-8 form, not UTF-16 units. */
export interface Span {
  start: number;
  end: number;
}
export interface Evidence {
  place: string;
  pattern: string;
  window: string;
  span?: Span | null;
  offset: number;
}
export interface Alert {
  id: string;
  time: string;
  received_at: string;
  source: string;
  engine: Engine;
  severity: Severity;
  entities: { src_ip?: string; src_port?: number; dest_ip?: string; dest_port?: number; host?: string; user?: string; domain?: string; hashes: string[] };
  evidence: Evidence[];
  event: unknown;
}
export interface Note {
  text: string;
  by: string;
  at: string;
}
export interface RuleText {
  text: string;
  title: string;
  title_vi: string | null;
  advice_vi: string | null;
  advice_en: string | null;
  references: string[];
}
export interface GroupDetail {
  group: Group;
  alerts: Alert[];
  alerts_not_kept: number;
  rule: RuleText | null;
  asset: Asset | null;
  other_groups_24h: Group[];
  earlier_verdicts: VerdictRecord[];
  notes: Note[];
}
export interface Incident {
  number: string;
  title: string;
  title_vi?: string | null;
  severity: Severity;
  status: IncidentStatus;
  owner?: string | null;
  agency: Agency;
  system?: string | null;
  level?: number | null;
  stages: Stage[];
  opened_at: string;
  t0: string;
  updated_at: string;
  group_count: number;
  alert_count: number;
  seen_by: ("packets" | "logs")[];
  why: Phrase;
}
export interface TimelineItem {
  at: string;
  kind: "alert" | "action" | "note" | "mail";
  actor?: string | null;
  text?: string | null;
  code: string;
  params: Record<string, string>;
  group_id?: string | null;
  alert_id?: string | null;
}
export interface MailBrief {
  id: string;
  to: string[];
  subject: string;
  created_at: string;
  state: "queued" | "sent" | "failed" | "local";
  attempts: number;
  last_error?: string | null;
  incident?: string | null;
}
export interface MailDetail {
  mail: MailBrief;
  text: string;
  html: string;
  headers: Record<string, string>;
}
export interface MailLine {
  id: string;
  subject: string;
  to: string[];
  created_at: string;
  state: MailBrief["state"];
}
export interface IncidentDetail {
  incident: Incident;
  timeline: TimelineItem[];
  groups: Group[];
  notes: Note[];
  entities: string[];
  clocks: { code: string; due_at: string }[];
  mails: MailLine[];
}
export interface RuleRow {
  id: string;
  engine: "network" | "log";
  title: string;
  title_vi?: string | null;
  severity?: Severity | null;
  source_path: string;
  line: number;
  enabled: boolean;
  hits: number;
  state: "loaded" | "failed";
  reason?: string | null;
}
export interface RulesSummary {
  network_loaded: number;
  network_failed: number;
  log_loaded: number;
  log_failed: number;
  reasons: [string, number][];
}
export interface SourceHealth {
  name: string;
  kind: string;
  agency: string;
  state: "ok" | "quiet" | "ill";
  words: Phrase;
  records: number;
  bytes: number;
  rate_per_s: number;
  last_seen?: string | null;
  lost: { reason: string; count: number }[];
  connections?: number | null;
  kernel_drops?: number | null;
}
export interface Counts {
  inbox_open: number;
  incidents_open: number;
}
