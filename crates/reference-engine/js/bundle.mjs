// Generates the interface classes from idl/ and impl/ and bundles everything: node bundle.mjs OUTPUT_FOLDER
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { build } from "esbuild";
import WebIDL2JS from "webidl2js";
import { patches } from "./patches.mjs";

const [output] = process.argv.slice(2);
// The message says it all; a stack through the bundler says nothing.
process.on("uncaughtException", (error) => {
  console.error(error.message);
  process.exit(1);
});
if (output === undefined) throw new Error("usage: node bundle.mjs OUTPUT_FOLDER");
mkdirSync("gen", { recursive: true });
// What is generated is CommonJS, unlike the rest.
writeFileSync("gen/package.json", JSON.stringify({ type: "commonjs" }));
mkdirSync(output, { recursive: true });

const transformer = new WebIDL2JS({ implSuffix: "-impl" });
transformer.addSource("idl", "impl");
await transformer.generate("gen");

const common = {
  bundle: true,
  charset: "utf8",
  format: "iife",
  legalComments: "none",
  logLevel: "warning",
  // Names of functions and classes are part of the web platform: they stay, though the bundler must rename some.
  keepNames: true,
  minifySyntax: true,
  minifyWhitespace: true,
  target: "es2023",
};

await build({
  ...common,
  entryPoints: ["src/main.js"],
  outfile: `${output}/web-platform.js`,
  inject: ["src/primordials.js", "src/clock.js", "src/clone.js"],
  plugins: [patches],
  globalName: "__bundle",
  banner: { js: "(function (__natives, __options) {" },
  footer: { js: "return __bundle.host; })" },
});

// Clients that tests run as they are.
await build({
  ...common,
  entryPoints: ["amsg-sw", "dexie", "idb-keyval", "remix-sync", "workbox"].map((name) => `test/${name}.js`),
  outdir: `${output}/test`,
  define: { "process.env.NODE_ENV": '"production"' },
});

// Files that sites load as they are published: not bundled, not changed. One that is missing fails the build.
const published = [
  "dexie/dist/dexie.min.js",
  "idb-keyval/dist/umd.js",
  "pwabuilder-serviceworkers/serviceWorker6/pwabuilder-sw.js",
  "workbox-background-sync-5/build/workbox-background-sync.prod.js",
  "workbox-background-sync/build/workbox-background-sync.dev.js",
  "workbox-background-sync/build/workbox-background-sync.prod.js",
  "workbox-core-5/build/workbox-core.prod.js",
  "workbox-core/build/workbox-core.dev.js",
  "workbox-core/build/workbox-core.prod.js",
  "workbox-routing-5/build/workbox-routing.prod.js",
  "workbox-routing/build/workbox-routing.prod.js",
  "workbox-strategies-5/build/workbox-strategies.prod.js",
  "workbox-strategies/build/workbox-strategies.prod.js",
  "workbox-sw-5/build/workbox-sw.js",
];
for (const file of published) {
  const folder = `${output}/published/${file.split("/")[0]}`;
  mkdirSync(folder, { recursive: true });
  copyFileSync(`node_modules/${file}`, `${folder}/${basename(file)}`);
}

// web-platform-tests' harness and the specifications' IDL, as they are. The package that has the first is a runner for
// another engine; `overrides` in package.json leaves out what only the running needs.
const harness = `${output}/harness`;
mkdirSync(harness, { recursive: true });
for (const script of ["testharness.js", "idlharness.js", "webidl2.js"]) {
  copyFileSync(`node_modules/wpt-runner/testharness/${script}`, `${harness}/${script}`);
}
const specifications = [
  "background-sync", "dom", "html", "notifications", "periodic-background-sync", "permissions", "service-workers", "webidl",
];
for (const specification of specifications) {
  copyFileSync(`node_modules/@webref/idl/${specification}.idl`, `${harness}/${specification}.idl`);
}
