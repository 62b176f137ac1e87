/** One listener for the whole page; components say what an action does while they are there, the latest speaks first. */

import { useEffect, useRef } from "react";
import { preferences } from "@/app/preferences";
import { chordOf, isLetterChord } from "./chord";
import { type Action, actionsFor, bindingOf } from "./keymap";

export type Handlers = Partial<Record<Action, () => void>>;
type Layer = { current: Handlers };

const layers: Layer[] = [];

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=checkbox]), textarea, select"));
}

/** Enter and Space belong to the control that has the focus; arrows to a menu. */
function belongsToControl(target: EventTarget | null, chord: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (chord === "Enter" || chord === " ") return target.matches("button, a, summary, [role=menuitem], [role=option]");
  return /^(?:Arrow|Home|End)/.test(chord) && target.closest("[role=menu], [role=radiogroup], [role=listbox]") !== null;
}

/** The handler of the uppermost layer for the action. */
export function handlerFor(action: Action): (() => void) | undefined {
  for (const layer of [...layers].reverse()) {
    const handler = layer.current[action];
    if (handler) return handler;
  }
  return undefined;
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented) return;
  const chord = chordOf(event);
  if (isLetterChord(chord) && !preferences().letterKeys) return;
  if (belongsToControl(event.target, chord)) return;
  // An open dialog has the keyboard to itself.
  if (document.querySelector("dialog[open]") && !(event.target instanceof Element && event.target.closest("[data-keys]"))) return;
  for (const action of actionsFor(chord)) {
    if (isTyping(event.target) && !bindingOf(action).inText) continue;
    const handler = handlerFor(action);
    if (!handler) continue;
    event.preventDefault();
    handler();
    return;
  }
}

export function listenToKeys(): () => void {
  window.addEventListener("keydown", onKeyDown);
  return () => window.removeEventListener("keydown", onKeyDown);
}

/** What the actions do while the calling component is mounted. */
export function useKeys(handlers: Handlers): void {
  const layer = useRef<Handlers>(handlers);
  useEffect(() => {
    layer.current = handlers;
  });
  useEffect(() => {
    layers.push(layer);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
    };
  }, []);
}

/** The actions that would do something now, for the palette. */
export function availableActions(): Action[] {
  return [...new Set(layers.flatMap((layer) => Object.keys(layer.current) as Action[]))].filter((action) => handlerFor(action));
}
