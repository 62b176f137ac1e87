import { expect, it } from "vitest";
import { steps } from "./advice";

it("reads one step a line, whatever bullet it has", () => {
  expect(steps("1. Cô lập máy\n2) Gọi cơ quan\n\n- Lưu chứng cứ\r\n  * 10.0.0.1 là máy quét")).toEqual([
    "Cô lập máy", "Gọi cơ quan", "Lưu chứng cứ", "10.0.0.1 là máy quét",
  ]);
});
