/** A note: Ctrl-Enter or the button sends it; it cannot be taken back, and says so. */

import { Button, Textarea } from "@mantine/core";
import { type Ref, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./NoteForm.module.css";

interface Props {
  boxRef?: Ref<HTMLTextAreaElement> | undefined;
  /** True once the centre has it. */
  onNote: (text: string) => Promise<boolean>;
}

export function NoteForm({ boxRef, onNote }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [sending, setSending] = useState(false);
  const send = async () => {
    if (text.trim() === "" || sending) return;
    setSending(true);
    // What was written stays in the box when it could not be kept.
    if (await onNote(text.trim())) setText("");
    setSending(false);
  };
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Textarea
        {...(boxRef ? { ref: boxRef } : {})}
        aria-label={t("note.label")}
        placeholder={t("note.hint")}
        rows={3}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
        }}
      />
      <div className={classes.foot}>
        <Button type="submit" size="compact-sm" variant="default" loading={sending} disabled={text.trim() === ""}>
          {t("note.submit")}
        </Button>
        <span>{t("note.kept")}</span>
      </div>
    </form>
  );
}
