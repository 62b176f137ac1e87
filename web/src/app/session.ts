/** Who is signed in. `null` is nobody, which is an answer and no error. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { session as calls } from "@/api/calls";
import { Problem, rememberCsrf } from "@/api/client";
import type { Session } from "@/api/types";
import { SESSION_KEY } from "./queries";

async function readSession(): Promise<Session | null> {
  try {
    const session = await calls.read();
    rememberCsrf(session.csrf_token);
    return session;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

export function useSession() {
  return useQuery({ queryKey: SESSION_KEY, queryFn: readSession, staleTime: Infinity });
}

/** For parts that are only shown to someone signed in. */
export function useMe(): Session["user"] | undefined {
  return useSession().data?.user;
}

export function useSignIn() {
  const client = useQueryClient();
  return async (name: string, password: string): Promise<void> => {
    await calls.signIn(name, password);
    // Asked again rather than taken from the answer: this proves that the cookie came and brings its CSRF token.
    client.setQueryData(SESSION_KEY, await readSession());
  };
}

export function useSignOut() {
  const client = useQueryClient();
  return async (): Promise<void> => {
    await calls.signOut();
    rememberCsrf("");
    client.setQueryData(SESSION_KEY, null);
    // Nothing that was read in the session outlives it; the session's own entry is what the gate looks at.
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION_KEY[0] });
  };
}
