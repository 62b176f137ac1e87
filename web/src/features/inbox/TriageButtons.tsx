/** What can be decided, as buttons that name their keys: for the panel and for the ticked rows. */

import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Hint } from "@/keys/Hint";
import type { Action } from "@/keys/keymap";

const SHOWN = ["falsePositive", "benign", "truePositive", "incident", "assign", "note"] as const satisfies readonly Action[];
export type TriageActions = Record<(typeof SHOWN)[number], () => unknown>;

export function TriageButtons({ actions, bulk = false }: { actions: TriageActions; bulk?: boolean }) {
  const { t } = useTranslation("keys");
  return SHOWN.filter((action) => !bulk || action !== "note").map((action) => (
    <Button
      key={action}
      size="compact-xs"
      variant={action === "truePositive" && !bulk ? "filled" : "default"}
      title={t(`action.${action}`)}
      leftSection={<Hint action={action} />}
      onClick={() => void actions[action]()}
    >
      {t(`short.${action}`)}
    </Button>
  ));
}
