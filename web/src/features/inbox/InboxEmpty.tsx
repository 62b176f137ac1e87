/** Nothing to show: either the work is done, or the filter hides it. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Empty } from "@/ui/States";
import type { InboxSearch } from "./filters";

export function InboxEmpty({ search }: { search: InboxSearch }) {
  const { t } = useTranslation("inbox");
  const filtered = search.q !== undefined || search.severity !== undefined || search.hours !== undefined || search.agency !== undefined;
  if (!filtered) {
    return (
      <Empty title={t("empty.title")}>
        {t("empty.text")} <Link to="/sensors">{t("empty.link")}</Link>
      </Empty>
    );
  }
  return (
    <Empty title={t("empty_filtered.title")}>
      {t("empty_filtered.text")} <Link to="/inbox">{t("empty_filtered.link")}</Link>
    </Empty>
  );
}
