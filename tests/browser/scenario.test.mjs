// A scenario made on the map: each act ends in the address that a form would lead to, and the figures are the API's.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { looked } from "./look.mjs";
import { BASE, go, json, launch, open, shot } from "./browser.mjs";

const QUESTION = "region=321302&within_m=1000&kind=canteen,meal_point";

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const told = (page, name) => new URL(page.url()).searchParams.getAll(name);

async function drawn(page, changes) {
  const there = ([state, count]) => { const { dataset } = document.getElementById("map"); return dataset.state === state && dataset.changes === String(count); };
  await page.waitForFunction(there, ["idle", changes], { timeout: 60_000 });
}

/** Where a point of the earth stands in the window. */
async function at(page, [lon, lat]) {
  await page.locator("#map").scrollIntoViewIfNeeded();
  return page.evaluate(([lon, lat]) => {
    const place = document.getElementById("map"), box = place.getBoundingClientRect(), { x, y } = place.project(lon, lat);
    return { x: box.left + x, y: box.top + y };
  }, [lon, lat]);
}

/** Clicks on a place of the map until the deed is offered there: what was just drawn may not be there to be clicked yet. */
async function pick(page, place, deed) {
  for (let tries = 1; ; tries += 1) {
    const spot = await at(page, place);
    await page.mouse.click(spot.x, spot.y);
    const offered = await page.waitForSelector(deed, { timeout: 5000 }).catch((late) => { if (tries === 4) throw late; });
    if (offered) return;
  }
}

async function asked(members) {
  const response = await fetch(`${BASE}/api/v1/coverage?${QUESTION}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(members) });
  assert.equal(response.status, 200);
  return response.json();
}

/** The page says what the API says of the same scenario. */
async function same(page, members) {
  const { after, before } = await asked(members);
  const text = (await page.locator("#result ~ .scroll").first().textContent()).replaceAll(",", "");
  for (const { totals } of [before, after]) assert.ok(text.includes(String(totals.uncovered)) && text.includes(`${(totals.share * 100).toFixed(1)}%`), text);
  const gaps = await fetch(`${BASE}/api/v1/coverage/gaps?${QUESTION}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(members) });
  const { uncovered } = await gaps.json();
  assert.deepEqual([uncovered.before, uncovered.after], [before.totals.uncovered, after.totals.uncovered]);
  assert.match(await page.locator("#desk-said").textContent(), new RegExp(`${(after.totals.share * 100).toFixed(1)}%`));
}

