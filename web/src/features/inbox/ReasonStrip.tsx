/** `f`, then a number: why it is false. Two keys, and the reason is kept for the next who sees the same. */

import { Button, CloseButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Hint } from "@/keys/Hint";
import classes from "./Inbox.module.css";

export const REASON_ACTIONS = [
  ["reason1", "1"],
  ["reason2", "2"],
  ["reason3", "3"],
  ["reason4", "4"],
  ["reason5", "5"],
  ["reason6", "6"],
] as const;
export type ReasonNumber = (typeof REASON_ACTIONS)[number][1];

interface Props {
  count: number;
  onReason: (number: ReasonNumber) => void;
  onClose: () => void;
}

export function ReasonStrip({ count, onReason, onClose }: Props) {
  const { t } = useTranslation(["inbox", "common"]);
  return (
    <section className={classes.strip} aria-label={t("reason.title", { count })}>
      <header>
        <h2>{t("reason.title", { count })}</h2>
        <CloseButton size="sm" aria-label={t("common:close")} onClick={onClose} />
      </header>
      <div className={classes.options}>
        {REASON_ACTIONS.map(([action, number]) => (
          <Button key={number} size="xs" variant="default" leftSection={<Hint action={action} />} onClick={() => onReason(number)}>
            {t(`reason.${number}`)}
          </Button>
        ))}
      </div>
    </section>
  );
}
