/** Every page in both themes: axe finds nothing, nothing is reported to the console, nothing sticks out of a phone. */

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser, type Watched } from "./browser";
import { openCentre, signIn, type Target } from "./centre";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

interface AxeResult {
  violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
}

/** Runs axe in the page; evaluated by the debugger, which the page's policy does not concern. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const result = await page.evaluate((tags) => (window as unknown as { axe: { run: (context: unknown, options: unknown) => Promise<AxeResult> } }).axe.run({ exclude: ["iframe"] }, { runOnly: tags }), TAGS);
  return result.violations.map(({ id, impact, nodes }) => `${id} (${impact}): ${nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`).join("\n")}`);
}

async function settled(page: Page): Promise<void> {
  await page.locator("h1").first().waitFor({ state: "attached" });
  await expect.poll(() => page.locator(".mantine-Loader-root").count()).toBe(0);
}

const PAGES = ["/inbox", "/inbox?state=all&q=zzzz-no-such-thing", "/incidents", "/rules?state=failed", "/sensors", "/outbox", "/no-such-page"];

let target: Target;
beforeAll(async () => {
  target = await openCentre(60);
});
afterAll(() => target.close());

describe.each(["light", "dark"] as const)("in the %s theme", (theme) => {
  let browser: Watched;
  beforeAll(async () => {
    browser = await openBrowser(target.url, { theme, language: theme === "light" ? "vi" : "en" });
  });
  afterAll(() => browser.close());

  it("the sign-in page is sound", async () => {
    await browser.page.goto(`${target.url}/inbox`);
    await browser.page.locator("input[name=username]").waitFor();
    expect(await violations(browser.page)).toEqual([]);
    await signIn(browser.page, target);
  });

  it.each(PAGES)("%s is sound", async (path) => {
    await browser.page.goto(`${target.url}${path}`);
    if (path !== "/no-such-page") await settled(browser.page);
    expect(await violations(browser.page)).toEqual([]);
  });

  it("the panel, the reasons, the help and the settings are sound", async () => {
    const { page } = browser;
    await page.goto(`${target.url}/inbox`);
    await page.getByRole("grid").waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("complementary").locator("dl").first().waitFor();
    await page.keyboard.press("x");
    await page.keyboard.press("f");
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.locator("dialog[open] kbd").first().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").first().waitFor();
    await page.locator("dialog[open] [role=option]").first().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.locator("header button[aria-expanded]").click();
    expect(await violations(page)).toEqual([]);
  });

  it("an incident is sound", async () => {
    const { page } = browser;
    const { items } = (await (await page.request.get("/api/v1/incidents")).json()) as { items: { number: string }[] };
    await page.goto(`${target.url}/incidents/${items[0]?.number ?? ""}`);
    await page.locator("article h1").waitFor();
    await settled(page);
    expect(await violations(page)).toEqual([]);
  });

  it("nothing sticks out of a phone's screen", async () => {
    const { page } = browser;
    await page.setViewportSize({ width: 360, height: 740 });
    for (const path of PAGES.filter((each) => each !== "/no-such-page")) {
      await page.goto(`${target.url}${path}`);
      await page.locator("nav").waitFor();
      const wide = await page.evaluate(() => [document.documentElement.scrollWidth - document.documentElement.clientWidth, ...[...document.querySelectorAll("main")].map((main) => main.scrollWidth - main.clientWidth)]);
      expect({ path, wide }).toEqual({ path, wide: wide.map(() => 0) });
    }
  });

  it("reported nothing to the console", () => {
    expect(browser.faults).toEqual([]);
  });
});
