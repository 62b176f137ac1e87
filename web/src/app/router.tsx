/** The pages and their addresses. The inbox is in the first load, the others come when they are opened. */

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { InboxPage } from "@/features/inbox/InboxPage";
import { inboxSearch } from "@/features/inbox/filters";
import { NotFound } from "./NotFound";
import { SignedIn } from "./SignedIn";

const root = createRootRoute({ notFoundComponent: NotFound });

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup/$token",
  component: lazyRouteComponent(() => import("@/features/session/SetupPage"), "SetupPage"),
});

const signedIn = createRoute({ getParentRoute: () => root, id: "signed-in", component: SignedIn });

const home = createRoute({
  getParentRoute: () => signedIn,
  path: "/",
  beforeLoad: () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- the router's way to redirect
    throw redirect({ to: "/inbox" });
  },
});

const inbox = createRoute({ getParentRoute: () => signedIn, path: "/inbox", validateSearch: inboxSearch, component: InboxPage });

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

const incidents = createRoute({
  getParentRoute: () => signedIn,
  path: "/incidents",
  validateSearch: (search: Record<string, unknown>): { status?: string | undefined } => ({ status: text(search["status"]) }),
  component: lazyRouteComponent(() => import("@/features/incident/IncidentsPage"), "IncidentsPage"),
});

const incident = createRoute({
  getParentRoute: () => signedIn,
  path: "/incidents/$number",
  component: lazyRouteComponent(() => import("@/features/incident/IncidentPage"), "IncidentPage"),
});

const rules = createRoute({
  getParentRoute: () => signedIn,
  path: "/rules",
  validateSearch: (search: Record<string, unknown>): { state?: string | undefined; engine?: string | undefined; q?: string | undefined } => ({
    state: text(search["state"]),
    engine: text(search["engine"]),
    q: text(search["q"]),
  }),
  component: lazyRouteComponent(() => import("@/features/rules/RulesPage"), "RulesPage"),
});

const sensors = createRoute({
  getParentRoute: () => signedIn,
  path: "/sensors",
  component: lazyRouteComponent(() => import("@/features/health/HealthPage"), "HealthPage"),
});

const outbox = createRoute({
  getParentRoute: () => signedIn,
  path: "/outbox",
  validateSearch: (search: Record<string, unknown>): { mail?: string | undefined } => ({ mail: text(search["mail"]) }),
  component: lazyRouteComponent(() => import("@/features/outbox/OutboxPage"), "OutboxPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([setup, signedIn.addChildren([home, inbox, incidents, incident, rules, sensors, outbox])]),
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
