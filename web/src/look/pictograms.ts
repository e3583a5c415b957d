/** Our own pictograms, drawn on 48 × 48, as stroke paths. A chain names one by its key; an unknown key gets the general sign. */
const PART = "M7 11h34v26H7Z";
const dot = (x: number, y: number, r = 1.5) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;

const SIGNS: Readonly<Record<string, readonly string[]>> = {
  scratch: [PART, "M14 31 30 16M20 32 34 19M13 24l9-8"],
  dent: ["M6 14h10c2 12 14 12 16 0h10v22H6Z"],
  crack: [PART, "M26 11l-5 8 6 4-7 6 4 8"],
  burr: ["M6 38V20l4 3 3-9 4 8 4-11 4 11 4-7 4 8 4-6 5 6v15Z"],
  hole: [PART, "M24 16a8 8 0 0 1 6 3M32 24a8 8 0 0 1-3 6M24 32a8 8 0 0 1-6-3M16 24a8 8 0 0 1 3-6"],
  position: [PART, dot(27, 24, 6), "M20 13v22M9 24h28"],
  dimension: ["M9 8h30v18H9Z", "M9 32v9M39 32v9M9 37h30M14 33l-5 4 5 4M34 33l5 4-5 4"],
  deformed: ["M5 30c8-16 14 6 20-6s12-10 18-4v8c-6-6-12-4-18 5s-12-8-20 6Z"],
  wrinkle: [PART, "M11 19c4-4 6 4 10 0s6 4 10 0 4 2 6 0M11 29c4-4 6 4 10 0s6 4 10 0 4 2 6 0"],
  "weld-gap": ["M4 32h15l4-12H4ZM44 32H29l-4-12h19Z", "M24 38v-4M24 14v-4M20 12l4-4 4 4"],
  "weld-missing": ["M5 28h38v9H5Z", "M9 24l4-5M17 24l4-5", "M28 12l10 10M38 12 28 22"],
  porosity: [PART, dot(16, 19, 2), dot(25, 17, 2.5), dot(33, 22, 2), dot(20, 28, 3), dot(30, 31, 2)],
  spatter: ["M5 38h38", "M15 38c0-8 18-8 18 0", dot(11, 24), dot(18, 16), dot(27, 12), dot(35, 19), dot(39, 28)],
  burn: ["M24 5c2 8 11 12 11 23a11 11 0 0 1-22 0c0-6 4-8 5-13 3 2 4 4 4 7 3-4 4-10 2-17Z"],
  "paint-run": ["M7 9h34v10H7Z", "M12 19v14a2 2 0 0 0 4 0V19M22 19v20a2 2 0 0 0 4 0V19M32 19v8a2 2 0 0 0 4 0v-8"],
  colour: ["M8 12h16v24H8Z", "M24 12h16v24H24ZM25 18l14-4M25 25l14-4M25 32l14-4"],
  dirt: [PART, dot(14, 18), dot(20, 27), dot(27, 17), dot(33, 30), dot(35, 20), dot(15, 32), dot(26, 24)],
  rust: [PART, "M13 22c2-6 9-6 10-2 5-1 6 5 2 7 0 5-8 5-9 1-4 0-5-4-3-6ZM31 29c2-2 5 0 4 2s-5 1-4-2Z"],
  "missing-part": [
    "M8 8h8M20 8h8M32 8h8v8M40 20v8M40 32v8h-8M28 40h-8M16 40H8v-8M8 28v-8M8 16V8",
    "M18 18l12 12M30 18 18 30",
  ],
  "wrong-part": ["M6 22V8h14v14Z", dot(34, 34, 8), "M28 15h6a4 4 0 0 1 4 4v3M20 33h-6a4 4 0 0 1-4-4v-2"],
  loose: ["M15 8h18l5 7-5 7H15l-5-7Z", "M19 22v18h10V22M19 28l10 3M19 34l10 3"],
  misaligned: ["M5 12h22v11H5ZM21 26h22v11H21Z"],
  drop: ["M24 5c7 10 12 15 12 22a12 12 0 0 1-24 0c0-7 5-12 12-22Z", "M18 28a6 6 0 0 0 6 6"],
  leak: ["M4 12h16M4 22h16M28 12h16M28 22h16M20 9v16M28 9v16", "M24 30c3 4 4 6 4 8a4 4 0 0 1-8 0c0-2 1-4 4-8Z"],
  balance: ["M24 8v32M14 40h20M8 16l16-4 16 4", "M3 28l5-12 5 12a5 5 0 0 1-10 0ZM35 28l5-12 5 12a5 5 0 0 1-10 0Z"],
  gauge: ["M6 34a18 18 0 1 1 36 0Z", "M24 32l9-12M11 27l3 1M24 16v3"],
  thread: ["M16 6h16v6H16Z", "M18 12v26l6 5 6-5V12", "M18 18l12-3M18 25l12-3M18 32l12-3"],
  turned: ["M38 24a14 14 0 1 1-5-11", "M34 4v10H24", "M20 20h8v8h-8Z"],
  paper: ["M11 5h18l8 8v30H11Z", "M29 5v8h8M17 22h14M17 29h14M17 36h8"],
  electrical: ["M27 4 11 27h11l-3 17 18-25H25Z"],
  label: ["M6 12h22l14 12-14 12H6Z", dot(31, 24, 2), "M12 20h11M12 28h11"],
  packaging: ["M6 15 24 6l18 9v19l-18 9-18-9Z", "M6 15l18 9 18-9M24 24v19M15 10.500l18 9"],
  noise: ["M6 18h8l10-9v30l-10-9H6Z", "M31 17c4 4 4 10 0 14M37 11c7 8 7 18 0 26"],
  thickness: ["M5 14h38v8H5ZM5 28h38v4H5Z", "M24 4v10M20 10l4 4 4-4M24 44V32M20 36l4-4 4 4"],
  material: ["M5 24h18v14H5ZM25 24h18v14H25ZM15 10h18v14H15Z"],
  maintenance: ["M30 6a11 11 0 0 0-10 15L6 35l7 7 14-14A11 11 0 0 0 41 14l-7 6-6-6 6-7Z"],
  quality: [dot(20, 20, 14), "M30 30l13 13M13 20l5 5 9-10"],
  it: ["M5 8h38v25H5ZM17 42h14M24 33v9"],
  logistics: ["M3 12h25v22H3ZM28 20h9l8 8v6H28Z", dot(13, 36, 4), dot(36, 36, 4)],
  safety: ["M24 4 40 10v14c0 10-7 17-16 20C15 41 8 34 8 24V10Z", "M17 24l5 5 9-10"],
  other: [dot(24, 24, 18), "M18 19c0-8 13-8 13 0 0 5-7 5-7 10M24 35v.500"],
};

const GENERAL: readonly string[] = ["M24 5 44 41H4Z", "M24 18v11M24 35v.500"];

/** Names under which plants know the same thing. */
const ALSO: Readonly<Record<string, string>> = {
  bent: "deformed",
  box: "packaging",
  color: "colour",
  contamination: "dirt",
  dust: "dirt",
  electric: "electrical",
  gap: "misaligned",
  missing: "missing-part",
  short: "electrical",
  torque: "loose",
  warehouse: "material",
  unknown: "other",
};

/** The paths of a pictogram. */
export function pictogram(name: string | null | undefined): readonly string[] {
  const key = name ?? "";
  return SIGNS[key] ?? SIGNS[ALSO[key] ?? ""] ?? GENERAL;
}

export const PICTOGRAMS: readonly string[] = Object.keys(SIGNS);
