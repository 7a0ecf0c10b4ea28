// The pictures of an affect trial: does the label mean what the vendor says it means? One reference is
// the headline (what people themselves reported, else onlookers, else instructions); the tables have all.
import gridSpec from "../specs/grid.vl.json";
import triangleSpec from "../specs/triangle.vl.json";
import { type Dot, dots } from "./dots";
import { draw } from "./draw";
import { count, figure, percent } from "./numbers";
import { type Picture, withWidth } from "./pictures";
import type { Results } from "./results";
import { interval, nOf, number, points, type Row, rowsOf, shade, text } from "./rows";

const REFERENCES: Record<string, string> = { self_report: "what people themselves reported", raters: "what onlookers said", intended: "what actors were told to show" };
const SHORT: Record<string, string> = { self_report: "self-report", raters: "onlookers", intended: "instruction", product: "product" };

function referenceName(row: Row): string {
  const stratum = text(row, "stratum");
  return `${REFERENCES[text(row, "against")] ?? text(row, "against")}${stratum === "" ? "" : ` (${stratum})`}`;
}

/** Rows of the reference that the board's questions rest on: the first that the trial lists. */
function headline(rows: Row[]): Row[] {
  const order = ["self_report", "raters", "intended"];
  const against = order.find((one) => rows.some((row) => row["against"] === one));
  const mine = rows.filter((row) => row["against"] === against);
  return mine.filter((row) => row["stratum"] === mine[0]?.["stratum"]);
}

/* ---- the triangle ---- */

const CORNERS: Record<string, { x: number; y: number; name: string; ty: number }> = {
  self_report: { x: 0.5, y: 1, name: "what people reported", ty: 1.12 },
  raters: { x: 0, y: 0, name: "what onlookers said", ty: -0.13 },
  product: { x: 1, y: 0, name: "what the product said", ty: -0.13 },
};

function triangle(results: Results): Picture | null {
  const rows = rowsOf(results, "triangle");
  const first = rows.find((row) => number(row, "share") !== null);
  if (first === undefined) {
    return null;
  }
  const head = rows.filter((row) => row["stratum"] === null || row["stratum"] === first["stratum"]);
  const felt = head.find((row) => row["from"] === "self_report" && row["to"] === "product");
  const seen = head.find((row) => row["from"] === "raters" && row["to"] === "product");
  const said = (row: Row | undefined): string => nOf(number(row, "same"), number(row, "n"));
  const capped = number(felt, "share") === null;
  const title = capped
    ? `At most: it agrees with onlookers (${said(seen)}); what people felt, nobody asked`
    : `It says what people reported in ${said(felt)} items${number(seen, "share") === null ? "" : `, and what an onlooker said in ${said(seen)}`}`;
  const sides = head.flatMap((row) => {
    const from = CORNERS[text(row, "from")];
    const to = CORNERS[text(row, "to")];
    const share = number(row, "share");
    if (from === undefined || to === undefined) {
      return [];
    }
    return [
      {
        x: from.x,
        y: from.y,
        x2: to.x,
        y2: to.y,
        mx: (from.x + to.x) / 2,
        my: (from.y + to.y) / 2,
        width: share === null ? 1 : 2 + 14 * share,
        colour: share === null ? "var(--rule)" : text(row, "to") === "product" ? "var(--g0)" : "var(--ink-3)",
        said: share === null ? "not known" : percent(share),
        tip: share === null ? `not known\n${text(row, "reason")}` : `${percent(share)} the same\n${said(row)} items\n${interval(row, "share")}`,
      },
    ];
  });
  return {
    name: "triangle",
    size: "seven",
    title,
    sub: "Three who say something of the same item. A side is as thick as its two ends agree; agreeing with onlookers is not the same as being right about what is felt.",
    measures: ["affect.accuracy", "affect.one_human"],
    notes: [],
    key: [],
    table: {
      head: ["Between", "and", "Same label", "n of N", "Interval", "Why there is none"],
      numeric: [false, false, true, true, true, false],
      rows: rows.map((row) => [
        `${SHORT[text(row, "from")] ?? text(row, "from")}${text(row, "stratum") === "" ? "" : ` (${text(row, "stratum")})`}`,
        SHORT[text(row, "to")] ?? text(row, "to"),
        figure(number(row, "share"), "share"),
        said(row),
        interval(row, "share"),
        text(row, "reason"),
      ]),
    },
    draw: (box, width) =>
      draw(
        box,
        withWidth(triangleSpec, Math.min(460, Math.max(220, width - 20)), { height: 250 }),
        { sides, corners: Object.values(CORNERS) },
        "How often self-report, onlookers and product say the same, as in the table below",
      ),
  };
}

