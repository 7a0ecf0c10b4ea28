// The pictures of the feedback simulations: how attention drifts from the truth, who gains, how many
// cells are ever and always patrolled, what a repair does. Sums over the whole city only; a simulated
// patrol is a number here, never a place.
import cellsSpec from "../specs/cells.vl.json";
import fanSpec from "../specs/fan.vl.json";
import gainsSpec from "../specs/gains.vl.json";
import urnSpec from "../specs/urn.vl.json";
import { type Datum, draw } from "./draw";
import { count, figure, limit } from "./numbers";
import { type Picture, range, withWidth } from "./pictures";
import { type Measure, type Results, type Scope, select } from "./results";

/* ---- which simulation a row or a measure belongs to ---- */

type Row = Record<string, string | number | null>;

const WHICH = ["model", "policy", "discovery", "reporting", "formula", "repair"];

function rowsOf(results: Results, name: string): Row[] {
  const series = results.series[name];
  return (series?.rows ?? []).map((row) => Object.fromEntries(series?.columns.map((column, i) => [column, row[i] ?? null]) ?? []));
}

function num(row: Row, key: string): number {
  return typeof row[key] === "number" ? (row[key] as number) : Number.NaN;
}

/** A series writes every key, a scope only those that say something. */
function belongs(row: Row, scope: Scope): boolean {
  return WHICH.every((key) => (key === "repair" ? (row[key] === "yes") === (scope[key] === "yes") : (row[key] ?? undefined) === scope[key]));
}

function overCells(results: Results): Measure[] {
  return select(results, "feedback.amplification", { group: undefined }).filter((m) => m.scope["model"] !== "urn" && m.value !== null);
}

function lastDay(measures: Measure[]): number {
  return Math.max(...measures.map((m) => Number(m.scope["horizon_days"])));
}

/** The plain simulation that adds most at the last horizon: the one that question 10 speaks of. */
function headline(results: Results): Measure | null {
  const all = overCells(results);
  const days = lastDay(all);
  const plain = all.filter((m) => m.scope["horizon_days"] === days && m.scope["repair"] === undefined && m.scope["reporting"] !== "equal" && m.scope["discovery"] !== 0);
  const found = plain.length > 0 ? plain : all.filter((m) => m.scope["horizon_days"] === days);
  return found.reduce<Measure | null>((best, m) => (best === null || (m.value as number) > (best.value as number) ? m : best), null);
}

const SCORES: Record<string, string> = { counts: "counts", kde: "density", near_repeat: "near repeats", self_exciting: "the self-exciting model" };

/** "highest counts, 0.5 found per incident and visit". */
function inWords(scope: Scope): string {
  const policy = String(scope["policy"]);
  const top = policy.startsWith("top_");
  const score = SCORES[policy.replace(/^(top|proportional)_/, "")] ?? policy;
  const found = Number(scope["discovery"]);
  const rate = scope["model"] === "lum_isaac" ? `${figure(found, "share")} more recorded where it flags` : `${found} found per incident and visit`;
  const words = [
    scope["model"] === "lum_isaac" ? `the published algorithm${scope["formula"] === "published" ? " as it was published" : ", corrected"}` : top ? `patrols to the highest ${score}` : `patrols in proportion to ${score}`,
    rate,
    ...(scope["reporting"] === undefined ? [] : [scope["reporting"] === "by_area" ? "reporting differs by area" : "reporting alike"]),
    ...(scope["repair"] === "yes" ? ["repaired"] : []),
  ];
  return words.join(", ");
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The same beside a mark. */
function short(scope: Scope): string {
  const policy = String(scope["policy"]);
  const score = (SCORES[policy.replace(/^(top|proportional)_/, "")] ?? policy).replace("the self-exciting model", "self-exciting");
  const words = scope["model"] === "lum_isaac" ? `algorithm, ${scope["formula"]}` : policy.startsWith("top_") ? `highest ${score}` : `spread by ${score}`;
  return `${words}, ${scope["discovery"]}${scope["reporting"] === "equal" ? ", alike" : ""}${scope["repair"] === "yes" ? ", repaired" : ""}`;
}

function at(results: Results, id: string, like: Measure, more: Record<string, string | number | undefined>): Measure | undefined {
  const scope: Record<string, string | number | undefined> = Object.fromEntries(WHICH.map((key) => [key, like.scope[key]]));
  return select(results, id, { ...scope, horizon_days: like.scope["horizon_days"], ...more })[0];
}

function hundred(value: number): string {
  return figure(value * 100, "of 100");
}

/** A mean number of places: a tenth is as fine as it makes sense. */
function tenth(value: number): string {
  return new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 }).format(value);
}

