// The pictures of the accuracy half: what was captured for how much ground, against whom, and how
// sure that is. Sums over the whole region only; a method of comparison is a number here, never a place.
import areasSpec from "../specs/areas.vl.json";
import captureSpec from "../specs/capture.vl.json";
import hitsSpec from "../specs/hits.vl.json";
import reliabilitySpec from "../specs/reliability.vl.json";
import sensitivitySpec from "../specs/sensitivity.vl.json";
import versusSpec from "../specs/versus.vl.json";
import weeksSpec from "../specs/weeks.vl.json";
import { draw, type Datum } from "./draw";
import { type Areas, state } from "./map";
import { count, figure, percent } from "./numbers";
import { type Picture, range, withWidth } from "./pictures";
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

function methodName(baseline: string): string {
  return METHODS[baseline] ?? baseline.replace(/_/g, " ");
}

/** How much was flagged: a budget, a number of cells, or (neither) what the product itself flagged. */
type Level = { budget: number | undefined; top: number | undefined };

function levelOf(scope: Scope): Level {
  return {
    budget: typeof scope["budget"] === "number" ? scope["budget"] : undefined,
    top: typeof scope["top"] === "number" ? scope["top"] : undefined,
  };
}

function levelName(level: Level): string {
  return level.budget !== undefined ? `at ${small(level.budget)} of the area` : level.top !== undefined ? `at ${count(level.top)} cells` : "";
}

/** Shares under a tenth of a per cent keep their first figures. */
function small(value: number): string {
  const scaled = value * 100;
  return scaled > 0 && scaled < 0.1 ? `${scaled.toPrecision(2)}\u00a0%` : scaled > 0 && scaled < 1 ? figure(value, "share") : percent(value);
}

function levelsOf(results: Results): Level[] {
  const plain = new Set(["budget", "top"]);
  return select(results, "place.capture_rate", {})
    .filter((m) => Object.keys(m.scope).every((key) => plain.has(key)))
    .map((m) => levelOf(m.scope));
}

/** The level that a claim names, else the first. */
function headline(results: Results): Level | null {
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
function atLevel(results: Results, id: string, level: Level, scope: Scope = {}): Measure[] {
  const known = new Set(["budget", "top", "baseline", ...Object.keys(scope)]);
  return select(results, id, { ...level, ...scope }).filter((m) => Object.keys(m.scope).every((key) => known.has(key)));
}

/** The method that captured most at this level, chance apart. */
function strongest(results: Results, level: Level): Measure | null {
  let best: Measure | null = null;
  for (const m of atLevel(results, "place.baseline_capture", level)) {
    if (m.value !== null && (best === null || m.value > (best.value as number))) {
      best = m;
    }
  }
  return best;
}

function cell(row: (number | string | null)[], columns: string[], name: string): number | string | null {
  return row[columns.indexOf(name)] ?? null;
}

function num(value: number | string | null): number | null {
  return typeof value === "number" ? value : null;
}

function ofText(measure: Measure): string {
  return measure.num === null || measure.den === null ? "" : `${count(Math.round(measure.num * 10) / 10)} of ${count(measure.den)}`;
}

/* ---- capture over area ---- */

interface Point {
  share: number;
  captured: number;
}

function curvesOf(results: Results): Map<string, Point[]> {
  const series = results.series["capture_curve"];
  const curves = new Map<string, Point[]>();
  for (const row of series?.rows ?? []) {
    const share = num(cell(row, series?.columns ?? [], "area_share"));
    const captured = num(cell(row, series?.columns ?? [], "captured"));
    const method = String(cell(row, series?.columns ?? [], "baseline"));
    if (share !== null && captured !== null) {
      curves.set(method, [...(curves.get(method) ?? []), { share, captured }]);
    }
  }
  return curves;
}

function at(points: Point[], share: number): number | null {
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1] as Point, points[i] as Point];
    if (a.share <= share && share <= b.share) {
      return b.share > a.share ? a.captured + ((share - a.share) / (b.share - a.share)) * (b.captured - a.captured) : b.captured;
    }
  }
  return null;
}

