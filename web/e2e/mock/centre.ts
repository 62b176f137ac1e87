/** The state behind the mock: groups, incidents, mails, and the changes the API can make to them. */

import type { Group, GroupDetail, Incident, IncidentDetail, MailDetail, Note, RuleRow, SourceHealth, TimelineItem, VerdictRecord } from "@/api/types";
import { AGENCIES, STORIES, TARGETS, type Story } from "./texts";

const MINUTE = 60_000;
export const iso = (at: number) => new Date(at).toISOString();
const hex = (number: number) => number.toString(16).padStart(16, "0");

/** The same numbers in every run: a linear congruence is random enough for bars. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

export class Centre {
  groups = new Map<string, Group>();
  notes = new Map<string, Note[]>();
  earlier = new Map<string, VerdictRecord[]>();
  incidents = new Map<string, IncidentDetail>();
  mails: MailDetail[] = [];
  private nextGroup = 1;

  constructor(
    count: number,
    private readonly publish: (event: string, data: unknown) => void,
  ) {
    for (let index = 0; index < count; index++) this.addGroup(index);
    const [first] = this.groups.keys();
    if (first !== undefined) this.openIncident([first], "system");
  }

  story(group: Group): Story {
    return STORIES.find((story) => story.rule === group.rule.id) ?? (STORIES[0] as Story);
  }

  addGroup(index: number): Group {
    const random = numbers(index + 7);
    const story = STORIES[index % STORIES.length] as Story;
    const target = TARGETS[Math.floor(index / STORIES.length + index) % TARGETS.length] as (typeof TARGETS)[number];
    const agency = AGENCIES.find((each) => each.id === target.agency);
    const last = Date.now() - index * 7 * MINUTE;
    const spark = Array.from({ length: 24 }, (_, hour) => (random() < 0.45 ? 0 : Math.floor(random() * (hour > 18 ? 90 : 20))));
    const before: VerdictRecord[] = index % 5 === 2 ? [{ verdict: "false_positive", reason: "Máy quét của trung tâm", by: "truc", at: iso(last - 9 * 1440 * MINUTE), undo_until: iso(0) }] : [];
    const group: Group = {
      id: `g-${hex(this.nextGroup++)}`,
      rule: { id: story.rule, engine: story.engine, title: story.title, title_vi: story.title_vi, source: "rules/network/web.rules" },
      severity: story.severity,
      stages: story.stages,
      agency: { id: target.agency, name: agency?.name_vi ?? "" },
      target: { label: target.label, ...(target.system === "" ? {} : { asset: { name: target.label, title: target.system, system: target.system, level: target.level } }) },
      actor: story.engine === "system" ? null : { label: `203.0.113.${10 + (index % 200)}`, ip: `203.0.113.${10 + (index % 200)}` },
      count: spark.reduce((sum, each) => sum + each, 1),
      spark_24h: spark,
      first_seen: iso(last - 5 * 60 * MINUTE),
      last_seen: iso(last),
      unread: index % 3 !== 1,
      state: "open",
      verdict: null,
      earlier_verdict: before[0] ?? null,
      assignee: null,
      incident: null,
      tags: story.engine === "network" ? ["T1190"] : [],
      engines: [story.engine],
    };
    this.groups.set(group.id, group);
    this.earlier.set(group.id, before);
    return group;
  }

  change(id: string, change: Partial<Group>): Group {
    const group = { ...(this.groups.get(id) as Group), ...change };
    this.groups.set(id, group);
    this.publish("group", group);
    this.counts();
    return group;
  }

  counts(): void {
    this.publish("counts", {
      inbox_open: [...this.groups.values()].filter((group) => group.state === "open").length,
      incidents_open: [...this.incidents.values()].filter(({ incident }) => !["resolved", "closed"].includes(incident.status)).length,
    });
  }

  detail(group: Group): GroupDetail {
    const story = this.story(group);
    const encoder = new TextEncoder();
    const shown = story.pattern.replace(/[*/^$\\]|\[.*/g, "");
    const at = shown === "" ? -1 : story.window.toLowerCase().indexOf(shown.toLowerCase());
    const start = encoder.encode(story.window.slice(0, Math.max(0, at))).length;
    const span = at < 0 ? null : { start, end: start + encoder.encode(shown).length };
    const alerts = [0, 1, 2].map((index) => ({
      id: `a-${hex(index + 1)}`, time: iso(Date.parse(group.last_seen) - index * MINUTE), received_at: group.last_seen, source: "veth-dmz", engine: story.engine, severity: group.severity,
      entities: { src_ip: group.actor?.ip ?? "", hashes: [] }, evidence: [{ place: story.place, pattern: story.pattern, window: story.window, span, offset: index * 12 }],
      // Free-form JSON, for which the generated type has no word.
      event: { event_type: "alert", src_ip: group.actor?.ip, http: { hostname: group.target.label, url: story.window } } as unknown as GroupDetail["alerts"][number]["event"],
    }));
    return {
      group, alerts, alerts_not_kept: Math.max(0, group.count - 3),
      rule: story.text === "" ? null : { text: story.text, title: story.title, title_vi: story.title_vi, advice_vi: story.advice_vi, advice_en: story.advice_en, references: ["https://attack.mitre.org/techniques/T1190/"] },
      asset: group.target.asset ?? null,
      other_groups_24h: [...this.groups.values()].filter((other) => other.id !== group.id && other.target.label === group.target.label).slice(0, 4),
      earlier_verdicts: this.earlier.get(group.id) ?? [],
      notes: this.notes.get(group.id) ?? [],
    };
  }

  openIncident(ids: readonly string[], actor: string): Incident {
    const lead = this.groups.get(ids[0] ?? "") as Group;
    const number = `SC-2026-${String(this.incidents.size + 1).padStart(4, "0")}`;
    const at = iso(Date.now());
    const incident: Incident = {
      number, title: lead.rule.title, title_vi: lead.rule.title_vi ?? null, severity: lead.severity, status: "new", owner: null, agency: lead.agency,
      system: lead.target.asset?.system ?? null, level: lead.target.asset?.level ?? null, stages: lead.stages, opened_at: at, t0: lead.first_seen, updated_at: at,
      group_count: ids.length, alert_count: lead.count, seen_by: ["packets", "logs"],
      why: actor === "system" ? { code: "why.shared_actor", params: { value: lead.actor?.label ?? "", seen: "both" } } : { code: "why.person", params: { value: actor } },
    };
    this.incidents.set(number, {
      incident, groups: [], notes: [], entities: [lead.target.label, lead.actor?.label ?? "", "quantri"].filter(Boolean), mails: [],
      clocks: [{ code: "clock.notice_24h", due_at: iso(Date.now() + 1440 * MINUTE) }, { code: "clock.report_72h", due_at: iso(Date.now() + 3 * 1440 * MINUTE) }],
      timeline: [this.line("alert", "system", "why.severity", { severity: lead.severity, target: lead.target.label }, lead.first_seen), this.line("mail", "system", "timeline.mail_queued", { to: "truc-soc@tinh.example" }, at)],
    });
    this.join(number, ids);
    this.mail(number);
    return (this.incidents.get(number) as IncidentDetail).incident;
  }

  line(kind: TimelineItem["kind"], actor: string, code: string, params: Record<string, string>, at = iso(Date.now()), text: string | null = null): TimelineItem {
    return { at, kind, actor, text, code, params, group_id: null, alert_id: null };
  }

  join(number: string, ids: readonly string[]): void {
    const detail = this.incidents.get(number) as IncidentDetail;
    detail.groups = [...detail.groups, ...ids.map((id) => this.change(id, { incident: number }))];
    detail.incident = { ...detail.incident, group_count: detail.groups.length, alert_count: detail.groups.reduce((sum, group) => sum + group.count, 0) };
    this.publish("incident", detail.incident);
  }

  work(number: string, change: Partial<Incident>, item: TimelineItem): Incident {
    const detail = this.incidents.get(number) as IncidentDetail;
    detail.incident = { ...detail.incident, ...change, updated_at: item.at };
    detail.timeline = [...detail.timeline, item];
    this.publish("incident", detail.incident);
    return detail.incident;
  }

  mail(number: string): void {
    const { incident } = this.incidents.get(number) as IncidentDetail;
    const mail = { id: `m-${this.mails.length + 1}`, to: ["truc-soc@tinh.example"], subject: `[${number}] Nghiêm trọng: ${incident.title_vi ?? incident.title}`, created_at: incident.opened_at, state: "local" as const, attempts: 0, last_error: null, incident: number };
    const html = `<table width="100%" style="border-collapse:collapse;font-family:sans-serif"><tr><td style="padding:16px;border-left:4px solid #b3261e"><h2 style="margin:0">${incident.title_vi ?? ""}</h2><p style="color:#4c5653">Sự cố ${number} · ${incident.agency.name}</p><a href="http://127.0.0.1/" style="color:#0b6b63">Mở trong Saola</a></td></tr></table>`;
    this.mails.unshift({ mail, text: `Sự cố ${number}\n${incident.title_vi ?? ""}\nCơ quan: ${incident.agency.name}\n`, html, headers: {} });
    (this.incidents.get(number) as IncidentDetail).mails.push({ id: mail.id, subject: mail.subject, to: mail.to, created_at: mail.created_at, state: mail.state });
  }

  rules(): RuleRow[] {
    const pack = STORIES.map((story, index): RuleRow => ({
      id: story.rule, engine: story.engine === "network" ? "network" : "log", title: story.title, title_vi: story.title_vi, severity: story.severity,
      source_path: story.engine === "network" ? "rules/network/web.rules" : "rules/log/web.yml", line: 12 + index, enabled: true, hits: index * 37, state: "loaded", reason: null,
    }));
    const failed: RuleRow[] = Array.from({ length: 40 }, (_, index) => ({
      id: String(2_800_000 + index), engine: "network", title: `ET EXPLOIT Possible overflow ${index}`, title_vi: null, severity: "medium", source_path: "emerging-exploit.rules",
      line: index + 1, enabled: true, hits: 0, state: "failed", reason: index % 2 === 0 ? 'keyword "lua" is not supported' : 'unknown sticky buffer "mqtt.publish.topic"',
    }));
    return [...pack, ...failed];
  }

  sources(): SourceHealth[] {
    const base = { agency: "tinh", bytes: 91_226_112, connections: null, kernel_drops: null, lost: [], last_seen: iso(Date.now() - 2000) };
    return [
      { ...base, name: "veth-dmz", kind: "packet", state: "ok", words: { code: "source.flowing", params: {} }, records: 1_204_551, rate_per_s: 812.4, kernel_drops: 0 },
      { ...base, name: "syslog", kind: "syslog-udp", state: "ill", words: { code: "source.losing", params: { count: "1204" } }, records: 88_120, rate_per_s: 41.2, lost: [{ reason: "queue_full", count: 1204 }] },
      { ...base, name: "tuong-lua-xa", kind: "syslog-tcp", state: "quiet", words: { code: "source.quiet", params: { since: iso(Date.now() - 47 * MINUTE) } }, records: 431, rate_per_s: 0, connections: 0, last_seen: iso(Date.now() - 47 * MINUTE) },
      { ...base, name: "nginx", kind: "file", state: "ok", words: { code: "source.flowing", params: {} }, records: 5120, rate_per_s: 3.1 },
    ];
  }
}
