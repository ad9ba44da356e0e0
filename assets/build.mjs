// Builds the one vendored part of the pages: maplibre-gl and its worker, lowered to ES2020, beside style and licence.
//
// The package ships ES2022, which phones of 2021 cannot read. Main file and worker must stand in one folder, since the
// main file starts `maplibre-gl-worker.mjs` beside itself; so they are lowered, not bundled.
import { copyFile, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { transform } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const from = here("node_modules/maplibre-gl/");
const to = here("dist/");

await rm(to, { recursive: true, force: true });
await mkdir(to, { recursive: true });

for (const name of ["maplibre-gl.mjs", "maplibre-gl-worker.mjs"]) {
  const source = await readFile(`${from}dist/${name}`, "utf8");
  const { code } = await transform(source, { target: "es2020", format: "esm", minify: true, legalComments: "inline" });
  await writeFile(to + name, code.replace(/^\/\/# sourceMappingURL=.*$/m, ""));
}
await copyFile(`${from}dist/maplibre-gl.css`, `${to}maplibre-gl.css`);
await copyFile(`${from}LICENSE.txt`, `${to}LICENSE.txt`);

for (const name of ["maplibre-gl.mjs", "maplibre-gl-worker.mjs", "maplibre-gl.css", "LICENSE.txt"]) {
  const { size } = await stat(to + name);
  const packed = gzipSync(await readFile(to + name), { level: 9 }).length;
  console.log(`${name.padEnd(24)} ${String(size).padStart(9)} bytes, ${String(packed).padStart(8)} gzip`);
}