const SHARES = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

export function capture(results: Results): Picture | null {
  const level = headline(results);
  const curves = curvesOf(results);
  if (level === null || curves.size === 0) {
    return null;
  }
  const rate = atLevel(results, "place.capture_rate", level)[0];
  // where cells differ in size, the curve is over the true area and so is the point on it
  const area = (atLevel(results, "place.area_share", level, { area: "true" })[0] ?? atLevel(results, "place.area_share", level)[0])?.value ?? null;
  if (rate === undefined || rate.value === null || area === null) {
    return null;
  }
  const best = strongest(results, level);
  const bestName = best === null ? "" : String(best.scope["baseline"]);
  const own = [...curves.keys()].find((name) => name === "vendor" || name === "product") ?? "product";
  const levels = levelsOf(results);
  const widest = Math.max(area, ...levels.map((one) => one.budget ?? 0));
  const until = Math.min(1, Math.max(0.05, 2.5 * widest));
  const rows: Datum[] = [];
  for (const [method, points] of curves) {
    // what each captured at the product's own area is known exactly: the line goes through it. At a
    // number of cells the method's cells need not have the product's area
    const exact = level.top !== undefined ? null : (atLevel(results, "place.baseline_capture", level, { baseline: method })[0]?.value ?? null);
    const whole = exact === null ? points : [...points.filter((p) => p.share !== area), { share: area, captured: exact }].sort((a, b) => a.share - b.share);
    const kind = method === own ? "product" : method === "chance" ? "chance" : method === bestName ? "best" : "other";
    for (const p of whole) {
      rows.push({ method, kind, share: p.share, captured: p.captured });
    }
  }
  const shown = rows.filter((row) => (row["share"] as number) <= until * 1.2 || row["kind"] === "chance");
  const points: Datum[] = [
    { share: area, captured: rate.value, m: rate, colour: "var(--g0)", shape: "circle", name: "the product" },
    ...(best === null ? [] : [{ share: area, captured: best.value, m: best, colour: "var(--g1)", shape: "diamond", name: methodName(bestName) }]),
  ].map(({ share, captured, m, colour, shape, name }) => ({
    share,
    captured,
    low: m.interval?.low ?? captured,
    high: m.interval?.high ?? captured,
    colour,
    shape,
    tip: `${name}, ${small(area)} of area and time\n${figure(m.value, "share")} captured${ofText(m) === "" ? "" : ` (${ofText(m)})`}\n${m.interval === null ? (m.reason ?? "no interval") : range(m)}`,
  }));
  const where = levelName(level);
  const names = [...curves.keys()];
  const shares = [...new Set([...SHARES, area])].sort((a, b) => a - b);
  return {
    name: "capture",
    size: "seven",
    title:
      `It captured ${figure(rate.value, "share")} of what was recorded by flagging ${small(area)} of the area and time` +
      (best === null ? "" : `; ${methodName(bestName)} captured ${figure(best.value, "share")} with as much`),
    sub: `${ofText(rate)} outcomes${where === "" ? "" : `, ${where}`}. Higher is better; chance captures as large a share of outcomes as of area.`,
    measures: ["place.capture_rate", "place.area_share", "place.baseline_capture"],
    notes: [
      ...((curves.get(own)?.length ?? 0) < 2 ? ["The product flags what it flags: it is one point here, not a curve."] : []),
      ...(until < 0.5 ? [`Drawn up to ${percent(until)} of the area; the table goes on to half of it.`] : []),
    ],
    key: [
      { fill: "var(--g0)", label: "the product", mark: "circle" },
      ...(best === null ? [] : [{ fill: "var(--g1)", label: `${methodName(bestName)}, the strongest of the usual methods`, mark: "diamond" as const }]),
      ...(names.length > 3 ? [{ fill: "var(--g5)", label: "other methods (names in the table)", mark: "line" as const }] : []),
      { fill: "var(--ink-3)", label: "chance", mark: "dashes" },
    ],
    table: {
      head: ["Captured, with area flagged", ...shares.map(small)],
      numeric: [false, ...shares.map(() => true)],
      rows: names.map((name) => [
        name === own ? "the product" : methodName(name),
        ...shares.map((share) => {
          const exact =
            share !== area || level.top !== undefined
              ? null
              : name === own
                ? rate.value
                : (atLevel(results, "place.baseline_capture", level, { baseline: name })[0]?.value ?? null);
          const value = exact ?? at(curves.get(name) ?? [], share);
          return value === null ? "\u2013" : figure(value, "share");
        }),
      ]),
    },
    draw: (box, width) => {
      const inside = shown.filter((row) => (row["share"] as number) <= until).map((row) => row["captured"] as number);
      const top = Math.min(1, 1.08 * Math.max(0.01, ...inside, ...points.map((p) => p["high"] as number)));
      const spec = withWidth(captureSpec, Math.max(160, width - 75)) as { encoding: Record<string, Record<string, unknown>> };
      spec.encoding["x"] = { ...spec.encoding["x"], scale: { domain: [0, until], nice: false } };
      spec.encoding["y"] = { ...spec.encoding["y"], scale: { domain: [0, top], nice: false } };
      return draw(box, spec, { curves: shown, points }, "Outcomes captured over area flagged, as in the table below");
    },
  };
}

