import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Logic tests: no browser, no network. The browser tests have their own configuration in e2e/. */
export default defineConfig({
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
