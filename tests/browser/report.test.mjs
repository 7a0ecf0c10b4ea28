// The report in a real browser, opened as a file: what a reader sees, hears and prints.
//
//   report.test.mjs --out DIR [--fixture EXE] [--onus EXE] [--shared DIR]
//
// Writes TAP. Reports come from the fixture (every kind of entry), from the teaching examples and from the
// largest real case; pictures of each are left in DIR for people to look at. What depends on the page alone
// (paper, dark, keyboard, unfolding) is asked of one report of each kind; of the others (brief) only what
// depends on their figures. Exit 77: no browser here.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
// Where npm ci was run: ./check does it in a copy, so that the source tree stays as it is.
const viewer = [process.env.ONUS_VIEWER, join(here, "../../viewer")].find(
  (folder) => folder && existsSync(join(folder, "node_modules/playwright-core")),
);
const { values: options } = parseArgs({
  options: { out: { type: "string" }, fixture: { type: "string" }, onus: { type: "string" }, shared: { type: "string" } },
});
const executable = process.env.ONUS_CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(executable) || !viewer) {
  console.log("1..0 # SKIP needs chromium, and npm ci in viewer/ or in the folder that ONUS_VIEWER names");
  process.exit(77);
}
const require = createRequire(join(viewer, "package.json"));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const LIMIT = 2_000_000; // bytes of page beyond its data
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
];

const out = resolve(options.out);
mkdirSync(out, { recursive: true });

/* ---- TAP ---- */
let n = 0;
let failed = 0;
function ok(good, fact, ...details) {
  n++;
  console.log(`${good ? "ok" : "not ok"} ${n} - ${fact}`);
  if (!good) {
    failed++;
    for (const line of details.flat()) {
      console.log(`# ${typeof line === "string" ? line : JSON.stringify(line)}`.slice(0, 600));
    }
  }
}

/* ---- reports to look at ---- */
function run(command, args) {
  const done = spawnSync(command, args, { encoding: "utf8", cwd: out });
  if (done.status !== 0) {
    throw new Error(`${command} ${args.join(" ")} ended with ${done.status}: ${done.stderr}`);
  }
}

const reports = [];
function fresh(name) {
  const dir = join(out, name);
  rmSync(dir, { recursive: true, force: true });
  return dir;
}
if (options.fixture) {
  const dir = fresh("fixture-report");
  run(resolve(options.fixture), [dir]);
  reports.push({ name: "fixture", dir, charts: 5 + 8 });
}
if (options.onus) {
  const onus = resolve(options.onus);
  const city = fresh("teaching-city");
  run(onus, ["new", "place", city]);
  const dir = fresh("teaching-city-report");
  run(onus, ["try", join(city, "case.yaml"), "-o", dir]);
  reports.push({ name: "teaching-city", dir, charts: 5 + 4 });
  // without people in the case who carries it is not asked; the map and the Lorenz curve are there
  const leaking = fresh("leaking-report");
  run(onus, ["try", join(city, "case_leaking.yaml"), "-o", leaking]);
  reports.push({ name: "leaking", dir: leaking, charts: 2 + 6, brief: true });
  // no predictions: a map, and what is simulated
  const feedback = fresh("feedback-report");
  run(onus, ["try", join(city, "case_feedback.yaml"), "-o", feedback]);
  reports.push({ name: "feedback", dir: feedback, charts: 1 + 5 });
  // the other kinds of trial, each on its own made-up product
  for (const [kind, charts] of [
    ["match", 5],
    ["affect", 7],
  ]) {
    const product = fresh(`${kind}-product`);
    run(onus, ["new", kind, product]);
    const report = fresh(`${kind}-report`);
    run(onus, ["try", join(product, "case.yaml"), "-o", report]);
    reports.push({ name: kind, dir: report, charts });
  }
  const oakland = join(options.shared ?? "", "design/cases/oakland.yaml");
  if (options.shared && existsSync(oakland)) {
    const dir = fresh("oakland-report");
    run(onus, ["try", oakland, "--data", join(options.shared, "data"), "-o", dir]);
    reports.push({ name: "oakland", dir, charts: 7, no_map: true, brief: true });
  } else {
    ok(true, "oakland # SKIP the shared records are absent");
  }
  const data = options.shared ? join(options.shared, "data") : "";
  const largest = join(here, "los-angeles.yaml");
  if (data !== "" && existsSync(data) && existsSync(largest)) {
    const la = fresh("los-angeles-report");
    run(onus, ["try", largest, "--data", data, "-o", la]);
    reports.push({ name: "los-angeles", dir: la, charts: 5, brief: true });
  } else {
    ok(true, "los-angeles # SKIP the shared records are absent");
  }
}

