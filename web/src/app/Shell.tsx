/** Header, rail and the page; what every page shares: live data, keys, help, palette, confirmations. */

import { Outlet, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { listenToKeys, useKeys } from "@/keys/dispatch";
// Not loaded on demand: what is typed while it loads would act on the page behind it.
import { Palette } from "@/keys/Palette";
import { say, undo } from "@/ui/notices";
import { useProblemText } from "@/ui/problem";
import { Loading } from "@/ui/States";
import { Toasts } from "@/ui/Toasts";
import { Header } from "./Header";
import { useLive } from "./live";
import { usePreferences } from "./preferences";
import { Rail } from "./Rail";
import classes from "./Shell.module.css";

const HelpSheet = lazy(() => import("@/keys/HelpSheet").then((module) => ({ default: module.HelpSheet })));

export function Shell() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const navigate = useNavigate();
  const search = useRef<HTMLInputElement>(null);
  const [sheet, setSheet] = useState<"help" | "palette" | null>(null);
  const live = useLive();
  const { density } = usePreferences();
  useEffect(listenToKeys, []);
  useEffect(() => {
    document.documentElement.dataset["density"] = density;
  }, [density]);

  const report = (result: Promise<boolean>) => {
    result.then(
      (done) => say({ text: done ? t("undone") : t("nothing_to_undo"), tone: "done" }),
      (error: unknown) => say({ text: problemText(error).what, tone: "error" }),
    );
  };
  useKeys({
    search: () => search.current?.focus(),
    help: () => setSheet("help"),
    palette: () => setSheet("palette"),
    undo: () => report(undo()),
  });

  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#main">
        {t("skip_to_content")}
      </a>
      <Header
        searchRef={search}
        live={live}
        onHelp={() => setSheet("help")}
        onSearch={(q) => void navigate({ to: "/inbox", search: q === "" ? {} : { q, state: "all" } })}
      />
      <Rail />
      <main id="main" className={classes.main} tabIndex={-1}>
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
      <Toasts onUndo={report} />
      <Suspense>
        {sheet === "help" && <HelpSheet opened onClose={() => setSheet(null)} />}
        {sheet === "palette" && <Palette opened onClose={() => setSheet(null)} />}
      </Suspense>
    </div>
  );
}
