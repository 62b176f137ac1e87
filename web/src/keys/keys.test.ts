import { describe, expect, it } from "vitest";
import { chordOf, drawn, isLetterChord, type Press } from "./chord";
import { actionsFor, BINDINGS, bindingOf } from "./keymap";

const press = (key: string, extra: Partial<Press> = {}): Press => ({
  key, code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...extra,
});

describe("chordOf", () => {
  it.each([
    [press("j"), "j"],
    [press("J"), "j"], // Caps Lock is no Shift
    [press("X", { shiftKey: true }), "Shift+X"],
    [press("?", { shiftKey: true }), "?"],
    [press("K", { ctrlKey: true }), "Ctrl+k"],
    [press("k", { metaKey: true }), "Ctrl+k"],
    [press("ArrowDown"), "ArrowDown"],
    [press("Tab", { shiftKey: true }), "Shift+Tab"],
    [press("j", { altKey: true }), "Alt+j"],
  ])("%j is %s", (event, chord) => {
    expect(chordOf(event)).toBe(chord);
  });

  it("reads the physical key while a Vietnamese input method composes", () => {
    expect(chordOf(press("Process", { code: "KeyF" }))).toBe("f");
    expect(chordOf(press("Process", { code: "KeyX", shiftKey: true }))).toBe("Shift+X");
    expect(chordOf(press("Process", { code: "Digit3" }))).toBe("3");
  });
});

describe("the keyboard map", () => {
  it("gives every chord to one action", () => {
    const chords = BINDINGS.flatMap((binding) => binding.keys);
    expect(chords.length).toBe(new Set(chords).size);
  });

  it("knows the keys the product promises", () => {
    const promised = { j: "next", k: "previous", Enter: "open", x: "select", "Shift+X": "selectRange", a: "assign", f: "falsePositive", b: "benign",
      t: "truePositive", n: "note", i: "incident", u: "undo", ".": "nextUnread", "/": "search", "?": "help", "Ctrl+k": "palette" };
    for (const [chord, action] of Object.entries(promised)) expect(actionsFor(chord)).toEqual([action]);
  });

  it("gives nothing for a key that is not in it", () => {
    expect(actionsFor("Ctrl+q")).toEqual([]);
  });

  it("draws what a person would read", () => {
    expect(bindingOf("selectRange").keys.map(drawn)).toEqual(["⇧X"]);
    expect(bindingOf("palette").keys.map(drawn)).toEqual(["Ctrl K"]);
  });

  it("tells letters from chords that speech cannot say", () => {
    expect(["j", "Shift+X", "?"].every(isLetterChord)).toBe(true);
    expect(["Ctrl+k", "Enter", "ArrowDown"].some(isLetterChord)).toBe(false);
  });
});