const LOOPS: Record<string, { label: string; colour: string; dash: number[] }> = {
  closed: { label: "what patrols find is fed back", colour: "var(--g1)", dash: [1, 0] },
  open: { label: "what patrols find is kept out of the record", colour: "var(--g0)", dash: [6, 3] },
};

/* ---- how attention drifts from the truth ---- */

function fan(results: Results, head: Measure): Picture | null {
  const rows = rowsOf(results, "feedback_fan").filter((row) => row["figure"] === "tv" && belongs(row, head.scope));
  const closed = at(results, "feedback.tv", head, { loop: "closed" });
  const open = at(results, "feedback.tv", head, { loop: "open" });
  if (rows.length === 0 || closed?.value == null || open?.value == null) {
    return null;
  }
  const away = at(results, "feedback.runaway_share", head, {});
  const days = [...new Set(rows.map((row) => num(row, "day")))];
  const of = (loop: string, day: number): Row | undefined => rows.find((row) => row["loop"] === loop && row["day"] === day);
  const cell = (loop: string, day: number): string[] => {
    const row = of(loop, day);
    return row === undefined ? ["", ""] : [figure(num(row, "mean"), "share"), `${figure(num(row, "q05"), "share")} to ${figure(num(row, "q95"), "share")}`];
  };
  return {
    name: "fan",
    size: "seven",
    title: `After ${count(Number(head.scope["horizon_days"]))} simulated days ${hundred(closed.value)} of 100 patrols are not where incidents happen; ${hundred(open.value)} if what they find stayed out of the record`,
    sub: `${sentence(inWords(head.scope))}. Dark: half of the runs; light: nine in ten; line: their mean. Few patrols among many places lie far from any truth: only the gap between the two is the loop\u2019s.`,
    measures: ["feedback.tv", "feedback.amplification", "feedback.runaway_share"],
    notes: [
      `Feeding back adds ${figure(head.value, "share")}${head.interval === null ? "" : ` (${range(head)})`} on the same luck, run by run.`,
      ...(away?.num == null || away.den === null ? [] : [`${count(away.num)} of ${count(away.den)} runs concentrate their patrols by more than ${figure(Number(away.scope["bound"]), "share")} more: they run away.`]),
      ...(head.interval?.weak ? [`No verdict rests on these figures: ${head.interval.weak}.`] : []),
    ],
    key: Object.values(LOOPS).map((loop, i) => ({ fill: loop.colour, label: loop.label, mark: i === 0 ? ("line" as const) : ("dashes" as const) })),
    table: {
      head: ["Day", "Fed back", "nine in ten runs", "Kept out", "nine in ten runs"],
      numeric: [true, true, true, true, true],
      rows: days.map((day) => [count(day), ...cell("closed", day), ...cell("open", day)]),
    },
    draw: (box, width) =>
      draw(
        box,
        withWidth(fanSpec, Math.max(160, width - 75)),
        {
          days: rows.map((row) => ({
            ...row,
            colour: LOOPS[String(row["loop"])]?.colour,
            dash: LOOPS[String(row["loop"])]?.dash,
            tip: `day ${count(num(row, "day"))}, ${LOOPS[String(row["loop"])]?.label}\n${figure(num(row, "mean"), "share")} of patrols are not where incidents happen\nnine in ten runs: ${figure(num(row, "q05"), "share")} to ${figure(num(row, "q95"), "share")}`,
          })),
        },
        "Share of patrols that are not where incidents happen, by simulated day, as in the table below",
      ),
  };
}

/* ---- who gains and who loses ---- */

