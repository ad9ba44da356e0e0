// What people come for, step by step: with and without JavaScript, on a phone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BASE, go, json, launch, nearest, open, shot } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

for (const js of [true, false]) {
  const how = js ? "with JavaScript" : "without JavaScript";

  test(`a family finds the nearest meal in two steps, ${how}`, async () => {
    const page = await open(browser, { js });
    await go(page, "/");
    await page.fill("#q", "宿城区");
    await page.follow("form#find button[type=submit]");
    const first = page.locator("ol.list > li").first();
    const call = first.locator("a[href^='tel:']");
    assert.match(await call.getAttribute("href"), /^tel:\+86\d+$/);
    assert.match(await call.textContent(), /\d{3,4}-\d{4}-\d{4}/);
    assert.equal(await first.locator("a[href$='/go']").count(), 1);
    assert.match(await first.textContent(), /约 [\d.]+ (米|公里)/);
    assert.match(await first.textContent(), /直线/);
    assert.match(await page.locator("[role=status]").first().textContent(), /找到 \d+ 家/);
    const { features } = await json(await page.getAttribute("a[type='application/json']", "href"));
    const names = await page.locator("ol.list > li h2").allTextContents();
    assert.deepEqual(names, features.map((feature) => feature.properties.name), "the page and the API agree");
    await page.done();
  });

  test(`a family goes from a home to the way there, ${how}`, async () => {
    const page = await open(browser, { js });
    const [home] = await nearest("residential", 1);
    await go(page, `/f/${home.id}`);
    await page.follow("a[href$='/go']");
    const links = await page.locator("main ul.list a").evaluateAll((links) => links.map((link) => link.href));
    assert.equal(links.length, 5);
    assert.match(links.find((link) => link.includes("amap")), /^https:\/\/uri\.amap\.com\/navigation\?to=118\.\d+,33\.\d+,/);
    assert.match(links.find((link) => link.includes("baidu")), /latlng:33\.\d+,118\.\d+.*coord_type=gcj02/);
    const [lon, lat] = home.geometry.coordinates;
    assert.match(links.find((link) => link.startsWith("geo:")), new RegExp(`^geo:${lat.toFixed(6)}`));
    assert.notEqual(Number(links.find((link) => link.includes("amap")).match(/to=([\d.]+)/)[1]).toFixed(4), lon.toFixed(4), "shifted");
    await page.done();
  });

  test(`two homes are compared from the list, ${how}`, async () => {
    const page = await open(browser, { js });
    await go(page, "/search?q=%E5%AE%BF%E5%9F%8E&category=residential");
    for (const at of [0, 1]) await page.locator("ol.list label.check").nth(at).click();
    await page.follow("button[form=compare]");
    assert.equal(await page.locator("thead th[scope=col]").count(), 3);
    assert.ok(await page.locator("tbody th[scope=row]").count() >= 8);
    await page.done();
  });
}

test("an empty search says what is missing", async () => {
  const page = await open(browser);
  const response = await go(page, "/search?q=");
  assert.ok(response.status() < 500);
  assert.match(await page.locator("[role=alert]").textContent(), /请输入地址，或选一个区/);
  await page.done();
});

test("too narrow a search offers the next radius with its count", async () => {
  const page = await open(browser);
  await go(page, "/search?q=%E5%AE%BF%E5%9F%8E&category=residential&within_m=1");
  const wider = page.locator(".notice a", { hasText: "公里内有" }).first();
  const [, count] = (await wider.textContent()).match(/内有 (\d+) 家/);
  await page.follow(wider);
  assert.match(await page.locator("[role=status]").first().textContent(), new RegExp(`找到 ${count} 家`));
  await page.done();
});

test("language, size and contrast are kept without a script", async () => {
  const page = await open(browser, { js: false, lang: undefined });
  await go(page, "/search?q=%E5%AE%BF%E5%9F%8E");
  await page.follow("a[hreflang=en]");
  assert.equal(await page.getAttribute("html", "lang"), "en");
  await page.follow(".head a[href^='/settings?text=large']");
  await page.follow(".head a[href^='/settings?contrast=high']");
  assert.equal(await page.getAttribute("html", "class"), "large contrast");
  assert.match(page.url(), /\/search\?q=/, "back where the reader was");
  await go(page, "/data");
  assert.equal(await page.getAttribute("html", "lang"), "en");
  await shot(page, "data-en-large-contrast");
  await page.done();
});

test("every figure of capacity shows its date, and an old one says so in words", async () => {
  const page = await open(browser);
  const { features } = await json("/api/v1/facilities?category=residential&limit=50");
  for (const home of features.slice(0, 8)) {
    await go(page, `/f/${home.id}`);
    const text = await page.locator("main").textContent();
    const beds = home.properties.capacity?.beds;
    if (beds) assert.match(text, /数字日期：\d{4} 年 \d+ 月 \d+ 日/, home.properties.name);
    if (beds?.stale) assert.match(text, /数字较旧/, home.properties.name);
    if (!home.properties.uscc) assert.match(text, /未登记/);
    assert.match(text, /来源：/);
    if (home.properties.demo) assert.equal(await page.locator(".strip").count(), 1, "demo data says so");
  }
  await page.done();
});

test("my location is offered by the script and leads to the list", async () => {
  const page = await open(browser, { geolocation: { longitude: 118.2962, latitude: 33.9611 }, permissions: ["geolocation"] });
  await go(page, "/");
  await page.click("form#find button[type=button]");
  await page.waitForURL(/\/search\?lon=118\.2962&lat=33\.9611/);
  assert.ok(await page.locator("ol.list > li").count() > 0);
  await page.done();
  const plain = await open(browser, { js: false });
  await go(plain, "/");
  assert.equal(await plain.locator("form#find button[type=button]").count(), 0, "no button that does nothing");
  assert.ok(await plain.locator("ul.chips a").count() > 3, "the districts remain");
  await plain.done();
});

test("a page that is not there helps on, and the way back stays on the site", async () => {
  const page = await open(browser);
  const response = await go(page, "/f/00000000-0000-7000-8000-000000000000");
  assert.equal(response.status(), 404);
  assert.ok(await page.locator("form[role=search] #q").count(), "a search box");
  const away = await fetch(`${BASE}/settings?text=large&back=//example.org`, { redirect: "manual" });
  assert.equal(away.headers.get("location"), "/");
  await page.done();
});
