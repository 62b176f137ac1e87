/** What a person does with groups: shown at once, sent, taken back when refused, undoable where the centre can undo. */

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { groups, incidents } from "@/api/calls";
import type { Group, GroupDetail, VerdictKind } from "@/api/types";
import { useMe } from "@/app/session";
import { forget, say } from "@/ui/notices";
import { useProblemText } from "@/ui/problem";
import { belongs } from "./filters";
import { mapRows, type Pages } from "./rows";
import type { View } from "./useGroups";

/** Changes the groups in every loaded view; a row that no longer belongs into a view leaves it. */
function patch(client: QueryClient, ids: ReadonlySet<string>, change: (group: Group) => Group): void {
  for (const query of client.getQueryCache().findAll({ queryKey: ["groups"] })) {
    const view = query.queryKey[1] as View;
    client.setQueryData<Pages>(query.queryKey, (data) => {
      if (!data) return undefined;
      return mapRows(data, (row) => {
        if (!ids.has(row.id)) return row;
        const changed = change(row);
        return belongs(changed, view) ? changed : undefined;
      });
    });
  }
  for (const id of ids) {
    client.setQueryData<GroupDetail>(["group", id], (detail) => detail && { ...detail, group: change(detail.group) });
  }
}

export function useTriage() {
  const client = useQueryClient();
  const me = useMe();
  const { t } = useTranslation("inbox");
  const problemText = useProblemText();
  const again = async () => {
    await Promise.all([client.invalidateQueries({ queryKey: ["groups"] }), client.invalidateQueries({ queryKey: ["group"] })]);
  };

  /** Optimistic: `change` is shown, `send` runs, and a refusal puts everything back and says why. */
  async function act(chosen: readonly Group[], change: (group: Group) => Group, send: () => Promise<unknown>): Promise<boolean> {
    patch(client, new Set(chosen.map((group) => group.id)), change);
    try {
      await send();
      for (const group of chosen) void client.invalidateQueries({ queryKey: ["group", group.id] });
      return true;
    } catch (error) {
      const { what, todo } = problemText(error);
      say({ text: `${what} ${todo}`.trim(), tone: "error" });
      await again();
      return false;
    }
  }

  const linkTo = (number: string) => ({ to: `/incidents/${number}`, label: t("said.see_incident", { number }) });
  const each = (chosen: readonly Group[], send: (id: string) => Promise<unknown>) => Promise.all(chosen.map((group) => send(group.id)));

  /** Said at once, with the way back at once: an undo that is quicker than the network waits for it. */
  async function announce(sent: Promise<boolean>, text: string, back: () => Promise<unknown>, number?: string | null): Promise<boolean> {
    const notice = say({
      text,
      link: number ? linkTo(number) : undefined,
      tone: "done",
      undo: async () => {
        if (!(await sent)) return;
        await back();
        await again();
      },
    });
    const done = await sent;
    if (!done) forget(notice);
    return done;
  }

  async function verdict(chosen: readonly Group[], kind: VerdictKind, reason: string): Promise<boolean> {
    const given = { verdict: kind, reason, by: me?.name ?? "", at: new Date().toISOString(), undo_until: new Date(Date.now() + 600_000).toISOString() };
    const sent = act(chosen, (group) => ({ ...group, state: "closed", unread: false, verdict: given }), () => groups.verdict(chosen.map((group) => group.id), kind, reason));
    return announce(sent, t(`said.${kind}`, { count: chosen.length }), () => each(chosen, groups.undoVerdict), chosen.find((group) => group.incident)?.incident);
  }

  async function assign(chosen: readonly Group[], user: string | null): Promise<void> {
    const before = new Map(chosen.map((group) => [group.id, group.assignee ?? null]));
    const send = (id: string, to: string | null) => groups.assign([id], to);
    const sent = act(chosen, (group) => ({ ...group, assignee: user }), () => groups.assign(chosen.map((group) => group.id), user));
    const said = t(user === null ? "said.unassigned" : "said.assigned", { count: chosen.length });
    await announce(sent, said, () => each(chosen, (id) => send(id, before.get(id) ?? null)));
  }

  /** A new incident, or more groups for one there is. Not undoable: incidents are kept, groups can only be added. */
  async function incident(chosen: readonly Group[], number: string | undefined): Promise<void> {
    const ids = chosen.map((group) => group.id);
    const made = { number };
    const done = await act(chosen, (group) => ({ ...group, incident: number ?? group.incident ?? null }), async () => {
      if (number === undefined) made.number = (await incidents.open(ids)).number;
      else await incidents.addGroups(number, ids);
    });
    if (!done || made.number === undefined) return;
    const made_number = made.number;
    patch(client, new Set(ids), (group) => ({ ...group, incident: made_number }));
    void client.invalidateQueries({ queryKey: ["incidents"] });
    say({
      text: t(number === undefined ? "said.incident_opened" : "said.incident_joined", { number: made_number }),
      tone: "done",
      link: linkTo(made_number),
    });
  }

  async function note(group: Group, text: string): Promise<boolean> {
    const done = await act([group], (row) => row, () => groups.note(group.id, text));
    if (done) say({ text: t("said.noted"), tone: "done" });
    return done;
  }

  async function markRead(group: Group): Promise<void> {
    if (group.unread) await act([group], (row) => ({ ...row, unread: false }), () => groups.markRead(group.id));
  }

  return { verdict, assign, incident, note, markRead };
}

export type Triage = ReturnType<typeof useTriage>;
