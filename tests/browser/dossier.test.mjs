// What a facility keeps beside its figures: menu, staff, licences, ratings, inspections, and the lists that a bureau looks through.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { go, json, launch, nearest, open, shot } from "./browser.mjs";
import { looked, walked } from "./look.mjs";
import { account, missing, signedIn } from "./staff.mjs";

let browser, home, meals, district, people;
before(async () => {
  browser = await launch();
  if (missing) return;
  [, home] = await nearest("residential", 2);
  [meals] = await nearest("meals", 1);
  district = home.properties.region.code.slice(0, 6);
  people = {
    manager: account("manager", "--facility", home.id, "--facility", meals.id),
    bureau: account("bureau", "--region", `${district.slice(0, 4)}00`),
  };
});
after(() => browser?.close());
const staff = (name, body) => test(name, { skip: missing || false }, body);

/** A day so many days from now, as a form writes it. */
const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const RATED = "养老机构等级（GB/T 37276）";

/** The pages: a name, the address, whose it is, and what is unfolded before it is looked at. */
const pages = () => [
  ["menu", `/f/${meals.id}/menu`, "manager"],
  ["menu-tomorrow", `/f/${meals.id}/menu?day=${day(1)}`, "manager"],
  ["caregivers", `/f/${home.id}/staff`, "manager"],
  ["licences-manager", `/f/${home.id}/licences`, "manager"],
  ["inspections-manager", `/f/${home.id}/inspections`, "manager"],
  ["expiring-manager", "/desk/expiring", "manager"],
  ["licences", `/f/${home.id}/licences`, "bureau"],
  ["ratings", `/f/${home.id}/edit`, "bureau", "summary:has-text('等级')"],
  ["inspections", `/f/${home.id}/inspections`, "bureau", "summary:has-text('登记一次检查')"],
  ["expiring", "/desk/expiring?within_days=365", "bureau"],
  ["sweep", "/desk/sweep", "bureau"],
  ["sweep-district", `/desk/sweep?region=${district}&type=safety&since=${day(-365)}`, "bureau"],
  ["inspected", `/f/${home.id}`, "bureau"],
];

/** Forms that are sent wrong: a name, where, whose, what is typed, which button, and what is said. */
const wrongs = () => [
  ["menu-wrong", `/f/${meals.id}/menu`, "manager", { "#dishes_lunch": "红烧肉", "#price_lunch": "很贵" }, "form:has(#dishes_lunch) button", /价格|很贵/],
  ["caregivers-wrong", `/f/${home.id}/staff`, "manager", { "#caregivers": "3", "#certified": "5" }, "form:has(#caregivers) button", /持证 5 人超过/],
  ["licences-wrong", `/f/${home.id}/licences`, "manager", { "#valid_from_0": day(10), "#valid_until_0": day(-10) }, "form:has(#type_0) button", /没有保存/],
  ["inspection-wrong", `/f/${home.id}/inspections`, "bureau", { "#detail_0": "插座老化" }, "form:has(#inspected_on) button", /没有保存/, "summary:has-text('登记一次检查')"],
  ["rating-wrong", `/f/${home.id}/edit`, "bureau", { "#rating_gb37276_issuer": "江苏省民政厅", "#rating_gb37276_rated_on": day(-10), "#rating_gb37276_valid_until": day(-20) }, "form:has(#phone) button", /请改正/, "summary:has-text('等级')"],
];

for (const width of [360, 1280]) {
  staff(`every page of the dossier is accessible at ${width} px`, async (t) => {
    const signed = {};
    for (const role of ["manager", "bureau"]) signed[role] = await signedIn(await open(browser, { width, bypassCSP: true }), people[role]);
    const seen = async (page, name) => {
      await looked(page);
      await shot(page, `dossier-${name}-${width}`);
    };
    for (const [name, path, role, unfold] of pages()) {
      await t.test(name, async () => {
        const page = signed[role];
        page.asked.length = page.faults.length = 0;
        const response = await go(page, path);
        assert.equal(response.status(), 200, path);
        if (unfold) await page.click(unfold);
        await seen(page, name);
        assert.deepEqual(page.faults, []);
      });
    }
    for (const [name, path, role, typed, button, said, unfold] of wrongs()) {
      await t.test(name, async () => {
        const page = signed[role];
        page.asked.length = 0;
        await go(page, path);
        if (unfold) await page.click(unfold);
        if (name === "licences-wrong") await page.selectOption("#type_0", { index: 1 });
        if (name === "rating-wrong") await page.selectOption("#rating_gb37276_level", "3");
        for (const [field, text] of Object.entries(typed)) await page.fill(field, text);
        await page.follow(button);
        assert.match(await page.locator("[role=alert]").textContent(), said);
        assert.ok(!/[a-z]{4}/i.test(await page.locator("[role=alert]").textContent()), `in Chinese: ${await page.locator("[role=alert]").textContent()}`);
        for (const [field, text] of Object.entries(typed)) assert.equal(await page.inputValue(field), text, "what was typed is still there");
        await seen(page, name);
      });
    }
    for (const page of Object.values(signed)) await page.done();
  });
}

