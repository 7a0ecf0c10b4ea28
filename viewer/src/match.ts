// The pictures of a match trial: how often is it the wrong person, for whom, and how far does an error
// travel? Comparisons of two cameras are the headline where the case tells cameras apart. Nobody is
// shown: a group, a camera or a trail's length is the smallest thing that is drawn.
import gridSpec from "../specs/grid.vl.json";
import { curve } from "./curve";
import { type Dot, dots } from "./dots";
import { draw, type Datum } from "./draw";
import { count, figure, percent } from "./numbers";
import { type Picture, withWidth } from "./pictures";
import { type Results, select } from "./results";
import { interval, nOf, number, type Row, rowsOf, shade, text } from "./rows";

const PAIRS: Record<string, string> = { all: "all comparisons", cross_camera: "at two cameras", same_camera: "at one camera" };
const COLOURS: Record<string, string> = { cross_camera: "var(--g0)", all: "var(--ink-3)", same_camera: "var(--g1)" };

function pairsName(pairs: string): string {
  return pairs === "" ? "all comparisons" : (PAIRS[pairs] ?? pairs);
}

/** Comparisons of two cameras where they are told apart, else all. */
function headline(rows: Row[]): string {
  const there = rows.map((row) => text(row, "pairs"));
  return there.includes("cross_camera") ? "cross_camera" : (there[0] ?? "");
}

/** A share as people say small ones: 0.44 %, and 1 in 10,000 where per cent would be noughts. */
function rare(share: number): string {
  return share > 0 && share < 0.0005 ? `1 in ${count(Math.round(1 / share))}` : figure(share, "share");
}

/* ---- errors of either kind against each other ---- */

function det(results: Results): Picture | null {
  const all = rowsOf(results, "det");
  const main = headline(all);
  const used = all.find((row) => text(row, "pairs") === main && text(row, "point") === "in_use");
  if (all.length === 0) {
    return null;
  }
  const kinds = [...new Set(all.map((row) => text(row, "pairs")))];
  const drawn = all.filter((row) => (number(row, "fmr") ?? 0) > 0 && (number(row, "fnmr") ?? 0) > 0);
  const claimed = (id: string): number[] => results.claims.filter((claim) => claim.measure === id && claim.at_most !== undefined && claim.at_most > 0).map((claim) => claim.at_most as number);
  const marked = all.filter((row) => text(row, "point") !== "");
  const dot = (row: Row): Datum => ({
    x: number(row, "fmr"),
    y: number(row, "fnmr"),
    colour: COLOURS[text(row, "pairs")] ?? "var(--g0)",
    shape: "circle",
    tip: `${pairsName(text(row, "pairs"))}, threshold ${String(number(row, "threshold"))}\n${nOf(number(row, "false_matches"), number(row, "impostor"))} comparisons of strangers match\n${nOf(number(row, "false_nonmatches"), number(row, "genuine"))} of one person do not`,
  });
  return {
    name: "det",
    size: "seven",
    title:
      used === undefined
        ? "A lower threshold misses fewer people and mistakes more"
        : `At the threshold in use ${nOf(number(used, "false_matches"), number(used, "impostor"))} comparisons of strangers match (${rare(number(used, "fmr") ?? 0)}) and ${nOf(number(used, "false_nonmatches"), number(used, "genuine"))} of one person do not (${rare(number(used, "fnmr") ?? 0)})`,
    sub: `Each point of a line is a threshold: to the right more comparisons of strangers match, upwards more of one person do not; down and left is better. Circles: the threshold in use, ${pairsName(main)} in blue.${claimed("match.fmr").length + claimed("match.fnmr").length > 0 ? " Dashed: what was claimed." : ""}`,
    measures: ["match.fmr", "match.fnmr", "match.eer"],
    notes: drawn.length < all.length ? ["Thresholds at which one of both errors was never seen cannot be drawn on these scales; the table has them."] : [],
    key: kinds.map((kind) => ({ fill: COLOURS[kind] ?? "var(--g0)", label: pairsName(kind), mark: "line" as const })),
    table: {
      head: ["Comparisons", "Threshold", "Comparisons of strangers that match", "Share", "Of one person that do not", "Share", "What it is"],
      numeric: [false, true, true, true, true, true, false],
      rows: (marked.length > 0 ? marked : all).map((row) => [
        pairsName(text(row, "pairs")),
        String(number(row, "threshold")),
        nOf(number(row, "false_matches"), number(row, "impostor")),
        rare(number(row, "fmr") ?? 0),
        nOf(number(row, "false_nonmatches"), number(row, "genuine")),
        rare(number(row, "fnmr") ?? 0),
        ({ in_use: "in use", eer: "both errors alike", fnmr_at: "asked for" } as Record<string, string>)[text(row, "point")] ?? text(row, "point"),
      ]),
    },
    draw: (box, width) =>
      curve(
        box,
        Math.max(150, width - 80),
        300,
        {
          lines: drawn.map((row, order) => ({ x: number(row, "fmr"), y: number(row, "fnmr"), line: text(row, "pairs"), colour: COLOURS[text(row, "pairs")] ?? "var(--g0)", dash: [1, 0], order })),
          points: drawn.filter((row) => text(row, "point") === "in_use").map(dot),
          across: claimed("match.fnmr"),
          upright: claimed("match.fmr"),
        },
        {
          x: { scale: { type: "log", nice: false }, axis: { title: "comparisons of strangers that match", format: "~p", tickCount: 5, labelOverlap: "greedy" } },
          y: { scale: { type: "log", nice: false }, axis: { title: "comparisons of one person that do not", format: "~p", tickCount: 4, labelOverlap: "greedy" } },
        },
        "Misses against false matches, threshold by threshold, as in the table below",
      ),
  };
}

