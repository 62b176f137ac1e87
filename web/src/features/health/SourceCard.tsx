/** One sensor or collector. */

import { useTranslation } from "react-i18next";
import type { SourceHealth } from "@/api/types";
import { Chip } from "@/ui/Chip";
import { usePhrase } from "@/ui/phrase";
import { bytes, whole } from "@/ui/time";
import { When } from "@/ui/When";
import classes from "./Health.module.css";
import { StateMark } from "./StateMark";

export function SourceCard({ source }: { source: SourceHealth }) {
  const { t, i18n } = useTranslation("health");
  const phrase = usePhrase();
  const language = i18n.language;
  const rate = new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(source.rate_per_s);
  const facts = [
    [t("records"), whole(source.records, language)],
    [t("bytes"), bytes(source.bytes, language)],
    [t("rate"), t("per_second", { rate })],
    ...(source.connections === null || source.connections === undefined ? [] : [[t("connections"), whole(source.connections, language)]]),
    ...(source.kernel_drops === null || source.kernel_drops === undefined ? [] : [[t("kernel_drops"), whole(source.kernel_drops, language)]]),
  ] as const;
  return (
    <li className={classes.card} data-state={source.state}>
      <StateMark state={source.state} />
      <div className={classes.main}>
        <h2>
          {source.name} <Chip>{source.kind}</Chip>
        </h2>
        <p>{phrase(source.words)}</p>
        {source.lost.length > 0 && (
          <ul className={classes.lost} aria-label={t("lost")}>
            {source.lost.map(({ reason, count }) => (
              <li key={reason}>
                <Chip tone="warn">{t("lost_one", { number: whole(count, language), reason: phrase({ code: `lost.${reason}`, params: {} }) })}</Chip>
              </li>
            ))}
          </ul>
        )}
      </div>
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div>
          <dt>{t("last_seen")}</dt>
          <dd>{source.last_seen ? <When at={source.last_seen} /> : t("never")}</dd>
        </div>
      </dl>
    </li>
  );
}
