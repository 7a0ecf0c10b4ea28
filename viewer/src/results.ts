// results.json (schema onus.results/1) as types, and small questions asked of it.
export type Scope = Record<string, string | number>;

export interface Interval {
  level: number;
  low: number | null;
  high: number | null;
  method: string;
  resampled: string | null;
  weak: string | null;
}

export interface Measure {
  id: string;
  scope: Scope;
  value: number | null;
  unit: string;
  num: number | null;
  den: number | null;
  interval: Interval | null;
  p_value?: number;
  reason: string | null;
  withheld: boolean;
}

export interface Claim {
  say: string;
  measure: string;
  scope: Scope;
  at_least?: number;
  at_most?: number;
}

export interface Definition {
  title: string;
  unit: string;
  definition: string;
  interval: string | null;
  reference: string | null;
}

export interface Series {
  columns: string[];
  rows: (number | string | null)[][];
}

export interface Results {
  case: { kind: "place" | "match" | "affect" };
  measures: Measure[];
  claims: Claim[];
  definitions: Record<string, Definition>;
  series: Record<string, Series>;
  warnings: { code: string; text: string }[];
  protocol: { top: number; level: number };
  suppressed: { below: number; cells: number };
}

/** Measures with this id whose scope has every given entry; `undefined` stands for "absent". */
export function select(results: Results, id: string, scope: Record<string, string | number | undefined>): Measure[] {
  return results.measures.filter(
    (measure) => measure.id === id && Object.entries(scope).every(([key, value]) => measure.scope[key] === value),
  );
}

/** Distinct texts of a scope key, in the order of the file. */
export function values(measures: Measure[], key: string): string[] {
  const seen = new Set<string>();
  for (const measure of measures) {
    if (measure.scope[key] !== undefined) {
      seen.add(String(measure.scope[key]));
    }
  }
  return [...seen];
}

/** Onus' own convention: measures that name another one are left to the comparison. */
export function own(measures: Measure[]): Measure[] {
  return measures.filter((measure) => (measure.scope["convention"] ?? "onus") === "onus");
}
