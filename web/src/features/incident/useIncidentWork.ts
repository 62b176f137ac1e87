/** What a person does with an incident: shown when the centre has it; refusals say why. */

import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { incidents } from "@/api/calls";
import type { Incident, IncidentStatus, Severity } from "@/api/types";
import { say } from "@/ui/notices";
import { useProblemText } from "@/ui/problem";

export function useIncidentWork(incident: Incident) {
  const client = useQueryClient();
  const { t } = useTranslation(["incident", "common"]);
  const problemText = useProblemText();
  const { number } = incident;
  const again = () => Promise.all(["incident", "incidents", "outbox"].map((key) => client.invalidateQueries({ queryKey: [key] })));

  async function act(send: () => Promise<unknown>, said: string, back?: () => Promise<unknown>): Promise<boolean> {
    try {
      await send();
    } catch (error) {
      const { what, todo } = problemText(error);
      say({ text: `${what} ${todo}`.trim(), tone: "error" });
      return false;
    } finally {
      await again();
    }
    const undo = back && (async () => {
      await back();
      await again();
    });
    say({ text: said, tone: "done", undo });
    return true;
  }

  return {
    setStatus: (status: IncidentStatus, reason: string) =>
      act(() => incidents.status(number, status, reason), t("said.status", { status: t(`status.${status}`) }), () => incidents.status(number, incident.status, t("undo_reason"))),
    setSeverity: (severity: Severity, reason: string) =>
      act(() => incidents.severity(number, severity, reason), t("said.severity", { severity: t(`common:severity.${severity}`) }), () => incidents.severity(number, incident.severity, t("undo_reason"))),
    assign: (user: string | null) => act(() => incidents.assign(number, user), t("said.owner"), () => incidents.assign(number, incident.owner ?? null)),
    note: (text: string) => act(() => incidents.note(number, text), t("said.note")),
  };
}