/* ---- the ladder ---- */

const RUNGS: Record<string, string> = {
  chance: "its labels at random",
  commonest: "always the commonest",
  one_human: "one onlooker",
  human_ceiling: "onlookers together",
  product: "the product",
};

function ladder(results: Results): Picture | null {
  const all = rowsOf(results, "ladder");
  const rows = headline(all.filter((row) => number(row, "value") !== null));
  const product = rows.find((row) => row["rung"] === "product");
  if (product === undefined) {
    return null;
  }
  const at = number(product, "value") ?? 0;
  const rightAbout = `Right about ${nOf(number(product, "num"), number(product, "den"))} items (${percent(at)})`;
  const above = rows.filter((row) => row !== product && (number(row, "value") ?? 0) > at).map((row) => RUNGS[text(row, "rung")] ?? "");
  return {
    name: "ladder",
    size: "five",
    title: above.length === 0 ? `${rightAbout}: more than any of the usual ways` : `${rightAbout}; right more often: ${above.join(", ")}`,
    sub: `Held against ${referenceName(product)}. Lines: ${Math.round(results.protocol.level * 100)} % intervals, with people drawn anew. At random: its own labels dealt out anew to each person\u2019s items. Abstentions count as not right.`,
    measures: ["affect.accuracy", "affect.chance", "affect.commonest", "affect.one_human", "affect.human_ceiling"],
    notes: [],
    key: [],
    table: {
      head: ["Held against", "Who", "Right", "n of N", "Interval", "Why there is none"],
      numeric: [false, false, true, true, true, false],
      rows: all.map((row) => [
        referenceName(row),
        RUNGS[text(row, "rung")] ?? text(row, "rung"),
        figure(number(row, "value"), "share"),
        nOf(number(row, "num"), number(row, "den")),
        interval(row, "share"),
        text(row, "reason"),
      ]),
    },
    draw: (box, width) =>
      dots(box, Math.max(120, width - 170), 38 * rows.length + 12, [], rows.map((row, order): Dot => ({
            label: RUNGS[text(row, "rung")] ?? text(row, "rung"),
            order,
            value: number(row, "value"),
            low: number(row, "low"),
            high: number(row, "high"),
            colour: row === product ? "var(--g0)" : "var(--ink-3)",
            tip: `${RUNGS[text(row, "rung")] ?? ""}\n${figure(number(row, "value"), "share")}\n${interval(row, "share")}`,
          })), "How often the product is right beside the usual ways, as in the table below"),
  };
}

/* ---- the confusion ---- */

const ABSTAINED = "abstained";

function confusion(results: Results): Picture | null {
  const all = rowsOf(results, "confusion");
  const rows = headline(all);
  const first = rows[0];
  if (first === undefined) {
    return null;
  }
  const distinct = (column: string): string[] => [...new Set(rows.map((row) => text(row, column)))];
  const references = distinct("reference");
  const labels = distinct("said");
  const wrong = rows.filter((row) => row["reference"] !== row["said"] && number(row, "share") !== null);
  const worst = wrong.reduce<Row | undefined>((a, b) => (a === undefined || (number(b, "share") ?? 0) > (number(a, "share") ?? 0) ? b : a), undefined);
  return {
    name: "confusion",
    size: "seven",
    title:
      worst === undefined
        ? "Nothing was taken for something else"
        : `${percent(number(worst, "share") ?? 0)} of \u201c${text(worst, "reference")}\u201d ${text(worst, "said") === ABSTAINED ? "got no label" : `were called \u201c${text(worst, "said")}\u201d`}`,
    sub: `Rows: ${referenceName(first)}; each adds up to 100 %. Columns: what the product said.`,
    measures: ["affect.recall", "affect.label_given_not"],
    notes: [],
    key: [],
    table: {
      head: ["Held against", "Reference", "Product said", "Items", "Share of the row", "Interval"],
      numeric: [false, false, false, true, true, true],
      rows: all.map((row) => [referenceName(row), text(row, "reference"), text(row, "said"), figure(Math.round((number(row, "n") ?? 0) * 10) / 10, "count"), figure(number(row, "share"), "share"), interval(row, "share")]),
    },
    draw: (box, width) =>
      draw(
        box,
        withWidth(gridSpec, Math.max(200, width - 120), { height: 38 * references.length + 10 }),
        {
          cells: rows.map((row) => {
            const share = number(row, "share") ?? 0;
            return {
              row: text(row, "reference"),
              column: text(row, "said"),
              x: labels.indexOf(text(row, "said")),
              y: references.indexOf(text(row, "reference")),
              ...shade(share, 1),
              said: percent(share),
              tip: `${text(row, "reference")}, called ${text(row, "said")}\n${percent(share)} of the row\n${interval(row, "share")}`,
            };
          }),
        },
        "What was reported against what the product said, as in the table below",
      ),
  };
}

