/** The rows, of which only those in sight exist: 10,000 groups scroll like thirty. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Group } from "@/api/types";
import { usePreferences } from "@/app/preferences";
import { useNarrow } from "@/ui/useNarrow";
import { GroupRow, rowId } from "./GroupRow";
import classes from "./Inbox.module.css";
import type { useCursor } from "./useCursor";

const ROW_PX = { compact: 36, comfortable: 44 } as const;
const CARD_PX = 66;
/** Rows from the end at which the next page is asked for. */
const AHEAD = 30;
const COLUMNS = ["select", "severity", "title", "target", "actor", "count", "spark", "last"] as const;

interface Props {
  rows: readonly Group[];
  cursor: ReturnType<typeof useCursor>;
  opened: string | undefined;
  onOpen: (id: string) => void;
  onTop: (top: boolean) => void;
  onEnd: () => void;
}

export function GroupList({ rows, cursor, opened, onOpen, onTop, onEnd }: Props) {
  const { t } = useTranslation("inbox");
  const { density } = usePreferences();
  const narrow = useNarrow();
  const height = narrow ? CARD_PX : ROW_PX[density];
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => height, overscan: 12 });
  const { current, index } = cursor;

  useEffect(() => virtual.measure(), [virtual, height]);
  // Only the reader's own steps scroll: a row that moves by itself must not pull the list along.
  const shown = useRef<string>(undefined);
  useEffect(() => {
    if (!current || shown.current === current.id) return;
    shown.current = current.id;
    virtual.scrollToIndex(index);
  }, [virtual, index, current]);
  // Keys work at once: the list takes the focus unless the reader is already in a field.
  useEffect(() => {
    if (!document.activeElement?.matches("input, textarea, select")) scroller.current?.focus({ preventScroll: true });
  }, []);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - AHEAD) onEnd();
  }, [last, rows.length, onEnd]);

  return (
    <div
      ref={scroller}
      className={classes.scroller}
      role="grid"
      aria-label={t("grid")}
      aria-rowcount={rows.length}
      aria-multiselectable="true"
      aria-activedescendant={current && rowId(current.id)}
      tabIndex={0}
      onScroll={(event) => onTop(event.currentTarget.scrollTop < height / 2)}
    >
      <div className={classes.head} role="row">
        {COLUMNS.map((column) => (
          <span key={column} role="columnheader" data-column={column}>
            {column === "select" || column === "severity" ? <span className="visually-hidden">{t(`column.${column}`)}</span> : t(`column.${column}`)}
          </span>
        ))}
      </div>
      <div role="rowgroup" className={classes.rows} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const group = rows[item.index];
          return (
            group && (
              <GroupRow
                key={group.id}
                group={group}
                position={item.index + 2}
                style={{ height: item.size, transform: `translateY(${item.start}px)` }}
                current={group.id === current?.id}
                opened={group.id === opened}
                ticked={cursor.ticked.has(group.id)}
                onTick={() => cursor.tick(group.id)}
                onOpen={() => {
                  cursor.goTo(group.id);
                  onOpen(group.id);
                }}
              />
            )
          );
        })}
      </div>
    </div>
  );
}