/* ---- one profile for all, gone at the end ---- */
const profile = mkdtempSync(join(tmpdir(), "onus-browser-"));
async function withBrowser(settings, work) {
  const dir = mkdtempSync(join(profile, "p-"));
  const context = await chromium.launchPersistentContext(dir, { executablePath: executable, headless: true, args: FLAGS, ...settings });
  try {
    await work(context);
  } finally {
    await context.close();
  }
}

async function openPage(context, url, size, media) {
  const page = await context.newPage();
  const seen = { console: [], requests: [] };
  page.on("console", (message) => seen.console.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => seen.console.push(`error: ${error.message}`));
  page.on("request", (request) => seen.requests.push(request.url()));
  await page.setViewportSize(size);
  await page.emulateMedia(media);
  await page.goto(url);
  await page.waitForSelector("html[data-drawn]", { timeout: 60_000 });
  return { page, seen };
}

const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

async function accessibility(page) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const result = await window.axe.run(document, { resultTypes: ["violations"] });
    return result.violations
      .filter((violation) => violation.impact === "serious" || violation.impact === "critical")
      .map((violation) => `${violation.id}: ${violation.help}; ${violation.nodes.map((node) => node.target.join(" ")).slice(0, 4).join(" | ")}`);
  });
  return found;
}

/** The map: choose another column, pick an area. */
async function chooseOnMap(page, name, n_areas) {
  const before = await page.$$eval(".map .mark-shape path", (paths) => paths.map((path) => path.getAttribute("fill")).join());
  await page.selectOption("#map-column", { index: (await page.$$eval("#map-column option", (all) => all.length)) - 1 });
  await page.waitForFunction((old) => {
    const now = [...document.querySelectorAll(".map .mark-shape path")].map((path) => path.getAttribute("fill")).join();
    return now !== "" && now !== old;
  }, before);
  ok(true, `${name}: the map shows another column when asked`);
  const expected = await page.evaluate(() => {
    const column = JSON.parse(document.getElementById("onus-areas").textContent).columns.at(-1);
    return [...(column.known ?? "")].filter((digit) => digit === "2").length;
  });
  const hatched = await page.$$eval(".map .mark-shape path", (paths) => paths.filter((path) => getComputedStyle(path).fill.includes("#hatch")).length);
  ok(expected === hatched, `${name}: withheld areas are hatched, all ${expected} and no other`, `${hatched} hatched`);
  await page.screenshot({ path: join(out, `${name}-other-column.png`) });
  await page.locator(".map .mark-shape path").nth(Math.floor(n_areas / 2)).dispatchEvent("click");
  await page.waitForFunction(() => document.querySelector(".facts dl") !== null, null, { timeout: 5000 }).catch(() => {});
  ok((await page.$$(".facts dt")).length > 2, `${name}: an area that is picked tells its figures`);
}

/** The feedback section says what question 10 says: the simulation that adds most, at the last horizon. */
async function sayWhatFeedsItself(page, results, name) {
  const all = results.measures.filter((m) => m.id === "feedback.amplification" && m.scope.group === undefined && m.scope.model !== "urn");
  if (all.length === 0) {
    ok((await page.$("#feedback")) === null, `${name}: where nothing was simulated there is no section on it`);
    return;
  }
  const last = Math.max(...all.map((m) => m.scope.horizon_days));
  const head = all.filter((m) => m.scope.horizon_days === last && m.scope.repair === undefined && m.scope.discovery > 0).reduce((a, b) => (b.value > a.value ? b : a));
  const text = (await page.locator("#feedback").innerText()).replace(/\s+/g, " ");
  const tv = results.measures.find((m) => m.id === "feedback.tv" && m.scope.loop === "closed" && ["model", "policy", "discovery", "repair", "horizon_days"].every((key) => m.scope[key] === head.scope[key]));
  const said = `${(tv.value * 100).toFixed(1)} of 100 patrols`;
  ok(text.includes(said), `${name}: the drift is said of 100 patrols`, said, text.slice(0, 300));
  const away = results.measures.find((m) => m.id === "feedback.runaway_share" && ["model", "policy", "discovery", "repair", "horizon_days"].every((key) => m.scope[key] === head.scope[key]));
  ok(text.includes(`${away.num} of ${away.den} runs`), `${name}: runs that run away are n of N`);
  ok(text.includes("It is not what a police force did"), `${name}: a simulation is called one`);
}

