/** What happened, oldest first: alerts, actions, notes and mails, each with who and when. */

import { useTranslation } from "react-i18next";
import type { TimelineItem } from "@/api/types";
import { Foreign } from "@/ui/Foreign";
import { usePhrase } from "@/ui/phrase";
import { When } from "@/ui/When";
import classes from "./Incidents.module.css";

const SYSTEM = "system";

export function Timeline({ items }: { items: readonly TimelineItem[] }) {
  const { t } = useTranslation("incident");
  const phrase = usePhrase();
  return (
    <ol className={classes.timeline}>
      {items.map((item, index) => (
        <li key={index} className={classes.item} data-kind={item.kind}>
          <span className="visually-hidden">{t(`kind.${item.kind}`)}</span>
          <p>{phrase(item)}</p>
          {item.text && (
            <p>
              <Foreign text={item.text} />
            </p>
          )}
          <span className={classes.faint}>
            <When at={item.at} precise />
            {item.actor && item.actor !== SYSTEM && ` · ${item.actor}`}
          </span>
        </li>
      ))}
    </ol>
  );
}
