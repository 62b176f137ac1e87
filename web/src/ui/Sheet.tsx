/** The native dialog: it holds the focus, closes on Escape, and the page behind it is inert. For help and the palette only. */

import { CloseButton } from "@mantine/core";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Sheet.module.css";

interface Props {
  opened: boolean;
  onClose: () => void;
  title: string;
  titleHidden?: boolean;
  children: ReactNode;
}

export function Sheet({ opened, onClose, title, titleHidden = false, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const { t } = useTranslation();
  useEffect(() => {
    if (!opened) return;
    dialog.current?.showModal();
    // The dialog gives the focus to its first control; what asks for it by `data-autofocus` comes before that.
    dialog.current?.querySelector<HTMLElement>("[data-autofocus]")?.focus();
  }, [opened]);
  return (
    <dialog ref={dialog} className={classes.sheet} aria-labelledby={heading} onClose={onClose}>
      {opened && (
        <>
          <header className={titleHidden ? "visually-hidden" : classes.head}>
            <h2 id={heading}>{title}</h2>
            <CloseButton aria-label={t("close")} onClick={onClose} />
          </header>
          <div className={classes.body}>{children}</div>
        </>
      )}
    </dialog>
  );
}
