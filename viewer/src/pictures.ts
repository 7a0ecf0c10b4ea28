// One function per picture: what it draws, the sentence above it, the table that says the same. The
// sentences are computed from the same rows that are drawn.
import compositionSpec from "../specs/composition.vl.json";
import exposureSpec from "../specs/exposure.vl.json";
import lorenzSpec from "../specs/lorenz.vl.json";
import ratioSpec from "../specs/ratio.vl.json";
import type { Table } from "./dom";
import { draw, type Datum } from "./draw";
import { type AreaColumn, type Areas, state } from "./map";
import { count, figure, limit, percent } from "./numbers";
import { type Measure, own, type Results, select, values } from "./results";

export interface Picture {
  name: string;
  title: string;
  sub: string;
  size: "" | "five" | "seven";
  /** Measures whose definitions stand beside the picture. */
  measures: string[];
  notes: string[];
  /** Marks and what they stand for. */
  key: { fill: string; label: string; mark: "circle" | "diamond" | "dashes" | "line" }[];
  table: Table;
  draw: (box: HTMLElement, width: number) => Promise<unknown>;
}

const REST = "rest";

function groupColour(groups: string[], group: string): string {
  return `var(--g${Math.max(0, groups.indexOf(group)) % 7})`;
}

function nameOf(group: string): string {
  return group === REST ? "everyone else" : group;
}

export function range(measure: Measure): string {
  const i = measure.interval;
  return i === null ? "" : `${limit(i.low, measure.unit)} to ${limit(i.high, measure.unit)}`;
}

export function withWidth(spec: object, width: number, more: Record<string, unknown> = {}): object {
  const copy = structuredClone(spec) as { spec?: Record<string, unknown> };
  Object.assign(copy.spec ?? copy, { width, ...more });
  return copy;
}

/** Groups of a universe, in the case's order. */
export function groupsOf(results: Results, universe: string): string[] {
  const named = results.measures.filter((measure) => measure.scope["universe"] === universe);
  return values(named, "group").filter((group) => group !== REST);
}

const SOURCES: Record<string, string> = { flags: "which days were seen", census: "how people are counted", space: "which areas there are" };

/** The three intervals of a group's exposure: one row of the trial's series of that name. */
function exposureIntervals(results: Results, universe: string, group: string): { source: string; low: number; high: number }[] {
  const series = results.series["exposure"];
  if (series === undefined) {
    return [];
  }
  const at = (row: (string | number | null)[], column: string): string | number | null => row[series.columns.indexOf(column)] ?? null;
  const row = series.rows.find(
    (one) => at(one, "universe") === universe && at(one, "group") === group && at(one, "definition") === "exposure" && at(one, "benchmark") === null,
  );
  return Object.keys(SOURCES).flatMap((source) => {
    const low = row === undefined ? null : at(row, `${source}_low`);
    const high = row === undefined ? null : at(row, `${source}_high`);
    return typeof low === "number" && typeof high === "number" ? [{ source, low, high }] : [];
  });
}