/** Titles of the accuracy half say the finding, with the figures of results.json. */
async function sayWhatTheyShow(page, results, name) {
  const plain = results.measures.filter((m) => m.id === "place.capture_rate" && Object.keys(m.scope).every((key) => key === "budget" || key === "top"));
  if (plain.length === 0 || plain[0].value === null) {
    ok((await page.$("#accuracy")) === null, `${name}: where nothing was scored there is no section on it`);
    return;
  }
  const asked = results.claims.filter((claim) => claim.measure.startsWith("place."));
  const shown = plain.find((m) => asked.some((claim) => claim.scope.top === m.scope.top && claim.scope.budget === m.scope.budget)) ?? plain[0];
  const text = (await page.locator("#accuracy").innerText()).replace(/\s+/g, " ");
  const said = `${shown.num.toLocaleString("en-GB", { maximumFractionDigits: 0 })} of ${shown.den.toLocaleString("en-GB")} outcomes`;
  ok(text.includes(said), `${name}: what was captured is said as n of N`, said, text.slice(0, 300));
  const weak = results.measures.find((m) => m.id === "place.capture_ratio" && m.interval?.weak);
  ok(weak === undefined || text.includes(weak.interval.weak), `${name}: intervals that carry no verdict say why`);
  const gain = results.measures.find((m) => m.id === "place.detectable_gain" && m.value !== null);
  ok(gain === undefined || text.includes("What this sample could show"), `${name}: the power of the sample stands beside`);
}

/** Districts and shifts: each one's sentence, and the same figures in the table. */
async function sayWhereItHolds(page, results, name) {
  const kinds = ["district", "shift"];
  const all = results.measures.filter((m) => m.id === "place.capture_ratio" && m.value !== null && kinds.some((kind) => m.scope[kind] !== undefined));
  const figure = page.locator("#accuracy figure", { has: page.locator(".chart.parts") });
  if (all.length === 0) {
    ok((await figure.count()) === 0, `${name}: without districts and shifts nothing is drawn of them`);
    return;
  }
  const text = (await figure.innerText()).replace(/\s+/g, " ");
  for (const kind of kinds) {
    const method = all[0].scope.baseline;
    const mine = all.filter((m) => m.scope[kind] !== undefined && m.scope.baseline === method);
    const said = `${mine.filter((m) => m.value > 1).length} of ${mine.length} ${kind}s`;
    ok(mine.length === 0 || text.includes(said), `${name}: by ${kind} it is said as n of N`, said, text.slice(0, 300));
  }
}

function quiet(seen, url, name) {
  ok(seen.console.length === 0, `${name}: the console stays silent`, seen.console);
  ok(seen.requests.every((request) => request === url || request.startsWith("data:")), `${name}: no request to anywhere`, seen.requests);
}

async function onPhones(context, url, name, light) {
  for (const width of [360, 390]) {
    const phone = await openPage(context, url, { width, height: 800 }, light);
    const over = await overflow(phone.page);
    ok(over <= 0, `${name}: nothing overflows at ${width}`, `${over} pixels`);
    if (width === 390) {
      await phone.page.screenshot({ path: join(out, `${name}-phone.png`), fullPage: true });
    }
    await phone.page.close();
  }
}

function weigh(file, name) {
  const bytes = statSync(file).size;
  const data = withData(file);
  ok(bytes - data < LIMIT, `${name}: the page is under 2 MB beside its data`, `${bytes} bytes, ${data} of them data`);
  console.log(`# ${name}: ${bytes} bytes, ${data} of them data`);
}

