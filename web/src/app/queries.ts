/** The cache of what the centre said. A session that ended anywhere ends everywhere. */

import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { Problem } from "@/api/client";

export const SESSION_KEY = ["session"] as const;
/** The account whose password was just set, so that its name need not be typed. */
export const KNOWN_NAME_KEY = ["known-name"] as const;

function onError(error: Error): void {
  if (error instanceof Problem && error.status === 401) queries.setQueryData(SESSION_KEY, null);
}

export const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      // A refusal will be refused again; only the network is worth a second try.
      retry: (count, error) => count < 2 && error instanceof Problem && (error.status === 0 || error.status >= 502),
    },
  },
});
