/** Times as people read them: relative in lists, exact with the zone on hover and in detail. The zone is ICT everywhere. */

const ZONE = "Asia/Ho_Chi_Minh";
const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "3 phút trước", "3 minutes ago"; under a minute it is `now`, so that rows do not flicker with seconds. */
export function relative(at: string, now: number, language: string): string {
  const seconds = (Date.parse(at) - now) / 1000;
  if (Number.isNaN(seconds)) return at;
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit);
  }
  return format.format(0, "second");
}

/** "22/11/2026 19:35:13 ICT" and "22 Nov 2026, 19:35:13 ICT". */
export function exact(at: string, language: string): string {
  const time = Date.parse(at);
  if (Number.isNaN(time)) return at;
  const day = new Intl.DateTimeFormat(language === "vi" ? "vi-VN" : "en-GB", {
    timeZone: ZONE,
    day: "2-digit",
    month: language === "vi" ? "2-digit" : "short",
    year: "numeric",
  }).format(time);
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(time);
  return `${day} ${clock} ICT`;
}

/** "1,2 nghìn" or "1.2K": a count that must fit a column; the whole number is on hover. */
export function compact(count: number, language: string): string {
  return new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 }).format(count);
}

export function whole(count: number, language: string): string {
  return new Intl.NumberFormat(language).format(count);
}

/** Bytes in binary steps, as disks and lines are spoken of here. */
export function bytes(count: number, language: string): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const step = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(count) / 10));
  const value = new Intl.NumberFormat(language, { maximumFractionDigits: step === 0 ? 0 : 1 }).format(count / 1024 ** step);
  return `${value} ${units[step] ?? "B"}`;
}
