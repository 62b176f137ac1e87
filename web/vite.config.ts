import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The console is served from the root of the centre; in development the API is a running `saola serve`. */
export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    // Inlined assets would be data: URLs, which the font-src of the Content-Security-Policy does not allow.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    manifest: true,
  },
  server: { proxy: { "/api": process.env["SAOLA_URL"] ?? "http://127.0.0.1:8443" } },
});
