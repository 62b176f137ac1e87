/** Ctrl-K: every page and every action that would do something now, found by typing a part of its name. */

import { TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PAGES } from "@/app/Rail";
import { fold } from "@/ui/fold";
import { Sheet } from "@/ui/Sheet";
import { availableActions, handlerFor } from "./dispatch";
import { Hint } from "./Hint";
import { type Action, bindingOf } from "./keymap";
import classes from "./keys.module.css";

interface Choice {
  id: string;
  label: string;
  action?: Action;
  run: () => void;
}

const NOT_OFFERED: readonly Action[] = ["palette", "close", "next", "previous", "first", "last"];

export function Palette({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation(["keys", "common"]);
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  // Taken when the palette opens: the page behind cannot change while it is inert.
  const [actions] = useState(availableActions);
  const choices: Choice[] = [
    ...PAGES.map((page) => ({ id: page.to, label: t(`common:page.${page.name}`), run: () => void navigate({ to: page.to }) })),
    ...actions
      .filter((action) => !NOT_OFFERED.includes(action) && bindingOf(action).section !== "reason")
      .map((action) => ({ id: action, label: t(`action.${action}`), action, run: () => handlerFor(action)?.() })),
  ].filter((choice) => fold(choice.label).includes(fold(text)));
  const chosen = Math.min(at, choices.length - 1);
  const run = (choice: Choice | undefined) => {
    onClose();
    // After the dialog gave the focus back, so that the action may move it.
    if (choice) setTimeout(choice.run);
  };
  return (
    <Sheet opened={opened} onClose={onClose} title={t("palette_title")} titleHidden>
      <TextInput
        data-autofocus
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-choices"
        aria-activedescendant={choices[chosen] && `palette-${choices[chosen].id}`}
        aria-label={t("palette_title")}
        placeholder={t("palette_hint")}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setAt(Math.min(chosen + 1, choices.length - 1));
          else if (event.key === "ArrowUp") setAt(Math.max(chosen - 1, 0));
          else if (event.key === "Enter") run(choices[chosen]);
          else return;
          event.preventDefault();
        }}
      />
      <div id="palette-choices" role="listbox" aria-label={t("palette_title")} className={classes.list}>
        {choices.map((choice, index) => (
          // The text field keeps the focus and works the list by aria-activedescendant; the mouse may click.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
          <div key={choice.id} id={`palette-${choice.id}`} role="option" aria-selected={index === chosen} className={classes.option} onClick={() => run(choice)}>
            <span>{choice.label}</span>
            {choice.action ? <Hint action={choice.action} /> : <span className={classes.kind}>{t("palette_page")}</span>}
          </div>
        ))}
      </div>
      {choices.length === 0 && <p className={classes.none}>{t("palette_none", { text })}</p>}
    </Sheet>
  );
}