/* ---- group by group ---- */

function groups(results: Results): Picture | null {
  const all = rowsOf(results, "group_matrix");
  const main = headline(all);
  const used = all.filter((row) => text(row, "rate") === "fmr" && text(row, "pairs") === main);
  const by = text(used[0], "by");
  const threshold = number(used[0], "threshold");
  const rows = used.filter((row) => text(row, "by") === by && number(row, "threshold") === threshold);
  const shown = rows.filter((row) => number(row, "value") !== null);
  const worst = shown.reduce<Row | undefined>((a, b) => (a === undefined || (number(b, "value") ?? 0) > (number(a, "value") ?? 0) ? b : a), undefined);
  if (worst === undefined) {
    return null;
  }
  const names = [...new Set(rows.flatMap((row) => [text(row, "probe_group"), text(row, "reference_group")]))].sort();
  const most = number(worst, "value") ?? 0;
  const same = text(worst, "probe_group") === text(worst, "reference_group");
  const pooled = select(results, "match.fmr", main === "" ? {} : { pairs: main }).find((m) => Object.keys(m.scope).length === (main === "" ? 0 : 1));
  return {
    name: "groups",
    size: "five",
    title: `Two people ${same ? `both of group ${text(worst, "probe_group")}` : `of ${text(worst, "probe_group")} and ${text(worst, "reference_group")}`} are taken for one in ${nOf(number(worst, "errors"), number(worst, "comparisons"))} comparisons (${rare(most)})${pooled?.value == null ? "" : `; over everybody it reads ${rare(pooled.value)}`}`,
    sub: `False matches between two different people, by the groups of both (${by}), ${pairsName(main)}. A figure over everybody is made mostly of the easy pairs.`,
    measures: ["match.fmr", "match.max_min", "match.inequity"],
    notes: [],
    key: [],
    table: {
      head: ["By", "Comparisons", "Rate", "Groups", "n of N", "Share", "Interval", "Note"],
      numeric: [false, false, false, false, true, true, true, false],
      rows: all.map((row) => [
        text(row, "by"),
        pairsName(text(row, "pairs")),
        text(row, "rate") === "fmr" ? "false matches" : "misses",
        text(row, "probe_group") === text(row, "reference_group") ? text(row, "probe_group") : `${text(row, "probe_group")} and ${text(row, "reference_group")}`,
        nOf(number(row, "errors"), number(row, "comparisons")),
        number(row, "value") === null ? text(row, "state") || "none" : rare(number(row, "value") ?? 0),
        interval(row, "share"),
        text(row, "state"),
      ]),
    },
    draw: (box, width) =>
      draw(
        box,
        withWidth(gridSpec, Math.max(150, width - 110), { height: 56 * names.length + 10 }),
        {
          cells: rows.flatMap((row) => {
            const value = number(row, "value");
            const cell = (probe: string, reference: string): Datum => ({
              row: probe,
              column: reference,
              x: names.indexOf(reference),
              y: names.indexOf(probe),
              ...(value === null ? { fill: "var(--gap)", ink: "var(--on-light)" } : shade(value, most)),
              said: value === null ? text(row, "state") || "none" : rare(value),
              tip: `${probe} and ${reference}\n${value === null ? text(row, "state") : nOf(number(row, "errors"), number(row, "comparisons"))}\n${interval(row, "share")}`,
            });
            const one = text(row, "probe_group");
            const other = text(row, "reference_group");
            const both = rows.some((r) => text(r, "probe_group") === other && text(r, "reference_group") === one);
            return one === other || both ? [cell(one, other)] : [cell(one, other), cell(other, one)];
          }),
        },
        "False matches by the groups of both people, as in the table below",
      ),
  };
}

/* ---- how far an error travels ---- */