staff("all of the dossier's forms are reached by the keyboard", async () => {
  for (const role of ["manager", "bureau"]) {
    const page = await signedIn(await open(browser, { width: 1280 }), people[role]);
    for (const [name, path] of pages().filter(([, , whose]) => whose === role)) {
      await go(page, path);
      await walked(page, name, 45);
    }
    await page.done();
  }
});

/** Counts what a person does: presses and fields typed. */
function counted(page) {
  const counter = { inputs: 0 };
  counter.press = async (what) => { counter.inputs += 1; await page.follow(what); };
  counter.type = async (what, text) => { counter.inputs += 1; await page.fill(what, text); };
  return counter;
}

staff("a manager without scripts tells today's lunch in three inputs, and a family reads it", async () => {
  const page = await signedIn(await open(browser, { js: false }), people.manager);
  await go(page, "/my");
  const three = counted(page);
  await three.press(`a[href='/f/${meals.id}/menu']`);
  await three.type("#dishes_lunch", "红烧肉、清炒时蔬、番茄蛋汤");
  await three.press("form:has(#dishes_lunch) button");
  assert.ok(three.inputs <= 3, `${three.inputs} inputs`);
  assert.match(await page.locator("[role=status]").first().textContent(), /已保存/);
  await shot(page, "journey-menu");
  const family = await open(browser, { js: false });
  await go(family, `/f/${meals.id}`);
  const menu = family.locator("section", { has: family.locator("h2", { hasText: /^菜单$/ }) });
  assert.match(await menu.textContent(), /今天 .*午餐：红烧肉、清炒时蔬、番茄蛋汤/s);
  await family.done();
  await page.done();
});

staff("a manager without scripts tells the staff, and asks for a licence, which the bureau grants", async () => {
  const page = await signedIn(await open(browser, { js: false }), people.manager);
  await go(page, `/f/${home.id}/staff`);
  await page.fill("#caregivers", "18");
  await page.fill("#certified", "15");
  await page.follow("form:has(#caregivers) button");
  assert.match(await page.locator("main").textContent(), /已保存.*护理员 18 人，持证 15 人/s);
  const { properties: { licences = [] } } = await json(`/api/v1/facilities/${home.id}`);
  await go(page, `/f/${home.id}/licences`);
  const row = licences.length;
  const number = `宿食许 ${process.pid} 号`;
  await page.selectOption(`#type_${row}`, { index: 1 });
  await page.fill(`#number_${row}`, number);
  await page.fill(`#valid_until_${row}`, day(40));
  await page.follow(`form:has(#type_${row}) button`);
  assert.match(await page.locator("[role=status]").first().textContent(), /审核/);
  await shot(page, "journey-licence-asked");
  const bureau = await signedIn(await open(browser, { js: false }), people.bureau);
  await go(bureau, "/desk");
  await bureau.follow(bureau.locator("#requests a.row", { hasText: home.properties.name }).last());
  const asked = await bureau.locator("main").textContent();
  assert.match(asked, new RegExp(`希望改为.*${number}`, "s"));
  assert.doesNotMatch(asked, /food_service|valid_until|\d{4}-\d\d-\d\d/, "in words, not as the record writes it");
  await shot(bureau, "journey-licence-review");
  await bureau.click("label.tile:has(input[value=accept])");
  await bureau.follow("main form button.full");
  await go(bureau, "/desk/expiring?within_days=90");
  assert.match(await bureau.locator("table").textContent(), new RegExp(number));
  await go(page, "/my");
  assert.match(await page.locator("main").textContent(), new RegExp(`${number}.*已同意`, "s"));
  await page.done();
  await bureau.done();
});

