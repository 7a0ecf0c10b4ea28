// The page's script. The text of the report is already there, written by the program; this adds what
// needs drawing: the pictures, the comparison of conventions, the table of every measure.
import { accuracyPictures, accuracyWeak } from "./accuracy";
import { affectPictures } from "./affect";
import { feedbackPictures } from "./feedback";
import { element, lazyDetails, table } from "./dom";
import { type Areas, decodeRings, drawMap, text as areaText } from "./map";
import { matchPictures } from "./match";
import { figure, limit } from "./numbers";
import { composition, exposure, lorenz, mapTitle, type Picture, ratio } from "./pictures";
import { type Measure, type Results, values } from "./results";

function read<T>(id: string): T {
  return JSON.parse(document.getElementById(id)?.textContent ?? "null") as T;
}

const results = read<Results>("onus-results");
const areas = read<Areas | null>("onus-areas");
const printing = window.matchMedia("print");

/* ---- light and dark ---- */

function addThemeButton(): void {
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const dark = (): boolean => (root.dataset["theme"] ?? (system.matches ? "dark" : "light")) === "dark";
  const button = element("button", { id: "theme", type: "button" });
  const show = (): void => {
    button.textContent = dark() ? "Light page" : "Dark page";
  };
  button.addEventListener("click", () => {
    root.dataset["theme"] = dark() ? "light" : "dark";
    show();
  });
  system.addEventListener("change", show);
  show();
  document.querySelector(".top")?.append(button);
}

/* ---- figures ---- */

function swatch(fill: string, mark: "circle" | "diamond" | "dashes" | "line"): SVGElement {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(ns, "path");
  const shapes = { circle: "M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0-11", diamond: "M8 1.5L13 8L8 14.5L3 8z", dashes: "M8 0v16", line: "M0 8h16" };
  path.setAttribute("d", shapes[mark]);
  if (mark === "dashes" || mark === "line") {
    path.setAttribute("stroke", fill);
    path.setAttribute("stroke-width", "2");
    if (mark === "dashes") {
      path.setAttribute("stroke-dasharray", "4 3");
    }
  } else {
    path.setAttribute("fill", fill);
  }
  svg.append(path);
  return svg;
}

function definitions(ids: string[]): HTMLElement | null {
  const known = ids.filter((id) => results.definitions[id] !== undefined);
  if (known.length === 0) {
    return null;
  }
  // on paper the last section says the same
  const details = element("details", { class: "no-print" }, element("summary", {}, "How it is measured"));
  for (const id of known) {
    const definition = results.definitions[id];
    if (definition !== undefined) {
      details.append(
        element("p", {}, element("b", {}, `${definition.title}. `), `${definition.definition} `, element("a", { href: `#def-${id}` }, id)),
      );
    }
  }
  return details;
}

/** Pictures on the page: drawn when added, again when the page's width changes. */
const drawn: { box: HTMLElement; width: number; draw: (width: number) => Promise<unknown> }[] = [];
let queue: Promise<unknown> = Promise.resolve();

function schedule(box: HTMLElement, draw: (width: number) => Promise<unknown>): void {
  const entry = { box, width: 0, draw };
  drawn.push(entry);
  queue = queue.then(() => redraw(entry));
}

async function redraw(entry: (typeof drawn)[number]): Promise<void> {
  const width = Math.floor(entry.box.clientWidth);
  if (width === 0 || width === entry.width) {
    return;
  }
  entry.width = width;
  // let the page breathe between two pictures
  await new Promise((resolve) => setTimeout(resolve));
  await entry.draw(width);
}

const LONG_TABLE = 40;