function gains(results: Results, head: Measure): Picture | null {
  const rows = rowsOf(results, "feedback_groups").filter((row) => row["horizon_days"] === head.scope["horizon_days"] && belongs(row, head.scope) && !Number.isNaN(num(row, "difference")));
  if (rows.length === 0) {
    return null;
  }
  const sorted = [...rows].sort((a, b) => num(b, "difference") - num(a, "difference"));
  const most = sorted[0] as Row;
  const shown = sorted.filter((row) => num(row, "low") > 0 || num(row, "high") < 0);
  const several = new Set(rows.map((row) => row["universe"])).size > 1;
  const name = (row: Row): string => (several ? `${row["group"]} (${row["universe"]})` : String(row["group"]));
  const spread = (row: Row): string => `${limit(num(row, "low"), "share")} to ${limit(num(row, "high"), "share")}`;
  return {
    name: "gains",
    size: "five",
    title:
      num(most, "difference") > 0
        ? `Feeding back brings ${figure(num(most, "difference"), "share")} more patrols where ${name(most)} live (${spread(most)})`
        : "No group given sees more patrols by feeding back",
    sub: `Patrols where a member of the group lives, with what patrols find fed back over without. For ${shown.length} of ${rows.length} groups the runs lie on one side of 0.`,
    measures: ["feedback.load", "feedback.amplification"],
    notes: ["Groups are counted where they live, area by area; areas are not people."],
    key: [{ fill: "var(--g1)", label: "more patrols", mark: "circle" }, { fill: "var(--g0)", label: "fewer patrols", mark: "diamond" }],
    table: {
      head: ["Group", "Fed back, patrols a day", "Kept out", "If patrols went where incidents happen", "Change by feeding back", "Runs"],
      numeric: [false, true, true, true, true, true],
      rows: sorted.map((row) => [name(row), figure(num(row, "closed"), "patrols"), figure(num(row, "open"), "patrols"), figure(num(row, "truth"), "patrols"), figure(num(row, "difference"), "share"), spread(row)]),
    },
    draw: (box, width) =>
      draw(
        box,
        withWidth(gainsSpec, Math.max(110, width - 130), { height: 38 * sorted.length + 16 }),
        {
          groups: sorted.map((row, order): Datum => ({
            group: name(row),
            order,
            value: num(row, "difference"),
            low: num(row, "low"),
            high: num(row, "high"),
            colour: num(row, "difference") > 0 ? "var(--g1)" : "var(--g0)",
            shape: num(row, "difference") > 0 ? "circle" : "diamond",
            tip: `${name(row)}\n${figure(num(row, "closed"), "patrols")} patrols a day against ${figure(num(row, "open"), "patrols")}\n${figure(num(row, "difference"), "share")} (${spread(row)})`,
          })),
        },
        "Change in patrols by group, as in the table below",
      ),
  };
}

/* ---- cells ever and always patrolled ---- */

function cells(results: Results, head: Measure): Picture | null {
  const rows = rowsOf(results, "feedback_cells").filter((row) => row["horizon_days"] === head.scope["horizon_days"]);
  const mine = rows.filter((row) => belongs(row, head.scope));
  const closed = mine.find((row) => row["loop"] === "closed");
  const open = mine.find((row) => row["loop"] === "open");
  if (closed === undefined || open === undefined) {
    return null;
  }
  const n = (row: Row, key: string): string => tenth(num(row, key));
  const scopeOf = (row: Row): Scope => Object.fromEntries(WHICH.flatMap((key) => (row[key] === null || (key === "repair" && row[key] === "no") ? [] : [[key, row[key] as string | number]])));
  return {
    name: "cells",
    size: "five",
    title: `${n(closed, "ever")} of ${count(num(closed, "cells"))} places ever see a patrol (${n(open, "ever")} without feeding back), ${n(closed, "always")} on every day (${n(open, "always")})`,
    sub: `${sentence(inWords(head.scope))}; ${count(Number(head.scope["horizon_days"]))} days. Bars: mean of the runs; lines: where a further run would lie.`,
    measures: ["feedback.cells_ever", "feedback.cells_always", "feedback.turnover"],
    notes: [],
    key: Object.values(LOOPS).map((loop) => ({ fill: loop.colour, label: loop.label, mark: "circle" as const })),
    table: {
      head: ["Simulation", "Loop", "Ever patrolled", "On every day", "New each day"],
      numeric: [false, false, true, true, true],
      rows: rows.map((row) => [inWords(scopeOf(row)), row["loop"] === "closed" ? "fed back" : "kept out", n(row, "ever"), n(row, "always"), figure(num(row, "turnover"), "cells")]),
    },
    draw: (box, width) =>
      draw(
        box,
        withWidth(cellsSpec, Math.max(110, width - 90)),
        {
          cells: [closed, open].flatMap((row, place): Datum[] =>
            ["ever", "always"].map((key, order) => ({
              figure: key === "ever" ? "places that ever see a patrol" : "places that see one on every day",
              order,
              place,
              loop: row["loop"] === "closed" ? "fed back" : "kept out",
              colour: LOOPS[String(row["loop"])]?.colour,
              value: num(row, key),
              low: num(row, `${key}_low`),
              high: num(row, `${key}_high`),
              tip: `${row["loop"] === "closed" ? "fed back" : "kept out"}: ${n(row, key)} places\n${n(row, `${key}_low`)} to ${n(row, `${key}_high`)}`,
            })),
          ),
        },
        "Places ever and always patrolled, as in the table below",
      ),
  };
}

