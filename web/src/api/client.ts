/** One way to the centre: JSON in and out, the CSRF token on every change, problems as typed errors. */

const BASE = "/api/v1";
let csrfToken = "";

/** Kept in memory only: a token on disk would outlive the session it belongs to. */
export function rememberCsrf(token: string): void {
  csrfToken = token;
}

/** A refusal of the centre (`application/problem+json`), or of the network (`status` 0). */
export class Problem extends Error {
  override readonly name = "Problem";
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly requestId: string,
    readonly retryAfterS: number | undefined,
  ) {
    super(`${code}: ${detail}`);
  }
}

type Query = Record<string, string | number | undefined>;

function address(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter((pair): pair is [string, string | number] => pair[1] !== undefined && pair[1] !== "");
  const text = new URLSearchParams(pairs.map(([key, value]) => [key, String(value)])).toString();
  return `${BASE}${path}${text === "" ? "" : `?${text}`}`;
}

function textOf(body: Record<string, unknown>, key: string): string {
  const value = body[key];
  return typeof value === "string" ? value : "";
}

async function problemOf(response: Response): Promise<Problem> {
  const body = await response
    .json()
    .then((value: unknown) => (typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {}))
    .catch(() => ({}));
  const retry = (body as Record<string, unknown>)["retry_after_s"];
  return new Problem(
    response.status,
    textOf(body, "code") || "http.unexpected",
    textOf(body, "detail") || textOf(body, "title") || response.statusText,
    textOf(body, "request_id"),
    typeof retry === "number" ? retry : undefined,
  );
}

async function send(method: string, path: string, options: { query?: Query | undefined; body?: unknown }): Promise<unknown> {
  const headers: Record<string, string> = { accept: "application/json", "accept-language": document.documentElement.lang };
  if (method !== "GET") headers["x-csrf-token"] = csrfToken;
  if (options.body !== undefined) headers["content-type"] = "application/json";
  const response = await fetch(address(path, options.query), {
    method,
    headers,
    credentials: "same-origin",
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  }).catch((cause: unknown) => {
    throw new Problem(0, "http.unreachable", cause instanceof Error ? cause.message : "", "", undefined);
  });
  if (!response.ok) throw await problemOf(response);
  const text = await response.text();
  return text === "" ? undefined : (JSON.parse(text) as unknown);
}

/** Reads. The answer's shape is the server's promise, checked by the generated types and the contract test. */
export async function read<T>(path: string, query?: Query): Promise<T> {
  return (await send("GET", path, { query })) as T;
}

/** Changes state; some answers are empty. */
export async function change<T = undefined>(method: "POST" | "DELETE", path: string, body?: unknown): Promise<T> {
  return (await send(method, path, { body })) as T;
}
