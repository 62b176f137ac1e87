/** A Chromium that notices everything a console must not do: policy violations, console errors, dialogs, foreign requests. */

import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";

const CANDIDATES = [process.env["SAOLA_CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export interface Watched {
  context: BrowserContext;
  page: Page;
  /** What went wrong so far. */
  faults: string[];
  close: () => Promise<void>;
}

function executable(): string {
  const found = CANDIDATES.find((path) => path !== undefined && existsSync(path));
  if (found === undefined) throw new Error("no Chromium: install Debian's `chromium` or name one in SAOLA_CHROMIUM");
  return found;
}

/** Before the sign-in the console asks who is signed in; the browser itself reports the 401 and a wrong password's. */
function isExpected(text: string, url: string): boolean {
  return /status of 401/.test(text) && /\/api\/v1\/(?:session|stream)$/.test(url);
}

export async function openBrowser(baseUrl: string, options: { width?: number; height?: number; language?: "vi" | "en"; theme?: "light" | "dark" } = {}): Promise<Watched> {
  const folder = await mkdtemp(join(tmpdir(), "saola-e2e-"));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: executable(),
    baseURL: baseUrl,
    headless: true,
    args: FLAGS,
    ignoreHTTPSErrors: true,
    viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
    locale: options.language === "en" ? "en-GB" : "vi-VN",
    colorScheme: options.theme ?? "light",
    reducedMotion: "reduce",
  });
  const faults: string[] = [];
  const origin = new URL(baseUrl).origin;
  await context.addInitScript((language) => {
    document.addEventListener("securitypolicyviolation", (event) => {
      // eslint-disable-next-line no-console -- the watcher outside reads the console
      console.error(`CSP ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
    // The sandboxed frame of a mail has no storage.
    if (window.location.ancestorOrigins.length === 0 && language !== "" && localStorage.getItem("saola.preferences") === null) localStorage.setItem("saola.preferences", JSON.stringify({ language }));
  }, options.language ?? "");
  const page = context.pages()[0] ?? (await context.newPage());
  page.on("console", (message) => {
    if (message.type() === "error" && !isExpected(message.text(), message.location().url)) faults.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => faults.push(`page error: ${error.message}`));
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on("request", (request) => {
    if (!request.url().startsWith(origin) && !/^(?:data|blob|about):/.test(request.url())) faults.push(`foreign request: ${request.url()}`);
  });
  return {
    context,
    page,
    faults,
    close: async () => {
      await context.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
