/** An address without a page. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import page from "@/ui/Page.module.css";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <main className={page.page}>
      <h1>{t("not_found.title")}</h1>
      <Link to="/inbox">{t("not_found.way_back")}</Link>
    </main>
  );
}
