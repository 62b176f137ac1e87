/** Vietnamese as people type it in a hurry: "su co" finds "Sự cố". */

export function fold(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[đĐ]/g, "d")
    .toLowerCase();
}