/* ---- label by label ---- */

function recall(results: Results): Picture | null {
  const all = rowsOf(results, "recall");
  const rows = headline(all.filter((row) => number(row, "recall") !== null));
  const first = rows[0];
  if (first === undefined) {
    return null;
  }
  const poor = rows.filter((row) => (number(row, "low") ?? number(row, "recall") ?? 0) < 0.4);
  return {
    name: "recall",
    size: "five",
    title: poor.length === 0 ? "Every label is found at least moderately often" : `Found poorly: ${poor.map((row) => `\u201c${text(row, "label")}\u201d`).join(", ")}`,
    sub: `Of the items that have a label by ${referenceName(first)}, the share that the product gives it (circle); of those that it gives the label to, the share that have it (diamond). Dashed: 20, 40 and 70 %, the grades of Barrett et al. (2019).`,
    measures: ["affect.recall", "affect.precision"],
    notes: [],
    key: [
      { fill: "var(--g0)", label: "found, given it is so", mark: "circle" },
      { fill: "var(--g1)", label: "right, given it is said", mark: "diamond" },
    ],
    table: {
      head: ["Held against", "Label", "Items that have it", "Found", "Interval", "Times said", "Right when said", "Interval"],
      numeric: [false, false, true, true, true, true, true, true],
      rows: all.map((row) => [
        referenceName(row),
        text(row, "label"),
        figure(Math.round((number(row, "n") ?? 0) * 10) / 10, "count"),
        figure(number(row, "recall"), "share"),
        interval(row, "share"),
        figure(Math.round((number(row, "n_said") ?? 0) * 10) / 10, "count"),
        figure(number(row, "precision"), "share"),
        interval(row, "share", "precision_low", "precision_high"),
      ]),
    },
    draw: (box, width) =>
      dots(box, Math.max(120, width - 110), 38 * rows.length + 12, [0.2, 0.4, 0.7], rows.map((row, order): Dot => ({
            label: text(row, "label"),
            order,
            value: number(row, "recall"),
            low: number(row, "low"),
            high: number(row, "high"),
            beside: number(row, "precision"),
            colour: "var(--g0)",
            tip: `${text(row, "label")}\nfound ${figure(number(row, "recall"), "share")}\nright when said ${figure(number(row, "precision"), "share")}`,
          })), "How often each label is found, as in the table below"),
  };
}

/* ---- groups ---- */