async function look(context, report) {
  const file = join(report.dir, "index.html");
  const url = pathToFileURL(file).href;
  const results = JSON.parse(readFileSync(join(report.dir, "results.json"), "utf8"));
  const name = report.name;
  const light = { colorScheme: "light", media: "screen" };

  const { page, seen } = await openPage(context, url, { width: 1280, height: 900 }, light);
  const took = await page.evaluate(() => Math.round(performance.now()));
  console.log(`# ${name}: everything drawn ${took} ms after opening`);
  const charts = await page.$$eval(".chart", (boxes) =>
    boxes.map((box) => ({
      name: box.className,
      marks: box.querySelectorAll("svg .mark-shape path, svg .mark-symbol path, svg .mark-rect path, svg .mark-line path, svg .mark-area path").length,
      width: box.querySelector("svg")?.getBoundingClientRect().width ?? 0,
      label: box.getAttribute("aria-label") ?? "",
    })),
  );
  ok(charts.length === report.charts, `${name}: ${report.charts} charts are there`, charts);
  ok(charts.every((chart) => chart.marks > 0 && chart.width > 100), `${name}: every chart is drawn`, charts);
  ok(charts.every((chart) => chart.label.length > 10), `${name}: every chart has a label for screen readers`, charts);
  const n_areas = await page.evaluate(() => JSON.parse(document.getElementById("onus-areas").textContent)?.ids.length ?? 0);
  const n_shapes = await page.$$eval(".map .mark-shape path", (paths) => paths.length);
  ok(n_areas === n_shapes, `${name}: the map draws all ${n_areas} areas`, `${n_shapes} shapes`);
  await sayWhatTheyShow(page, results, name);
  await sayWhereItHolds(page, results, name);
  await sayWhatFeedsItself(page, results, name);
  ok((await overflow(page)) <= 0, `${name}: nothing overflows at 1280`);
  const serious = await accessibility(page);
  ok(serious.length === 0, `${name}: no serious fault of accessibility, light`, serious);
  await page.screenshot({ path: join(out, `${name}-wide.png`), fullPage: true });
  await page.screenshot({ path: join(out, `${name}-first-screen.png`) });

  // verdicts are on the first screen, in words
  const first = await page.$eval(".card .verdict", (node) => ({ word: node.innerText.trim().toLowerCase(), bottom: node.getBoundingClientRect().bottom })).catch(() => null);
  if (results.claims.length > 0) {
    ok(first !== null && first.word === results.claims[0].verdict && first.bottom < 900, `${name}: the first verdict is a word on the first screen`, [first]);
  }

  if (n_areas > 0) {
    await chooseOnMap(page, name, n_areas);
  }
  if (report.brief) {
    quiet(seen, url, name);
    await page.close();
    await onPhones(context, url, name, light);
    weigh(file, name);
    return;
  }

  // every picture can be read as a table
  const n_tables = await page.$$eval("figure .under details", (all) => {
    for (const details of all) {
      details.open = true;
    }
    return all.length;
  });
  await page.waitForTimeout(300);
  const filled = await page.$$eval("figure .under table tbody", (bodies) => bodies.filter((body) => body.rows.length > 0).length);
  ok(n_tables > 0 && filled === report.charts, `${name}: each picture has its table`, `${filled} tables`);

  // with everything unfolded, the largest tables included, it is still accessible
  await page.$$eval("details", (all) => {
    for (const details of all) {
      details.open = true;
    }
  });
  await page.waitForTimeout(500);
  if (n_areas < 200) {
    // tens of thousands of equal cells would only cost minutes
    const unfolded = await accessibility(page);
    ok(unfolded.length === 0, `${name}: no serious fault of accessibility, everything unfolded`, unfolded);
  }
  ok((await overflow(page)) <= 0, `${name}: nothing overflows unfolded`);

  // the keyboard: the skip link is first, the theme can be changed
  await page.evaluate(() => {
    document.activeElement?.blur();
    window.scrollTo(0, 0);
  });
  await page.keyboard.press("Tab");
  ok((await page.evaluate(() => document.activeElement.className)) === "skip", `${name}: the first stop of the keyboard skips to the verdicts`);
  await page.focus("#theme");
  await page.keyboard.press("Enter");
  ok((await page.evaluate(() => document.documentElement.dataset.theme)) === "dark", `${name}: the keyboard changes the theme`);

  // printing opens what is folded
  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  const folded = await page.$$eval("details:not([open])", (all) => all.filter((details) => details.closest(".no-print") === null).length);
  ok(folded === 0, `${name}: nothing stays folded on paper`, `${folded} folded`);
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  quiet(seen, url, name);
  await page.close();

  // printed from a dark screen it is light, and the charts are there
  const paper = await openPage(context, url, { width: 1280, height: 900 }, { colorScheme: "dark", media: null });
  await paper.page.pdf({ path: join(out, `${name}-print.pdf`), format: "A4" });
  await paper.page.emulateMedia({ media: "print", colorScheme: "dark" });
  const ground = await paper.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  ok(ground === "rgb(255, 255, 255)", `${name}: paper is white`, ground);
  await paper.page.setViewportSize({ width: 690, height: 980 }); // A4 between its margins
  await paper.page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  const cut = await paper.page.$$eval("#accuracy figure table", (all) =>
    all.filter((one) => one.offsetParent !== null && one.getBoundingClientRect().right > one.closest("figure").getBoundingClientRect().right + 1).map((one) => one.closest("figure").querySelector("h3").textContent),
  );
  ok(cut.length === 0, `${name}: paper cuts no table of accuracy off`, cut);
  ok(statSync(join(out, `${name}-print.pdf`)).size > 20_000, `${name}: it prints`);
  await paper.page.close();

  const dark = await openPage(context, url, { width: 1280, height: 900 }, { colorScheme: "dark", media: "screen" });
  const darkFaults = await accessibility(dark.page);
  ok(darkFaults.length === 0, `${name}: no serious fault of accessibility, dark`, darkFaults);
  await dark.page.screenshot({ path: join(out, `${name}-dark.png`), fullPage: true });
  await dark.page.close();

  await onPhones(context, url, name, light);
  weigh(file, name);
}