/* ---- against each method ---- */

export function versus(results: Results): Picture | null {
  const level = headline(results);
  if (level === null) {
    return null;
  }
  const found = atLevel(results, "place.capture_ratio", level).filter((m) => m.value !== null && m.value > 0);
  if (found.length === 0) {
    return null;
  }
  const best = strongest(results, level);
  const against = found.find((m) => m.scope["baseline"] === best?.scope["baseline"]) ?? found[0];
  if (against === undefined) {
    return null;
  }
  const name = (m: Measure): string => methodName(String(m.scope["baseline"]));
  const sorted = [...found].sort((a, b) => (a.value as number) - (b.value as number));
  // uniform is chance: in the table, and in the picture only if there is nothing better to draw
  const real = found.filter((m) => m.scope["baseline"] !== "uniform");
  const drawn = sorted.filter((m) => real.length === 0 || real.includes(m));
  const given = drawn.filter((m) => m.interval !== null && m.interval.low !== null);
  const beaten = given.filter((m) => (m.interval?.low as number) > 1);
  const beats = given.filter((m) => m.interval !== null && m.interval.high !== null && m.interval.high < 1);
  const bounds: Datum[] = results.claims.flatMap((claim) => {
    const bound = claim.at_least ?? claim.at_most;
    if (claim.measure !== "place.capture_ratio" || bound === undefined || bound <= 0) {
      return [];
    }
    const asked = claim.scope["baseline"] ?? "any";
    return found
      .filter((m) => (asked === "any" || m.scope["baseline"] === asked) && m.scope["baseline"] !== "uniform")
      .map((m) => ({ method: name(m), order: sorted.indexOf(m), bound, tip: `the claim\u2019s bound: ${figure(bound, "ratio")}` }));
  });
  const gain = atLevel(results, "place.detectable_gain", level, { baseline: against.scope["baseline"] as string })[0];
  const windows = select(results, "place.windows", {})[0];
  const weak = [...new Set(found.map((m) => m.interval?.weak).filter((text): text is string => Boolean(text)))];
  const ratio = (m: Measure): string => `${figure(m.value, "ratio")}${m.interval === null ? "" : ` (${range(m)})`}`;
  return {
    name: "versus",
    size: "five",
    title: `It captured ${ratio(against)} times what ${name(against)} did on as much ground`,
    sub:
      weak.length > 0
        ? "Same area, same windows. No verdict may rest on these intervals."
        : given.length === 1
        ? `Same area, same windows. The interval ${beaten.length === 1 ? "lies above" : beats.length === 1 ? "lies below" : "holds"} 1.`
        : `Same area, same windows. Of ${given.length} methods it is shown to capture more than ${beaten.length} and less than ${beats.length}; ` +
          `with ${given.length - beaten.length - beats.length} the interval holds 1.`,
    measures: ["place.capture_ratio", "place.detectable_gain"],
    notes: [
      ...(gain === undefined || gain.value === null
        ? []
        : [
            `What this sample could show: ${windows?.value === null || windows === undefined ? "so many" : count(windows.value)} windows show a gain of ${figure(gain.value * 100, "points")} percentage points over ${name(against)} four times in five; a smaller one would mostly go unseen.`,
          ]),
      ...(weak.length > 0 ? [`These intervals must not carry a verdict: ${weak.join("; ")}.`] : []),
    ],
    key: [
      { fill: "var(--g0)", label: `captured more or less, with its ${Math.round(results.protocol.level * 100)} % interval`, mark: "circle" },
      ...(bounds.length > 0 ? [{ fill: "var(--bound)", label: "bound of a claim", mark: "dashes" as const }] : []),
    ],
    table: {
      head: ["Method", "Captured by the product", "Captured by the method", "Ratio", "Interval", "Method of the interval"],
      numeric: [false, true, true, true, true, false],
      rows: sorted.map((m) => [
        name(m),
        m.num === null ? "" : figure(m.num, "count"),
        m.den === null ? "" : figure(m.den, "count"),
        figure(m.value, "ratio"),
        range(m),
        m.interval?.method ?? m.reason ?? "",
      ]),
    },
    draw: (box, width) => {
      const spec = withWidth(versusSpec, Math.max(110, width - 150), { height: 38 * drawn.length + 16 }) as { layer: object[] };
      if (bounds.length === 0) {
        spec.layer = spec.layer.slice(1); // a layer without data has no extent
      }
      return draw(
        box,
        spec,
        {
          bounds,
          ratios: drawn.map((m) => ({
            method: name(m),
            order: sorted.indexOf(m),
            value: m.value,
            low: m.interval?.low ?? null,
            high: m.interval?.high ?? null,
            colour: m === against ? "var(--g1)" : "var(--g0)",
            tip: `${name(m)}\n${figure(m.value, "ratio")} times\n${m.num === null || m.den === null ? "" : `${figure(m.num, "count")} against ${figure(m.den, "count")}\n`}${m.interval === null ? (m.reason ?? "no interval") : `${range(m)}, ${m.interval.method}`}`,
          })),
        },
        "Outcomes captured over those of each method, as in the table below",
      );
    },
  };
}

