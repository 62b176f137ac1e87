/** The inbox: groups, newest and worst first, and the panel that answers without leaving the page. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/app/session";
import { useKeys } from "@/keys/dispatch";
import { usePageTitle } from "@/ui/Page";
import { Failure, Loading } from "@/ui/States";
import { GroupList } from "./GroupList";
import { GroupPanel } from "./GroupPanel";
import classes from "./Inbox.module.css";
import { InboxEmpty } from "./InboxEmpty";
import { InboxTools } from "./InboxTools";
import { IncidentStrip } from "./IncidentStrip";
import { KeyLine } from "./KeyLine";
import { REASON_ACTIONS, ReasonStrip, type ReasonNumber } from "./ReasonStrip";
import { useCursor } from "./useCursor";
import { useGroups, viewOf } from "./useGroups";
import { useTriage } from "./useTriage";

type Strip = "reason" | "incident" | null;

export function InboxPage() {
  const { t } = useTranslation("inbox");
  usePageTitle(t("title"));
  const search = useSearch({ from: "/signed-in/inbox" });
  const navigate = useNavigate({ from: "/inbox" });
  const me = useMe();
  const triage = useTriage();
  const atTop = useRef(true);
  const noteBox = useRef<HTMLTextAreaElement | null>(null);
  const wantsNote = useRef(false);
  const [strip, setStrip] = useState<Strip>(null);
  const { state, severity, hours, q, agency } = search;
  const view = useMemo(() => viewOf({ state, severity, hours, q, agency }), [state, severity, hours, q, agency]);
  const { query, rows, total, pending, showPending } = useGroups(view, atTop);

  const openPanel = (id: string | undefined) => void navigate({ search: (now) => ({ ...now, group: id }), replace: search.group !== undefined });
  const cursor = useCursor(rows, (id) => {
    if (search.group !== undefined) openPanel(id);
  });
  // A panel opened by a link, or from "other groups", may show a group that is not among the rows.
  const inPanel = search.group === undefined ? undefined : rows.find((group) => group.id === search.group);
  const chosen = cursor.ticked.size === 0 && inPanel ? [inPanel] : cursor.chosen;

  const decide = (kind: Parameters<typeof triage.verdict>[1], reason: string) => {
    if (chosen.length === 0) return;
    setStrip(null);
    // Where to stand is decided before the rows leave.
    if (view.state === undefined || view.state === "open") cursor.leave(chosen);
    void triage.verdict(chosen, kind, reason).then((done) => {
      if (done && kind === "true_positive") {
        const loose = chosen.filter((group) => !group.incident);
        if (loose.length > 0) void triage.incident(loose, undefined);
      }
    });
  };
  const reason = (number: ReasonNumber) => decide("false_positive", t(`reason.${number}`));
  const close = () => {
    if (strip) setStrip(null);
    else if (cursor.ticked.size > 0) cursor.untickAll();
    else if (search.group !== undefined) openPanel(undefined);
  };
  const assignMe = () => {
    if (me && chosen.length > 0) void triage.assign(chosen, chosen.every((group) => group.assignee === me.name) ? null : me.name);
  };
  const writeNote = () => {
    if (search.group === undefined) openPanel(cursor.current?.id);
    // A panel that is still loading gives the box the focus when it comes.
    wantsNote.current = noteBox.current === null;
    noteBox.current?.focus();
  };
  const holdNoteBox = (box: HTMLTextAreaElement | null) => {
    noteBox.current = box;
    if (box && wantsNote.current) {
      wantsNote.current = false;
      box.focus();
    }
  };
  const actions = {
    assign: assignMe,
    falsePositive: () => chosen.length > 0 && setStrip("reason"),
    benign: () => decide("benign_positive", t("reason.benign")),
    truePositive: () => decide("true_positive", t("reason.true")),
    note: writeNote,
    incident: () => chosen.length > 0 && setStrip("incident"),
    openIncident: () => {
      const number = chosen.find((group) => group.incident)?.incident;
      if (number) void navigate({ to: "/incidents/$number", params: { number } });
    },
  };
  useKeys({
    next: () => cursor.step(1),
    previous: () => cursor.step(-1),
    first: () => cursor.toEnd(false),
    last: () => cursor.toEnd(true),
    nextUnread: cursor.toUnread,
    open: () => openPanel(cursor.current?.id),
    select: () => cursor.current && cursor.tick(cursor.current.id),
    selectRange: cursor.tickRange,
    close,
    ...actions,
    ...(strip === "reason" ? Object.fromEntries(REASON_ACTIONS.map(([action, number]) => [action, () => reason(number)])) : {}),
  });

  return (
    <div className={classes.inbox} data-panel={search.group !== undefined || undefined}>
      <section className={classes.listing} aria-label={t("title")}>
        <h1 className="visually-hidden">{t("title")}</h1>
        <InboxTools search={search} total={total} shown={rows.length} pending={pending} onPending={showPending} ticked={cursor.ticked.size} onUntick={cursor.untickAll} actions={actions} />
        {query.isPending && <Loading />}
        {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
        {query.isSuccess && rows.length === 0 && <InboxEmpty search={search} />}
        {rows.length > 0 && (
          <GroupList
            rows={rows}
            cursor={cursor}
            opened={search.group}
            onOpen={openPanel}
            onTop={(top) => {
              atTop.current = top;
              if (top && pending > 0) showPending();
            }}
            onEnd={() => {
              if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
            }}
          />
        )}
        {strip === "reason" && <ReasonStrip count={chosen.length} onReason={reason} onClose={() => setStrip(null)} />}
        {strip === "incident" && (
          <IncidentStrip
            count={chosen.length}
            onChoose={(number) => {
              setStrip(null);
              cursor.untickAll();
              void triage.incident(chosen, number);
            }}
            onClose={() => setStrip(null)}
          />
        )}
        <KeyLine />
      </section>
      {search.group !== undefined && (
        <GroupPanel key={search.group} id={search.group} triage={triage} actions={actions} noteBox={holdNoteBox} onClose={() => openPanel(undefined)} onOther={openPanel} />
      )}
    </div>
  );
}
