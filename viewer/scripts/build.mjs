// Makes dist/page.html: the page that the program fills with a report. Script and style are put
// inside, so that the page is one file; the policy in its head allows this very script (by its
// digest) and nothing from anywhere else. The same sources give the same bytes.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

async function bundle(entry, loader) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "iife",
    target: ["es2020", "chrome90", "firefox90", "safari14"],
    charset: "ascii",
    legalComments: "none",
    logLevel: "warning",
    loader,
  });
  return { text: result.outputFiles[0].text.trim(), metafile: result.metafile };
}

// The page holds other people's work, whose licences ask for their notices: one paragraph for each
// text, headed by the packages that it covers.
const NO_LICENCE_FILE = { "vega-interpreter": "node_modules/vega" }; // one repository, one licence

function notices(metafile) {
  const used = Object.values(metafile.outputs)[0].inputs;
  const packages = new Set();
  for (const [path, { bytesInOutput }] of Object.entries(used)) {
    const found = /^(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path);
    if (found !== null && bytesInOutput > 0) {
      packages.add(found[1]);
    }
  }
  const byText = new Map();
  for (const folder of [...packages].sort()) {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const from = NO_LICENCE_FILE[name] ?? folder;
    const file = readdirSync(join(root, from)).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) {
      throw new Error(`${name} (${license}) comes without its licence's text`);
    }
    const text = readFileSync(join(root, from, file), "utf8").replace(/\r/g, "").trim();
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version}`]);
  }
  return [...byText].map(([text, names]) => `${names.join(", ")}\n\n${text}`).join("\n\n----\n\n");
}

const { text: script, metafile } = await bundle("src/main.ts", { ".vl.json": "json" });
const { text: light } = await bundle("src/page.css", {});
const dark = (await bundle("src/dark.css", {})).text.replace(/^:root/, "");
const licences = notices(metafile);
if (/<\/|<!--/.test(licences)) {
  throw new Error("a licence text would end the element that holds it");
}
const style =
  light +
  `@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light])${dark}}` +
  `@media screen{:root[data-theme=dark]${dark}}`;
// the digest covers exactly the characters between the tags
const safe = script.replace(/<\/(script)/gi, "<\\/$1").replace(/<!--/g, "<\\!--");
const digest = createHash("sha256").update(safe, "utf8").digest("base64");

const marks = { "@@style@@": style, "@@script@@": safe, "@@digest@@": digest, "@@licences@@": licences };
let page = readFileSync(join(root, "src/page.html"), "utf8");
for (const [mark, text] of Object.entries(marks)) {
  if (page.split(mark).length !== 2) {
    throw new Error(`src/page.html must hold ${mark} once`);
  }
  page = page.replace(mark, () => text);
}
for (const mark of ["title", "body", "results", "areas"]) {
  if (page.split(`@@onus:${mark}@@`).length !== 2) {
    throw new Error(`the page must hold @@onus:${mark}@@ once`);
  }
}
if (page.split("@@onus:").length !== 5) {
  throw new Error("the page holds a mark that the program does not know");
}
mkdirSync(join(root, "dist"), { recursive: true });
writeFileSync(join(root, "dist/page.html"), page);
console.log(`dist/page.html: ${page.length} bytes`);