export function exposure(results: Results, universe: string): Picture | null {
  const groups = groupsOf(results, universe);
  const found = own(select(results, "burden.exposure", { universe, benchmark: undefined })).filter(
    (measure) => measure.value !== null && groups.includes(String(measure.scope["group"])),
  );
  const sorted = [...found].sort((a, b) => (b.value as number) - (a.value as number));
  const most = sorted[0];
  const least = sorted[sorted.length - 1];
  if (most === undefined || least === undefined) {
    return null;
  }
  const intervals = new Map(
    sorted.map((measure): [Measure, { source: string; low: number; high: number }[]] => {
      const three = exposureIntervals(results, universe, String(measure.scope["group"]));
      const i = measure.interval;
      return [measure, three.length > 0 || i === null || i.low === null || i.high === null ? three : [{ source: "", low: i.low, high: i.high }]];
    }),
  );
  const sources = [...new Set([...intervals.values()].flat().map((one) => one.source))];
  const lines: Datum[] = [];
  const points: Datum[] = sorted.map((measure, order) => {
    const group = String(measure.scope["group"]);
    const value = figure(measure.value, measure.unit);
    const three = intervals.get(measure) ?? [];
    const colour = groupColour(groups, group);
    const told = three.map((one) => `${one.source === "" ? "" : `${one.source} (${SOURCES[one.source] ?? ""}): `}${figure(one.low, "flags")} to ${figure(one.high, "flags")}`);
    const tip = [group, `${value} flags`, ...(told.length > 0 ? told : [measure.reason ?? "no interval"])].join("\n");
    for (const one of three) {
      lines.push({ group, order, source: one.source, low: one.low, high: one.high, colour, tip });
    }
    return { group, order, value: measure.value, label: value, colour, tip };
  });
  const missing = sources.length === 0 ? [...new Set(sorted.map((m) => m.reason ?? "none is defined"))] : [];
  return {
    name: "exposure",
    size: "seven",
    title:
      most === least
        ? `${String(most.scope["group"])}: ${figure(most.value, "flags")} flags on an average member\u2019s home area`
        : `${String(most.scope["group"])} ${universe} live with ${figure(most.value, "flags")} flags on average, ${String(least.scope["group"])} with ${figure(least.value, "flags")}`,
    sub: `Flags on the home area of an average member of each group, among ${universe}. Lines: ${Math.round(results.protocol.level * 100)} % intervals${sources.length > 0 && sources[0] !== "" ? ` from ${sources.join(", ")} (top to bottom)` : ""}.`,
    measures: ["burden.exposure", "burden.attributed"],
    notes: missing.length > 0 ? [`No interval: ${missing.join("; ")}.`] : [],
    key: [],
    table: {
      head: ["Group", "Flags", ...sources.map((source) => (source === "" ? "Interval" : `Interval, ${source}`))],
      numeric: [false, true, ...sources.map(() => true)],
      rows: sorted.map((m) => [
        String(m.scope["group"]),
        figure(m.value, m.unit),
        ...sources.map((source) => {
          const one = (intervals.get(m) ?? []).find((i) => i.source === source);
          return one === undefined ? "none" : `${figure(one.low, m.unit)} to ${figure(one.high, m.unit)}`;
        }),
      ]),
    },
    draw: (box, width) =>
      draw(box, withWidth(exposureSpec, Math.max(120, width - 140), { height: 58 * sorted.length + 10 }), { points, lines }, "Flags by group, as in the table below"),
  };
}

const DEFINITIONS: Record<string, { shape: "circle" | "diamond"; colour: string; label: string }> = {
  exposure: { shape: "circle", colour: "var(--g0)", label: "flags lived with (exposure)" },
  attributed: { shape: "diamond", colour: "var(--g1)", label: "flags shared out among residents (attributed)" },
};
/** Pairs to draw: those that claims name, then every group against everyone else. */
function pairsOf(results: Results, ratios: Measure[]): Set<string> {
  const pair = (measure: Measure): string => `${String(measure.scope["group"])}|${String(measure.scope["reference"])}`;
  const all = [...new Set(ratios.map(pair))];
  const claimed = results.claims
    .filter((claim) => claim.measure === "burden.ratio")
    .map((claim) => `${String(claim.scope["group"])}|${String(claim.scope["reference"])}`);
  const wanted = all.filter((name) => claimed.includes(name) || name.endsWith(`|${REST}`));
  return new Set(wanted.length > 0 ? wanted : all.slice(0, 6));
}

