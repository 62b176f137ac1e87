/** What a person chose on this machine: language before sign-in, row height, single-letter keys. Nothing secret. */

import { useSyncExternalStore } from "react";

export interface Preferences {
  language: "vi" | "en";
  density: "compact" | "comfortable";
  /** Keys without a modifier can be switched off (WCAG 2.1.4): speech input types letters. */
  letterKeys: boolean;
}

const STORED_AS = "saola.preferences";
const DEFAULTS: Preferences = { language: "vi", density: "compact", letterKeys: true };

function stored(): Preferences {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(STORED_AS) ?? "{}") as Partial<Preferences>) };
  } catch {
    // Storage may be forbidden or hold something else: the defaults are always right enough.
    return DEFAULTS;
  }
}

let current = stored();
const listeners = new Set<() => void>();

export function preferences(): Preferences {
  return current;
}

export function prefer(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(STORED_AS, JSON.stringify(current));
  } catch {
    // Private windows may refuse to store: the choice then lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    preferences,
  );
}
