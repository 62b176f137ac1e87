/** "Nguyễn Thị Sáu" is NS: family name and given name, as on a name plate. */
export function initials(name: string): string {
  const words = name.split(/\s+/u).filter(Boolean);
  return [words.at(0), words.length > 1 ? words.at(-1) : undefined].map((word) => Array.from(word ?? "")[0]?.toLocaleUpperCase("vi") ?? "").join("");
}