/* ---- how often a prediction came true ---- */

export function hits(results: Results): Picture | null {
  const level = headline(results);
  if (level === null) {
    return null;
  }
  const typed = new Set(["budget", "top", "type"]);
  const rates = select(results, "place.hit_rate", { ...level }).filter((m) => m.value !== null && Object.keys(m.scope).every((key) => typed.has(key)));
  const first = rates.find((m) => m.scope["type"] === undefined) ?? rates[0];
  if (first === undefined) {
    return null;
  }
  const same = (m: Measure, id: string): Measure | undefined =>
    select(results, id, {}).find(
      (one) => Object.keys(one.scope).length === Object.keys(m.scope).length && Object.entries(m.scope).every(([key, value]) => one.scope[key] === value),
    );
  const chanceOf = (m: Measure): Measure | undefined => same(m, "place.hit_rate_chance");
  const liftOf = (m: Measure): Measure | undefined => same(m, "place.hit_lift");
  const lift = liftOf(first)?.value ?? null;
  const label = (m: Measure): string => (m.scope["type"] === undefined ? (rates.length > 1 ? "all types" : "predictions") : String(m.scope["type"]));
  return {
    name: "hits",
    size: "five",
    title:
      `${ofText(first)} predictions came true` +
      (lift === null ? "" : `: ${figure(lift, "ratio")} times as many as the same ${level.budget === undefined && level.top === undefined ? "boxes" : "number"} placed by chance`),
    sub: "A prediction came true if at least one outcome of its type was recorded inside its place and time. Laid at random, some come true as well.",
    measures: ["place.hit_rate", "place.hit_rate_chance", "place.hit_lift"],
    notes: [],
    key: [
      { fill: "var(--g0)", label: "came true, with its interval", mark: "circle" },
      { fill: "var(--ink-3)", label: "by chance", mark: "diamond" },
    ],
    table: {
      head: ["Predictions", "n of N", "Came true", "Interval", "By chance", "Times chance"],
      numeric: [false, true, true, true, true, true],
      rows: rates.map((m) => [
        label(m),
        ofText(m),
        figure(m.value, "share"),
        range(m),
        figure(chanceOf(m)?.value ?? null, "share"),
        figure(liftOf(m)?.value ?? null, "ratio"),
      ]),
    },
    draw: (box, width) =>
      draw(
        box,
        withWidth(hitsSpec, Math.max(120, width - 130), { height: 56 * rates.length + 12 }),
        {
          hits: rates.map((m, order) => ({
            label: label(m),
            order,
            value: m.value,
            said: ofText(m),
            low: m.interval?.low ?? null,
            high: m.interval?.high ?? null,
            chance: chanceOf(m)?.value ?? null,
            tip: `${label(m)}\n${figure(m.value, "share")} came true (${ofText(m)})\nby chance ${figure(chanceOf(m)?.value ?? null, "share")}`,
          })),
        },
        "Share of predictions that came true beside chance, as in the table below",
      ),
  };
}

