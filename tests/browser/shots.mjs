// Takes pictures of a report: wide, phone, dark, printed. Usage: shots.mjs REPORT_DIR OUT_DIR
import { createRequire } from "node:module";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(join(here, "../../viewer/package.json"));
const { chromium } = require("playwright-core");
const [report, out] = process.argv.slice(2).map((p) => resolve(p));
mkdirSync(out, { recursive: true });
const dir = mkdtempSync(join(tmpdir(), "onus-browser-"));
const browser = await chromium.launchPersistentContext(dir, { executablePath: "/usr/bin/chromium", headless: true, args: ["--headless","--no-sandbox","--disable-gpu","--disable-quic","--no-first-run","--disable-background-networking","--disable-component-update","--disable-sync"] });
const page = await browser.newPage();
page.on("console", (m) => console.log("console", m.type(), m.text()));
page.on("pageerror", (e) => console.log("pageerror", e.stack));
const url = pathToFileURL(join(report, "index.html")).href;
const t0 = Date.now();
for (const [name, width, height, dark] of [["wide", 1280, 900, false], ["phone", 390, 844, false], ["dark", 1280, 900, true]]) {
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: dark ? "dark" : "light", media: "screen" });
  await page.goto(url);
  await page.waitForSelector("html[data-drawn]", { timeout: 30000 });
  console.log(name, "drawn after", await page.evaluate(() => Math.round(performance.now())), "ms", await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth].join("/")));
  await page.screenshot({ path: join(out, `${name}.png`), fullPage: true });
  await page.screenshot({ path: join(out, `${name}-first.png`) });
}
await page.emulateMedia({ colorScheme: "light" });
await page.setViewportSize({ width: 1280, height: 900 });
await page.goto(url);
await page.waitForSelector("html[data-drawn]");
await page.pdf({ path: join(out, "print.pdf"), format: "A4", printBackground: false });
await browser.close();
rmSync(dir, { recursive: true, force: true });
