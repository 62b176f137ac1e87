import { describe, expect, it } from "vitest";
import { bytes, compact, exact, relative } from "./time";

const now = Date.parse("2026-11-22T12:00:00Z");

describe("relative", () => {
  it.each([
    ["2026-11-22T11:59:40Z", "en", "now"],
    ["2026-11-22T11:57:00Z", "en", "3 min. ago"],
    ["2026-11-22T11:57:00Z", "vi", "3 phút trước"],
    ["2026-11-21T11:00:00Z", "vi", "hôm qua"],
    ["no time", "vi", "no time"],
  ])("%s in %s is %s", (at, language, expected) => {
    expect(relative(at, now, language)).toBe(expected);
  });
});

describe("exact", () => {
  it("is in Indochina time with the zone said, across midnight", () => {
    expect(exact("2026-11-22T17:05:09Z", "vi")).toBe("23/11/2026 00:05:09 ICT");
    expect(exact("2026-11-22T12:35:13Z", "en")).toBe("22 Nov 2026 19:35:13 ICT");
  });
  it("gives back what is no time", () => {
    expect(exact("", "vi")).toBe("");
  });
});

describe("numbers", () => {
  it("are written as the language writes them", () => {
    expect(compact(12_340, "en")).toBe("12.3K");
    expect(bytes(1536, "vi")).toBe("1,5 KiB");
    expect(bytes(0, "en")).toBe("0 B");
    expect(bytes(5 * 1024 ** 4, "en")).toBe("5 TiB");
  });
});
