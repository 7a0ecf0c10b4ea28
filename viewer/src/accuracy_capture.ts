// What was captured for how much ground, and how that compares with each usual method on as much.
import captureSpec from "../specs/capture.vl.json";
import versusSpec from "../specs/versus.vl.json";
import { atLevel, cell, headline, levelName, levelsOf, methodName, num, ofText, small, strongest } from "./accuracy_level";
import { type Datum, draw } from "./draw";
import { count, figure, percent } from "./numbers";
import { type Picture, range, withWidth } from "./pictures";
import { type Measure, type Results, select } from "./results";

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
