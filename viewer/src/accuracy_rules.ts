// The headline figures under other fair rules: box sizes, shifted grids, ties the other way.
import sensitivitySpec from "../specs/sensitivity.vl.json";
import { atLevel, headline, type Level, methodName, strongest } from "./accuracy_level";
import { draw } from "./draw";
import { count, figure } from "./numbers";
import { type Picture, withWidth } from "./pictures";
import { type Measure, type Results, type Scope, select } from "./results";

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
      add("place.capture_ratio", { baseline: m.scope["baseline"] as string }, `${CHANGES[change] ?? change}${m.scope["flags"] === "regridded" ? ", the product too" : ""}, ${bound}`, m.value);
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