function withData(file) {
  const html = readFileSync(file, "utf8");
  let total = 0;
  for (const id of ["onus-results", "onus-areas"]) {
    const from = html.indexOf(`id="${id}">`);
    total += html.indexOf("</script>", from) - from;
  }
  return total;
}

async function withoutScript(context, report) {
  const results = JSON.parse(readFileSync(join(report.dir, "results.json"), "utf8"));
  const page = await context.newPage();
  await page.goto(pathToFileURL(join(report.dir, "index.html")).href);
  const text = (await page.locator("body").innerText()).replace(/\s+/g, " ");
  const flat = (words) => words.replace(/\s+/g, " ").trim();
  const missing = results.claims.filter((claim) => !text.includes(flat(claim.sentence ?? "")) || !text.includes(flat(claim.say)));
  ok(missing.length === 0, `${report.name}: without a script every verdict stands there`, missing.map((claim) => claim.say));
  const unanswered = results.questions.filter((question) => !text.includes(flat(question.answer)));
  ok(unanswered.length === 0, `${report.name}: without a script every question is answered`, unanswered.map((question) => question.n));
  ok(results.evidence.every((input) => text.includes(input.file)), `${report.name}: without a script the account is there`);
  const last = (model) => Math.max(...results.measures.filter((m) => m.id === "feedback.amplification" && (m.scope.model === "urn") === model).map((m) => m.scope.horizon_days));
  const simulated = results.measures.filter((m) => m.id === "feedback.amplification" && m.scope.model !== "urn" && m.scope.horizon_days === last(false));
  const drawn = results.measures.filter((m) => m.id === "feedback.share" && m.scope.loop === "closed" && m.scope.law === undefined && m.scope.horizon_days === last(true));
  const rows = await page.locator("section[aria-labelledby=h-simulated] tbody tr").count();
  ok(rows === simulated.length + drawn.length, `${report.name}: without a script every simulation is a row of a table`, `${rows} rows for ${simulated.length} and ${drawn.length}`);
  ok((await overflow(page)) <= 0, `${report.name}: without a script nothing overflows`);
  await page.close();
}

try {
  await withBrowser({}, async (context) => {
    for (const report of reports) {
      await look(context, report);
    }
  });
  await withBrowser({ javaScriptEnabled: false }, async (context) => {
    for (const report of reports) {
      await withoutScript(context, report);
    }
  });
} catch (error) {
  ok(false, "the browser ran to the end", error.stack ?? String(error));
} finally {
  rmSync(profile, { recursive: true, force: true });
}
console.log(`1..${n}`);
process.exit(failed === 0 ? 0 : 1);
