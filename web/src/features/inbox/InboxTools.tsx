/** Above the list: the filter that is in the address, what waits, and what can be done with the ticked rows. */

import { Button, NativeSelect } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Hint } from "@/keys/Hint";
import { whole } from "@/ui/time";
import { HOURS, type InboxSearch, LEVELS, STATES } from "./filters";
import classes from "./Inbox.module.css";
import { TriageButtons, type TriageActions } from "./TriageButtons";

interface Props {
  search: InboxSearch;
  total: number;
  shown: number;
  pending: number;
  onPending: () => void;
  ticked: number;
  onUntick: () => void;
  actions: TriageActions;
}

export function InboxTools({ search, total, shown, pending, onPending, ticked, onUntick, actions }: Props) {
  const { t, i18n } = useTranslation(["inbox", "common"]);
  const navigate = useNavigate({ from: "/inbox" });
  const filter = (change: InboxSearch) => void navigate({ search: (now) => ({ ...now, ...change, group: undefined }) });
  return (
    <>
      <div className={classes.tools}>
        <NativeSelect
          size="xs"
          aria-label={t("filter.state")}
          value={search.state ?? "open"}
          onChange={(event) => filter({ state: STATES.find((state) => state === event.currentTarget.value) })}
          data={STATES.map((value) => ({ value, label: t(`filter.states.${value}`) }))}
        />
        <NativeSelect
          size="xs"
          aria-label={t("filter.severity")}
          value={search.severity ?? ""}
          onChange={(event) => filter({ severity: LEVELS.find((level) => level === event.currentTarget.value) })}
          data={[{ value: "", label: t("filter.any_severity") }, ...LEVELS.slice(1).map((value) => ({ value, label: t("filter.at_least", { severity: t(`common:severity.${value}`) }) }))]}
        />
        <NativeSelect
          size="xs"
          aria-label={t("filter.time")}
          value={String(search.hours ?? "")}
          onChange={(event) => filter({ hours: HOURS.find((hours) => String(hours) === event.currentTarget.value) })}
          data={[{ value: "", label: t("filter.any_time") }, ...HOURS.map((hours) => ({ value: String(hours), label: t(`filter.hours.${hours}`) }))]}
        />
        {search.q !== undefined && (
          <Button size="compact-xs" variant="default" onClick={() => filter({ q: undefined, state: undefined })}>
            {t("filter.clear_text", { text: search.q })}
          </Button>
        )}
        {search.agency !== undefined && (
          <Button size="compact-xs" variant="default" onClick={() => filter({ agency: undefined })}>
            {t("filter.clear_agency", { agency: search.agency })}
          </Button>
        )}
        <span className={classes.grow} />
        {pending > 0 && (
          <Button size="compact-xs" onClick={onPending}>
            {t("pending", { count: pending })}
          </Button>
        )}
        <span className={classes.total} role="status">
          {t("total", { count: total, shown: whole(shown, i18n.language), total: whole(total, i18n.language) })}
        </span>
      </div>
      {ticked > 0 && (
        <div className={classes.selection} role="toolbar" aria-label={t("selected", { count: ticked })}>
          <strong>{t("selected", { count: ticked })}</strong>
          <TriageButtons actions={actions} bulk />
          <Button size="compact-xs" variant="subtle" color="gray" onClick={onUntick} rightSection={<Hint action="close" />}>
            {t("untick")}
          </Button>
        </div>
      )}
    </>
  );
}