/* ---- what feeding back adds, policy by policy, plain and repaired ---- */

function adds(results: Results, head: Measure): Picture | null {
  const all = overCells(results).filter((m) => m.scope["horizon_days"] === head.scope["horizon_days"] && m.scope["discovery"] !== 0);
  if (all.length < 2) {
    return null;
  }
  const repaired = all.filter((m) => m.scope["repair"] === "yes");
  const pairs = repaired.flatMap((r) => {
    const plain = all.find((m) => m.scope["repair"] === undefined && WHICH.every((key) => key === "repair" || m.scope[key] === r.scope[key]));
    return plain === undefined ? [] : [{ plain, repaired: r }];
  });
  const less = pairs.filter((pair) => Math.abs(pair.repaired.value as number) < Math.abs(pair.plain.value as number)).length;
  return {
    name: "adds",
    size: "seven",
    title:
      pairs.length === 0
        ? `What feeding back adds differs by policy: ${figure(Math.min(...all.map((m) => m.value as number)), "share")} to ${figure(Math.max(...all.map((m) => m.value as number)), "share")}`
        : pairs.length === 1
          ? `Repaired, feeding back adds ${figure(pairs[0]?.repaired.value ?? null, "share")}; unrepaired ${figure(pairs[0]?.plain.value ?? null, "share")}`
          : `The repair brings what feeding back adds nearer to 0 in ${less} of ${pairs.length} simulations`,
    sub:
      "Share of patrols that feeding back moves away from where incidents happen, with the spread of runs." +
      (pairs.length === 0 ? "" : " Repair: a find counts the less, the likelier the visit was. Where finds are few, the noise it brings can weigh more than the drift it removes."),
    measures: ["feedback.amplification"],
    notes: [],
    key: [
      { fill: "var(--g1)", label: "as it is", mark: "circle" },
      ...(pairs.length === 0 ? [] : [{ fill: "var(--g2)", label: "repaired", mark: "diamond" as const }]),
    ],
    table: {
      head: ["Simulation", "Feeding back adds", "Runs", "Method"],
      numeric: [false, true, true, false],
      rows: all.map((m, i) => [`${i + 1}: ${inWords(m.scope)}`, figure(m.value, "share"), range(m), m.interval?.method ?? m.reason ?? ""]),
    },
    draw: (box, width) => {
      const narrow = width < 420;
      const spec = withWidth(gainsSpec, Math.max(110, width - (narrow ? 60 : 230)), { height: 30 * all.length + 16 }) as { encoding: { y: { axis: object } }; layer: { encoding: { x: { axis?: object } } }[] };
      spec.encoding.y.axis = { title: null, domain: false, ticks: false, labels: true, labelFontSize: 12, labelColor: "var(--ink)", labelLimit: narrow ? 30 : 215 };
      const axis = spec.layer[1]?.encoding.x;
      if (axis !== undefined) {
        axis.axis = { title: "patrols moved away from where incidents happen", format: "+~%", tickCount: 6 };
      }
      return draw(
        box,
        spec,
        {
          groups: all.map((m, order): Datum => ({
            group: narrow ? String(order + 1) : `${order + 1}  ${short(m.scope)}`,
            order,
            value: m.value,
            low: m.interval?.low ?? m.value,
            high: m.interval?.high ?? m.value,
            colour: m.scope["repair"] === "yes" ? "var(--g2)" : "var(--g1)",
            shape: m.scope["repair"] === "yes" ? "diamond" : "circle",
            tip: `${inWords(m.scope)}\n${figure(m.value, "share")}${m.interval === null ? "" : ` (${range(m)})`}`,
          })),
        },
        "What feeding back adds in each simulation, numbered as in the table below",
      );
    },
  };
}

