// The browser of the tests, and the small tools that all of them use.
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const BASE = process.env.BASE;
export const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const SHOTS = fileURLToPath(new URL("../../target/screenshots/", import.meta.url));

const FLAGS = [
  "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic",
];

export function launch(more = []) {
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: [...FLAGS, ...more] });
}

/** A page of its own cookies; `lang`, `width`, `js` and the settings' cookies as asked. Notes requests and errors. */
export async function open(browser, { width = 360, js = true, lang = "zh", text, contrast, ...more } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 800 }, javaScriptEnabled: js, reducedMotion: "reduce", ...more });
  const cookies = Object.entries({ lang, text, contrast }).filter(([, value]) => value);
  await context.addCookies(cookies.map(([name, value]) => ({ name, value, url: BASE })));
  const page = await context.newPage();
  page.asked = [];
  page.faults = [];
  page.on("request", (request) => page.asked.push(request.url()));
  page.on("pageerror", (error) => page.faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") page.faults.push(message.text());
  });
  page.done = () => context.close();
  // A click alone does not wait for the page that it leads to.
  page.follow = (what) => Promise.all([page.waitForNavigation(), typeof what === "string" ? page.click(what) : what.click()]);
  return page;
}

export async function go(page, path) {
  const response = await page.goto(BASE + path, { waitUntil: "load" });
  return response;
}

export async function shot(page, name) {
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}${name}.png`, fullPage: true });
}

export async function json(path) {
  const response = await fetch(BASE + path);
  if (!response.ok) throw new Error(`${response.status} ${path}`);
  return response.json();
}

/** Facilities near the middle of the demo's first district: three of one category. */
export async function nearest(category, limit = 3) {
  const { features } = await json(`/api/v1/nearest?lon=118.2962&lat=33.9611&category=${category}&limit=${limit}`);
  return features;
}

/** Every page there is: a name for its screenshot, and its address. */
export async function pages() {
  const homes = await nearest("residential");
  const ids = homes.map((home) => home.id);
  return [
    ["home", "/"],
    ["home-error", "/search?q="],
    ["which", "/search?q=sc&pick=1"],
    ["nothing", "/search?q=zzzzqq"],
    ["results", "/search?q=%E5%AE%BF%E5%9F%8E&category=meals"],
    ["results-district", "/search?region=321302"],
    ["results-none", "/search?q=%E5%AE%BF%E5%9F%8E&category=residential&within_m=1"],
    ["map", "/map?region=321302&category=meals"],
    ["facility", `/f/${ids[0]}`],
    ["go", `/f/${ids[0]}/go`],
    ["report", `/f/${ids[0]}/report`],
    ["sign-in", "/sign-in"],
    ["compare", `/compare?ids=${ids.join(",")}`],
    ["compare-one", `/compare?ids=${ids[0]}`],
    ["plan", "/plan?region=321302&within_m=1000&kind=canteen,meal_point"],
    ["catchment", "/plan/catchment?region=321300&within_m=5000&kind=nursing_home&method=e2sfca&target=cn-2020"],
    ["plan-standard", "/plan?region=321300&standard=15min_0.8&detour=1.29&kind=canteen,meal_point&by=town&trend=yes"],
    ["scorecard", "/plan/scorecard?region=321300&kind=canteen,meal_point"],
    ["scenario", "/plan/scenario?region=321302&within_m=1000&kind=canteen,meal_point&add=canteen,118.3,33.9"],
    ["scenario-wrong", "/plan/scenario?region=321302&within_m=1000&kind=canteen&close=00000000-0000-0000-0000-000000000001"],
    ["scenarios", "/plan/scenarios"],
    ["siting", "/plan/siting?region=321302&kind=canteen,meal_point&within_m=1000&sites=5&objective=max_covered"],
    ["tiers", "/plan/tiers?region=321300"],
    ["tiers-rule", "/plan/tiers?region=321300&rule=street_day_care"],
    ["targets", "/plan/targets?region=371500"],
    ["programmes", "/plan/programmes?region=371500"],
    ["claims", "/plan/claims?region=371500"],
    ["plan-past", "/plan?region=321300&within_m=1000&kind=canteen,meal_point&as_of=2026-01-01"],
    ["bureau-report", "/plan/report?region=321300"],
    ["data", "/data"],
    ["accessibility", "/accessibility"],
    ["not-found", "/nowhere"],
    ["bad-parameter", "/search?q=a&widthin_m=5"],
  ];
}