staff("a bureau without scripts tells of an inspection; the sweep shows what is overdue, until it is put right", async () => {
  const page = await signedIn(await open(browser, { js: false }), people.bureau);
  const overdue = async () => {
    await go(page, `/desk/sweep?region=${district}&since=${day(-30)}`);
    const figure = page.locator("dl.figures div", { hasText: "其中逾期" }).locator("dd");
    return Number(await figure.textContent());
  };
  const before = await overdue();
  await go(page, `/f/${home.id}/inspections`);
  await page.click("summary:has-text('登记一次检查')");
  await page.selectOption("#type", { index: 0 });
  await page.fill("#inspected_on", day(-20));
  await page.fill("#agencies", "民政局、消防救援大队");
  await page.click("label.tile:has(input[name=result][value=passed_with_findings])");
  await page.fill("#category_0", "消防通道");
  await page.fill("#detail_0", "二楼通道堆放杂物");
  await page.click("label.tile:has(input[name=severity_0][value=major])");
  await page.fill("#due_on_0", day(-5));
  await page.follow("form:has(#inspected_on) button");
  assert.match(await page.locator("main").textContent(), /已保存.*消防通道.*重大.*已逾期/s);
  await shot(page, "journey-inspection");
  assert.equal(await overdue(), before + 1);
  // What is overdue stands first.
  const row = page.locator("table tbody tr", { hasText: home.properties.name }).first();
  assert.match(await row.textContent(), /已查/);
  await shot(page, "journey-sweep");
  await page.follow(row.locator("a").first());
  const finding = page.locator("li.item", { hasText: "二楼通道堆放杂物" });
  await finding.locator("summary", { hasText: "确认已整改" }).click();
  await finding.locator("input[name=rectification]").fill("杂物已清走");
  await page.follow(finding.locator("form button"));
  assert.match(await page.locator("main").textContent(), /已保存.*杂物已清走/s);
  assert.equal(await overdue(), before);
  await page.done();
});

staff("a bureau rates; the last day is computed; what stood before is kept as a former rating", async () => {
  const page = await signedIn(await open(browser, { js: false }), people.bureau);
  const rate = async (level, from) => {
    await go(page, `/f/${home.id}/edit`);
    await page.click("summary:has-text('等级')");
    await page.selectOption("#rating_gb37276_level", level);
    await page.fill("#rating_gb37276_issuer", "江苏省民政厅");
    await page.fill("#rating_gb37276_rated_on", from);
    await page.fill("#rating_gb37276_valid_until", "");
    await page.follow("form:has(#phone) button");
    const said = await page.locator("main").textContent();
    await shot(page, "journey-rating-check");
    await page.follow("form:has(input[name=confirm]) button");
    return said;
  };
  const year = new Date().getFullYear();
  assert.match(await rate("3", `${year - 2}-03-01`), new RegExp(`没有填有效期，按规定算，有效至 ${year + 1} 年 3 月 1 日`));
  assert.match(await rate("4", `${year}-01-15`), new RegExp(`有效至 ${year + 3} 年 1 月 15 日`));
  const family = await open(browser, { js: false });
  await go(family, `/f/${home.id}`);
  await family.click("summary:has-text('以前的等级')");
  const said = await family.locator("main").textContent();
  assert.match(said, new RegExp(`${RATED.replace(/[()（）/]/g, ".")}：4 星，有效至 ${year + 3} 年 1 月 15 日.*江苏省民政厅`, "s"));
  assert.match(said, /以前的等级.*3 星/s);
  await shot(family, "journey-rated");
  const { ratings } = await json(`/api/v1/facilities/${home.id}/ratings`);
  assert.deepEqual(ratings.slice(0, 2).map((rating) => [rating.level, rating.issuer, rating.current]), [[4, "江苏省民政厅", true], [3, "江苏省民政厅", false]]);
  await go(page, `/f/${home.id}/history`);
  assert.match(await page.locator("li.item").first().textContent(), /等级.*3 星.*→.*4 星/s);
  await shot(page, "journey-rating-history");
  await family.done();
  await page.done();
});
