/** Tens of thousands of rules, of which only those in sight exist. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { RuleRow } from "@/api/types";
import { Chip } from "@/ui/Chip";
import { titleOf } from "@/ui/localized";
import { Severity } from "@/ui/Severity";
import { whole } from "@/ui/time";
import classes from "./Rules.module.css";

const ROW_PX = 54;
const AHEAD = 40;

interface Props {
  rows: readonly RuleRow[];
  total: number;
  onEnd: () => void;
}

export function RulesList({ rows, total, onEnd }: Props) {
  const { t, i18n } = useTranslation(["rules", "common"]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW_PX, overscan: 10 });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - AHEAD) onEnd();
  }, [last, rows.length, onEnd]);
  return (
    <>
      <p className={classes.count} role="status">
        {t("total", { count: total, number: whole(total, i18n.language) })}
      </p>
      {/* A scrolled region must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={scroller} className={classes.scroller} role="region" tabIndex={0} aria-label={t("title")}>
        <ul className={classes.rows} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const rule = rows[item.index];
            return (
              rule && (
                <li key={`${rule.engine}${rule.id}${rule.source_path}${rule.line}`} className={classes.row} style={{ height: item.size, transform: `translateY(${item.start}px)` }} aria-setsize={total} aria-posinset={item.index + 1}>
                  <Rule rule={rule} />
                </li>
              )
            );
          })}
        </ul>
      </div>
    </>
  );
}

function Rule({ rule }: { rule: RuleRow }) {
  const { t, i18n } = useTranslation(["rules", "common"]);
  const title = titleOf(rule, i18n.language);
  const place = rule.line > 0 ? `${rule.source_path}:${rule.line}` : rule.source_path;
  return (
    <>
      <span>{rule.severity ? <Severity level={rule.severity} wordless /> : null}</span>
      <div className={classes.what}>
        <span className={classes.title} title={title}>
          {title === "" ? rule.id : title}
        </span>
        {rule.state === "failed" ? (
          <span className={classes.bad} title={rule.reason ?? ""}>
            {t("because", { reason: rule.reason ?? "" })}
          </span>
        ) : (
          <span className={classes.place} title={place}>
            {place}
          </span>
        )}
      </div>
      <span className={classes.id} title={rule.id}>
        {rule.id}
      </span>
      <span className={classes.hits}>{t("hits", { count: rule.hits, number: whole(rule.hits, i18n.language) })}</span>
      <span className={classes.state}>
        <Chip tone={rule.state === "failed" ? "bad" : rule.enabled ? "ok" : "plain"}>{t(rule.state === "failed" ? "state.failed" : rule.enabled ? "state.loaded" : "state.disabled")}</Chip>
        <Chip>{t(`common:engine.${rule.engine}`)}</Chip>
      </span>
    </>
  );
}
