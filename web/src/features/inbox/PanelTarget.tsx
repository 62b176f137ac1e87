/** Whom it is about and who acts: every value leads to all groups that speak of it. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { GroupDetail } from "@/api/types";
import { Foreign } from "@/ui/Foreign";
import classes from "./Panel.module.css";

export function PanelTarget({ detail: { group, asset } }: { detail: GroupDetail }) {
  const { t } = useTranslation("inbox");
  const { target, actor, agency } = group;
  return (
    <section className={classes.section}>
      <h3>{t("panel.target")}</h3>
      <dl className={classes.table}>
        <Fact name={t("fact.target")}>
          <Everywhere value={target.label} />
        </Fact>
        {asset && (
          <Fact name={t("fact.asset")}>
            <Foreign text={asset.title === "" ? asset.name : asset.title} />
          </Fact>
        )}
        {asset && asset.system !== "" && (
          <Fact name={t("fact.system")}>
            {asset.system}
            {asset.level > 0 && <span className={classes.faint}>{t("fact.level", { level: asset.level })}</span>}
          </Fact>
        )}
        <Fact name={t("fact.agency")}>
          <Link to="/inbox" search={{ agency: agency.id, state: "all" }}>
            {agency.name === "" ? agency.id : agency.name}
          </Link>
        </Fact>
        {target.ip && target.ip !== target.label && (
          <Fact name={t("fact.ip")}>
            <Everywhere value={target.ip} />
          </Fact>
        )}
        {target.host && target.host !== target.label && (
          <Fact name={t("fact.host")}>
            <Everywhere value={target.host} />
          </Fact>
        )}
        {actor && (
          <Fact name={t("fact.actor")}>
            <Everywhere value={actor.label} />
          </Fact>
        )}
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** Looks the value up in all groups, open and closed. */
function Everywhere({ value }: { value: string }) {
  return (
    <Link to="/inbox" search={{ q: value, state: "all" }}>
      <Foreign text={value} />
    </Link>
  );
}
