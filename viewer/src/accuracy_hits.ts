// What became of single predictions: how many came true, and whether forecast chances are what happened.
import hitsSpec from "../specs/hits.vl.json";
import pitSpec from "../specs/pit.vl.json";
import reliabilitySpec from "../specs/reliability.vl.json";
import { cell, headline, num, ofText, small } from "./accuracy_level";
import { draw } from "./draw";
import { count, figure } from "./numbers";
import { type Picture, range, withWidth } from "./pictures";
import { type Measure, type Results, select } from "./results";

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

/* ---- are totals spread as forecast? ---- */

const SPREADS: Record<string, string> = {
  poisson: "as rates are meant (Poisson)",
  negbin: "as wide as before the trial",
};

export function totalsAsForecast(results: Results): Picture | null {
  const series = results.series["pit"];
  const columns = series?.columns ?? [];
  const bins = (series?.rows ?? []).map((row) => ({
    spread: SPREADS[String(cell(row, columns, "null"))] ?? String(cell(row, columns, "null")),
    low: num(cell(row, columns, "low")) ?? 0,
    high: num(cell(row, columns, "high")) ?? 0,
    share: num(cell(row, columns, "share")) ?? 0,
  }));
  const poisson = select(results, "place.pit_ks", { null: "poisson" })[0];
  const negbin = select(results, "place.pit_ks", { null: "negbin" })[0];
  if (bins.length === 0) {
    return null;
  }
  const told = (name: string, m: typeof poisson): string =>
    m?.value == null
      ? ` ${name}: ${m?.reason ?? "not computed"}.`
      : ` ${name}: distance from even ${m.value.toPrecision(2)}, p ${m.p_value == null ? "not known" : m.p_value.toPrecision(2)}.`;
  return {
    name: "pit",
    size: "five",
    title: "Where each window's total fell in the forecast of it",
    sub:
      "A tenth of the windows belongs in each tenth of the forecast. Piled up at both ends, the forecast is too sure of itself; at one end, it says too few or too many." +
      told("Poisson", poisson) +
      told("With the scatter of windows before", negbin) +
      " p takes windows as independent of one another.",
    measures: ["place.pit_ks", "place.dispersion"],
    notes: [],
    key: [],
    table: {
      head: ["Spread", "Tenth from", "to", "Share of windows"],
      numeric: [false, true, true, true],
      rows: bins.map((bin) => [bin.spread, small(bin.low), small(bin.high), small(bin.share)]),
    },
    draw: (box, width) =>
      draw(
        box,
        withWidth(pitSpec, Math.max(150, width - 80), { height: 220 }),
        { bins: bins.map((bin) => ({ ...bin, tip: `${bin.spread}\n${small(bin.low)} to ${small(bin.high)}: ${small(bin.share)} of windows` })) },
        "Share of windows in each tenth of the forecast of their total, as in the table below",
      ),
  };
}
