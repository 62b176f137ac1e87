import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { mockHandler, SETUP_TOKEN } from "./server";

/** `npm run mock`: the built console over the mock, to look at by hand. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  resolve: { alias: { "@": fileURLToPath(new URL("../../src", import.meta.url)) } },
  plugins: [
    {
      name: "saola-mock",
      configurePreviewServer(server) {
        const { handle } = mockHandler(2000);
        server.middlewares.use(handle);
        server.config.logger.info(`one-time link: /setup/${SETUP_TOKEN}`);
      },
    },
  ],
});