function addFigure(into: HTMLElement, picture: Picture): void {
  const id = `picture-${picture.name}`;
  const box = element("div", { class: `chart ${picture.name}` });
  const node = element(
    "figure",
    { class: picture.size, "aria-labelledby": id },
    element("figcaption", {}, element("h3", { id }, picture.title), element("p", { class: "sub" }, picture.sub)),
  );
  if (picture.key.length > 0) {
    const list = element("ul", { class: "legend", "aria-label": "Marks" });
    for (const entry of picture.key) {
      const item = element("li", {}, entry.label);
      item.prepend(swatch(entry.fill, entry.mark));
      list.append(item);
    }
    node.append(list);
  }
  node.append(box);
  for (const note of picture.notes) {
    node.append(element("p", { class: "note" }, note));
  }
  node.append(
    element(
      "div",
      { class: "under" },
      // a table of pages and pages stays on the screen
      lazyDetails("The same as a table", () => table(picture.table, picture.title, picture.table.rows.length > LONG_TABLE), picture.table.rows.length > LONG_TABLE ? "no-print" : ""),
      definitions(picture.measures),
    ),
  );
  into.append(node);
  schedule(box, (width) => picture.draw(box, width));
}

/* ---- the map ---- */

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function areaFacts(data: Areas, area: number): HTMLElement {
  const list = element("dl");
  for (const column of data.columns) {
    list.append(element("div", {}, element("dt", {}, capital(column.title)), element("dd", {}, areaText(column, area))));
  }
  return element("div", {}, element("p", {}, element("b", {}, `Area ${data.ids[area] ?? ""}`)), list);
}

function addMap(into: HTMLElement, data: Areas): void {
  const shapes = decodeRings(data);
  const box = element("div", { class: "chart map" });
  const legend = element("div");
  const facts = element("div", { class: "facts", role: "status" });
  const choice = element("select", { id: "map-column" });
  data.columns.forEach((column, i) => {
    choice.append(element("option", { value: String(i) }, capital(column.title)));
  });
  const title = mapTitle(data);
  const node = element(
    "figure",
    { "aria-labelledby": "picture-map" },
    element(
      "figcaption",
      {},
      element("h3", { id: "picture-map" }, title),
      element("p", { class: "sub" }, "Areas are not people: who lives in a flagged area was not thereby flagged. Select an area for its figures."),
    ),
    element("div", { class: "controls" }, element("label", { for: "map-column" }, "Colour the areas by", choice)),
    box,
    legend,
    facts,
    element(
      "div",
      { class: "under" },
      lazyDetails(
        "The same as a table",
        () =>
          table(
            {
              head: ["Area", ...data.columns.map((column) => capital(column.title))],
              numeric: [false, ...data.columns.map(() => true)],
              rows: data.ids.map((id, i) => [id, ...data.columns.map((column) => areaText(column, i))]),
            },
            "Figures of every area",
            true,
          ),
        "no-print",
      ),
    ),
  );
  into.append(node);
  const draw = (width: number): Promise<void> => {
    const column = data.columns[Number(choice.value)];
    if (column === undefined) {
      return Promise.resolve();
    }
    return drawMap(box, legend, data, shapes, column, `Map of ${data.ids.length} areas by ${column.title}; the table below says the same`, width, (area) => {
      facts.replaceChildren(areaFacts(data, area));
    });
  };
  schedule(box, draw);
  choice.addEventListener("change", () => {
    void draw(Math.floor(box.clientWidth));
  });
}

/* ---- conventions, all measures ---- */

function scopeText(measure: Measure, without: string[]): string {
  return Object.entries(measure.scope)
    .filter(([key]) => !without.includes(key))
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(", ");
}

function shown(measure: Measure): string {
  return measure.withheld ? "withheld" : measure.value === null ? "none" : figure(measure.value, measure.unit);
}

