/** A mail in the list. */

import { useTranslation } from "react-i18next";
import type { MailBrief } from "@/api/types";
import { Chip, type Tone } from "@/ui/Chip";
import { Foreign } from "@/ui/Foreign";
import { plain } from "@/ui/visible";
import { When } from "@/ui/When";
import classes from "./Outbox.module.css";

export const TONES: Record<MailBrief["state"], Tone> = { queued: "warn", sent: "ok", failed: "bad", local: "plain" };

export function MailRow({ mail, opened, onOpen }: { mail: MailBrief; opened: boolean; onOpen: () => void }) {
  const { t } = useTranslation("outbox");
  return (
    <li>
      <button type="button" className={classes.row} aria-expanded={opened} onClick={onOpen}>
        <span className={classes.subject}>{plain(mail.subject)}</span>
        <span className={classes.meta}>
          <Chip tone={TONES[mail.state]}>{t(`state.${mail.state}`)}</Chip>
          <span className={classes.to}>{mail.to.join(", ")}</span>
          <When at={mail.created_at} />
        </span>
        {mail.last_error && (
          <span className={classes.error}>
            {t("attempts", { count: mail.attempts })} <Foreign text={mail.last_error} />
          </span>
        )}
      </button>
    </li>
  );
}
