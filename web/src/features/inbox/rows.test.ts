import { describe, expect, it } from "vitest";
import type { Group } from "@/api/types";
import { belongs, groupFilter, inboxSearch } from "./filters";
import { mapRows, neighbour, nextUnread, type Pages, putOnTop, range, rowsOf, standOn } from "./rows";

const group = (id: string, extra: Partial<Group> = {}): Group => ({
  id, rule: { id: "1", engine: "network", title: id }, severity: "high", stages: [], agency: { id: "stttt", name: "STTTT" }, target: { label: "x" }, count: 1,
  spark_24h: [], first_seen: "", last_seen: "", unread: false, state: "open", tags: [], engines: ["network"], ...extra,
});
const pages = (...items: Group[][]): Pages => ({ pageParams: items.map(() => undefined), pages: items.map((each) => ({ items: each, total: 9, next_cursor: null })) });
const [a, b, c, d] = ["a", "b", "c", "d"].map((id) => group(id, { unread: id === "a" || id === "c" })) as [Group, Group, Group, Group];
const ids = (data: Pages) => rowsOf(data).map((each) => each.id).join("");

describe("rows", () => {
  it("shows a row once when it moved between two pages", () => {
    expect(ids(pages([a, b], [b, c]))).toBe("abc");
  });
  it("takes rows out and counts them out", () => {
    const left = mapRows(pages([a, b], [c]), (each) => (each.id === "b" ? undefined : each));
    expect(ids(left)).toBe("ac");
    expect(left.pages[0]?.total).toBe(8);
  });
  it("puts only new rows on top", () => {
    expect(ids(putOnTop(pages([a], [b]), [c, b]))).toBe("cab");
  });
});

describe("where to stand", () => {
  const rows = [a, b, c, d];
  it("stays on its row when others slide in, and on its line when the row goes", () => {
    expect(standOn(rows, { id: "b", index: 0 })).toBe(1);
    expect(standOn([a, c, d], { id: "b", index: 1 })).toBe(1);
    expect(standOn([a], { id: "d", index: 3 })).toBe(0);
    expect(standOn([], { index: 0 })).toBe(0);
  });
  it("goes on to the next row that stays, or back at the end", () => {
    expect(neighbour(rows, new Set(["b", "c"]), "b")).toBe("d");
    expect(neighbour(rows, new Set(["d"]), "d")).toBe("c");
    expect(neighbour(rows, new Set(["a", "b", "c", "d"]), "b")).toBeUndefined();
  });
  it("takes ranges in either direction", () => {
    expect(range(rows, "d", "b")).toEqual(["b", "c", "d"]);
    expect(range(rows, undefined, "b")).toEqual(["b"]);
    expect(range(rows, "a", "gone")).toEqual([]);
  });
  it("finds the next unread and begins again at the top", () => {
    expect(nextUnread(rows, "a")).toBe("c");
    expect(nextUnread(rows, "c")).toBe("a");
    expect(nextUnread([b, d], "b")).toBeUndefined();
  });
});

describe("the filter in the address", () => {
  it("drops what it does not know", () => {
    expect(inboxSearch({ state: "<script>", severity: "high", hours: "24", q: 42, group: " " })).toEqual({
      state: undefined, severity: "high", hours: 24, q: "42", agency: undefined, group: undefined,
    });
  });
  it("asks for open groups by itself and for a time from hours", () => {
    expect(groupFilter({ hours: 1 }, Date.parse("2026-11-22T12:30:59Z"))).toMatchObject({ state: "open", since: "2026-11-22T11:30:00.000Z" });
  });
  it.each([
    [{}, group("g", { state: "closed" }), false],
    [{ state: "all" as const }, group("g", { state: "closed" }), true],
    [{ severity: "critical" as const }, group("g"), false],
    [{ severity: "medium" as const }, group("g"), true],
    [{ agency: "other" }, group("g"), false],
  ])("view %j", (search, live, expected) => {
    expect(belongs(live, search)).toBe(expected);
  });
});
