// The same week by week: where the product was ahead of a usual method, and where behind.
import weeksSpec from "../specs/weeks.vl.json";
import { atLevel, cell, headline, type Level, methodName, num, strongest } from "./accuracy_level";
import { type Datum, draw } from "./draw";
import { count, figure } from "./numbers";
import { type Picture, withWidth } from "./pictures";
import { type Results } from "./results";

interface Unit {
  unit: number;
  day: number;
  outcomes: number;
  captured: number;
  difference: number;
}

function unitsOf(results: Results, level: Level): Map<string, Unit[]> {
  const series = results.series["capture_by_time"];
  const all = new Map<string, Unit[]>();
  for (const row of series?.rows ?? []) {
    const get = (name: string): number | null => num(cell(row, series?.columns ?? [], name));
    if ((get("budget") ?? undefined) !== level.budget || (get("top") ?? undefined) !== level.top) {
      continue;
    }
    const method = String(cell(row, series?.columns ?? [], "baseline"));
    all.set(method, [
      ...(all.get(method) ?? []),
      { unit: get("unit") ?? 0, day: get("day") ?? 0, outcomes: get("outcomes") ?? 0, captured: get("captured") ?? 0, difference: get("difference") ?? 0 },
    ]);
  }
  return all;
}

function date(day: number): string {
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(day * 86_400_000);
}

/** Rounding of sums of expected values must not count as a lead. */
const EVEN = 1e-9;

export function byTime(results: Results): Picture | null {
  const level = headline(results);
  const all = level === null ? new Map<string, Unit[]>() : unitsOf(results, level);
  if (level === null || all.size === 0) {
    return null;
  }
  const best = String(strongest(results, level)?.scope["baseline"] ?? "");
  const claimed = results.claims
    .filter((claim) => claim.measure === "place.capture_ratio" || claim.measure === "place.capture_gain")
    .map((claim) => String(claim.scope["baseline"] ?? ""));
  const chosen = [...new Set([...claimed, best].filter((name) => all.has(name)))].slice(0, 3);
  const first = chosen[0] ?? [...all.keys()][0];
  if (first === undefined) {
    return null;
  }
  const drawn = chosen.length > 0 ? chosen : [first];
  const tally = (method: string): { ahead: number; behind: number; even: number; sum: number; n: number } => {
    const units = all.get(method) ?? [];
    const ahead = units.filter((u) => u.difference > EVEN).length;
    const behind = units.filter((u) => u.difference < -EVEN).length;
    return { ahead, behind, even: units.length - ahead - behind, sum: units.reduce((s, u) => s + u.difference, 0), n: units.length };
  };
  const resampled = atLevel(results, "place.capture_ratio", level).find((m) => m.interval?.resampled)?.interval?.resampled ?? "window";
  const unitName = resampled === "week" || resampled === "day" ? resampled : "window";
  const days = all.get(first)?.map((u) => u.day) ?? [];
  const step = days.length > 1 ? Math.min(...days.slice(1).map((day, i) => day - (days[i] as number))) : 7;
  const t = tally(first);
  return {
    name: "by-time",
    size: "",
    title: `In ${count(t.ahead)} of ${count(t.n)} ${unitName}s it captured more than ${methodName(first)}, in ${t.behind === 0 ? "none" : count(t.behind)} less`,
    sub: `Outcomes captured by the product minus those captured by the method on as much ground, ${unitName} by ${unitName}. Dashed: the mean. A verdict rests on how these differences vary.`,
    measures: ["place.capture_gain", "place.dm"],
    notes: [],
    key: [
      { fill: "var(--g0)", label: "the product captured more", mark: "circle" },
      { fill: "var(--g1)", label: "the method captured more", mark: "circle" },
    ],
    table: {
      head: ["Method", `${unitName}s ahead`, `${unitName}s behind`, `${unitName}s even`, "Difference in all", `Mean per ${unitName}`],
      numeric: [false, true, true, true, true, true],
      rows: [...all.keys()].map((method) => {
        const one = tally(method);
        return [methodName(method), count(one.ahead), count(one.behind), count(one.even), figure(one.sum, "outcomes"), figure(one.sum / one.n, "outcomes")];
      }),
    },
    draw: (box, width) => {
      const units: Datum[] = drawn.flatMap((method, order) =>
        (all.get(method) ?? []).map((u) => ({
          method: `against ${methodName(method)}`,
          order,
          from: u.day,
          until: u.day + step * 0.86,
          difference: u.difference,
          colour: u.difference >= 0 ? "var(--g0)" : "var(--g1)",
          tip: `${unitName} from ${date(u.day)}\n${figure(u.captured, "outcomes")} of ${count(u.outcomes)} captured\n${figure(u.difference, "outcomes")} against ${methodName(method)}`,
        })),
      );
      return draw(box, withWidth(weeksSpec, Math.max(160, width - 60)), { units }, `Difference ${unitName} by ${unitName}; the table below adds them up`);
    },
  };
}
