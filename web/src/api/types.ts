/** The words of the API for the console, from the types that `npm run api` writes out of `openapi.json`. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type Severity = Schemas["Severity"];
export type Engine = Schemas["Engine"];
export type Stage = Schemas["Stage"];
export type VerdictKind = Schemas["Verdict"];
export type IncidentStatus = Schemas["Status"];
export type Session = Schemas["Session"];
export type User = Schemas["User"];
export type AgencyRow = Schemas["Agency"];
export type Phrase = Schemas["Phrase"];
export type Group = Schemas["Group"];
export type GroupDetail = Schemas["GroupDetail"];
export type VerdictRecord = Schemas["VerdictRecord"];
export type Note = Schemas["Note"];
export type Alert = Schemas["Alert"];
export type Evidence = Schemas["Evidence"];
/** Bytes of the UTF-8 form, not UTF-16 units. */
export type Span = Schemas["Span"];
export type RuleText = Schemas["RuleText"];
export type Incident = Schemas["Incident"];
export type IncidentDetail = Schemas["IncidentDetail"];
export type TimelineItem = Schemas["TimelineItem"];
export type MailBrief = Schemas["OutboxRow"];
export type MailDetail = Schemas["OutboxDetail"];
export type MailLine = Schemas["MailLine"];
export type RuleRow = Schemas["RuleRow"];
export type RulesSummary = Schemas["RuleSummary"];
export type SourceHealth = Schemas["SourceHealth"];
export type Counts = Schemas["Counts"];

export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
  total: number;
}
