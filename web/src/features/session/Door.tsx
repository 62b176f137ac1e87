/** The frame of the two pages before the console: who this is, and the language. */

import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { LANGUAGES, speak } from "@/i18n";
import { usePageTitle } from "@/ui/Page";
import classes from "./Door.module.css";

export function Door({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  const { t, i18n } = useTranslation();
  usePageTitle(title);
  return (
    <main className={classes.door}>
      <div className={classes.card}>
        <div className={classes.brand}>
          <img src="/saola.svg" width="32" height="32" alt="" />
          <span>Saola</span>
        </div>
        <h1>{title}</h1>
        <p className={classes.lead}>{lead}</p>
        {children}
      </div>
      <div className={classes.languages} role="group" aria-label={t("language")}>
        {LANGUAGES.map((language) => (
          <Button key={language} lang={language} size="compact-sm" variant="subtle" color="gray" aria-pressed={i18n.language === language} onClick={() => void speak(language)}>
            {t(`language_name.${language}`)}
          </Button>
        ))}
      </div>
    </main>
  );
}