export function ratio(results: Results, universe: string): Picture | null {
  const all = own(select(results, "burden.ratio", { universe, benchmark: undefined })).filter(
    (measure) => measure.value !== null && (measure.value as number) > 0,
  );
  const pairs = pairsOf(results, all);
  const found = all.filter((m) => pairs.has(`${String(m.scope["group"])}|${String(m.scope["reference"])}`));
  if (found.length === 0) {
    return null;
  }
  const title = (m: Measure): string => `${String(m.scope["group"])} : ${nameOf(String(m.scope["reference"]))}`;
  const widest = [...found].sort(
    (a, b) => Math.abs(Math.log(b.value as number)) - Math.abs(Math.log(a.value as number)),
  )[0] as Measure;
  const twins = found.filter((m) => title(m) === title(widest)).map((m) => m.value as number);
  const [low, high] = [Math.min(...twins), Math.max(...twins)];
  const given = found.filter((m) => m.interval !== null && m.interval.low !== null && m.interval.high !== null);
  const apart = given.filter((m) => (m.interval?.low as number) > 1 || (m.interval?.high as number) < 1);
  const bounds = new Map<string, number>();
  for (const claim of results.claims) {
    const bound = claim.at_most ?? claim.at_least;
    if (claim.measure === "burden.ratio" && bound !== undefined && (claim.scope["universe"] ?? universe) === universe) {
      for (const m of found) {
        if (Object.entries(claim.scope).every(([key, value]) => value === "any" || m.scope[key] === value)) {
          bounds.set(title(m), bound);
        }
      }
    }
  }
  // claimed pairs first
  const order = (m: Measure): number => (bounds.has(title(m)) ? 0 : 1000) + [...pairs].indexOf(`${String(m.scope["group"])}|${String(m.scope["reference"])}`);
  const withInterval = new Set(given.map((m) => String(m.scope["source"])));
  const drawn = withInterval.size === 0 ? found : found.filter((m) => withInterval.has(String(m.scope["source"])));
  const rows: Datum[] = drawn.map((m) => {
    const definition = String(m.scope["definition"]);
    const look = DEFINITIONS[definition] ?? { shape: "square", colour: "var(--g2)", label: definition };
    const source = String(m.scope["source"]);
    const uncertain = m.interval === null ? `no interval: ${m.reason ?? "none is defined"}` : `${range(m)}, ${m.interval.method}`;
    return {
      pair: title(m),
      order: order(m),
      source,
      definition,
      value: m.value,
      low: m.interval?.low ?? null,
      high: m.interval?.high ?? null,
      bound: bounds.get(title(m)) ?? null,
      colour: look.colour,
      fill: m.interval === null ? "var(--sheet)" : look.colour,
      shape: look.shape,
      tip: `${title(m)}, ${look.label}\n${figure(m.value, m.unit)} times\n${source} (${SOURCES[source] ?? source}): ${uncertain}${m.interval?.weak ? `\nweak: ${m.interval.weak}` : ""}`,
    };
  });
  const missing = new Set(found.filter((m) => m.interval === null).map((m) => `${String(m.scope["source"])}: ${m.reason ?? "none is defined"}`));
  const weak = new Set(found.filter((m) => m.interval?.weak).map((m) => `${String(m.scope["source"])}: ${m.interval?.weak ?? ""}`));
  return {
    name: "ratio",
    size: "",
    title:
      `${title(widest).replace(" : ", " to ")}: ${low.toFixed(2) === high.toFixed(2) ? "" : `${figure(low, "ratio")} to `}${figure(high, "ratio")} times the load` +
      (given.length > 0 ? `. ${apart.length} of ${given.length} intervals below exclude equal loads` : ""),
    sub: "Two definitions that can disagree, each with up to three sources of uncertainty: flags (which days or weeks were seen), census (how well people are counted), space (which areas the city is made of). A verdict needs all three to agree.",
    measures: ["burden.ratio"],
    notes: [
      ...(missing.size > 0 ? [`No interval from ${[...missing].join("; from ")}.`] : []),
      ...(weak.size > 0 ? [`Too weak to carry a verdict alone. ${[...weak].join("; ")}.`] : []),
    ],
    key: [
      ...values(found, "definition").map((d) => ({
        fill: DEFINITIONS[d]?.colour ?? "var(--g2)",
        label: DEFINITIONS[d]?.label ?? d,
        mark: DEFINITIONS[d]?.shape ?? "circle",
      })),
      ...(bounds.size > 0 ? [{ fill: "var(--bound)", label: "bound of a claim", mark: "dashes" as const }] : []),
    ],
    table: {
      head: ["Groups", "Definition", "Source", "Ratio", "Interval", "Method, or why there is none"],
      numeric: [false, false, false, true, true, false],
      rows: [...found]
        .sort((a, b) => order(a) - order(b))
        .map((m) => [
          title(m),
          String(m.scope["definition"]),
          String(m.scope["source"]),
          figure(m.value, m.unit),
          range(m),
          m.interval === null ? (m.reason ?? "") : m.interval.method,
        ]),
    },
    draw: (box, width) =>
      draw(box, withWidth(ratioSpec, Math.max(140, width - 70)), { ratios: rows }, "Ratios of loads with their intervals, as in the table below"),
  };
}