function trails(results: Results): Picture | null {
  const hops = rowsOf(results, "trail_hops").filter((row) => (number(row, "reached") ?? 0) > 0);
  const mixing = rowsOf(results, "trail_mixing");
  const model = select(results, "match.trail_purity", {}).filter((m) => typeof m.scope["hops"] === "number" && m.value !== null);
  const mixed = select(results, "match.mixed_trails", {})[0];
  if (hops.length + model.length === 0) {
    return null;
  }
  const farthest = model[model.length - 1];
  const observed = hops.map((row) => ({ k: number(row, "hops") ?? 0, share: (number(row, "pure") ?? 0) / (number(row, "reached") ?? 1), row }));
  return {
    name: "trails",
    size: "seven",
    title:
      mixed?.value != null && mixed.num !== null && mixed.den !== null
        ? `${nOf(mixed.num, mixed.den)} trails hold more than one person`
        : farthest === undefined
          ? "How long a trail stays with one person"
          : `After ${String(farthest.scope["hops"])} links ${percent(farthest.value ?? 0)} of trails are still of one person`,
    sub: `Links from camera to camera, and the share of trails that still hold nobody but the person they began with.${model.length > 0 ? " Line: worked out from single links, as if each were a chance of its own." : ""}${hops.length > 0 ? " Circles: the trails of this evidence." : ""}`,
    measures: ["match.mixed_trails", "match.people_per_trail", "match.bystanders_per_trail", "match.trail_purity"],
    notes: mixing.length === 0 ? [] : [`Trails by the number of people in them: ${mixing.map((row) => `${count(number(row, "trails") ?? 0)} with ${count(number(row, "people_in_trail") ?? 0)}`).join(", ")}.`],
    key: [
      ...(hops.length > 0 ? [{ fill: "var(--g0)", label: "trails of this evidence", mark: "circle" as const }] : []),
      ...(model.length > 0 ? [{ fill: "var(--g1)", label: "from single links", mark: "line" as const }] : []),
    ],
    table: {
      head: ["Links", "Trails that long", "Of one person", "With somebody else", "People in one", "From single links", "Interval"],
      numeric: [true, true, true, true, true, true, true],
      rows: [...new Set([...observed.map((one) => one.k), ...model.map((m) => Number(m.scope["hops"]))])]
        .sort((a, b) => a - b)
        .map((k) => {
          const row = observed.find((one) => one.k === k)?.row;
          const m = model.find((one) => one.scope["hops"] === k);
          return [
            String(k),
            row === undefined ? "" : count(number(row, "reached") ?? 0),
            row === undefined ? "" : count(number(row, "pure") ?? 0),
            row === undefined ? "" : count(number(row, "any_wrong") ?? 0),
            row === undefined ? "" : figure(number(row, "people"), "people"),
            m === undefined ? "" : figure(m.value, "share"),
            m?.interval == null ? "" : `${figure(m.interval.low, "share")} to ${figure(m.interval.high, "share")}`,
          ];
        }),
    },
    draw: (box, width) =>
      curve(
        box,
        Math.max(150, width - 80),
        250,
        {
          lines: model.map((m, order) => ({ x: Number(m.scope["hops"]), y: m.value, line: "model", colour: "var(--g1)", dash: [1, 0], order })),
          bands: model.filter((m) => m.interval?.low != null && m.interval.high !== null).map((m) => ({ x: Number(m.scope["hops"]), low: m.interval?.low, high: m.interval?.high, colour: "var(--g1)" })),
          points: observed.map((one) => ({ x: one.k, y: one.share, colour: "var(--g0)", shape: "circle", tip: `after ${one.k} links\n${nOf(number(one.row, "pure"), number(one.row, "reached"))} trails of one person` })),
        },
        { x: { scale: { nice: false, padding: 8 }, axis: { title: "links followed", tickMinStep: 1, format: "d" } }, y: { scale: { domain: [0, 1] }, axis: { title: "trails of one person", format: "~%", tickCount: 5 } } },
        "Share of trails that hold one person, link by link, as in the table below",
      ),
  };
}

/* ---- searches of a list ---- */

