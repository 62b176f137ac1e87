/** A stand-in for the centre: serves the built console under the same Content-Security-Policy, and the API from memory. */

import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { answer, MailPage, Refusal } from "./api";
import { Centre } from "./centre";
import { PEOPLE } from "./texts";

const DIST = fileURLToPath(new URL("../../dist", import.meta.url));
const TYPES: Record<string, string> = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".json": "application/json" };
export const SETUP_TOKEN = "0123456789abcdef0123456789abcdef";
const CSRF = "csrf-of-the-mock";

/** As the centre sends it: nothing inline without the nonce, nothing from elsewhere. */
function policy(nonce: string): string {
  return `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'`;
}

export interface Mock {
  url: string;
  setupLink: string;
  centre: Centre;
  publish: (event: string, data: unknown) => void;
  close: () => Promise<void>;
}

export function mockHandler(groupCount: number) {
  const streams = new Set<ServerResponse>();
  let eventId = 0;
  const publish = (event: string, data: unknown) => {
    eventId += 1;
    for (const stream of streams) stream.write(`id: ${eventId}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const centre = new Centre(groupCount, publish);
  const session = new Session();

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? "/", "http://mock");
    if (!url.pathname.startsWith("/api/v1/")) {
      serveFile(url.pathname, response);
      return;
    }
    const path = url.pathname.slice("/api/v1".length);
    if (path === "/stream") {
      openStream(request, response);
      return;
    }
    void readBody(request).then((body) => {
      try {
        const method = request.method ?? "GET";
        const own = session.answer(method, path, body, request);
        const result = own ?? answer(centre, { method, path, query: url.searchParams, body });
        if (result instanceof MailPage) {
          response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'", "x-frame-options": "SAMEORIGIN" });
          response.end(result.html);
          return;
        }
        response.writeHead(result === NOTHING ? 204 : 200, { "content-type": "application/json", "cache-control": "no-store", ...session.cookie() });
        response.end(result === NOTHING ? undefined : JSON.stringify(result));
      } catch (error) {
        const { status, code } = error instanceof Refusal ? error : new Refusal(500, "server.internal");
        response.writeHead(status, { "content-type": "application/problem+json" });
        response.end(JSON.stringify({ type: "about:blank", title: code, status, code, detail: error instanceof Error ? error.message : "", request_id: "r-1" }));
      }
    });
  };

  const openStream = (request: IncomingMessage, response: ServerResponse): void => {
    if (!session.holds(request)) {
      response.writeHead(401).end();
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(": open\n\n");
    streams.add(response);
    request.on("close", () => streams.delete(response));
    centre.counts();
  };
  return { handle, centre, publish };
}

export async function startMock(groupCount = 240): Promise<Mock> {
  const { handle, centre, publish } = mockHandler(groupCount);
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url, setupLink: `${url}/setup/${SETUP_TOKEN}`, centre, publish, close };
}

const NOTHING = Symbol("no content");

/** One account, one setup link, sessions by cookie. */
class Session {
  private password = "";
  private readonly tokens = new Set<string>();
  private fresh = "";

  holds(request: IncomingMessage): boolean {
    const token = /saola_session=([0-9a-f]+)/.exec(request.headers.cookie ?? "")?.[1];
    return token !== undefined && this.tokens.has(token);
  }

  cookie(): Record<string, string> {
    if (this.fresh === "") return {};
    const token = this.fresh;
    this.fresh = "";
    return { "set-cookie": `saola_session=${token}; HttpOnly; SameSite=Strict; Path=/` };
  }

  /** `undefined`: not about sessions, and the caller is signed in. */
  answer(method: string, path: string, body: Record<string, unknown>, request: IncomingMessage): unknown {
    if (path.startsWith("/setup/")) return this.setUp(method, path.slice("/setup/".length), body["password"]);
    if (path === "/session" && method === "POST") return this.signIn(body);
    if (!this.holds(request)) throw new Refusal(401, "auth.required");
    if (method !== "GET" && request.headers["x-csrf-token"] !== CSRF) throw new Refusal(403, "auth.csrf");
    if (path !== "/session") return undefined;
    if (method === "DELETE") {
      this.tokens.clear();
      return NOTHING;
    }
    return { user: { ...PEOPLE[0], language: "vi" }, csrf_token: CSRF, version: "0.1.0" };
  }

  private setUp(method: string, token: string, password: unknown): unknown {
    if (token !== SETUP_TOKEN || this.password !== "") throw new Refusal(404, "auth.setup_invalid");
    if (method === "GET") return { name: PEOPLE[0].name };
    if (typeof password !== "string" || password.length < 12) throw new Refusal(422, "auth.weak_password");
    this.password = password;
    return NOTHING;
  }

  private signIn(body: Record<string, unknown>): unknown {
    if (body["name"] !== PEOPLE[0].name || this.password === "" || body["password"] !== this.password) throw new Refusal(401, "auth.bad_credentials");
    this.fresh = randomBytes(16).toString("hex");
    this.tokens.add(this.fresh);
    return { user: { ...PEOPLE[0], language: "vi" }, csrf_token: CSRF, version: "0.1.0" };
  }
}

function serveFile(path: string, response: ServerResponse): void {
  const file = join(DIST, normalize(path));
  const found = file.startsWith(DIST) && existsSync(file) && statSync(file).isFile() ? file : join(DIST, "index.html");
  const nonce = randomBytes(16).toString("base64");
  const bytes = readFileSync(found);
  const page = extname(found) === ".html";
  response.writeHead(200, { "content-type": TYPES[extname(found)] ?? "application/octet-stream", "content-security-policy": policy(nonce), "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" });
  response.end(page ? bytes.toString("utf8").replace("__CSP_NONCE__", nonce) : bytes);
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
}