/** The trial's own table of pairs: both values and the rule that parts them. */
function addConventions(into: HTMLElement): void {
  const series = results.series["conventions"];
  const others = values(results.measures, "convention").filter((name) => name !== "onus");
  if (series === undefined || others.length === 0) {
    return;
  }
  const at = (row: (string | number | null)[], column: string): string | number | null => row[series.columns.indexOf(column)] ?? null;
  const number = (value: string | number | null): string => (typeof value === "number" ? value.toFixed(4).replace("-", "\u2212") : "none");
  const names = series.columns.filter((column) => column === "onus" || values(results.measures, "convention").includes(column));
  const rows = series.rows.map((row) => [
    ["figure", "universe", "group", "set", "decile"]
      .map((column) => at(row, column))
      .filter((value) => value !== null)
      .join(", "),
    ...names.map((name) => number(at(row, name))),
    String(at(row, "why") ?? ""),
  ]);
  into.append(
    element(
      "section",
      { id: "conventions", "aria-labelledby": "h-conventions" },
      element("h2", { id: "h-conventions" }, "Conventions compared"),
      element(
        "p",
        { class: "note" },
        `The case also asks for the conventions of a published audit (${others.join(", ")}). ${rows.length} figures differ from Onus\u2019 own; verdicts rest on Onus\u2019 own.`,
      ),
      ...(rows.length === 0
        ? []
        : [
            lazyDetails(
              `The ${rows.length} figures that differ, and why`,
              () => table({ head: ["Figure", ...names, "Why"], numeric: [false, ...names.map(() => true), false], rows }, "Figures that differ between conventions", true),
              "no-print",
            ),
          ]),
    ),
  );
}

function addMeasures(into: HTMLElement): void {
  into.append(
    element(
      "section",
      { id: "measures", class: "no-print", "aria-labelledby": "h-measures" },
      element("h2", { id: "h-measures" }, "Every figure"),
      lazyDetails(`All ${results.measures.length} measures, with intervals`, () => {
        const fill = (wanted: string): HTMLElement =>
          table(
            {
              head: ["Measure", "Of", "Value", "n of N", "Interval", "Method, or why there is none"],
              numeric: [false, false, true, true, true, false],
              rows: results.measures
                .filter((m) => `${m.id} ${scopeText(m, [])}`.toLowerCase().includes(wanted))
                .map((m) => [
                  m.id,
                  scopeText(m, []),
                  shown(m),
                  m.num === null || m.den === null ? "" : `${figure(m.num, "count")} of ${figure(m.den, "count")}`,
                  m.interval === null ? "" : `${limit(m.interval.low, m.unit)} to ${limit(m.interval.high, m.unit)}`,
                  m.interval?.method ?? m.reason ?? "",
                ]),
            },
            "Every measure",
            true,
          );
        const search = element("input", { type: "search", id: "measure-search" });
        const box = element("div", {}, fill(""));
        search.addEventListener("input", () => {
          box.replaceChildren(fill(search.value.trim().toLowerCase()));
        });
        return element("div", {}, element("div", { class: "controls" }, element("label", { for: "measure-search" }, "Only those that contain", search)), box);
      }),
    ),
  );
}

/* ---- the page ---- */

/** A part of the trial with its pictures; nothing where there is nothing to draw. */
function addSection(into: HTMLElement, id: string, title: string, note: string, weak: string[], pictures: Picture[]): void {
  if (pictures.length === 0) {
    return;
  }
  const grid = element("div", { class: "charts" });
  into.append(
    element(
      "section",
      { id, "aria-labelledby": `h-${id}` },
      element("h2", { id: `h-${id}` }, title),
      element("p", { class: "note" }, note),
      ...weak.map((text) => element("ul", { class: "warnings" }, element("li", {}, `No verdict rests on these figures: ${text}.`))),
      grid,
    ),
  );
  for (const picture of pictures) {
    addFigure(grid, picture);
  }
}

function addAccuracy(into: HTMLElement): void {
  addSection(
    into,
    "accuracy",
    "Does it work",
    "Methods of comparison flag as much ground as the product did, in the same windows, from records before each window. Only what they captured is shown, never where.",
    accuracyWeak(results),
    accuracyPictures(results, areas),
  );
}

