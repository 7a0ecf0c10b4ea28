// The areas: rings out of small integers, classes of colour, a picture of one column at a time.
import mapSpec from "../specs/map.vl.json";
import { draw } from "./draw";
import { element } from "./dom";
import { figure } from "./numbers";

export interface AreaColumn {
  name: string;
  title: string;
  unit: string;
  values: (number | null)[];
  /** One digit per area: 0 known, 1 undefined, 2 withheld. Absent: all known. */
  known?: string;
}

export interface Areas {
  columns: AreaColumn[];
  ids: string[];
  origin: [number, number];
  rings: string;
  step: [number, number];
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

type Ring = [number, number][];

/** Undoes src/report/map.c: five bits a character, the sixth says that more follow. */
export function decodeRings(areas: Areas): Ring[][] {
  const lookup = new Int8Array(128);
  for (let i = 0; i < DIGITS.length; i++) {
    lookup[DIGITS.charCodeAt(i)] = i;
  }
  const text = areas.rings;
  let at = 0;
  const next = (): number => {
    let bits = 0;
    let scale = 1;
    for (;;) {
      const digit = lookup[text.charCodeAt(at++)] as number;
      bits += (digit & 31) * scale;
      if (digit < 32) {
        break;
      }
      scale *= 32;
    }
    return bits % 2 === 0 ? bits / 2 : -(bits + 1) / 2;
  };
  // planar and true to shape: a step east is as long as a step north
  let x = 0;
  let y = 0;
  return areas.ids.map(() => {
    const rings: Ring[] = [];
    for (let n = next(); n > 0; n--) {
      const ring: Ring = [];
      for (let points = next(); points > 0; points--) {
        x += next();
        y += next();
        ring.push([x, y]);
      }
      const first = ring[0];
      if (first !== undefined && ring.length > 2) {
        ring.push(first);
        rings.push(ring);
      }
    }
    return rings;
  });
}

export function state(column: AreaColumn, i: number): "known" | "undefined" | "withheld" {
  const digit = column.known?.[i] ?? "0";
  return digit === "0" ? "known" : digit === "1" ? "undefined" : "withheld";
}

export function text(column: AreaColumn, i: number): string {
  const known = state(column, i);
  return known === "known" ? figure(column.values[i] ?? null, column.unit) : known === "withheld" ? "withheld" : "no value";
}

export interface Classes {
  /** Lower bounds of the classes after the first, ascending. */
  breaks: number[];
  /** Zero has a class of its own. */
  zero: boolean;
  low: number;
  high: number;
}

const N_CLASSES = 6;

function roundTo(value: number, step: number): number {
  return Number((Math.round(value / step) * step).toPrecision(12));
}

/** Classes of about equally many areas, bounds rounded; zeros, where there are many, stand apart. */
export function classify(column: AreaColumn): Classes | null {
  const all = column.values
    .filter((value, i): value is number => value !== null && state(column, i) === "known")
    .sort((a, b) => a - b);
  const low = all[0];
  const high = all[all.length - 1];
  if (low === undefined || high === undefined) {
    return null;
  }
  const zero = low === 0 && all.filter((value) => value === 0).length > all.length / 50;
  const sorted = zero ? all.filter((value) => value > 0) : all;
  const first = sorted[0];
  if (first === undefined || first === high) {
    return { breaks: zero && first !== undefined ? [first] : [], zero, low, high };
  }
  const breaks: number[] = zero ? [first] : [];
  const n = zero ? N_CLASSES : N_CLASSES + 1;
  for (let k = 1; k < n; k++) {
    const raw = sorted[Math.floor((k * sorted.length) / n)] as number;
    const step = 10 ** Math.floor(Math.log10(Math.max(Math.abs(raw), 1e-12)) - 1);
    const bound = roundTo(raw, step * (column.unit === "share" ? 1 : raw / step >= 50 ? 5 : 1));
    const last = breaks[breaks.length - 1] ?? low;
    if (bound > last && bound <= high) {
      breaks.push(bound);
    }
  }
  return { breaks, zero, low, high };
}

export function classOf(classes: Classes, value: number): number {
  let k = 0;
  while (k < classes.breaks.length && value >= (classes.breaks[k] as number)) {
    k++;
  }
  return k;
}

/** The colour of class k of n: the scale is spread over all steps, lightest first. */
function colour(classes: Classes, k: number): string {
  const n = classes.breaks.length;
  return `var(--m${n === 0 ? 3 : Math.round((k * 6) / n)})`;
}

function swatch(fill: string): SVGElement {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const rect = document.createElementNS(ns, "rect");
  rect.setAttribute("width", "16");
  rect.setAttribute("height", "16");
  rect.setAttribute("fill", fill);
  svg.append(rect);
  return svg;
}

function legend(column: AreaColumn, classes: Classes | null): HTMLElement {
  const list = element("ul", { class: "legend", "aria-label": "Colours" });
  const add = (fill: string, label: string): void => {
    const item = element("li", {}, label);
    item.prepend(swatch(fill));
    list.append(item);
  };
  if (classes !== null) {
    const bounds = [classes.low, ...classes.breaks];
    bounds.forEach((from, k) => {
      const until = bounds[k + 1];
      const label =
        k === 0 && classes.zero
          ? figure(0, column.unit)
          : until === undefined
            ? from === classes.high
              ? figure(from, column.unit)
              : `${figure(from, column.unit)} to ${figure(classes.high, column.unit)}`
            : `${figure(from, column.unit)} to under ${figure(until, column.unit)}`;
      add(colour(classes, k), label);
    });
  }
  const states = column.values.map((_value, i) => state(column, i));
  if (states.includes("withheld")) {
    add("url(#hatch)", "withheld: a small count");
  }
  if (states.includes("undefined")) {
    add("var(--gap)", "no value");
  }
  return list;
}

export async function drawMap(
  box: HTMLElement,
  legendBox: HTMLElement,
  areas: Areas,
  shapes: Ring[][],
  column: AreaColumn,
  label: string,
  width: number,
  picked: (area: number) => void,
): Promise<void> {
  const classes = classify(column);
  const extra = areas.columns.find((other) => other !== column && other.unit === "people");
  let least = [Infinity, Infinity];
  let most = [-Infinity, -Infinity];
  const features = shapes.map((rings, i) => {
    for (const ring of rings) {
      for (const [x, y] of ring) {
        least = [Math.min(least[0] as number, x), Math.min(least[1] as number, y)];
        most = [Math.max(most[0] as number, x), Math.max(most[1] as number, y)];
      }
    }
    const value = column.values[i] ?? null;
    const known = state(column, i);
    const fill =
      known === "withheld"
        ? "var(--withheld)"
        : known === "undefined" || value === null || classes === null
          ? "var(--gap)"
          : colour(classes, classOf(classes, value));
    const lines = [`Area ${areas.ids[i] ?? ""}`, `${column.title}: ${text(column, i)}`];
    if (extra !== undefined) {
      lines.push(`${extra.title}: ${text(extra, i)}`);
    }
    return {
      type: "Feature",
      geometry: { type: "MultiPolygon", coordinates: rings.length === 0 ? [] : [rings] },
      fill,
      tip: lines.join("\n"),
      area: i,
    };
  });
  const spanX = Math.max(1, (most[0] as number) - (least[0] as number));
  const spanY = Math.max(1, (most[1] as number) - (least[1] as number));
  // as large as the box and 4/5 of a screen allow
  const tallest = Math.max(280, Math.min(720, window.innerHeight * 0.8));
  const scale = Math.min(width / spanX, tallest / spanY);
  const edge = features.length > 1000 ? 0.15 : 0.4;
  const view = await draw(box, mapSpec, { areas: features }, label, {
    mark: { ...mapSpec.mark, strokeWidth: edge },
    width: Math.floor(spanX * scale),
    height: Math.floor(spanY * scale),
  });
  legendBox.replaceChildren(legend(column, classes));
  view.addEventListener("click", (_event, item) => {
    const datum = item?.datum as { area?: number } | undefined;
    if (datum?.area !== undefined) {
      picked(datum.area);
    }
  });
}
