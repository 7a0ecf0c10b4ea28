// What the pictures of the accuracy half share: how much was flagged (the level that the headline
// figures are at), which measures speak of that level, and the names of the methods of comparison.
import { count, figure, percent } from "./numbers";
import { type Measure, type Results, type Scope, select } from "./results";

const METHODS: Record<string, string> = {
  uniform: "uniform",
  previous_window: "previous window",
  moving_count: "moving count",
  long_run: "long-run count",
  kde: "kernel density",
  near_repeat: "near-repeat",
  self_exciting: "self-exciting",
};

export function methodName(baseline: string): string {
  return METHODS[baseline] ?? baseline.replace(/_/g, " ");
}

/** How much was flagged: a budget, a number of cells, or (neither) what the product itself flagged. */
export type Level = { budget: number | undefined; top: number | undefined };

export function levelOf(scope: Scope): Level {
  return {
    budget: typeof scope["budget"] === "number" ? scope["budget"] : undefined,
    top: typeof scope["top"] === "number" ? scope["top"] : undefined,
  };
}

export function levelName(level: Level): string {
  return level.budget !== undefined ? `at ${small(level.budget)} of the area` : level.top !== undefined ? `at ${count(level.top)} cells` : "";
}

/** Shares under a tenth of a per cent keep their first figures. */
export function small(value: number): string {
  const scaled = value * 100;
  return scaled > 0 && scaled < 0.1 ? `${scaled.toPrecision(2)}\u00a0%` : scaled > 0 && scaled < 1 ? figure(value, "share") : percent(value);
}

export function levelsOf(results: Results): Level[] {
  const plain = new Set(["budget", "top"]);
  return select(results, "place.capture_rate", {})
    .filter((m) => Object.keys(m.scope).every((key) => plain.has(key)))
    .map((m) => levelOf(m.scope));
}

/** The level that a claim names, else the first. */
export function headline(results: Results): Level | null {
  const levels = levelsOf(results);
  for (const claim of results.claims) {
    const asked = levelOf(claim.scope);
    const found = levels.find((level) => level.budget === asked.budget && level.top === asked.top);
    if (claim.measure.startsWith("place.") && found !== undefined) {
      return found;
    }
  }
  return levels[0] ?? null;
}

/** Measures whose scope says this, a baseline, and nothing else: not one type or quarter of it. */
export function atLevel(results: Results, id: string, level: Level, scope: Scope = {}): Measure[] {
  const known = new Set(["budget", "top", "baseline", ...Object.keys(scope)]);
  return select(results, id, { ...level, ...scope }).filter((m) => Object.keys(m.scope).every((key) => known.has(key)));
}

/** The method that captured most at this level, chance apart. */
export function strongest(results: Results, level: Level): Measure | null {
  let best: Measure | null = null;
  for (const m of atLevel(results, "place.baseline_capture", level)) {
    if (m.value !== null && (best === null || m.value > (best.value as number))) {
      best = m;
    }
  }
  return best;
}

export function cell(row: (number | string | null)[], columns: string[], name: string): number | string | null {
  return row[columns.indexOf(name)] ?? null;
}

export function num(value: number | string | null): number | null {
  return typeof value === "number" ? value : null;
}

export function ofText(measure: Measure): string {
  return measure.num === null || measure.den === null ? "" : `${count(Math.round(measure.num * 10) / 10)} of ${count(measure.den)}`;
}
