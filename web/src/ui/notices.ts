/** Quiet confirmations with the way back, and the ten-minute stack of what can be undone. */

import { useSyncExternalStore } from "react";

export interface Toast {
  id: number;
  text: string;
  tone: "done" | "error";
  /** Where the thing that was made can be seen. */
  link?: { to: string; label: string } | undefined;
  undo?: (() => Promise<void>) | undefined;
}

interface Undoable {
  toastId: number;
  at: number;
  run: () => Promise<void>;
}

export const UNDO_MS = 10 * 60_000;
const SHOWN_MS = 8_000;
const SHOWN_MAX = 3;

let toasts: readonly Toast[] = [];
let undoable: readonly Undoable[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

export function dismiss(id: number): void {
  set(toasts.filter((toast) => toast.id !== id));
}

/** Shows it and, where it can be undone, keeps the way back. The number is for `forget`. */
export function say(toast: Omit<Toast, "id">, now = Date.now()): number {
  const id = ++lastId;
  if (toast.undo) undoable = [...undoable, { toastId: id, at: now, run: toast.undo }];
  set([...toasts, { ...toast, id }].slice(-SHOWN_MAX));
  // Errors stay until they are read and closed.
  if (toast.tone === "done") setTimeout(() => dismiss(id), SHOWN_MS);
  return id;
}

/** What was announced did not happen: there is nothing to take back. */
export function forget(id: number): void {
  undoable = undoable.filter((each) => each.toastId !== id);
  dismiss(id);
}

/** Takes the newest action back, or the one given. False: nothing there that is younger than ten minutes. */
export async function undo(toastId?: number, now = Date.now()): Promise<boolean> {
  undoable = undoable.filter((each) => now - each.at < UNDO_MS);
  const chosen = toastId === undefined ? undoable.at(-1) : undoable.find((each) => each.toastId === toastId);
  if (!chosen) return false;
  undoable = undoable.filter((each) => each !== chosen);
  dismiss(chosen.toastId);
  await chosen.run();
  return true;
}

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
}
