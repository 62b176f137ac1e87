/** The key beside a label, drawn from the keyboard map. */

import { drawn } from "./chord";
import { type Action, bindingOf } from "./keymap";

export function Hint({ action }: { action: Action }) {
  return <kbd aria-hidden="true">{drawn(bindingOf(action).keys[0] ?? "")}</kbd>;
}