export function composition(results: Results, universe: string): Picture | null {
  const groups = groupsOf(results, universe);
  const found = own(select(results, "burden.composition", { universe }));
  if (found.length === 0) {
    return null;
  }
  const overall = new Map<string, number>();
  for (const m of own(select(results, "burden.share", { universe, set: "all", by: undefined }))) {
    if (m.value !== null) {
      overall.set(String(m.scope["group"]), m.value);
    }
  }
  const rows: Datum[] = found.map((m) => {
    const group = String(m.scope["group"]);
    return {
      group,
      order: groups.indexOf(group),
      decile: m.scope["decile"],
      value: m.value,
      overall: overall.get(group) ?? null,
      gap: m.withheld ? "?" : "\u2013",
      colour: groupColour(groups, group),
      tip: `${group}, tenth ${String(m.scope["decile"])}\n${m.value === null ? (m.reason ?? "no value") : figure(m.value, "share")}${m.num === null || m.den === null ? "" : `\n${count(m.num)} of ${count(m.den)}`}`,
    };
  });
  // the group that differs most between the first and the last tenth that hold anybody
  let best = { group: "", from: 0, to: 0, low: 0, high: 0 };
  for (const group of groups) {
    const known = found
      .filter((m) => m.scope["group"] === group && m.value !== null)
      .sort((a, b) => Number(a.scope["decile"]) - Number(b.scope["decile"]));
    const first = known[0];
    const last = known[known.length - 1];
    if (first !== undefined && last !== undefined && first !== last) {
      const [from, to] = [first.value as number, last.value as number];
      if (best.group === "" || Math.abs(to - from) > Math.abs(best.to - best.from)) {
        best = { group, from, to, low: Number(first.scope["decile"]), high: Number(last.scope["decile"]) };
      }
    }
  }
  const tenths = [...new Set(found.filter((m) => m.value === null && !m.withheld).map((m) => Number(m.scope["decile"])))]
    .filter((decile) => found.filter((m) => m.scope["decile"] === decile).every((m) => m.value === null))
    .sort((a, b) => a - b);
  const place = (decile: number): string => (decile === 1 ? "the least flagged tenth" : decile === 10 ? "the most flagged tenth" : `tenth ${decile}`);
  return {
    name: "composition",
    size: "",
    title:
      best.group === ""
        ? `Who lives in each tenth of the areas, among ${universe}`
        : `${best.group}: ${percent(best.from)} of the ${universe} in ${place(best.low)} of areas, ${percent(best.to)} in ${place(best.high)}`,
    sub: `Share of each group among the ${universe} of each tenth of the areas, from least to most flagged. Dashed: its share everywhere.`,
    measures: ["burden.composition"],
    notes: [
      ...(tenths.length > 0
        ? [`No area falls in tenth ${tenths.join(", ")}: equally flagged areas stay together, so these are empty (a gap, not a zero).`]
        : []),
      ...(found.some((m) => m.withheld) ? ["A question mark is a count too small to publish."] : []),
    ],
    key: [],
    table: {
      head: ["Group", ...Array.from({ length: 10 }, (_unused, i) => String(i + 1))],
      numeric: [false, ...Array.from({ length: 10 }, () => true)],
      rows: groups.map((group) => [
        group,
        ...Array.from({ length: 10 }, (_unused, i) => {
          const m = found.find((one) => one.scope["group"] === group && one.scope["decile"] === i + 1);
          return m === undefined || (m.value === null && !m.withheld) ? "\u2013" : m.withheld ? "withheld" : figure(m.value, "share");
        }),
      ]),
    },
    draw: (box, width) => {
      const most = width < 420 ? 1 : width < 700 ? 2 : width < 960 ? 3 : 4;
      const n = Math.min(most, Math.max(1, groups.length));
      const each = Math.floor((width - 26 * (n - 1)) / n - 48);
      const spec = { ...withWidth(compositionSpec, Math.min(420, Math.max(110, each))), columns: n } as unknown as {
        spec: { layer: { encoding: Record<string, Record<string, unknown>> }[] };
      };
      const shares = [...found.map((m) => m.value ?? 0), ...overall.values()];
      for (const layer of spec.spec.layer) {
        // one scale for all groups, known beforehand: a group without a single value has no extent
        layer.encoding["y"] = { ...layer.encoding["y"], scale: { domain: [0, Math.max(0.01, ...shares)], nice: true } };
      }
      return draw(box, spec, { deciles: rows }, "Share of each group by tenth of the areas, as in the table below");
    },
  };
}