function addFeedback(into: HTMLElement): void {
  addSection(
    into,
    "feedback",
    "Does it feed itself",
    "A simulation on the records of this case: patrols go where the record points, and what they find joins the record. Each run is played twice on the same luck, once with what patrols find kept out of it; the difference is what feeding back does. It is not what a police force did, and no simulated patrol is shown by place.",
    [],
    feedbackPictures(results),
  );
}

function addMatch(into: HTMLElement): void {
  addSection(
    into,
    "match",
    "How often it is the wrong person, and for whom",
    "Scores, searches and trails of a product beside who it truly was. Onus compares nobody with anybody and saw no picture: it counts what the product answered. People are counted, never shown.",
    [],
    matchPictures(results),
  );
}

function addAffect(into: HTMLElement): void {
  addSection(
    into,
    "affect",
    "Does the label mean what it says",
    "Labels of a product beside what people themselves reported, what onlookers said and what actors were told to show. Nothing here reads an emotion: it counts who said the same of the same item.",
    [],
    affectPictures(results),
  );
}

function addPictures(into: HTMLElement): void {
  const universes = values(
    results.measures.filter((measure) => measure.id.startsWith("burden.")),
    "universe",
  );
  const grid = element("div", { class: "charts" });
  const section = element(
    "section",
    { id: "pictures", "aria-labelledby": "h-pictures" },
    element("h2", { id: "h-pictures" }, "Who carries it"),
  );
  if (areas !== null) {
    addMap(grid, areas);
  }
  const rest = element("div", { class: "charts" });
  const fill = (universe: string): void => {
    for (let i = drawn.length - 1; i >= 0; i--) {
      if (rest.contains((drawn[i] as { box: HTMLElement }).box)) {
        drawn.splice(i, 1);
      }
    }
    rest.replaceChildren();
    const pictures = [exposure(results, universe), lorenz(results, areas), ratio(results, universe), composition(results, universe)];
    for (const picture of pictures) {
      if (picture !== null) {
        addFigure(rest, picture);
      }
    }
  };
  const chosen = universes[0] ?? "";
  section.append(grid);
  if (universes.length > 1) {
    const choice = element("select", { id: "universe" });
    for (const universe of universes) {
      choice.append(element("option", { value: universe }, universe));
    }
    choice.addEventListener("change", () => fill(choice.value));
    section.append(element("div", { class: "controls" }, element("label", { for: "universe" }, "Below, count by", choice)));
  }
  section.append(rest);
  into.append(section);
  fill(chosen);
  if (grid.childElementCount === 0 && rest.childElementCount === 0) {
    section.remove();
  }
}

function openForPrint(): void {
  for (const details of document.querySelectorAll<HTMLDetailsElement>("details:not([open]):not(.no-print)")) {
    if (details.closest(".no-print") === null) {
      details.dispatchEvent(new Event("onus-fill"));
      details.open = true;
      details.dataset["opened"] = "yes";
    }
  }
}

function closeAfterPrint(): void {
  for (const details of document.querySelectorAll<HTMLDetailsElement>("details[data-opened]")) {
    details.open = false;
    delete details.dataset["opened"];
  }
}

function start(): void {
  addThemeButton();
  const charts = document.getElementById("charts");
  const more = document.getElementById("more");
  if (charts === null || more === null) {
    return;
  }
  if (results.case.kind === "place") {
    addAccuracy(charts);
    addPictures(charts);
    addFeedback(charts);
  } else if (results.case.kind === "match") {
    addMatch(charts);
  } else {
    addAffect(charts);
  }
  addConventions(more);
  addMeasures(more);
  let timer = 0;
  window.addEventListener("resize", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      if (!printing.matches) {
        for (const entry of drawn) {
          queue = queue.then(() => redraw(entry));
        }
      }
    }, 150);
  });
  window.addEventListener("beforeprint", openForPrint);
  window.addEventListener("afterprint", closeAfterPrint);
  queue = queue.then(() => {
    document.documentElement.dataset["drawn"] = "yes";
  });
}

start();
