/** The keyboard map: one table that drives the keys themselves, the `?` sheet, the tooltips, the palette and the manual. */

export interface KeyBinding {
  action: Action;
  /** Chords as `chord.ts` writes them; the first is the one shown. */
  keys: readonly string[];
  section: Section;
  /** Also while text is being typed. */
  inText?: boolean;
}

export type Section = "everywhere" | "list" | "triage" | "reason";
export const SECTIONS: readonly Section[] = ["everywhere", "list", "triage", "reason"];

export const KEYMAP = [
  { action: "search", keys: ["/", "g"], section: "everywhere" },
  { action: "palette", keys: ["Ctrl+k"], section: "everywhere", inText: true },
  { action: "help", keys: ["?"], section: "everywhere" },
  { action: "close", keys: ["Escape"], section: "everywhere", inText: true },
  { action: "undo", keys: ["u", "Ctrl+z"], section: "everywhere" },
  { action: "next", keys: ["j", "ArrowDown"], section: "list" },
  { action: "previous", keys: ["k", "ArrowUp"], section: "list" },
  { action: "first", keys: ["Home"], section: "list" },
  { action: "last", keys: ["End"], section: "list" },
  { action: "nextUnread", keys: ["."], section: "list" },
  { action: "open", keys: ["Enter"], section: "list" },
  { action: "select", keys: ["x"], section: "list" },
  { action: "selectRange", keys: ["Shift+X"], section: "list" },
  { action: "assign", keys: ["a"], section: "triage" },
  { action: "falsePositive", keys: ["f"], section: "triage" },
  { action: "benign", keys: ["b"], section: "triage" },
  { action: "truePositive", keys: ["t"], section: "triage" },
  { action: "note", keys: ["n"], section: "triage" },
  { action: "incident", keys: ["i"], section: "triage" },
  { action: "openIncident", keys: ["o"], section: "triage" },
  { action: "reason1", keys: ["1"], section: "reason" },
  { action: "reason2", keys: ["2"], section: "reason" },
  { action: "reason3", keys: ["3"], section: "reason" },
  { action: "reason4", keys: ["4"], section: "reason" },
  { action: "reason5", keys: ["5"], section: "reason" },
  { action: "reason6", keys: ["6"], section: "reason" },
] as const satisfies readonly { action: string; keys: readonly string[]; section: Section; inText?: boolean }[];

export type Action = (typeof KEYMAP)[number]["action"];

export const BINDINGS: readonly KeyBinding[] = KEYMAP;

export function bindingOf(action: Action): KeyBinding {
  const found = BINDINGS.find((binding) => binding.action === action);
  if (!found) throw new Error(`no key for ${action}`);
  return found;
}

export function actionsFor(chord: string): Action[] {
  return BINDINGS.filter((binding) => binding.keys.includes(chord)).map((binding) => binding.action);
}
