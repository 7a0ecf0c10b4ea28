// Makes dist/page.html: the page that the program fills with a report. Script and style are put
// inside, so that the page is one file; the policy in its head allows this very script (by its
// digest) and nothing from anywhere else. The same sources give the same bytes.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
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
    format: "iife",
    target: ["es2020", "chrome90", "firefox90", "safari14"],
    charset: "ascii",
    legalComments: "none",
    logLevel: "warning",
    loader,
  });
  return result.outputFiles[0].text.trim();
}

const script = await bundle("src/main.ts", { ".vl.json": "json" });
const light = await bundle("src/page.css", {});
const dark = (await bundle("src/dark.css", {})).replace(/^:root/, "");
const style =
  light +
  `@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light])${dark}}` +
  `@media screen{:root[data-theme=dark]${dark}}`;
// the digest covers exactly the characters between the tags
const safe = script.replace(/<\/(script)/gi, "<\\/$1").replace(/<!--/g, "<\\!--");
const digest = createHash("sha256").update(safe, "utf8").digest("base64");

const marks = { "@@style@@": style, "@@script@@": safe, "@@digest@@": digest };
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
