import { createInstance } from "i18next";
import { describe, expect, it } from "vitest";
import { resources as en } from "@/i18n/en/index";
import { resources as vi } from "@/i18n/vi/index";
import { readable } from "./phrase";

describe("values from outside", () => {
  it("are written for the reader or made inert", () => {
    expect(readable("2026-11-22T02:14:00.5Z", "vi")).toBe("22/11/2026 09:14:00 ICT");
    expect(readable("1204", "vi")).toBe("1.204");
    expect(readable("203.0.113.7", "vi")).toBe("203.0.113.7");
    expect(readable("a\u202eb", "en")).toBe("a[U+202E]b");
  });
});

describe("sentences with words of ours in them", () => {
  const say = async (language: "vi" | "en", key: string, values: Record<string, string>) => {
    const instance = createInstance();
    await instance.init({ lng: language, fallbackLng: false, resources: { vi, en }, interpolation: { escapeValue: false } });
    return (instance.t as (key: string, values: Record<string, string>) => string)(key, values);
  };

  it.each([
    ["vi", "words:why.shared_actor", { value: "203.0.113.7", seen: "both" }, "Cùng một bên tấn công 203.0.113.7, thấy qua cả gói tin lẫn nhật ký."],
    ["en", "words:timeline.status", { status: "contained" }, "Status: Contained"],
    ["en", "words:escalated.stage", { stage: "initial-access" }, "Came to the stage: Initial access."],
    ["vi", "words:timeline.owner", { user: "", context: "nobody" }, "Không còn người xử lý"],
  ] as const)("%s %s", async (language, key, values, expected) => {
    expect(await say(language, key, values)).toBe(expected);
  });

  it("do not obey what a value says", async () => {
    expect(await say("en", "words:why.person", { value: "$t(common:close) {{seen}}" })).toBe("$t(common:close) {{seen}} put these alerts together.");
  });
});
