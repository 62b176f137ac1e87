/** What to do, from the rule's content pack, in the reader's language where it has it. */

import { useTranslation } from "react-i18next";
import type { RuleText } from "@/api/types";
import { Foreign } from "@/ui/Foreign";
import { steps } from "./advice";
import classes from "./Panel.module.css";

export function PanelAdvice({ rule }: { rule: RuleText | null | undefined }) {
  const { t, i18n } = useTranslation("inbox");
  const advice = i18n.language === "vi" ? (rule?.advice_vi ?? rule?.advice_en) : (rule?.advice_en ?? rule?.advice_vi);
  return (
    <section className={classes.section}>
      <h3>{t("panel.todo")}</h3>
      {advice ? (
        <ol className={classes.advice}>
          {steps(advice).map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      ) : (
        <p className={classes.faint}>{t("panel.no_advice")}</p>
      )}
      {/* Addresses from a rule are shown, not linked: nobody leaves the console by a rule's word. */}
      {rule && rule.references.length > 0 && (
        <details className={classes.details}>
          <summary>{t("panel.references")}</summary>
          {rule.references.map((reference) => (
            <p key={reference}>
              <Foreign text={reference} />
            </p>
          ))}
        </details>
      )}
    </section>
  );
}
