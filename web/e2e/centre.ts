/** The centre under test: a real one by SAOLA_URL and SAOLA_SETUP_LINK, or else the mock. */

import { createHash } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { type Mock, startMock } from "./mock/server";

export const PASSWORD = process.env["SAOLA_PASSWORD"] ?? "một câu dài dễ nhớ 2026";

export interface Target {
  url: string;
  setupLink: string | undefined;
  mock: Mock | undefined;
  close: () => Promise<void>;
}

/** True when the tests run against a real centre; those that stage events need the mock. */
export const REAL = process.env["SAOLA_URL"] !== undefined;

export async function openCentre(groupCount?: number): Promise<Target> {
  const url = process.env["SAOLA_URL"];
  if (url !== undefined) {
    const link = process.env["SAOLA_SETUP_LINK"];
    const setupLink = link === undefined || existsSync(usedMark(link)) ? undefined : link;
    return { url: url.replace(/\/$/, ""), setupLink, mock: undefined, close: () => Promise.resolve() };
  }
  const mock = await startMock(groupCount);
  return { url: mock.url, setupLink: mock.setupLink, mock, close: mock.close };
}

/** A real link works once, and the test files do not share memory: the first to use it leaves a mark. */
function usedMark(link: string): string {
  return join(tmpdir(), `saola-e2e-${createHash("sha256").update(link).digest("hex").slice(0, 16)}.used`);
}

/** Signs in; on a fresh centre sets the password by the one-time link first. The name is the one the link is for. */
export async function signIn(page: Page, target: Target): Promise<void> {
  if (target.setupLink !== undefined) {
    await page.goto(target.setupLink);
    await page.locator("input[name=new-password]").fill(PASSWORD);
    await page.locator("input[name=new-password-again]").fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.locator("input[name=password]").waitFor();
    if (REAL) writeFileSync(usedMark(target.setupLink), "");
    // A link works once: further sign-ins of the run go by name.
    target.setupLink = undefined;
  } else {
    await page.goto(`${target.url}/inbox`);
  }
  await page.locator("input[name=username]").waitFor();
  const known = await page.locator("input[name=username]").inputValue();
  if (known === "") await page.locator("input[name=username]").fill(process.env["SAOLA_USER"] ?? "admin");
  await page.locator("input[name=password]").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.locator("nav").waitFor();
}
