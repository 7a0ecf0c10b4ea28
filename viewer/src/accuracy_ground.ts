// Flagged ground beside recorded outcomes, area by area. Sums by area only, small counts withheld.
import areasSpec from "../specs/areas.vl.json";
import { small } from "./accuracy_level";
import { draw } from "./draw";
import { type Areas, state } from "./map";
import { count, figure, percent } from "./numbers";
import { type Picture, withWidth } from "./pictures";
import { type Results } from "./results";

export function flaggedAndRecorded(results: Results, areas: Areas | null): Picture | null {
  const outcomes = areas?.columns.find((column) => column.unit === "outcomes");
  const flagged = areas?.columns.find((column) => column.name === "flagged_km2_days") ?? areas?.columns.find((column) => column.unit === "flags");
  if (areas === null || outcomes === undefined || flagged === undefined) {
    return null;
  }
  const known = areas.ids
    .map((id, i) => ({ id, i, outcomes: outcomes.values[i] ?? null, flagged: flagged.values[i] ?? null }))
    .filter((one) => one.outcomes !== null && one.flagged !== null && state(outcomes, one.i) === "known" && state(flagged, one.i) === "known");
  const hidden = areas.ids.length - known.length;
  if (known.length < 2) {
    return null;
  }
  // halves by flags, by records: the simplest summary that can be checked against the table
  const sorted = [...known].sort((a, b) => (b.flagged as number) - (a.flagged as number) || a.i - b.i);
  const tenth = sorted.slice(0, Math.max(1, Math.round(known.length / 10)));
  const sum = (list: typeof known): number => list.reduce((total, one) => total + (one.outcomes as number), 0);
  const share = sum(known) > 0 ? sum(tenth) / sum(known) : 0;
  const told = (value: number): string => (flagged.unit === "share" ? small(value) : figure(value, flagged.unit));
  return {
    name: "areas",
    size: "five",
    title: `The ${count(tenth.length)} most flagged of ${count(known.length)} areas hold ${percent(share)} of the outcomes recorded in them`,
    sub: `One point per area. Recorded outcomes are what the police know of, and not all that happened.`,
    measures: [],
    notes: hidden > 0 ? [`${count(hidden)} areas are left out: their counts are under ${count(results.suppressed.below)}, or would give such a count away.`] : [],
    key: [],
    table: {
      head: ["Area", "Recorded outcomes", flagged.title],
      numeric: [false, true, true],
      rows: sorted.slice(0, 100).map((one) => [one.id, count(one.outcomes as number), told(one.flagged as number)]),
    },
    draw: (box, width) => {
      const spec = withWidth(areasSpec, Math.max(150, width - 75)) as { layer: { encoding: Record<string, { axis: Record<string, unknown> }> }[] };
      const y = spec.layer[0]?.encoding["y"];
      if (y !== undefined) {
        y.axis = { ...y.axis, title: flagged.title.toLowerCase(), ...(flagged.unit === "share" ? { format: "~%" } : { format: "~r" }) };
      }
      return draw(
        box,
        spec,
        { areas: known.map((one) => ({ ...one, tip: `Area ${one.id}\n${count(one.outcomes as number)} recorded\n${flagged.title}: ${told(one.flagged as number)}` })) },
        "Flagged ground and recorded outcomes by area; the table below lists the 100 most flagged",
      );
    },
  };
}
