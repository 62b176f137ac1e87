/** One mail, as HTML in a frame that can run nothing, or as the plain text it also carries. */

import { Button, CloseButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { outbox } from "@/api/calls";
import { Foreign } from "@/ui/Foreign";
import { Failure, Loading } from "@/ui/States";
import { plain } from "@/ui/visible";
import { When } from "@/ui/When";
import { MailFrame } from "./MailFrame";
import classes from "./Outbox.module.css";

const FORMS = ["html", "text"] as const;

export function MailView({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation(["outbox", "common"]);
  const [form, setForm] = useState<(typeof FORMS)[number]>("html");
  const detail = useQuery({ queryKey: ["outbox", "mail", id], queryFn: () => outbox.detail(id) });
  return (
    <section className={classes.mail} aria-label={t("mail")}>
      <CloseButton className={classes.close} aria-label={t("common:close")} onClick={onClose} />
      {detail.isPending && <Loading />}
      {detail.isError && <Failure error={detail.error} onRetry={() => void detail.refetch()} />}
      {detail.data && (
        <>
          <h2>{plain(detail.data.mail.subject)}</h2>
          <p className={classes.meta}>
            {t("to", { to: detail.data.mail.to.join(", ") })} · <When at={detail.data.mail.created_at} precise />
            {detail.data.mail.incident && (
              <Link to="/incidents/$number" params={{ number: detail.data.mail.incident }}>
                {detail.data.mail.incident}
              </Link>
            )}
          </p>
          <div className={classes.forms} role="group" aria-label={t("form")}>
            {FORMS.map((each) => (
              <Button key={each} size="compact-xs" variant={form === each ? "filled" : "default"} aria-pressed={form === each} onClick={() => setForm(each)}>
                {t(`form_name.${each}`)}
              </Button>
            ))}
          </div>
          {form === "html" ? <MailFrame id={id} title={detail.data.mail.subject} /> : <Foreign block text={detail.data.text} />}
        </>
      )}
    </section>
  );
}
