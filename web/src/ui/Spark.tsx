/** 24 hours as 24 bars; the numbers are in the text alternative. */

import { useTranslation } from "react-i18next";
import classes from "./Spark.module.css";

const BAR = 3;
const HEIGHT = 18;

export function Spark({ hours, wide = false }: { hours: readonly number[]; wide?: boolean }) {
  const { t } = useTranslation();
  const top = Math.max(1, ...hours);
  const total = hours.reduce((sum, count) => sum + count, 0);
  return (
    <svg
      className={wide ? classes.wide : classes.spark}
      viewBox={`0 0 ${hours.length * (BAR + 1)} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={t("spark", { total, top: Math.max(0, ...hours) })}
    >
      {hours.map((count, hour) => {
        // A single alert must still be seen beside a peak of thousands.
        const height = count === 0 ? 1 : Math.max(3, Math.round((count / top) * HEIGHT));
        return <rect key={hour} x={hour * (BAR + 1)} y={HEIGHT - height} width={BAR} height={height} data-zero={count === 0 || undefined} />;
      })}
    </svg>
  );
}
