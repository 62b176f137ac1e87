import { expect, it } from "vitest";
import type { SourceHealth } from "@/api/types";
import { worstFirst } from "./order";

const source = (name: string, state: SourceHealth["state"], lost = 0, kernel_drops = 0): SourceHealth => ({
  name, state, kind: "file", agency: "", words: { code: "", params: {} }, records: 0, bytes: 0, rate_per_s: 0, lost: lost > 0 ? [{ reason: "x", count: lost }] : [], kernel_drops,
});

it("puts the worst first", () => {
  const sorted = worstFirst([source("b", "ok"), source("a", "ok"), source("q", "quiet"), source("lossy", "ok", 5), source("drops", "ok", 1, 9), source("ill", "ill")]);
  expect(sorted.map((each) => each.name)).toEqual(["ill", "q", "drops", "lossy", "a", "b"]);
});
