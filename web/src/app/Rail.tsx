/** The pages that exist. What is not built yet is not shown. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Counts } from "@/api/types";
import { Icon, type IconName } from "@/ui/Icon";
import { COUNTS_KEY } from "./live";
import classes from "./Shell.module.css";

export const PAGES = [
  { to: "/inbox", name: "inbox", icon: "inbox" },
  { to: "/incidents", name: "incidents", icon: "incident" },
  { to: "/sensors", name: "sensors", icon: "sensor" },
  { to: "/rules", name: "rules", icon: "rule" },
  { to: "/outbox", name: "outbox", icon: "mail" },
] as const satisfies readonly { to: string; name: string; icon: IconName }[];

export function Rail() {
  const { t, i18n } = useTranslation();
  // Filled by the live stream; there is no request behind it.
  const { data: counts } = useQuery<Counts>({ queryKey: COUNTS_KEY, enabled: false });
  const numbers: Partial<Record<(typeof PAGES)[number]["name"], number | undefined>> = { inbox: counts?.inbox_open, incidents: counts?.incidents_open };
  return (
    <nav className={classes.rail} aria-label={t("pages")}>
      <ul>
        {PAGES.map((page) => {
          const number = numbers[page.name];
          return (
            <li key={page.to}>
              <Link to={page.to} className={classes.entry} activeProps={{ "aria-current": "page" }} activeOptions={{ includeSearch: false }}>
                <Icon name={page.icon} />
                <span className={classes.label}>{t(`page.${page.name}`)}</span>
                {number !== undefined && number > 0 && <span className={classes.count}>{new Intl.NumberFormat(i18n.language).format(number)}</span>}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