/* ---- week by week ---- */

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

/* ---- calibration ---- */

export function reliability(results: Results): Picture | null {
  const series = results.series["reliability"];
  const get = (row: (number | string | null)[], name: string): number => num(cell(row, series?.columns ?? [], name)) ?? 0;
  const steps = (series?.rows ?? []).map((row) => ({
    low: get(row, "low"),
    high: get(row, "high"),
    forecast: get(row, "forecast"),
    share: get(row, "share"),
    n: get(row, "n"),
    events: get(row, "events"),
  }));
  if (steps.length === 0) {
    return null;
  }
  const expected = steps.reduce((sum, step) => sum + step.n * step.forecast, 0);
  const events = steps.reduce((sum, step) => sum + step.events, 0);
  const most = Math.max(...steps.map((step) => Math.max(step.high, step.share)));
  const parts = ["place.mcb", "place.dsc", "place.unc"].map((id) => select(results, id, {})[0]);
  const [mcb, dsc, unc] = parts;
  return {
    name: "reliability",
    size: "five",
    title: `It forecast ${count(Math.round(expected))} cell-windows with an outcome; ${count(Math.round(events))} had one`,
    sub:
      "On the dashed line a forecast says what happens. Each step is one recalibrated level; the larger the point, the more cells and windows it stands for." +
      (mcb?.value == null || dsc?.value == null || unc?.value == null
        ? ""
        : ` Miscalibration costs ${figure(mcb.value / unc.value, "share")} of the score, discrimination gains ${figure(dsc.value / unc.value, "share")}.`),
    measures: ["place.mcb", "place.dsc", "place.unc"],
    notes: [],
    key: [],
    table: {
      head: ["Forecast from", "to", "Mean forecast", "Had an outcome", "Cell-windows", "With an outcome"],
      numeric: [true, true, true, true, true, true],
      rows: steps.map((step) => [small(step.low), small(step.high), small(step.forecast), small(step.share), count(step.n), count(step.events)]),
    },
    draw: (box, width) => {
      const side = Math.min(340, Math.max(150, width - 80));
      const spec = withWidth(reliabilitySpec, side, { height: Math.min(side, 300) });
      const whole = Math.max(...steps.map((step) => step.n));
      return draw(
        box,
        spec,
        {
          steps: steps.map((step) => ({
            ...step,
            weight: Math.log10(1 + (9 * step.n) / whole),
            tip: `forecast ${small(step.forecast)}\nhad one: ${small(step.share)}\n${count(step.events)} of ${count(step.n)} cell-windows`,
          })),
          // a straight line on scales that are both square roots
          equal: Array.from({ length: 41 }, (_unused, i) => ({ x: most * (i / 40) ** 2, y: most * (i / 40) ** 2 })),
        },
        "Forecast chance and observed share, as in the table below",
      );
    },
  };
}

