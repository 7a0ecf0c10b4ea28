// Vega-Lite drawn without a compiler: expressions are walked as trees (vega-interpreter), so that the
// page's policy can forbid making code from text. Colours are CSS variables: themes and print follow.
import { parse, View, Warn, type Spec } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif';

const CONFIG = {
  background: "transparent",
  font: FONT,
  padding: 2,
  view: { stroke: null },
  axis: {
    labelFont: FONT,
    titleFont: FONT,
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 400,
    labelColor: "var(--ink-2)",
    titleColor: "var(--ink-2)",
    domainColor: "var(--rule)",
    tickColor: "var(--rule)",
    gridColor: "var(--grid)",
    titlePadding: 8,
    labelPadding: 5,
  },
  legend: {
    labelFontSize: 12.5,
    titleFontSize: 12.5,
    titleFontWeight: 400,
    labelColor: "var(--ink-2)",
    titleColor: "var(--ink-2)",
    orient: "top",
    titleOrient: "left",
    labelLimit: 260,
  },
  header: {
    labelFontSize: 13,
    labelFontWeight: 600,
    labelColor: "var(--ink)",
    labelLimit: 300,
    title: null,
  },
  text: { color: "var(--ink-2)", fontSize: 12 },
  rule: { color: "var(--ink-3)" },
};

export type Datum = Record<string, unknown>;

/** A tooltip of our own: a title and lines of text, placed beside the pointer. */
let tip: HTMLElement | null = null;

function showTip(_handler: unknown, event: MouseEvent, _item: unknown, value: unknown): void {
  if (value === null || value === undefined || value === "") {
    tip?.remove();
    tip = null;
    return;
  }
  if (tip === null) {
    tip = document.createElement("div");
    tip.className = "tip";
    tip.setAttribute("aria-hidden", "true"); // everything in it is in the table as well
    document.body.append(tip);
  }
  tip.replaceChildren();
  String(value)
    .split("\n")
    .forEach((line, i) => {
      const part = document.createElement(i === 0 ? "b" : "span");
      part.textContent = line;
      tip?.append(part);
    });
  const box = tip.getBoundingClientRect();
  const left = Math.min(event.clientX + 14, window.innerWidth - box.width - 8);
  const below = event.clientY + 16;
  const top = below + box.height > window.innerHeight ? event.clientY - box.height - 10 : below;
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${Math.max(8, top)}px`;
}

/**
 * Draws a spec (a file of specs/) into a box.
 * @param spec   with data sources named as in `data`
 * @param label  what a screen reader says of the picture
 */
export async function draw(
  box: HTMLElement,
  spec: object,
  data: Record<string, unknown>,
  label: string,
  changes: Record<string, unknown> = {},
): Promise<View> {
  const whole = { ...structuredClone(spec), ...changes, config: CONFIG, description: label } as unknown as TopLevelSpec;
  const datasets = { ...(whole as { datasets?: object }).datasets, ...data };
  const compiled = compile({ ...whole, datasets } as TopLevelSpec).spec as Spec;
  const runtime = parse(compiled, undefined, { ast: true });
  box.replaceChildren();
  const view = new View(runtime, {
    expr: expressionInterpreter,
    renderer: "svg",
    container: box,
    logLevel: Warn,
    tooltip: showTip,
    hover: false,
  });
  await view.runAsync();
  return view;
}
