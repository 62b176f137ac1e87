/** The live stream: what happens at the centre, as it happens. The browser resumes it by its last event. */

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Counts, Group, Incident } from "@/api/types";
import { SESSION_KEY } from "./queries";

export type LiveState = "connecting" | "live" | "lost";
export const COUNTS_KEY = ["counts"] as const;

type GroupListener = (group: Group) => void;
const groupListeners = new Set<GroupListener>();

/** The inbox decides itself where a live row goes. */
export function onLiveGroup(listener: GroupListener): () => void {
  groupListeners.add(listener);
  return () => groupListeners.delete(listener);
}

function refresh(client: QueryClient, ...keys: string[]): void {
  for (const key of keys) void client.invalidateQueries({ queryKey: [key] });
}

const STREAM = {
  group: (client: QueryClient, data: unknown) => {
    const group = data as Group;
    void client.invalidateQueries({ queryKey: ["group", group.id] });
    for (const listener of groupListeners) listener(group);
  },
  incident: (client: QueryClient, data: unknown) => {
    void client.invalidateQueries({ queryKey: ["incident", (data as Incident).number] });
    refresh(client, "incidents", "outbox");
  },
  health: (client: QueryClient) => refresh(client, "health"),
  counts: (client: QueryClient, data: unknown) => {
    client.setQueryData<Counts>(COUNTS_KEY, data as Counts);
  },
  // The centre no longer has what was missed: ask for everything again.
  reset: (client: QueryClient) => refresh(client, "groups", "group", "incidents", "incident", "health", "outbox", "rules"),
} as const;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function useLive(): LiveState {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>("connecting");
  useEffect(() => {
    const source = new EventSource("/api/v1/stream");
    source.onopen = () => setState("live");
    source.onerror = () => {
      setState("lost");
      // Closed for good means refused: the session may have ended.
      if (source.readyState === EventSource.CLOSED) void client.invalidateQueries({ queryKey: SESSION_KEY });
    };
    for (const [name, apply] of Object.entries(STREAM)) {
      source.addEventListener(name, (event: MessageEvent<string>) => {
        const data = parsed(event.data);
        if (data !== undefined || name === "reset") apply(client, data);
      });
    }
    return () => source.close();
  }, [client]);
  return state;
}
