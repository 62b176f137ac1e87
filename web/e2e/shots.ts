/** `npm run shots`: the pictures of the README and, with SAOLA_SHOTS_DIR, every page in every language, theme and width. */

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, it } from "vitest";
import { openBrowser } from "./browser";
import { openCentre, signIn, type Target } from "./centre";

const ALL = process.env["SAOLA_SHOTS_DIR"];
const FOLDER = ALL ?? fileURLToPath(new URL("../../docs/screenshots", import.meta.url));
const SIZES = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;

const PAGES = [
  { name: "inbox", path: "/inbox" },
  { name: "panel", path: "/inbox", panel: true },
  { name: "incidents", path: "/incidents" },
  { name: "incident", path: "/incidents/first" },
  { name: "rules", path: "/rules" },
  { name: "sensors", path: "/sensors" },
  { name: "outbox", path: "/outbox", mail: true },
] as const;

/** What the README shows; the rest is for looking at. */
const README = [
  { page: "panel", language: "vi", theme: "light", size: "wide" },
  { page: "panel", language: "en", theme: "dark", size: "wide" },
  { page: "incident", language: "vi", theme: "light", size: "wide" },
  { page: "incident", language: "en", theme: "light", size: "wide" },
  { page: "rules", language: "vi", theme: "light", size: "wide" },
  { page: "sensors", language: "vi", theme: "dark", size: "wide" },
] as const;

const EVERY = (["vi", "en"] as const).flatMap((language) =>
  (["light", "dark"] as const).flatMap((theme) => (["wide", "phone"] as const).flatMap((size) => PAGES.map(({ name }) => ({ page: name, language, theme, size })))),
);
const wanted: readonly { page: string; language: "vi" | "en"; theme: "light" | "dark"; size: keyof typeof SIZES }[] = ALL === undefined ? README : EVERY;

let target: Target;
beforeAll(async () => {
  await mkdir(FOLDER, { recursive: true });
  target = await openCentre(60);
});
afterAll(() => target.close());

const settings = [...new Set(wanted.map(({ language, theme, size }) => `${language} ${theme} ${size}`))];

describe.each(settings)("%s", (setting) => {
  it("is pictured", async () => {
    const [language, theme, size] = setting.split(" ") as ["vi" | "en", "light" | "dark", keyof typeof SIZES];
    const browser = await openBrowser(target.url, { language, theme, ...SIZES[size] });
    const { page } = browser;
    if (target.setupLink !== undefined && ALL !== undefined) {
      await page.goto(target.setupLink);
      await page.locator("input[name=new-password]").waitFor();
      await page.screenshot({ path: `${FOLDER}/setup-${language}-${theme}-${size}.png` });
    }
    await signIn(page, target);
    for (const each of PAGES.filter(({ name }) => wanted.some((shot) => shot.page === name && shot.language === language && shot.theme === theme && shot.size === size))) {
      const path = each.path === "/incidents/first" ? `/incidents/${await firstIncident(page.request)}` : each.path;
      await page.goto(`${target.url}${path}`);
      await page.locator("h1").first().waitFor({ state: "attached" });
      await page.locator("[role=status] >> text=/./").first().waitFor();
      if ("panel" in each) {
        await page.getByRole("grid").getByRole("row").nth(2).click();
        await page.getByRole("complementary").locator("dl").first().waitFor();
      }
      if ("mail" in each) {
        await page.locator("main li button").first().click();
        await page.frameLocator("iframe").locator("table").first().waitFor();
      }
      await page.evaluate(() => document.fonts.ready.then(() => undefined));
      await page.screenshot({ path: `${FOLDER}/${each.name}-${language}-${theme}${size === "phone" ? "-phone" : ""}.png` });
    }
    await browser.close();
  });
});

async function firstIncident(request: { get: (path: string) => Promise<{ json: () => Promise<unknown> }> }): Promise<string> {
  const { items } = (await (await request.get("/api/v1/incidents")).json()) as { items: { number: string }[] };
  const number = items.at(-1)?.number;
  if (number === undefined) throw new Error("no incident to picture");
  return number;
}
