/** Who was told: the mails about the incident, each leading to the outbox. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { MailLine } from "@/api/types";
import { Chip } from "@/ui/Chip";
import { plain } from "@/ui/visible";
import { When } from "@/ui/When";
import classes from "./Incidents.module.css";

export function IncidentMails({ mails }: { mails: readonly MailLine[] }) {
  const { t } = useTranslation(["incident", "outbox"]);
  return (
    <section>
      <h2>{t("mails", { count: mails.length })}</h2>
      {mails.length === 0 && <p className={classes.faint}>{t("no_mails")}</p>}
      <ul>
        {mails.map((mail) => (
          <li key={mail.id} className={classes.mail}>
            <Link to="/outbox" search={{ mail: mail.id }}>
              {plain(mail.subject)}
            </Link>{" "}
            <Chip tone={mail.state === "failed" ? "bad" : "plain"}>{t(`outbox:state.${mail.state}`)}</Chip>
            <p className={classes.faint}>
              {mail.to.join(", ")} · <When at={mail.created_at} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
