/** A time: relative in lists with the exact one on hover, exact in detail. All times of a page tick together. */

import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { exact, relative } from "./time";

const TICK_MS = 20_000;
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

export function When({ at, precise = false }: { at: string; precise?: boolean }) {
  const { i18n } = useTranslation();
  const clock = useSyncExternalStore(subscribe, () => now);
  const full = exact(at, i18n.language);
  return (
    <time dateTime={at} title={full}>
      {precise ? full : relative(at, Math.max(clock, now), i18n.language)}
    </time>
  );
}
