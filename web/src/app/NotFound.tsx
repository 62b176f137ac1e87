/** An address without a page. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Empty } from "@/ui/States";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Empty title={t("not_found.title")}>
      <Link to="/inbox">{t("not_found.way_back")}</Link>
    </Empty>
  );
}
