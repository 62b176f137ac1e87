/** Bar 5: sign-in → inbox by keyboard → verdict → incident → note → mail in the outbox, in both languages. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser, type Watched } from "./browser";
import { openCentre, signIn, type Target } from "./centre";

const WORDS = {
  vi: { inbox: "Hộp cảnh báo", undone: "Đã hoàn tác.", noted: "Đã ghi chú.", note: "Đã gọi đầu mối cơ quan, đang cô lập máy." },
  en: { inbox: "Inbox", undone: "Taken back.", noted: "Note added.", note: "Called the agency's contact, isolating the machine." },
} as const;

let target: Target;
beforeAll(async () => {
  target = await openCentre();
});
afterAll(() => target.close());

describe.each(["vi", "en"] as const)("the journey in %s", (language) => {
  let browser: Watched;
  beforeAll(async () => {
    browser = await openBrowser(target.url, { language });
  });
  afterAll(() => browser.close());

  it("goes from sign-in to the mail without a mouse in the inbox", async () => {
    const { page } = browser;
    const words = WORDS[language];
    await signIn(page, target);
    expect(await page.locator("html").getAttribute("lang")).toBe(language);
    await page.getByRole("heading", { name: words.inbox, level: 1 }).waitFor({ state: "attached" });
    const rows = page.getByRole("grid").getByRole("row");
    // A real centre may still be taking its first traffic in.
    await rows.nth(3).waitFor({ timeout: 60_000 });

    const current = page.locator("[data-current]");
    const first = await current.getAttribute("id");
    await page.keyboard.press("j");
    await expect.poll(() => current.getAttribute("id")).not.toBe(first);
    await page.keyboard.press("k");
    await expect.poll(() => current.getAttribute("id")).toBe(first);

    // The panel answers on the same page.
    await page.keyboard.press("Enter");
    const panel = page.getByRole("complementary");
    await panel.locator("mark, [class*=place]").first().waitFor();

    // A verdict by two keys, and its undoing by one: the row goes and comes back.
    await page.keyboard.press("f");
    await page.keyboard.press("1");
    await page.locator(`[id="${first ?? ""}"]`).waitFor({ state: "detached" });
    await page.keyboard.press("u");
    await page.getByText(words.undone).waitFor();
    await page.locator(`[id="${first ?? ""}"]`).waitFor({ state: "attached" });

    // True: opens an incident where the group is in none; either way the confirmation leads to it.
    await page.keyboard.press("Escape");
    await page.keyboard.press("Home");
    await page.keyboard.press("t");
    const link = page.getByRole("status").getByRole("link", { name: /SC-\d{4}-\d+/ });
    const number = /SC-\d{4}-\d+/.exec((await link.first().textContent()) ?? "")?.[0] ?? "";
    await link.first().click();
    await page.waitForURL(`**/incidents/${number}`);
    await page.locator("article h1").waitFor();

    await page.keyboard.press("n");
    await page.keyboard.type(words.note);
    await page.keyboard.press("Control+Enter");
    await page.getByText(words.noted).first().waitFor();
    await page.getByText(words.note).first().waitFor();

    await page.goto(`${target.url}/outbox`);
    const mail = page.getByRole("button").filter({ hasText: number }).first();
    await mail.waitFor({ timeout: 30_000 });
    await mail.click();
    const frame = page.frameLocator("iframe");
    await frame.locator("body").filter({ hasText: number }).waitFor();
    expect(browser.faults).toEqual([]);
  });
});
