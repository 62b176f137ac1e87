/** Whether the screen is a phone's. The same width stands in the style sheets. */

import { useSyncExternalStore } from "react";

const query = window.matchMedia("(max-width: 760px)");

export function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      query.addEventListener("change", listener);
      return () => query.removeEventListener("change", listener);
    },
    () => query.matches,
  );
}