function ranks(results: Results): Picture | null {
  const all = rowsOf(results, "cmc");
  const protocol = text(all[0], "protocol");
  const of = (ties: string): Row[] => all.filter((row) => text(row, "protocol") === protocol && text(row, "ties") === ties);
  const expected = of("expected");
  const first = expected[0];
  if (first === undefined) {
    return null;
  }
  const worst = of("worst");
  const best = of("best");
  return {
    name: "ranks",
    size: "five",
    title: `The person searched for stands first in ${nOf(Math.round((number(first, "num") ?? 0) * 10) / 10, number(first, "den"))} searches`,
    sub: `Searches for somebody who is on the list: how many find the person among the first so many entries. Searches for others, and how they fail, are not in this picture: a product can shine here and flag strangers all day.${worst.length > 0 ? " Shaded: ties broken against and for the product." : ""}`,
    measures: ["match.cmc", "match.map", "match.fpir", "match.fnir"],
    notes: [],
    key: [],
    table: {
      head: ["Rank", "Found", "Share", "Ties against it", "Ties for it"],
      numeric: [true, true, true, true, true],
      rows: expected.map((row, i) => [
        count(number(row, "rank") ?? 0),
        nOf(Math.round((number(row, "num") ?? 0) * 10) / 10, number(row, "den")),
        figure(number(row, "value"), "share"),
        figure(number(worst[i], "value"), "share"),
        figure(number(best[i], "value"), "share"),
      ]),
    },
    draw: (box, width) =>
      curve(
        box,
        Math.max(150, width - 80),
        250,
        {
          lines: expected.map((row, order) => ({ x: number(row, "rank"), y: number(row, "value"), line: "cmc", colour: "var(--g0)", dash: [1, 0], order })),
          bands: worst.length === expected.length && best.length === expected.length ? expected.map((row, i) => ({ x: number(row, "rank"), low: number(worst[i], "value"), high: number(best[i], "value"), colour: "var(--g0)" })) : [],
          points: [{ x: number(first, "rank"), y: number(first, "value"), colour: "var(--g0)", shape: "circle", tip: `first: ${figure(number(first, "value"), "share")}` }],
        },
        { x: { scale: { nice: false }, axis: { title: "entries looked at", tickMinStep: 1, format: "d" } }, y: { scale: { domain: [0, 1] }, axis: { title: "searches that find the person", format: "~%", tickCount: 5 } } },
        "Share of searches that find the person, by rank, as in the table below",
      ),
  };
}

/* ---- in the use that is meant ---- */

function inUse(results: Results): Picture | null {
  const definitions = results.definitions;
  const name = (row: Row): string => {
    const [id, ...rest] = text(row, "figure").split(" ");
    const title = definitions[id ?? ""]?.title ?? text(row, "figure");
    return rest.length === 0 ? title : `${title}: ${rest.join(" ")}`;
  };
  const all = rowsOf(results, "deployment").filter((row) => number(row, "value") !== null);
  const days = all.filter((row) => text(row, "unit").endsWith("a day") && (number(row, "value") ?? 0) > 0);
  const first = days[0];
  if (all.length === 0) {
    return null;
  }
  const shares = all.filter((row) => text(row, "unit") === "share");
  const drawn = days.length > 0 ? days : shares;
  const alarms = days.find((row) => text(row, "figure").startsWith("match.false_alerts_per_day"));
  return {
    name: "use",
    size: "",
    title: alarms === undefined ? "What the errors come to in the use that is meant" : `In the use that is meant: ${figure(number(alarms, "value"), "people")} people a day${interval(alarms, "people") === "" ? "" : ` (${interval(alarms, "people")})`} are flagged who are not sought`,
    sub: "Worked out from the errors of this evidence and the use that the case states; intervals are those of the errors alone. Single comparisons are taken as independent, which a crowd is not.",
    measures: ["match.false_alerts_per_day", "match.ppv", "match.merged_share", "match.branching", "match.critical_fmr"],
    notes: [],
    key: [],
    table: {
      head: ["What", "In", "Expected", "Interval"],
      numeric: [false, false, true, true],
      rows: all.map((row) => {
        const unit = text(row, "unit") === "share" ? "share" : "people";
        return [name(row), text(row, "unit"), figure(number(row, "value"), unit), interval(row, unit)];
      }),
    },
    draw: (box, width) =>
      dots(
        box,
        Math.max(120, width - 260),
        38 * drawn.length + 16,
        [],
        drawn.map((row, order): Dot => {
          const unit = days.length > 0 ? "people" : "share";
          return {
            label: name(row),
            order,
            value: number(row, "value"),
            low: number(row, "low"),
            high: number(row, "high"),
            colour: "var(--g0)",
            tip: `${name(row)}\n${figure(number(row, "value"), unit)} ${days.length > 0 ? text(row, "unit") : ""}\n${interval(row, unit)}`,
          };
        }),
        "What the errors come to in the use that is meant, as in the table below",
        first === undefined ? {} : { title: "people a day", format: ",.0f" },
      ),
  };
}

/** In the order in which a reader needs them; two by two on a wide screen, the one left over alone. */
export function matchPictures(results: Results): Picture[] {
  const there = [det(results), groups(results), trails(results), ranks(results)].filter((picture): picture is Picture => picture !== null);
  const sized = there.map((picture, i) => ({ ...picture, size: i % 2 === 0 ? (i === there.length - 1 ? ("" as const) : ("seven" as const)) : ("five" as const) }));
  const use = inUse(results);
  return use === null ? sized : [...sized, use];
}
