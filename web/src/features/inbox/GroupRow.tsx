/** One group as a row: how bad, what, whom, who, how often, since when. */

import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import type { Group } from "@/api/types";
import { Chip } from "@/ui/Chip";
import { useTitle } from "@/ui/localized";
import { Severity } from "@/ui/Severity";
import { plain } from "@/ui/visible";
import { Spark } from "@/ui/Spark";
import { compact, whole } from "@/ui/time";
import { When } from "@/ui/When";
import classes from "./Inbox.module.css";

interface Props {
  group: Group;
  /** Position in the whole list, from 1 with the header. */
  position: number;
  style: CSSProperties;
  current: boolean;
  opened: boolean;
  ticked: boolean;
  onTick: () => void;
  onOpen: () => void;
}

export const rowId = (id: string) => `row-${id}`;

/* The row is worked by the keyboard through the grid that owns it (aria-activedescendant); the mouse may click it. */
/* eslint-disable jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus */
export function GroupRow({ group, position, style, current, opened, ticked, onTick, onOpen }: Props) {
  const { t, i18n } = useTranslation("inbox");
  const title = useTitle()(group.rule);
  const { target, actor } = group;
  const level = target.asset?.level ?? 0;
  return (
    <div
      id={rowId(group.id)}
      className={classes.row}
      role="row"
      aria-rowindex={position}
      aria-selected={ticked}
      data-current={current || undefined}
      data-opened={opened || undefined}
      data-unread={group.unread || undefined}
      style={style}
      onClick={onOpen}
    >
      <span role="gridcell" data-column="select">
        <input type="checkbox" className={classes.tick} tabIndex={-1} checked={ticked} aria-label={t("select", { title })} onClick={(event) => event.stopPropagation()} onChange={onTick} />
      </span>
      <span role="gridcell" data-column="severity">
        <Severity level={group.severity} wordless />
      </span>
      <span role="gridcell" data-column="title" title={title}>
        {group.unread && <span className="visually-hidden">{t("unread")}</span>}
        <span className={classes.title}>{title}</span>
        {group.incident && <Chip tone="accent">{group.incident}</Chip>}
        {group.verdict && <Chip>{t(`verdict.${group.verdict.verdict}`)}</Chip>}
        {!group.verdict && group.earlier_verdict && (
          <Chip title={t("earlier_title", { by: group.earlier_verdict.by, reason: group.earlier_verdict.reason })}>
            {t("earlier", { verdict: t(`verdict.${group.earlier_verdict.verdict}`) })}
          </Chip>
        )}
        {group.assignee && <Chip title={t("assigned_to", { name: group.assignee })}>{group.assignee}</Chip>}
      </span>
      <span role="gridcell" data-column="target" title={[plain(target.label), group.agency.name].join(" · ")}>
        <bdi>{plain(target.label)}</bdi>
        {level > 0 && <span className={classes.faint}>{t("level", { level })}</span>}
      </span>
      <span role="gridcell" data-column="actor" title={actor ? plain(actor.label) : undefined}>
        <bdi>{actor ? plain(actor.label) : "–"}</bdi>
      </span>
      <span role="gridcell" data-column="count" title={whole(group.count, i18n.language)}>
        {compact(group.count, i18n.language)}
      </span>
      <span role="gridcell" data-column="spark">
        <Spark hours={group.spark_24h} />
      </span>
      <span role="gridcell" data-column="last">
        <When at={group.last_seen} />
      </span>
    </div>
  );
}
