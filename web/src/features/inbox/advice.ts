/** Advice is plain text in the content packs, one step a line, with or without bullets. */

export function steps(advice: string): string[] {
  return advice
    .split(/\r?\n/)
    .map((line) => line.replace(/^\s*(?:[-*•]|\d+[.)])\s+/, "").trim())
    .filter((line) => line !== "");
}
