/** Where the work on an incident stands, in order. */

import type { IncidentStatus, Severity } from "@/api/types";

export const STATUSES: readonly IncidentStatus[] = ["new", "investigating", "contained", "resolved", "closed"];
export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low", "informational"];
