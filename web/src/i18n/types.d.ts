import type { resources } from "./vi/index";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: typeof resources;
    returnNull: false;
  }
}
