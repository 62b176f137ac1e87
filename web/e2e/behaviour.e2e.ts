/** What the mock can stage: live rows, many at once, hostile text, a lost session, a refusal. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser, type Watched } from "./browser";
import { openCentre, REAL, signIn, type Target } from "./centre";

describe.skipIf(REAL)("the inbox", () => {
  let target: Target;
  let browser: Watched;
  beforeAll(async () => {
    target = await openCentre(10_000);
    browser = await openBrowser(target.url, { language: "en" });
    await signIn(browser.page, target);
    await browser.page.getByRole("grid").getByRole("row").nth(3).waitFor();
  });
  afterAll(async () => {
    await browser.close();
    await target.close();
  });
  const mock = () => {
    if (!target.mock) throw new Error("this test needs the mock");
    return target.mock;
  };

  it("slides a live row in at the top, and lets it wait when the reader is further down", async () => {
    const { page } = browser;
    const grid = page.getByRole("grid");
    const publish = (id: string) => mock().publish("group", { ...mock().centre.addGroup(0), id, rule: { id: "1", engine: "network", title: `Live ${id}`, title_vi: null } });
    const standing = await page.locator("[data-current]").getAttribute("id");
    publish("g-live-1");
    await page.getByText("Live g-live-1").waitFor();
    // What a key would act on is still the same row.
    expect(await page.locator("[data-current]").getAttribute("id")).toBe(standing);
    expect(standing).not.toBe("row-g-live-1");
    await grid.evaluate((element) => element.scrollTo(0, 900));
    await page.getByText("Live g-live-1").waitFor({ state: "detached" });
    publish("g-live-2");
    const waiting = page.getByRole("button", { name: "1 new" });
    await waiting.waitFor();
    await waiting.click();
    await grid.evaluate((element) => element.scrollTo(0, 0));
    await page.getByText("Live g-live-2").waitFor();
  });

  it("holds only the rows in sight of 10,000", async () => {
    const { page } = browser;
    expect(await page.getByRole("grid").getByRole("row").count()).toBeLessThan(80);
    await page.getByText(/10,00\d groups/).waitFor();
  });

  it("judges many at once and takes them all back", async () => {
    const { page } = browser;
    await page.keyboard.press("Home");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("Shift+X");
    await page.getByRole("toolbar", { name: "3 selected" }).waitFor();
    const ids = await page.locator("[role=row][aria-selected=true]").evaluateAll((rows) => rows.map((row) => row.id.replace("row-", "")));
    expect(ids).toHaveLength(3);
    await page.keyboard.press("f");
    await page.keyboard.press("2");
    await page.getByText("Marked as false positive (3).").waitFor();
    await expect.poll(() => ids.map((id) => mock().centre.groups.get(id)?.verdict?.reason)).toEqual(Array(3).fill("Backup, monitoring or updates"));
    await page.keyboard.press("u");
    await page.getByText("Taken back.").waitFor();
    expect(ids.map((id) => mock().centre.groups.get(id)?.state)).toEqual(["open", "open", "open"]);
  });

  it("puts everything back when the centre refuses, and says why", async () => {
    const { page } = browser;
    await page.keyboard.press("Home");
    const id = ((await page.locator("[data-current]").getAttribute("id")) ?? "").replace("row-", "");
    // The centre lost the group meanwhile.
    const group = mock().centre.groups.get(id);
    mock().centre.groups.delete(id);
    const before = browser.faults.length;
    await page.keyboard.press("b");
    await page.getByText("There is no such alert group.").waitFor();
    if (group) mock().centre.groups.set(id, group);
    // The browser reports the 404 itself; nothing else may be there.
    expect(browser.faults.splice(before).filter((fault) => !/status of 404/.test(fault))).toEqual([]);
  });

  it("shows hostile text inert, with what it hides made visible", async () => {
    const { page } = browser;
    const centre = mock().centre;
    const hostile = `<img src=x onerror=alert(1)>"'\u202Egpj.exe\u0000\u001b[31m`;
    const group = { ...centre.addGroup(0), target: { label: hostile }, rule: { id: hostile, engine: "network" as const, title: hostile, title_vi: hostile }, tags: [hostile] };
    centre.groups.set(group.id, group);
    centre.notes.set(group.id, [{ at: new Date().toISOString(), by: "truc", text: hostile }]);
    await page.goto(`${target.url}/inbox?state=all&group=${group.id}`);
    const panel = page.getByRole("complementary");
    await panel.locator("h2").getByText("[U+202E]").waitFor();
    expect(await panel.locator("img").count()).toBe(0);
    expect(await panel.getByText("␀␛").count()).toBeGreaterThan(0);
  });

  it("finds commands without diacritics and goes where they lead", async () => {
    const { page } = browser;
    await page.goto(`${target.url}/inbox`);
    await page.getByRole("grid").waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByRole("combobox").waitFor();
    await page.keyboard.type("sensors");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/sensors");
    await page.getByText("Losing data").waitFor();
    await page.goBack();
    await page.getByRole("grid").waitFor();
  });

  it("keeps the filter in the address and searches from anywhere", async () => {
    const { page } = browser;
    await page.keyboard.press("/");
    await page.keyboard.type("qlvb");
    await page.keyboard.press("Enter");
    await page.waitForURL(/q=qlvb/);
    await page.getByRole("button", { name: /Text “qlvb”/ }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: /Text “qlvb”/ }).waitFor();
  });

  it("was quiet all the while", () => {
    expect(browser.faults).toEqual([]);
  });

  it("changes language and theme in place, and remembers both", async () => {
    const { page } = browser;
    await page.goto(`${target.url}/inbox`);
    await page.locator("header button[aria-expanded]").click();
    await page.getByRole("button", { name: "Tiếng Việt" }).click();
    await page.getByRole("button", { name: "Tối" }).click();
    expect(await page.locator("html").getAttribute("data-mantine-color-scheme")).toBe("dark");
    await page.reload();
    await page.getByRole("link", { name: /Hộp cảnh báo/ }).first().waitFor();
    expect(await page.locator("html").getAttribute("data-mantine-color-scheme")).toBe("dark");
  });

  it("signs out for good", async () => {
    const { page } = browser;
    await page.locator("header button[aria-expanded]").click();
    await page.getByRole("button", { name: "Đăng xuất" }).click();
    await page.locator("input[name=password]").waitFor();
    await page.reload();
    await page.locator("input[name=password]").waitFor();
    await page.locator("input[name=username]").fill("admin");
    await page.locator("input[name=password]").fill("sai mật khẩu rồi");
    await page.keyboard.press("Enter");
    await page.getByText("Sai tên hoặc mật khẩu.").waitFor();
  });
});
