import { describe, expect, it } from "vitest";
import { pieces } from "./visible";

const shown = (text: string) => pieces(text).map((piece) => piece.text).join("");

describe("pieces", () => {
  it("leaves Vietnamese and line breaks alone", () => {
    const text = "Đã chặn kết nối\tđến máy chủ\nthứ hai";
    expect(pieces(text)).toEqual([{ text }]);
  });

  it("shows a direction override instead of obeying it", () => {
    expect(pieces("hoadon\u202egnp.exe")).toEqual([{ text: "hoadon" }, { text: "[U+202E]", mark: "U+202E" }, { text: "gnp.exe" }]);
  });

  it("draws control characters", () => {
    expect(shown("a\u0000b\u001b[31mc\u007f")).toBe("a␀b␛[31mc␡");
  });

  it("shows what hides between letters", () => {
    expect(shown("ad\u200bmin \u{e0041}\ufeff")).toBe("ad[U+200B]min [U+E0041][U+FEFF]");
  });

  it("shows half a surrogate pair and keeps whole ones", () => {
    expect(shown("🚨\ud83d!")).toBe("🚨[U+D83D]!");
  });

  it("gives nothing for nothing", () => {
    expect(pieces("")).toEqual([]);
  });
});
