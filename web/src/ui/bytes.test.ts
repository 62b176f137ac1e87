import { describe, expect, it } from "vitest";
import { cutAtBytes } from "./bytes";

/** The span of `part` within `text`, counted as the engine counts it. */
function byteSpan(text: string, part: string) {
  const encoder = new TextEncoder();
  const start = encoder.encode(text.slice(0, text.indexOf(part))).length;
  return { start, end: start + encoder.encode(part).length };
}

describe("cutAtBytes", () => {
  it.each([
    ["GET /a.php?cmd=whoami HTTP/1.1", "cmd=whoami"],
    ["tài khoản quản trị đã đăng nhập", "quản trị"],
    ["🚨 cảnh báo 🚨 nhà cái", "nhà cái"],
    ["đầu", "đầu"],
  ])("finds the bytes of %j", (text, part) => {
    const cut = cutAtBytes(text, byteSpan(text, part));
    expect(cut.match).toBe(part);
    expect(cut.before + cut.match + cut.after).toBe(text);
  });

  it("takes the whole character when a bound falls inside it", () => {
    expect(cutAtBytes("aếb", { start: 2, end: 3 })).toEqual({ before: "a", match: "ế", after: "b" });
  });

  it.each([[undefined], [null], [{ start: 3, end: 3 }], [{ start: 5, end: 2 }], [{ start: 90, end: 99 }]])("matches nothing for %j", (span) => {
    expect(cutAtBytes("bình thường", span)).toEqual({ before: "bình thường", match: "", after: "" });
  });

  it("ends at the text's end", () => {
    expect(cutAtBytes("abc", { start: 1, end: 99 }).match).toBe("bc");
  });
});
