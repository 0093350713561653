// Line icons of 16 px, in the colour of the text beside them.
const PATHS = {
  overview: "M2.5 9.5 5 6l2.5 2.5L10 4l3.5 4.5M2.5 13.5h11",
  customers:
    "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Zm-4 6c0-2.5 1.8-4 4-4s4 1.5 4 4" +
    "M10.5 2.8a2.4 2.4 0 0 1 0 4.5m1.3 2.5c1.4.6 2.2 1.9 2.2 3.7",
  pipeline: "M2 4.5h4.5l3 7H14M2 11.5h2.5M11.5 4.5H14m-2-2 2 2-2 2m0 3 2 2-2 2",
  models: "M8 2 2.5 4.8 8 7.6l5.5-2.8L8 2Zm-5.5 6L8 10.8 13.5 8m-11 3.2L8 14l5.5-2.8",
  rules: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11M5 3v3m6 .5v3M7 10v3",
  actions: "M2.5 9.5h3l1 2h3l1-2h3M2.5 9.5v4h11v-4L11.3 3H4.7L2.5 9.5Z",
  reports: "M4 1.8h5.5L12.5 5v9.2H4zM9.3 2v3.2h3M6 8h4.5M6 10.8h4.5",
  settings:
    "M2.5 4.5h6m3.4 0h1.6M2.5 11.5h2m3.4 0h5.6M10.2 6.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4Z" +
    "M6.2 13.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4Z",
  pilots: "M6.2 2.5h3.6M7 2.5v4L3 13.2h10L9 6.5v-4M5 10h6",
  money: "M2.5 4h11v8h-11zM8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6ZM4.5 8h.1m6.8 0h.1",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.6-1.4L14 14",
  close: "m4 4 8 8m0-8-8 8",
  download: "M8 2.5v7m0 0L5 6.5m3 3 3-3M3 13h10",
  columns: "M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10",
  filter: "M2.5 4h11M4.5 8h7M6.5 12h3",
  sun:
    "M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM8 1.5v1.3m0 10.4v1.3M1.5 8h1.3" +
    "m10.4 0h1.3M3.4 3.4l.9.9m7.4 7.4.9.9m0-9.2-.9.9m-7.4 7.4-.9.9",
  moon: "M13 9.7A5.5 5.5 0 0 1 6.3 3 5.5 5.5 0 1 0 13 9.7Z",
  system: "M2.5 3h11v7.5h-11zM6 13h4",
  check: "m3.5 8.5 3 3 6-7",
  terminal: "M2 3.5h12v9H2zM4.5 6.5l2 1.5-2 1.5m3.5.2h3",
  bookmark: "M4 2.5h8v11L8 10.7 4 13.5z",
  trash: "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.5 8.5h6l.5-8.5",
  up: "m4.5 9.5 3.5-3.5 3.5 3.5",
  down: "m4.5 6.5 3.5 3.5 3.5-3.5",
  right: "m6.5 4.5 3.5 3.5-3.5 3.5",
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name, className = "" }: { name: IconName; className?: string }) {
  return (
    <svg
      aria-hidden
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.35"
      strokeLinecap="round"
      strokeLinejoin="round"
      className={`shrink-0 ${className}`}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
