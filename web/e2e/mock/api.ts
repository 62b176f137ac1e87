/** The routes of the API over the mock's state; the shapes are the generated types, so the mock cannot drift unseen. */

import type { Group, IncidentStatus, Severity, VerdictKind } from "@/api/types";
import { type Centre, iso } from "./centre";
import { AGENCIES, PEOPLE } from "./texts";

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
}
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(code);
  }
}

/** Answered as a page, not as JSON. */
export class MailPage {
  constructor(readonly html: string) {}
}

const LEVELS: readonly Severity[] = ["informational", "low", "medium", "high", "critical"];
const ME = PEOPLE[0].name;

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function pageOf<T>(items: readonly T[], query: URLSearchParams) {
  const limit = Math.min(200, Number(query.get("limit") ?? 50));
  const from = Number(query.get("cursor") ?? 0);
  const next = from + limit < items.length ? String(from + limit) : null;
  return { items: items.slice(from, from + limit), next_cursor: next, total: items.length };
}

function listGroups(centre: Centre, query: URLSearchParams) {
  const state = query.get("state") ?? "open";
  const least = LEVELS.indexOf((query.get("min_severity") ?? "informational") as Severity);
  const q = query.get("q")?.toLowerCase();
  const fits = (group: Group) =>
    (state === "all" || group.state === state) &&
    LEVELS.indexOf(group.severity) >= least &&
    (query.get("agency") === null || group.agency.id === query.get("agency")) &&
    (query.get("since") === null || group.last_seen >= (query.get("since") ?? "")) &&
    (q === undefined || JSON.stringify(group).toLowerCase().includes(q));
  const rows = [...centre.groups.values()].filter(fits);
  rows.sort((a, b) => LEVELS.indexOf(b.severity) - LEVELS.indexOf(a.severity) || b.last_seen.localeCompare(a.last_seen));
  return pageOf(rows, query);
}

function verdict(centre: Centre, id: string, body: Record<string, unknown>) {
  const now = Date.now();
  return centre.change(id, {
    state: "closed", unread: false,
    verdict: { verdict: body["verdict"] as VerdictKind, reason: textOf(body["reason"]), by: ME, at: iso(now), undo_until: iso(now + 600_000) },
  });
}

function actOnGroup(centre: Centre, id: string, action: string, body: Record<string, unknown>) {
  if (!centre.groups.has(id)) throw new Refusal(404, "group.not_found");
  switch (action) {
    case "verdict":
      return verdict(centre, id, body);
    case "verdict/undo":
      if (!centre.groups.get(id)?.verdict) throw new Refusal(409, "group.nothing_to_undo");
      return centre.change(id, { state: "open", verdict: null });
    case "assign":
      return centre.change(id, { assignee: body["user"] as string | null });
    case "notes":
      centre.notes.set(id, [...(centre.notes.get(id) ?? []), { at: iso(Date.now()), by: ME, text: textOf(body["text"]) }]);
      return centre.change(id, {});
    case "read":
      return centre.change(id, { unread: false });
    default:
      throw new Refusal(404, "not_found");
  }
}

function actOnIncident(centre: Centre, number: string, action: string, body: Record<string, unknown>) {
  const detail = centre.incidents.get(number);
  if (!detail) throw new Refusal(404, "incident.not_found");
  const reason = textOf(body["reason"]);
  switch (action) {
    case "groups":
      centre.join(number, body["group_ids"] as string[]);
      return detail.incident;
    case "status":
      return centre.work(number, { status: body["status"] as IncidentStatus }, centre.line("action", ME, "timeline.status", { status: String(body["status"]) }, undefined, reason));
    case "severity":
      return centre.work(number, { severity: body["severity"] as Severity }, centre.line("action", ME, "timeline.severity", { severity: String(body["severity"]) }, undefined, reason));
    case "assign":
      return centre.work(number, { owner: body["user"] as string | null }, centre.line("action", ME, "timeline.owner", { user: String(body["user"]) }));
    case "notes":
      detail.notes.push({ at: iso(Date.now()), by: ME, text: textOf(body["text"]) });
      return centre.work(number, {}, centre.line("note", ME, "timeline.note", {}, undefined, textOf(body["text"])));
    default:
      throw new Refusal(404, "not_found");
  }
}

function bulk(centre: Centre, body: Record<string, unknown>) {
  const [name, inner] = Object.entries(body["action"] as Record<string, Record<string, unknown>>)[0] ?? ["", {}];
  const ids = body["ids"] as string[];
  for (const id of ids) actOnGroup(centre, id, name, inner);
  return { done: ids.length, failed: [] };
}

function readRoute(centre: Centre, { path, query }: Call): unknown {
  const [head = "", id = ""] = path.slice(1).split("/").map(decodeURIComponent);
  if (head === "groups") {
    if (id === "") return listGroups(centre, query);
    const group = centre.groups.get(id);
    if (!group) throw new Refusal(404, "group.not_found");
    return centre.detail(group);
  }
  if (head === "incidents") {
    const status = query.get("status");
    if (id === "") return pageOf([...centre.incidents.values()].map((detail) => detail.incident).filter((each) => !status || each.status === status).reverse(), query);
    const detail = centre.incidents.get(id);
    if (!detail) throw new Refusal(404, "incident.not_found");
    return detail;
  }
  if (head === "outbox") {
    if (id === "") return pageOf(centre.mails.map((each) => each.mail), query);
    const mail = centre.mails.find((each) => each.mail.id === id);
    if (!mail) throw new Refusal(404, "not_found");
    return path.endsWith("/html") ? new MailPage(mail.html) : mail;
  }
  if (path === "/rules/summary") return { network_loaded: 6, network_failed: 40, log_loaded: 2, log_failed: 0, reasons: [['keyword "lua" is not supported', 20], ['unknown sticky buffer "mqtt.publish.topic"', 20]] };
  if (path === "/rules") {
    const wanted = (key: string) => query.get(key);
    const q = wanted("q")?.toLowerCase();
    return pageOf(centre.rules().filter((rule) => (!wanted("state") || rule.state === wanted("state")) && (!wanted("engine") || rule.engine === wanted("engine")) && (!q || JSON.stringify(rule).toLowerCase().replaceAll("\\", "").includes(q))), query);
  }
  if (path === "/health/sources") return centre.sources();
  if (path === "/users") return PEOPLE;
  if (path === "/agencies") return AGENCIES;
  throw new Refusal(404, "not_found");
}

/** The answer to a call of somebody who is signed in. */
export function answer(centre: Centre, call: Call): unknown {
  if (call.method === "GET") return readRoute(centre, call);
  if (call.path === "/groups/bulk") return bulk(centre, call.body);
  if (call.path === "/incidents") return centre.openIncident(call.body["group_ids"] as string[], ME);
  const [, kind, id = "", action = ""] = /^\/(groups|incidents)\/([^/]+)\/(.+)$/.exec(call.path) ?? [];
  if (kind === "groups") return actOnGroup(centre, decodeURIComponent(id), action, call.body);
  if (kind === "incidents") return actOnIncident(centre, decodeURIComponent(id), action, call.body);
  throw new Refusal(404, "not_found");
}