function gaps(results: Results): Picture | null {
  const all = rowsOf(results, "gaps");
  const rows = headline(all.filter((row) => number(row, "standardised") !== null));
  const worst = rows.reduce<Row | undefined>((a, b) => (a === undefined || Math.abs(number(b, "standardised") ?? 0) > Math.abs(number(a, "standardised") ?? 0) ? b : a), undefined);
  if (worst === undefined) {
    return null;
  }
  const name = (row: Row): string => `${text(row, "group")} less ${text(row, "reference")}`;
  const standardised = number(worst, "standardised") ?? 0;
  const crude = number(worst, "crude");
  return {
    name: "gaps",
    size: "",
    title: `On equal labels ${text(worst, "group")} differ from ${text(worst, "reference")} by ${points(standardised)} points${crude === null ? "" : `; without matching it would read ${points(crude)}`}`,
    sub: `Held against ${referenceName(worst)}. Circle: each label counts alike, as if both groups had been shown with the same labels; diamond: as it is, whatever labels they were shown with. Left of 0: worse for the first group.`,
    measures: ["affect.gap", "affect.gap_crude", "affect.mantel_haenszel", "affect.detectable_gap"],
    notes: text(worst, "why") === "" ? [] : [`${text(worst, "why")}.`],
    key: [
      { fill: "var(--g0)", label: "on equal labels", mark: "circle" },
      { fill: "var(--g1)", label: "as it is", mark: "diamond" },
    ],
    table: {
      head: ["Held against", "Groups", "By", "On equal labels", "Interval", "As it is", "Interval", "Items", "Why they differ"],
      numeric: [false, false, false, true, true, true, true, true, false],
      rows: all.map((row) => [
        referenceName(row),
        name(row),
        text(row, "by"),
        number(row, "standardised") === null ? "none" : `${points(number(row, "standardised") ?? 0)} points`,
        interval(row, "share"),
        number(row, "crude") === null ? "none" : `${points(number(row, "crude") ?? 0)} points`,
        interval(row, "share", "crude_low", "crude_high"),
        `${count(number(row, "n_group") ?? 0)} and ${count(number(row, "n_reference") ?? 0)}`,
        text(row, "why"),
      ]),
    },
    draw: (box, width) =>
      dots(box, Math.max(120, width - 220), 40 * rows.length + 16, [0], rows.map((row, order): Dot => ({
            label: name(row),
            order,
            value: number(row, "standardised"),
            low: number(row, "low"),
            high: number(row, "high"),
            beside: number(row, "crude"),
            colour: "var(--g0)",
            tip: `${name(row)}\non equal labels ${points(number(row, "standardised") ?? 0)} points\nas it is ${points(number(row, "crude") ?? 0)} points`,
          })), "Gaps between groups on equal labels and as they are, as in the table below"),
  };
}

/* ---- do onlookers agree ---- */

const COEFFICIENTS: Record<string, string> = { percent_agreement: "agreement as it is", alpha: "Krippendorff\u2019s alpha", fleiss: "Fleiss\u2019 kappa", ac1: "Gwet\u2019s AC1", pabak: "PABAK" };

function agreement(results: Results): Picture | null {
  const all = rowsOf(results, "agreement");
  const told = all.filter((row) => number(row, "value") !== null && COEFFICIENTS[text(row, "coefficient")] !== undefined);
  const first = told[0];
  if (first === undefined) {
    return null;
  }
  const rows = told.filter((row) => row["between"] === first["between"] && row["stratum"] === first["stratum"]);
  const of = (coefficient: string): number | null => number(rows.find((row) => row["coefficient"] === coefficient), "value");
  const alpha = of("alpha");
  const plain = of("percent_agreement");
  const common = rowsOf(results, "prevalence")
    .filter((row) => row["between"] === first["between"] && row["stratum"] === first["stratum"])
    .reduce<Row | undefined>((a, b) => (a === undefined || (number(b, "share") ?? 0) > (number(a, "share") ?? 0) ? b : a), undefined);
  const paradox = results.warnings.filter((warning) => warning.code === "agreement_paradox").map((warning) => `${warning.text.charAt(0).toUpperCase()}${warning.text.slice(1)}.`);
  return {
    name: "agreement",
    size: "",
    title:
      plain === null || alpha === null
        ? "How far onlookers agree among themselves"
        : `Two onlookers agree on ${percent(plain)}; beyond chance that is an alpha of ${alpha.toFixed(2).replace("-", "\u2212")}`,
    sub: `Votes of onlookers on the same items: 0 is what chance would give, 1 is full agreement. The coefficients differ in what they take for chance${common === undefined ? "" : `; the commonest label here, \u201c${text(common, "label")}\u201d, has ${percent(number(common, "share") ?? 0)} of the votes`}. Krippendorff advises to draw no conclusion below 0.667.`,
    measures: ["affect.percent_agreement", "affect.alpha", "affect.ac1", "affect.pabak"],
    notes: paradox,
    key: [],
    table: {
      head: ["Between", "Of", "Coefficient", "Value", "Interval", "By chance", "Items", "Votes", "Why there is none"],
      numeric: [false, false, false, true, true, true, true, true, false],
      rows: all.map((row) => [
        SHORT[text(row, "between")] ?? text(row, "between"),
        text(row, "stratum"),
        COEFFICIENTS[text(row, "coefficient")] ?? text(row, "coefficient"),
        figure(number(row, "value"), "ratio"),
        interval(row, "ratio"),
        figure(number(row, "by_chance"), "ratio"),
        count(number(row, "units") ?? 0),
        count(number(row, "votes") ?? 0),
        text(row, "reason"),
      ]),
    },
    draw: (box, width) =>
      dots(
        box,
        Math.max(120, width - 190),
        34 * rows.length + 14,
        [0.667],
        rows.map((row, order): Dot => ({
          label: COEFFICIENTS[text(row, "coefficient")] ?? "",
          order,
          value: number(row, "value"),
          low: number(row, "low"),
          high: number(row, "high"),
          colour: row["coefficient"] === "percent_agreement" ? "var(--ink-3)" : "var(--g0)",
          tip: `${COEFFICIENTS[text(row, "coefficient")] ?? ""}\n${figure(number(row, "value"), "ratio")}\n${interval(row, "ratio")}`,
        })),
        "Agreement of onlookers by several coefficients, as in the table below",
        { title: "agreement", format: ".1f" },
      ),
  };
}

