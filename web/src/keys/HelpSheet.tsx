/** `?`: every key, by section, from the same table that drives them. */

import { useTranslation } from "react-i18next";
import { Sheet } from "@/ui/Sheet";
import { drawn } from "./chord";
import { BINDINGS, SECTIONS } from "./keymap";
import classes from "./keys.module.css";

export function HelpSheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation("keys");
  return (
    <Sheet opened={opened} onClose={onClose} title={t("help_title")}>
      <div className={classes.sections}>
        {SECTIONS.map((section) => (
          <section key={section}>
            <h3>{t(`section.${section}`)}</h3>
            <dl className={classes.keys}>
              {BINDINGS.filter((binding) => binding.section === section).map((binding) => (
                <div key={binding.action}>
                  <dt>
                    {binding.keys.map((key) => (
                      <kbd key={key}>{drawn(key)}</kbd>
                    ))}
                  </dt>
                  <dd>{t(`action.${binding.action}`)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Sheet>
  );
}
