// Starts the real program on a free port with a registry of its own, runs the tests against it, and stops it again.
//
//   npm test                        needs SILVER_ATLAS (the program; default ../../target/debug/silver-atlas)
//   BASE=http://127.0.0.1:8080 DATA=DIR npm test   against a service that runs already; without its data directory the
//                                   pages of those who sign in are left out
//   node run.mjs map.test.mjs        these files alone
//
// CHROMIUM names the browser. Where there is none, it says so and counts everything as skipped.
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const ALL = ["pages.test.mjs", "journeys.test.mjs", "staff.test.mjs", "dossier.test.mjs", "map.test.mjs", "scenario.test.mjs"];
const asked = process.argv.slice(2);
const unknown = asked.find((file) => !ALL.includes(file));
if (unknown) {
  console.error(`there is no ${unknown}; there are ${ALL.join(", ")}`);
  process.exit(2);
}
const FILES = asked.length ? asked : ALL;
const PATIENCE_MS = 180_000;

function browser() {
  const asked = process.env.CHROMIUM ? [process.env.CHROMIUM] : ["chromium", "chromium-browser", "google-chrome"];
  const found = asked.map((name) => spawnSync("which", [name], { encoding: "utf8" }).stdout.trim());
  return found.find(Boolean);
}

/** The address of the service, once it says that it listens. */
async function start(program, data) {
  const service = spawn(program, ["serve", "--seed", "--listen", "127.0.0.1:0", "--data-dir", data], {
    cwd: here("../.."), stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, SILVER_ATLAS_HELP_PHONE: "0527-5555-0100", SILVER_ATLAS_LOG: "warn", DATABASE_URL: undefined },
  });
  const base = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("the program did not say that it listens")), PATIENCE_MS);
    service.once("exit", (code) => reject(new Error(`the program ended with ${code}`)));
    createInterface({ input: service.stdout }).on("line", (line) => {
      const address = line.match(/^listening on (http:\S+)/);
      if (address) { clearTimeout(late); resolve(address[1]); }
    });
  });
  service.removeAllListeners("exit");
  return { base, stop: () => new Promise((resolve) => { service.once("exit", resolve); service.kill("SIGTERM"); }) };
}

const chromium = browser();
if (!chromium) {
  console.log("skipped: no Chromium is installed here (CHROMIUM names one)");
  console.log(`0 passed, 0 failed, ${FILES.length} skipped`);
  process.exit(0);
}

const program = process.env.SILVER_ATLAS ?? here("../../target/debug/silver-atlas");
let data, service;
try {
  if (!process.env.BASE) {
    data = await mkdtemp(join(tmpdir(), "silver-atlas-browser-"));
    service = await start(program, data);
  }
  // The pages of those who sign in need accounts, made beside the running service.
  const env = { ...process.env, CHROMIUM: chromium, BASE: process.env.BASE ?? service.base, SILVER_ATLAS: program, DATA: process.env.DATA ?? data };
  // One file at a time: two browsers on two cores only make each other slow.
  const ran = spawn(process.execPath, ["--test", "--test-concurrency=1", "--test-reporter=spec", ...FILES.map((file) => here(file))], { stdio: "inherit", env });
  process.exitCode = await new Promise((resolve) => ran.once("exit", (code) => resolve(code ?? 1)));
} finally {
  await service?.stop();
  if (data) await rm(data, { recursive: true, force: true });
}
