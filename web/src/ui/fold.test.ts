import { expect, it } from "vitest";
import { fold } from "./fold";

it("drops diacritics and case", () => {
  expect(fold("Đánh dấu: Sự cố nghiêm trọng, ưỡn ẹo")).toBe("danh dau: su co nghiem trong, uon eo");
});
