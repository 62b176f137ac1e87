/** The person's settings: language, theme, row height, single-letter keys, sign out. A disclosure, not a floating menu library. */

import { Button, useMantineColorScheme } from "@mantine/core";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { LANGUAGES, speak } from "@/i18n";
import { say } from "@/ui/notices";
import { useProblemText } from "@/ui/problem";
import { initials } from "./initials";
import { prefer, usePreferences } from "./preferences";
import { useMe, useSignOut } from "./session";
import classes from "./UserMenu.module.css";

const SCHEMES = ["light", "dark", "auto"] as const;
const DENSITIES = ["compact", "comfortable"] as const;

export function UserMenu() {
  const { t } = useTranslation();
  const me = useMe();
  const [opened, setOpened] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const panel = useId();
  useEffect(() => {
    if (!opened) return undefined;
    const outside = (event: Event) => {
      if (event.target instanceof Node && !frame.current?.contains(event.target)) setOpened(false);
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
    };
  }, [opened]);
  return (
    // Escape closes from anywhere inside; the button itself is the keyboard's way in.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      ref={frame}
      className={classes.frame}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !opened) return;
        event.preventDefault();
        setOpened(false);
        frame.current?.querySelector("button")?.focus();
      }}
    >
      <Button variant="default" size="compact-sm" aria-expanded={opened} aria-controls={panel} onClick={() => setOpened(!opened)}>
        {initials(me?.display_name ?? me?.name ?? "")}
        <span className="visually-hidden"> {t("user_menu", { name: me?.display_name ?? "" })}</span>
      </Button>
      {opened && (
        <div id={panel} className={classes.panel}>
          <strong>{me?.display_name}</strong>
          <Settings />
        </div>
      )}
    </div>
  );
}

function Settings() {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { density, letterKeys } = usePreferences();
  const problemText = useProblemText();
  const signOut = useSignOut();
  return (
    <>
      <Choice label={t("language")}>
        {LANGUAGES.map((language) => (
          <Option key={language} lang={language} on={i18n.language === language} label={t(`language_name.${language}`)} onChoose={() => void speak(language)} />
        ))}
      </Choice>
      <Choice label={t("theme")}>
        {SCHEMES.map((scheme) => (
          <Option key={scheme} on={colorScheme === scheme} label={t(`theme_name.${scheme}`)} onChoose={() => setColorScheme(scheme)} />
        ))}
      </Choice>
      <Choice label={t("density")}>
        {DENSITIES.map((each) => (
          <Option key={each} on={density === each} label={t(`density_name.${each}`)} onChoose={() => prefer({ density: each })} />
        ))}
      </Choice>
      <label className={classes.check}>
        <input type="checkbox" checked={letterKeys} onChange={(event) => prefer({ letterKeys: event.currentTarget.checked })} />
        {t("letter_keys")}
      </label>
      <Button size="xs" variant="default" onClick={() => void signOut().catch((error: unknown) => say({ text: problemText(error).what, tone: "error" }))}>
        {t("sign_out")}
      </Button>
    </>
  );
}

function Choice({ label, children }: { label: string; children: ReactNode }) {
  return (
    <fieldset className={classes.choice}>
      <legend>{label}</legend>
      <div>{children}</div>
    </fieldset>
  );
}

function Option({ on, label, lang, onChoose }: { on: boolean; label: string; lang?: string; onChoose: () => void }) {
  return (
    <button type="button" aria-pressed={on} lang={lang} onClick={onChoose}>
      {label}
    </button>
  );
}