test("on the map a facility is added by a click, moved by dragging, closed by a button, and the figures are the API's", async () => {
  const page = await open(browser, { width: 1280, bypassCSP: true });
  await go(page, `/plan/scenario?${QUESTION}`);
  await drawn(page, 0);
  // Far from every facility, so that nothing else lies under the pointer.
  const { features: gaps } = await json(`/api/v1/coverage/gaps?${QUESTION}`);
  const [gap] = gaps.sort((a, b) => b.properties.nearest_m - a.properties.nearest_m);
  await pick(page, gap.geometry.coordinates, ".deed button >> text=在这里新增");
  await page.click(".deed button >> text=在这里新增");
  await drawn(page, 1);
  const [kind, lon, lat] = told(page, "add")[0].split(",");
  assert.deepEqual([kind, Number(lon).toFixed(4), Number(lat).toFixed(4)], ["canteen", ...gap.geometry.coordinates.map((degree) => degree.toFixed(4))]);
  await same(page, { add: [{ kind, lon: Number(lon), lat: Number(lat) }] });
  // Dragged a hundred dots to the side.
  const spot = await at(page, [Number(lon), Number(lat)]);
  await page.mouse.move(spot.x, spot.y);
  await page.mouse.down();
  await page.mouse.move(spot.x + 60, spot.y + 20, { steps: 5 });
  await page.mouse.move(spot.x + 100, spot.y + 40, { steps: 5 });
  await page.mouse.up();
  await page.waitForURL((address) => !address.href.includes(`${lon},${lat}`));
  await drawn(page, 1);
  const moved = told(page, "add")[0].split(",").slice(1).map(Number);
  const there = await at(page, moved);
  assert.ok(Math.hypot(there.x - spot.x - 100, there.y - spot.y - 40) < 8, "it stands where it was let go");
  await same(page, { add: [{ kind, lon: moved[0], lat: moved[1] }] });
  // A facility that is there, which no other covers on the screen, is closed by its button.
  const { features } = await json(`/api/v1/facilities?${QUESTION.replace("&within_m=1000", "")}&status=operating,trial&limit=1000`);
  const lonely = (one) => Math.min(...features.filter((other) => other !== one && other.geometry).map((other) => Math.hypot(other.geometry.coordinates[0] - one.geometry.coordinates[0], other.geometry.coordinates[1] - one.geometry.coordinates[1])));
  // Of two that are each other's nearest the western one: beside the other there may be no room on a narrow map.
  const [home] = features.filter((one) => one.geometry).sort((a, b) => lonely(b) - lonely(a) || a.geometry.coordinates[0] - b.geometry.coordinates[0]);
  await pick(page, home.geometry.coordinates, ".deed button >> text=假设关闭");
  await page.click(".deed button >> text=假设关闭");
  await drawn(page, 2);
  assert.deepEqual(told(page, "close"), [home.id]);
  await same(page, { add: [{ kind, lon: moved[0], lat: moved[1] }], close: [home.id] });
  // The same address without a script is the same scenario; and what was done is undone by the browser's own way back.
  const plain = await open(browser, { js: false });
  await go(plain, page.url().slice(BASE.length));
  const figures = (of) => of.locator("#result ~ .scroll").first().textContent();
  assert.equal(await figures(plain), await figures(page));
  await plain.done();
  await page.goBack();
  await drawn(page, 1);
  assert.deepEqual(told(page, "close"), []);
  await looked(page);
  await shot(page, "scenario-added-1280");
  await page.done();
});

test("what dragging does, buttons do: a facility is moved by two presses and enlarged by a number", async () => {
  const page = await open(browser, { width: 360, hasTouch: false, bypassCSP: true });
  await go(page, `/plan/scenario?${QUESTION}`);
  await drawn(page, 0);
  const { features } = await json(`/api/v1/facilities?${QUESTION.replace("&within_m=1000", "")}&status=operating,trial&limit=1000`);
  const lonely = (one) => Math.min(...features.filter((other) => other !== one && other.geometry).map((other) => Math.hypot(other.geometry.coordinates[0] - one.geometry.coordinates[0], other.geometry.coordinates[1] - one.geometry.coordinates[1])));
  // Of two that are each other's nearest the western one: beside the other there may be no room on a narrow map.
  const [home] = features.filter((one) => one.geometry).sort((a, b) => lonely(b) - lonely(a) || a.geometry.coordinates[0] - b.geometry.coordinates[0]);
  await pick(page, home.geometry.coordinates, ".deed button >> text=搬到别处");
  await page.click(".deed button >> text=搬到别处");
  const spot = await at(page, home.geometry.coordinates);
  await page.mouse.click(spot.x + 40, spot.y - 30);
  await drawn(page, 1);
  const [id, lon, lat] = told(page, "move")[0].split(",");
  assert.equal(id, home.id);
  await same(page, { move: [{ id, lon: Number(lon), lat: Number(lat) }] });
  await pick(page, [Number(lon), Number(lat)], "#desk-total");
  await page.fill("#desk-total", "77");
  await page.click(".deed button >> text=假设扩建");
  await drawn(page, 2);
  assert.match(told(page, "enlarge")[0], new RegExp(`^${home.id},[a-z_]+,77$`));
  await looked(page);
  await shot(page, "scenario-moved-360");
  await page.done();
});