/* ---- scores ---- */

function calibration(results: Results): Picture | null {
  const all = rowsOf(results, "reliability").filter((row) => row["against"] !== undefined && row["binning"] !== undefined);
  const rows = headline(all.filter((row) => row["binning"] === "equal_width")).filter((row, _i, mine) => row["votes"] === mine[0]?.["votes"]);
  const first = rows[0];
  if (first === undefined) {
    return null;
  }
  const n = rows.reduce((sum, row) => sum + (number(row, "n") ?? 0), 0);
  const sure = rows.reduce((sum, row) => sum + (number(row, "n") ?? 0) * (number(row, "confidence") ?? 0), 0) / n;
  const right = rows.reduce((sum, row) => sum + (number(row, "n") ?? 0) * (number(row, "right") ?? 0), 0) / n;
  return {
    name: "scores",
    size: "",
    title: `It is ${percent(sure)} sure on average and right in ${percent(right)}`,
    sub: `Held against ${referenceName(first)}, items that got a label. Circle: how often it is right; diamond: how sure it said it was.`,
    measures: ["affect.ece", "affect.brier"],
    notes: [],
    key: [
      { fill: "var(--g0)", label: "right", mark: "circle" },
      { fill: "var(--g1)", label: "sure", mark: "diamond" },
    ],
    table: {
      head: ["Held against", "Bins", "From", "to", "Sure", "Right", "Items"],
      numeric: [false, false, true, true, true, true, true],
      rows: all.map((row) => [
        referenceName(row),
        text(row, "binning").replace("_", " "),
        figure(number(row, "from"), "share"),
        figure(number(row, "to"), "share"),
        figure(number(row, "confidence"), "share"),
        figure(number(row, "right"), "share"),
        count(number(row, "n") ?? 0),
      ]),
    },
    draw: (box, width) =>
      dots(box, Math.max(120, width - 160), 34 * rows.length + 14, [], rows.map((row, order): Dot => ({
            label: `${percent(number(row, "from") ?? 0)} to ${percent(number(row, "to") ?? 0)} sure`,
            order,
            value: number(row, "right"),
            beside: number(row, "confidence"),
            colour: "var(--g0)",
            tip: `${count(number(row, "n") ?? 0)} items\nsure ${figure(number(row, "confidence"), "share")}\nright ${figure(number(row, "right"), "share")}`,
          })), "How sure the product was and how often it was right, as in the table below"),
  };
}

/** In the order in which a reader needs them. */
export function affectPictures(results: Results): Picture[] {
  return [triangle(results), ladder(results), confusion(results), recall(results), gaps(results), agreement(results), calibration(results)].filter(
    (picture): picture is Picture => picture !== null,
  );
}
