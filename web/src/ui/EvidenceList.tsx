/** What made a rule fire, with the matched part marked; the spans are bytes. */

import { useTranslation } from "react-i18next";
import type { Evidence } from "@/api/types";
import classes from "./EvidenceList.module.css";
import { Foreign } from "./Foreign";

export function EvidenceList({ evidence }: { evidence: readonly Evidence[] }) {
  const { t } = useTranslation();
  if (evidence.length === 0) return <p className={classes.place}>{t("no_evidence")}</p>;
  return (
    <ul className={classes.list}>
      {evidence.map((each, index) => (
        <li key={index}>
          <p className={classes.place}>
            <strong>{each.place}</strong>
            <span>{t("looked_for")}</span>
            <Foreign text={each.pattern} />
            {each.offset > 0 && <span>{t("at_byte", { offset: each.offset })}</span>}
          </p>
          <Foreign block text={each.window} span={each.span} />
        </li>
      ))}
    </ul>
  );
}
