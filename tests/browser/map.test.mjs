// The maps: drawn from the same answers as the lists, and not needed for them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { go, json, launch, open, shot } from "./browser.mjs";
import { overflow } from "./checks.mjs";

const MAP = "/map?region=321302&category=meals";
const PLAN = "/plan?region=321302&within_m=1000&kind=canteen,meal_point";

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

async function drawn(page) {
  await page.waitForFunction(() => document.getElementById("map").dataset.state === "idle", null, { timeout: 60_000 });
  return Number(await page.getAttribute("#map", "data-symbols"));
}

/** How many colours stand on the map's picture: a blank one has very few. */
async function colours(page) {
  const picture = await page.locator("#map").screenshot();
  const seen = await page.evaluate(async (bytes) => {
    const image = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: "image/png" }));
    const pen = new OffscreenCanvas(image.width, image.height).getContext("2d");
    pen.drawImage(image, 0, 0);
    const { data } = pen.getImageData(0, 0, image.width, image.height);
    const found = new Map();
    for (let at = 0; at < data.length; at += 4) {
      const colour = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
      found.set(colour, (found.get(colour) ?? 0) + 1);
    }
    return [...found.values()].filter((count) => count > 20).length;
  }, [...picture]);
  return seen;
}

test("the map is drawn, with symbols, and the list below has the same facilities", async () => {
  const page = await open(browser, { width: 1280 });
  await go(page, MAP);
  assert.ok(await drawn(page) > 0, "symbols");
  assert.ok(await colours(page) > 15, "not a blank picture");
  assert.ok(await page.locator("#map-sentence").isHidden());
  const source = await page.getAttribute("#map", "data-facilities");
  const { features, numberMatched } = await json(source);
  const listed = await page.locator("ol.list > li h2").allTextContents();
  const names = new Set(features.map((feature) => feature.properties.name));
  assert.ok(listed.length > 0 && listed.every((name) => names.has(name)));
  assert.match(await page.locator("#list + p").textContent(), new RegExp(`共 ${numberMatched} 家`));
  assert.match(await page.locator("main").textContent(), /不是官方边界/);
  await shot(page, "map-drawn-1280");
  await page.done();
});

test("the map is one stop of the keyboard, with a Chinese name, and the keys zoom it", async () => {
  const page = await open(browser, { width: 1280 });
  await go(page, MAP);
  await drawn(page);
  const canvas = page.locator("#map canvas");
  assert.match(await canvas.getAttribute("aria-label"), /^地图/);
  await canvas.focus();
  await page.evaluate(() => { document.getElementById("map").dataset.state = "waiting"; });
  await page.keyboard.press("+");
  await drawn(page);
  assert.ok(await page.locator("#search-here").isVisible(), "the place that the map shows can be searched");
  for (const button of await page.locator(".maplibregl-ctrl-group button").all()) {
    const box = await button.boundingBox();
    assert.ok(box.width >= 44 && box.height >= 44);
  }
  await page.follow("#search-here");
  assert.match(page.url(), /bbox=/);
  await page.done();
});

test("at the widest view facilities stand in clusters that say how many", async () => {
  const page = await open(browser, { width: 1280 });
  await go(page, "/map");
  assert.ok(await drawn(page) > 0);
  await shot(page, "map-clusters-1280");
  await page.done();
});

for (const [what, flags, js] of [["without WebGL", ["--disable-gpu", "--disable-webgl", "--disable-webgl2", "--disable-3d-apis"], true], ["without JavaScript", [], false]]) {
  test(`${what} a sentence stands in the map's place and the list is whole`, async () => {
    const other = flags.length ? await launch(flags) : browser;
    for (const path of [MAP, PLAN]) {
      const page = await open(other, { js });
      await go(page, path);
      if (js) await page.waitForFunction(() => document.getElementById("map").dataset.state === "failed");
      assert.ok(await page.locator("#map-sentence").isVisible());
      assert.ok(await page.locator("#map").isHidden());
      assert.match(await page.locator("#map-sentence").textContent(), js ? /地图无法显示/ : /地图需要 JavaScript/);
      assert.ok(await page.locator(path === MAP ? "ol.list > li" : "tbody tr").count() > 0);
      await page.done();
    }
    if (flags.length) await other.close();
  });
}