function flagsColumn(areas: Areas): AreaColumn | undefined {
  return areas.columns.find((column) => column.unit === "flags");
}

/** Flags by area in ascending order; areas without a value left out. */
function sortedFlags(areas: Areas): number[] {
  const column = flagsColumn(areas);
  return column === undefined
    ? []
    : column.values.filter((value, i): value is number => value !== null && state(column, i) === "known").sort((a, b) => a - b);
}

export function mapTitle(areas: Areas): string {
  const flags = sortedFlags(areas);
  const total = flags.reduce((sum, value) => sum + value, 0);
  if (total <= 0) {
    return "The areas";
  }
  let n = 0;
  let sum = 0;
  for (let i = flags.length - 1; i >= 0 && sum < total / 2; i--) {
    sum += flags[i] as number;
    n++;
  }
  return `Half of all flags fall on ${count(n)} of ${count(flags.length)} areas`;
}

export function lorenz(results: Results, areas: Areas | null): Picture | null {
  if (areas === null) {
    return null;
  }
  const flags = sortedFlags(areas);
  const total = flags.reduce((sum, value) => sum + value, 0);
  if (total <= 0) {
    return null;
  }
  const curve: Datum[] = [{ x: 0, y: 0 }];
  let sum = 0;
  flags.forEach((value, i) => {
    sum += value;
    curve.push({ x: (i + 1) / flags.length, y: sum / total });
  });
  const on = (share: number): number => {
    // the most flagged share of areas, the area at the edge in part
    let left = share * flags.length;
    let caught = 0;
    for (let i = flags.length - 1; i >= 0 && left > 0; i--) {
      caught += Math.min(1, left) * (flags[i] as number);
      left -= 1;
    }
    return caught / total;
  };
  const gini = select(results, "burden.gini", { group: undefined })[0];
  const unflagged = flags.filter((value) => value === 0).length;
  return {
    name: "lorenz",
    size: "five",
    title: `The most flagged tenth of the areas carries ${percent(on(0.1))} of the flags`,
    sub:
      `The further the curve hangs below the line, the more unequally flags are spread.` +
      (gini?.value === undefined || gini.value === null ? "" : ` Gini index ${figure(gini.value, "index")} (0: every area alike).`) +
      (unflagged > 0 ? ` ${count(unflagged)} of ${count(flags.length)} areas ${unflagged === 1 ? "was" : "were"} never flagged.` : ""),
    measures: ["burden.gini"],
    notes: [],
    key: [],
    table: {
      head: ["Most flagged areas", "Share of all flags"],
      numeric: [false, true],
      rows: [0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1].map((share) => [percent(share), figure(on(share), "share")]),
    },
    draw: (box, width) => {
      const side = Math.min(340, Math.max(160, width - 75));
      return draw(box, withWidth(lorenzSpec, side, { height: Math.min(side, 300) }), {
        curve,
        equal: [
          { x: 0, y: 0 },
          { x: 1, y: 1 },
        ],
      }, "Lorenz curve of flags over areas, as in the table below");
    },
  };
}
