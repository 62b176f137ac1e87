import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { forget, say, undo, UNDO_MS } from "./notices";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("undo", () => {
  it("takes back the newest first, each once", async () => {
    const first = vi.fn(() => Promise.resolve());
    const second = vi.fn(() => Promise.resolve());
    say({ text: "one", tone: "done", undo: first });
    say({ text: "two", tone: "done", undo: second });
    expect(await undo()).toBe(true);
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 1]);
    expect(await undo()).toBe(true);
    expect(await undo()).toBe(false);
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 1]);
  });

  it("has nothing to take back when the centre refused", async () => {
    const run = vi.fn(() => Promise.resolve());
    forget(say({ text: "refused", tone: "done", undo: run }));
    expect(await undo()).toBe(false);
    expect(run).not.toHaveBeenCalled();
  });

  it("forgets after ten minutes", async () => {
    const run = vi.fn(() => Promise.resolve());
    say({ text: "old", tone: "done", undo: run }, 1000);
    expect(await undo(undefined, 1000 + UNDO_MS)).toBe(false);
    expect(run).not.toHaveBeenCalled();
  });

  it("outlives the toast that offered it", async () => {
    const run = vi.fn(() => Promise.resolve());
    say({ text: "seen", tone: "done", undo: run }, 0);
    vi.advanceTimersByTime(60_000);
    expect(await undo(undefined, 60_000)).toBe(true);
    expect(run).toHaveBeenCalledOnce();
  });
});