/* ---- other fair rules ---- */

interface Change {
  id: string;
  key: string;
  changed: string;
  value: number;
}

const CHANGES: Record<string, string> = { shift: "shifted grid", rotate: "turned grid", rescale: "grid of other cells" };

/** The same figures under other rules: measures whose scope says what was changed. */
function changesOf(results: Results, level: Level): { measure: Measure; changes: Change[] }[] {
  const out = new Map<string, { measure: Measure; changes: Change[] }>();
  const add = (id: string, scope: Scope, changed: string, value: number | null): void => {
    const measure = atLevel(results, id, level, scope)[0];
    if (measure === undefined || measure.value === null || measure.value === 0 || value === null) {
      return;
    }
    const key = `${id}|${String(scope["baseline"] ?? "")}`;
    const entry = out.get(key) ?? { measure, changes: [] };
    entry.changes.push({ id, key, changed, value });
    out.set(key, entry);
  };
  for (const id of ["place.capture_rate", "place.hit_rate"]) {
    for (const m of results.measures) {
      const [box, rule] = [m.scope["box_m"], m.scope["rule"]];
      if (m.id === id && m.scope["type"] === undefined && (box !== undefined || rule !== undefined)) {
        add(id, {}, box !== undefined ? `boxes of ${figure(Number(box), "metres")} m` : String(rule).replace(/_/g, " "), m.value);
      }
    }
    for (const ties of ["worst", "best"]) {
      add(id, {}, `ties ${ties === "worst" ? "against" : "for"} it`, atLevel(results, id, level, { ties })[0]?.value ?? null);
    }
  }
  // against the claimed methods and the strongest; the others are in the table of every figure
  const wanted = new Set([
    ...results.claims.filter((claim) => claim.measure === "place.capture_ratio").map((claim) => String(claim.scope["baseline"] ?? "")),
    String(strongest(results, level)?.scope["baseline"] ?? ""),
  ]);
  for (const m of select(results, "place.sensitivity", { of: "capture_ratio" })) {
    if (wanted.has(String(m.scope["baseline"]))) {
      const change = String(m.scope["change"]);
      const bound = m.scope["bound"] === "high" ? "highest" : "lowest";
      add("place.capture_ratio", { baseline: m.scope["baseline"] as string }, `${CHANGES[change] ?? change}, ${bound}`, m.value);
    }
  }
  return [...out.values()];
}

