/** One way to the centre: JSON in and out, the CSRF token on every change, problems as typed errors. */

import type { paths } from "./schema";

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

type Method = "get" | "post" | "delete";
type Json<R> = R extends { content: { "application/json": infer T } } ? T : undefined;

/** What a route answers when all goes well. */
type Answer<P extends keyof paths, M extends Method> = paths[P] extends Record<M, { responses: infer R }>
  ? R extends { 200: infer Ok } ? Json<Ok> : R extends { 201: infer Made } ? Json<Made> : undefined
  : never;

/** What a route takes. */
type Body<P extends keyof paths, M extends Method> = paths[P] extends Record<M, { requestBody: { content: { "application/json": infer B } } }> ? B : undefined;

type With<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never }[keyof paths];

/** `/groups/{id}` with its places filled. */
function filled(path: string, places: Record<string, string>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(places[name] ?? ""));
}

/** Reads. Path, places and answer are checked against `openapi.json` by the compiler. */
export async function read<P extends With<"get">>(path: P, places: Record<string, string> = {}, query?: Query): Promise<Answer<P, "get">> {
  return (await send("GET", filled(path, places), { query })) as Answer<P, "get">;
}

/** Changes state; some answers are empty. */
export async function post<P extends With<"post">>(path: P, places: Record<string, string>, body?: Body<P, "post">): Promise<Answer<P, "post">> {
  return (await send("POST", filled(path, places), { body })) as Answer<P, "post">;
}

export async function remove(path: With<"delete">): Promise<void> {
  await send("DELETE", path, {});
}
