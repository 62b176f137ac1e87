/** Notes of people on a group. */

import type { Ref } from "react";
import { useTranslation } from "react-i18next";
import type { GroupDetail } from "@/api/types";
import { NoteForm } from "@/ui/NoteForm";
import { Foreign } from "@/ui/Foreign";
import { When } from "@/ui/When";
import classes from "./Panel.module.css";

interface Props {
  detail: GroupDetail;
  noteBox: Ref<HTMLTextAreaElement>;
  onNote: (text: string) => Promise<boolean>;
}

export function PanelNotes({ detail, noteBox, onNote }: Props) {
  const { t } = useTranslation("inbox");
  return (
    <section className={classes.section}>
      <h3>{t("panel.notes")}</h3>
      {detail.notes.map((note) => (
        <div key={`${note.at}${note.by}`} className={classes.note}>
          <p>
            <Foreign text={note.text} />
          </p>
          <span className={classes.faint}>
            {note.by} · <When at={note.at} />
          </span>
        </div>
      ))}
      <NoteForm boxRef={noteBox} onNote={onNote} />
    </section>
  );
}
