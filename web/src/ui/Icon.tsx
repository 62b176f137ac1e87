/** The few line icons in use, drawn here: an icon font or package would weigh more than all of them. */

const PATHS = {
  inbox: "M2 9h4l1.2 2h3.6L12 9h4M4.2 3.5h9.6L16 9v5.5H2V9z",
  incident: "M9 2 16.5 15.5h-15zM9 7v4M9 12.8v.7",
  sensor: "M9 9v6.5M6.2 11.8a4 4 0 1 1 5.6 0M4 14a7 7 0 1 1 10 0",
  rule: "M3 4h12M3 9h8M3 14h5M12.5 12.5l1.5 1.5 2.5-3",
  mail: "M2 4.5h14v9H2zM2 5l7 5 7-5",
  keyboard: "M1.5 5h15v8h-15zM4 7.8h.5M7 7.8h.5M10 7.8h.5M13 7.8h.5M5.5 10.4h7",
  back: "M11 4 6 9l5 5",
  forward: "M7 4l5 5-5 5",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg width="18" height="18" viewBox="0 0 18 18" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