export function sensitivity(results: Results): Picture | null {
  const level = headline(results);
  const found = level === null ? [] : changesOf(results, level);
  const main = found.find((one) => one.measure.id === "place.capture_rate") ?? found[0];
  if (main === undefined) {
    return null;
  }
  const title = (m: Measure): string => {
    const plain = results.definitions[m.id]?.title ?? m.id;
    return m.scope["baseline"] === undefined ? plain : `${plain}: ${methodName(String(m.scope["baseline"]))}`;
  };
  const reach = (one: { measure: Measure; changes: Change[] }): [number, number] => {
    const all = [one.measure.value as number, ...one.changes.map((change) => change.value)];
    return [Math.min(...all), Math.max(...all)];
  };
  const [least, most] = reach(main);
  const n = new Set(found.flatMap((one) => one.changes.map((change) => change.changed))).size;
  return {
    name: "sensitivity",
    size: "seven",
    title: `Under ${n === 1 ? "another fair rule" : `${count(n)} other fair rules`}: ${figure(least, main.measure.unit)} to ${figure(most, main.measure.unit)}${main.measure.id === "place.capture_rate" ? " captured" : ""}, ${figure(main.measure.value, main.measure.unit)} by the case\u2019s own`,
    sub: "Other box sizes, grids that are shifted or turned, equally ranked cells taken the other way. A finding that only holds under one of them is no finding.",
    measures: [...new Set(found.map((one) => one.measure.id))],
    notes: [],
    key: [
      { fill: "var(--g0)", label: "by the case\u2019s own rules (1)", mark: "circle" },
      { fill: "var(--g1)", label: "by each other rule, and their range", mark: "line" },
    ],
    table: {
      head: ["Figure", "Rule", "Value", "Times the headline"],
      numeric: [false, false, true, true],
      rows: found.flatMap((one) => [
        [title(one.measure), "the case\u2019s own", figure(one.measure.value, one.measure.unit), "1.00"],
        ...one.changes.map((change) => [
          title(one.measure),
          change.changed,
          figure(change.value, one.measure.unit),
          figure(change.value / (one.measure.value as number), "ratio"),
        ]),
      ]),
    },
    draw: (box, width) => {
      const short: Record<string, string> = { "place.capture_rate": "outcomes captured", "place.hit_rate": "predictions that came true" };
      const label = (one: { measure: Measure }): string =>
        short[one.measure.id] ?? (one.measure.scope["baseline"] === undefined ? title(one.measure) : `captured, over ${methodName(String(one.measure.scope["baseline"]))}`);
      return draw(
        box,
        withWidth(sensitivitySpec, Math.max(110, width - 230), { height: 40 * found.length + 14 }),
        {
          ranges: found.map((one, order) => {
            const [low, high] = reach(one);
            const own = one.measure.value as number;
            return {
              label: label(one),
              order,
              value: 1,
              least: low / own,
              most: high / own,
              tip: `${label(one)}\n${figure(own, one.measure.unit)}, ${figure(low, one.measure.unit)} to ${figure(high, one.measure.unit)}`,
            };
          }),
          others: found.flatMap((one, order) =>
            one.changes.map((change) => ({
              label: label(one),
              order,
              value: change.value / (one.measure.value as number),
              tip: `${change.changed}\n${label(one)}: ${figure(change.value, one.measure.unit)}`,
            })),
          ),
        },
        "Headline figures under other rules, as in the table below",
      );
    },
  };
}

/* ---- flagged ground and recorded outcomes, area by area ---- */

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

/** Why nothing here may carry a verdict, in the words of the trial. */
export function accuracyWeak(results: Results): string[] {
  const level = headline(results);
  const measures = level === null ? [] : [...atLevel(results, "place.capture_rate", level), ...atLevel(results, "place.capture_ratio", level)];
  return [...new Set(measures.map((m) => m.interval?.weak).filter((text): text is string => Boolean(text)))];
}

/** In the order in which a reader needs them; two by two on a wide screen, the one left over alone. */
export function accuracyPictures(results: Results, areas: Areas | null): Picture[] {
  const there = (pictures: (Picture | null)[]): Picture[] => pictures.filter((picture): picture is Picture => picture !== null);
  const head = there([capture(results), versus(results)]);
  const rest = there([hits(results), sensitivity(results), reliability(results), flaggedAndRecorded(results, areas)]);
  const pair = (pictures: Picture[], first: Picture["size"], second: Picture["size"]): Picture[] =>
    pictures.map((picture, i) => ({ ...picture, size: i % 2 === 0 && i === pictures.length - 1 ? "" : i % 2 === 0 ? first : second }));
  return [...pair(head, "seven", "five"), ...there([byTime(results)]), ...pair(rest, "five", "seven")];
}
