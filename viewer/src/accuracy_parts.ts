// Does it hold in each district and each shift: what was captured of each part's records, and how many
// times as many as a usual method did. A part is a sum over the whole period.
import partsSpec from "../specs/parts.vl.json";
import { headline, methodName, ofText, strongest } from "./accuracy_level";
import { type Datum, draw } from "./draw";
import { count, figure } from "./numbers";
import { type Picture, range, withWidth } from "./pictures";
import { type Measure, type Results } from "./results";

const KINDS = ["district", "shift"] as const;
/** Past these the picture would be a wall of lines; the table has all. */
const MOST_DRAWN = 20;

interface Part {
  kind: (typeof KINDS)[number];
  name: string;
  captured: Measure | undefined;
  ratio: Measure | undefined;
}

function kindOf(measure: Measure): (typeof KINDS)[number] | undefined {
  return KINDS.find((kind) => measure.scope[kind] !== undefined);
}

/** Every part in the order of the file, districts first. */
function partsOf(results: Results, method: string): Part[] {
  const all = results.measures.filter((m) => (m.id === "place.capture_rate" || m.id === "place.capture_ratio") && kindOf(m) !== undefined);
  return KINDS.flatMap((kind) => {
    const mine = all.filter((m) => kindOf(m) === kind);
    return [...new Set(mine.map((m) => String(m.scope[kind])))].map((name) => {
      const its = mine.filter((m) => String(m.scope[kind]) === name);
      return {
        kind,
        name,
        captured: its.find((m) => m.id === "place.capture_rate"),
        ratio: its.find((m) => m.id === "place.capture_ratio" && m.scope["baseline"] === method),
      };
    });
  });
}

/** The strongest method at the headline level, which is also question 5's; else the first there is. */
function methodOf(results: Results): string {
  const level = headline(results);
  const best = level === null ? undefined : strongest(results, level)?.scope["baseline"];
  const there = results.measures.filter((m) => m.id === "place.capture_ratio" && kindOf(m) !== undefined).map((m) => String(m.scope["baseline"]));
  return best !== undefined && there.includes(String(best)) ? String(best) : (there[0] ?? "");
}

export function parts(results: Results): Picture | null {
  const method = methodOf(results);
  const all = partsOf(results, method);
  const compared = all.filter((part) => part.ratio?.value != null && part.ratio.value > 0);
  if (compared.length === 0) {
    return null; // question 5 says why in words
  }
  const kinds = KINDS.filter((kind) => all.some((part) => part.kind === kind));
  const isMore = (part: Part): boolean => (part.ratio?.value ?? 0) > 1;
  const isShown = (part: Part): boolean => part.ratio?.p_value !== undefined && part.ratio.p_value <= 1 - results.protocol.level;
  const tally = kinds.map((kind) => {
    const mine = compared.filter((part) => part.kind === kind);
    return `${count(mine.filter(isMore).length)} of ${count(mine.length)} ${kind}s`;
  });
  const more = compared.filter((part) => isShown(part) && isMore(part)).length;
  const fewer = compared.filter((part) => isShown(part) && !isMore(part)).length;
  const left = all.length - compared.length;
  const drawn = compared.slice(0, MOST_DRAWN);
  const label = (part: Part): string => (kinds.length > 1 ? `${part.kind} ${part.name}` : part.name);
  return {
    name: "parts",
    size: "",
    title: `More captured than ${methodName(method)} in ${tally.join(" and ")}`,
    sub: `Outcomes of each part that the product captured, over those that the method did on as much ground. Judged together, more is shown for ${count(more)} and fewer for ${count(fewer)} of them: among many parts some differ by chance.`,
    measures: ["place.capture_ratio", "place.capture_rate"],
    notes: [
      ...(left > 0 ? [`${count(left)} of ${count(all.length)} parts could not be compared; the table says why.`] : []),
      ...(drawn.length < compared.length ? [`The first ${count(drawn.length)} are drawn, the table has all ${count(compared.length)}.`] : []),
    ],
    key: [
      { fill: "var(--g0)", label: "the product captured more", mark: "circle" },
      { fill: "var(--g1)", label: "as many or fewer", mark: "diamond" },
    ],
    table: {
      head: [kinds.map((kind) => kind.charAt(0).toUpperCase() + kind.slice(1)).join(" or "), "Captured", "Share", `Times ${methodName(method)}`, "Interval", "p, judged together", "Method, or why there is none"],
      numeric: [false, true, true, true, true, true, false],
      rows: all.map((part) => [
        label(part),
        part.captured === undefined ? "" : ofText(part.captured),
        part.captured === undefined ? "" : figure(part.captured.value, "share"),
        part.ratio === undefined ? "" : figure(part.ratio.value, "ratio"),
        part.ratio === undefined ? "" : range(part.ratio),
        part.ratio?.p_value === undefined ? "" : part.ratio.p_value < 0.001 ? "< 0.001" : part.ratio.p_value.toFixed(3),
        part.ratio === undefined ? "" : (part.ratio.interval?.weak ?? part.ratio.interval?.method ?? part.ratio.reason ?? ""),
      ]),
    },
    draw: (box, width) =>
      draw(
        box,
        withWidth(partsSpec, Math.max(110, width - 170), { height: 34 * drawn.length + 14 }),
        {
          parts: drawn.map((part, order): Datum => {
            const ratio = part.ratio as Measure;
            return {
              part: label(part),
              order,
              value: ratio.value,
              // a logarithmic axis has no 0: an end that is open or 0 is told in the table
              low: ratio.interval?.low != null && ratio.interval.low > 0 ? ratio.interval.low : null,
              high: ratio.interval?.high ?? null,
              colour: isMore(part) ? "var(--g0)" : "var(--g1)",
              shape: isMore(part) ? "circle" : "diamond",
              tip: `${label(part)}\n${part.captured === undefined ? "" : `${ofText(part.captured)} captured\n`}${figure(ratio.value, "ratio")} times ${methodName(method)}${ratio.interval === null ? "" : ` (${range(ratio)})`}`,
            };
          }),
        },
        `How many times as many outcomes the product captured as ${methodName(method)}, part by part, as in the table below`,
      ),
  };
}