test("the plan says share, people, method and date, and its figures are the API's", async () => {
  const page = await open(browser, { width: 1280 });
  await go(page, PLAN);
  assert.ok(await drawn(page) > 0, "gaps on the map");
  await shot(page, "plan-drawn-1280");
  const answer = await json((await page.getAttribute("a[type='application/json']", "href")));
  const text = (await page.locator("main").textContent()).replaceAll(",", "");
  assert.ok(text.includes(String(answer.totals.uncovered)) && text.includes(String(answer.totals.population)));
  assert.ok(text.includes(`${(answer.totals.share * 100).toFixed(1)}%`));
  assert.match(text, /直线/);
  assert.match(text, /人口数据日期：\d{4} 年/);
  const shares = await page.locator("table").first().locator("tbody tr").count();
  assert.equal(shares, answer.rows.length);
  const [csv, gaps, geojson] = await page.locator("#files + ul a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  for (const file of [csv, gaps]) assert.match(await (await fetch(process.env.BASE + file)).text(), /^region,name,/);
  const points = await json(geojson);
  assert.equal(points.features.reduce((sum, feature) => sum + feature.properties.population, 0), answer.totals.uncovered);
  await page.done();
});

test("the plan's rows are ranked, and the order can be changed by a link", async () => {
  const page = await open(browser, { js: false });
  await go(page, PLAN);
  const column = async (at) => (await page.locator("table").first().locator(`tbody tr td:nth-of-type(${at})`).allTextContents()).map((text) => parseFloat(text.replaceAll(",", ""))).filter((value) => !Number.isNaN(value));
  const uncovered = await column(2);
  assert.deepEqual(uncovered, [...uncovered].sort((a, b) => b - a));
  await page.follow("a[href*='sort=share']");
  const share = await column(3);
  assert.deepEqual(share, [...share].sort((a, b) => a - b));
  await page.done();
});

test("the plan without a question asks the usual one", async () => {
  const page = await open(browser);
  await go(page, "/plan");
  assert.match(page.url(), /within_m=1000&kind=canteen,meal_point/);
  await page.done();
});

/** How many metres the map's scale bar stands for. */
async function scale(page) {
  const told = await page.locator(".maplibregl-ctrl-scale").textContent();
  return parseFloat(told) * (told.includes("公里") ? 1000 : 1);
}

test("the map opens on its results, wherever the borders reach", async () => {
  const page = await open(browser, { width: 1280 });
  const { features: [{ geometry: { coordinates: [lon, lat] } }] } = await json("/api/v1/facilities?region=321302&kind=meal_point&limit=1");
  await go(page, `/map?lon=${lon}&lat=${lat}&place=${encodeURIComponent("宿城区")}&category=meals&within_m=20000`);
  await drawn(page);
  assert.ok(await scale(page) <= 10_000, `the scale is ${await scale(page)} m`);
  assert.ok(await page.locator("#map-shown").isHidden(), "all results are drawn");
  await shot(page, "map-results-1280");
  await page.done();
});

test("a map that does not draw all says so, and loads the part that is looked at", async () => {
  const page = await open(browser, { width: 1280 });
  const asked = [];
  await page.route(/\/api\/v1\/facilities\?/, async (route) => {
    const address = new URL(route.request().url());
    const at = Number(address.searchParams.get("cursor") ?? 0), part = address.searchParams.has("bbox");
    asked.push(address.search);
    const one = (_, number) => ({ type: "Feature", id: `id-${at}-${number}`, geometry: { type: "Point", coordinates: [118 + (number % 40) / 100, 33.7 + Math.floor(number / 40) / 100] },
      properties: { name: `助餐点 ${at + number}`, category: "meals" } });
    const next = new URL(address);
    next.searchParams.set("cursor", at + 1000);
    const features = Array.from({ length: part ? 120 : 1000 }, one);
    await route.fulfill({ contentType: "application/geo+json", body: JSON.stringify({ type: "FeatureCollection", numberMatched: part ? 120 : 8032, features, links: part || at > 7000 ? [] : [{ rel: "next", href: next.pathname + next.search }] }) });
  });
  await go(page, MAP);
  await drawn(page);
  assert.match(await page.locator("#map-shown").textContent(), /8,032 家中的 5,000 家/);
  await shot(page, "map-part-1280");
  await page.locator("#map canvas").focus();
  await page.keyboard.press("+");
  await page.waitForFunction(() => document.getElementById("map").dataset.drawn === "120", null, { timeout: 30_000 });
  assert.ok(asked.at(-1).includes("bbox="), asked.at(-1));
  assert.match(await page.locator("#map-shown").textContent(), /120 家都画出来了/);
  await page.done();
});

test("while the map is loading the page says so, not that it needs a script", async () => {
  const page = await open(browser, { width: 1280 });
  let go_on;
  const held = new Promise((resolve) => { go_on = resolve; });
  await page.route(/\/api\/v1\/facilities\?/, async (route) => { await held; await route.continue(); });
  await page.goto(process.env.BASE + MAP, { waitUntil: "domcontentloaded" });
  await page.waitForFunction(() => document.getElementById("map").dataset.state === "loading");
  assert.match(await page.locator("#map-sentence").textContent(), /正在载入/);
  go_on();
  await drawn(page);
  assert.ok(await page.locator("#map-sentence").isHidden());
  await page.done();
});

test("three sittings a day fit on a phone", async () => {
  const { features } = await json("/api/v1/facilities?region=321300&kind=canteen&kind=meal_point&limit=1000");
  const three = features.find((feature) => feature.properties.hours === "Mo-Su 06:30-08:30,11:00-13:00,17:00-18:30");
  assert.ok(three, "the seed has one");
  const { lon, lat } = { lon: three.geometry.coordinates[0], lat: three.geometry.coordinates[1] };
  const pages = [`/f/${three.id}`, `/search?lon=${lon}&lat=${lat}&category=meals`, `/map?lon=${lon}&lat=${lat}&category=meals`, `/f/${three.id}/history`, `/compare?id=${three.id},${features[0].id}`, `/?lang=zh`];
  for (const more of [{ isMobile: true, hasTouch: true }, {}]) {
    const page = await open(browser, { width: 360, ...more });
    for (const path of pages) {
      await page.goto(process.env.BASE + path, { waitUntil: "load" });
      assert.equal(await page.evaluate(overflow), "", path);
    }
    await page.goto(process.env.BASE + pages[0]);
    await shot(page, `three-sittings-360${more.isMobile ? "-phone" : ""}`);
    await page.done();
  }
});
