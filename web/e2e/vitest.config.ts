import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Browser tests: one file after the other, in one Chromium each. With SAOLA_URL they run against a real centre. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  cacheDir: fileURLToPath(new URL("../node_modules/.vite-e2e", import.meta.url)),
  resolve: { alias: { "@": fileURLToPath(new URL("../src", import.meta.url)) } },
  test: {
    include: process.env["SAOLA_SHOTS"] ? ["shots.ts"] : ["*.e2e.ts"],
    environment: "node",
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 90_000,
  },
});