/* ---- the urn ---- */

function urn(results: Results): Picture | null {
  const rows = rowsOf(results, "feedback_urn");
  const areas = [...new Set(rows.map((row) => String(row["area"])))];
  const plain = rows.filter((row) => row["repair"] === "no");
  const last = Math.max(...rows.map((row) => num(row, "draw")));
  const at = (area: string, loop: string, repair: string): Row | undefined => rows.find((row) => row["area"] === area && row["loop"] === loop && row["repair"] === repair && row["draw"] === last);
  const first = areas.map((area) => at(area, "closed", "no")).reduce((best, row) => (row !== undefined && (best === undefined || num(row, "mean") - num(row, "truth") > num(best, "mean") - num(best, "truth")) ? row : best), undefined);
  if (first === undefined) {
    return null;
  }
  const drawn = areas.slice(0, areas.length === 2 ? 1 : 3);
  const repaired = rows.some((row) => row["repair"] === "yes");
  const shown = (row: Row | undefined): string => (row === undefined ? "" : figure(num(row, "mean"), "share"));
  const kind = (row: Row): { label: string; colour: string; dash: number[] } =>
    row["repair"] === "yes" ? { label: "repaired", colour: "var(--g2)", dash: [2, 2] } : (LOOPS[String(row["loop"])] as { label: string; colour: string; dash: number[] });
  return {
    name: "urn",
    size: "",
    title: `In the urn ${first["area"]} gets ${figure(num(first, "mean"), "share")} of attention after ${count(last)} patrolled days; ${figure(num(first, "truth"), "share")} of what happens is there`,
    sub: `A textbook model: every day one area is patrolled, drawn by what is recorded so far. Light: nine in ten runs; short dashes in grey: the area\u2019s share of what happens.${areas.length > drawn.length ? " The table has the other areas." : ""}`,
    measures: ["feedback.share", "feedback.doubling_days"],
    notes: ["What holds after endless days is not shown: cities do not live that long, and limits mislead."],
    key: [
      ...Object.values(LOOPS).map((loop, i) => ({ fill: loop.colour, label: loop.label, mark: i === 0 ? ("line" as const) : ("dashes" as const) })),
      ...(repaired ? [{ fill: "var(--g2)", label: "repaired", mark: "dashes" as const }] : []),
    ],
    table: {
      head: ["Area", "Of what happens", "Fed back", "Kept out", ...(repaired ? ["Repaired"] : [])],
      numeric: [false, true, true, true, ...(repaired ? [true] : [])],
      rows: areas.map((area) => {
        const row = at(area, "closed", "no");
        return [area, row === undefined ? "" : figure(num(row, "truth"), "share"), shown(row), shown(at(area, "open", "no")), ...(repaired ? [shown(at(area, "closed", "yes"))] : [])];
      }),
    },
    draw: (box, width) =>
      draw(
        box,
        withWidth(urnSpec, Math.max(160, width - 75)),
        {
          days: [...plain, ...rows.filter((row) => row["repair"] === "yes" && row["loop"] === "closed")]
            .filter((row) => drawn.includes(String(row["area"])))
            .map((row) => ({
              ...row,
              order: areas.indexOf(String(row["area"])),
              colour: kind(row).colour,
              dash: kind(row).dash,
              tip: `${row["area"]}, day ${count(num(row, "draw"))}, ${kind(row).label}\n${figure(num(row, "mean"), "share")} of attention\nnine in ten runs: ${figure(num(row, "q05"), "share")} to ${figure(num(row, "q95"), "share")}`,
            })),
        },
        "Share of attention by area of the urn and patrolled day; the table below has the last day",
      ),
  };
}

/** In the order in which a reader needs them. */
export function feedbackPictures(results: Results): Picture[] {
  const head = overCells(results).length === 0 ? null : headline(results);
  const over = head === null ? [] : [fan(results, head), gains(results, head), cells(results, head), adds(results, head)].filter((picture): picture is Picture => picture !== null);
  const urns = [urn(results)].filter((picture): picture is Picture => picture !== null);
  // two by two on a wide screen, the one left over alone
  return [...over.map((picture, i) => ({ ...picture, size: i % 2 === 0 && i === over.length - 1 ? ("" as const) : i % 4 === 0 || i % 4 === 3 ? ("seven" as const) : ("five" as const) })), ...urns];
}
