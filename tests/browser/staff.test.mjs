// Managers and bureaus: their pages looked at like all others, and their ways through them, counted in inputs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { go, json, launch, open, shot } from "./browser.mjs";
import { overflow } from "./checks.mjs";
import { looked, walked } from "./look.mjs";
import { account, missing, settle, signIn, signedIn, staffPages } from "./staff.mjs";

let browser, house;
before(async () => {
  browser = await launch();
  if (!missing) house = await settle();
});
after(() => browser?.close());
const staff = (name, body) => test(name, { skip: missing || false }, body);

// English is not looked at wide: what could differ there, the length of its words, shows where it is narrow.
for (const [lang, widths] of [["zh", [360, 1280]], ["en", [360]]]) {
  for (const width of widths) {
    staff(`every page of the staff is accessible in ${lang} at ${width} px`, async (t) => {
      const people = {};
      for (const role of ["manager", "bureau"]) people[role] = await signedIn(await open(browser, { lang, width, bypassCSP: true }), house[role]);
      for (const [name, path, role] of staffPages(house)) {
        await t.test(name, async () => {
          const page = people[role];
          page.asked.length = page.faults.length = 0;
          const response = await go(page, path);
          assert.equal(response.status(), name === "withdrawn" ? 410 : 200, path);
          await looked(page);
          assert.equal(response.headers()["cache-control"], name === "withdrawn" || name === "facility-bureau" ? "no-cache" : "no-store");
          if (response.status() < 400) assert.deepEqual(page.faults, []);
          await shot(page, `${name}-${lang}-${width}`);
        });
      }
      await t.test("pages that a form answers with", async () => {
        const { manager, bureau } = people;
        const seen = async (page, name) => {
          page.asked.length = 0;
          await looked(page);
          await shot(page, `${name}-${lang}-${width}`);
        };
        await go(manager, `/f/${house.home}/capacity`);
        await manager.fill("#free-beds", "99999");
        await manager.follow("form:has(#free-beds) button");
        await seen(manager, "capacity-wrong");
        await go(bureau, `/f/${house.home}/edit`);
        await bureau.fill("#hours", "朝九晚五");
        await bureau.follow("form:has(#phone) button");
        await seen(bureau, "edit-wrong");
        await bureau.fill("#hours", "每天 08:00-18:00");
        await bureau.fill("#phone", "0527-5555-0155");
        await bureau.follow("form:has(#phone) button");
        await seen(bureau, "edit-check");
        await go(bureau, "/desk/register?kind=nursing_home");
        await bureau.fill("#lon", "一百一十八");
        await bureau.follow("form:has(#name) button");
        await seen(bureau, "register-wrong");
        const { properties, geometry } = await json(`/api/v1/facilities/${house.home}`);
        await bureau.fill("#name", properties.name);
        await bureau.fill("#region", properties.region.code);
        await bureau.fill("#lon", geometry.coordinates.join(","));
        await bureau.selectOption("#datum", "wgs84");
        await bureau.follow("form:has(#name) button");
        await seen(bureau, "register-check");
        await bureau.follow("button[name=revise]");
        assert.equal(await bureau.inputValue("#name"), properties.name, "what was typed is still there");
        await go(bureau, `/f/${house.double}/withdraw`);
        await bureau.follow("form:has(#reason) button");
        await seen(bureau, "withdraw-wrong");
        await go(bureau, `/f/${house.home}/report`);
        await bureau.follow("form:has(#said) button");
        await seen(bureau, "report-wrong");
      });
      await people.manager.done();
      await people.bureau.done();
    });
  }
}

staff("no page of the staff scrolls sideways with large text, and all of it is reached by the keyboard", async () => {
  for (const role of ["manager", "bureau"]) {
    const page = await signedIn(await open(browser, { text: "large" }), house[role]);
    for (const [name, path] of staffPages(house).filter(([, , whose]) => whose === role)) {
      await go(page, path);
      assert.equal(await page.evaluate(overflow), "", name);
    }
    await page.done();
    const wide = await signedIn(await open(browser, { width: 1280 }), house[role]);
    for (const [name, path] of staffPages(house).filter(([, , whose]) => whose === role)) {
      await go(wide, path);
      await walked(wide, name, 45);
    }
    await wide.done();
  }
});

/** Counts what a person does: presses and numbers typed. */
function counted(page) {
  const counter = { inputs: 0 };
  counter.press = async (what) => { counter.inputs += 1; await page.follow(what); };
  counter.type = async (what, text) => { counter.inputs += 1; await page.fill(what, text); };
  return counter;
}

staff("a manager on a phone without scripts says no change in one tap, and a number in three inputs", async () => {
  const page = await open(browser, { js: false });
  await go(page, "/my");
  assert.match(page.url(), /\/sign-in\?back=/);
  await signIn(page, account("manager", "--facility", house.home));
  const [, free] = (await page.locator("form[action$='/capacity'] button").textContent()).match(/还是 (\d+)/);
  const one = counted(page);
  await one.press("form[action$='/capacity'] button");
  assert.equal(one.inputs, 1);
  assert.match(await page.locator("[role=status]").first().textContent(), new RegExp(`已保存.*还有 ${free} 张.*时间：`, "s"));
  await shot(page, "journey-confirmed");
  await go(page, "/my");
  const three = counted(page);
  await three.press("a.button[href$='/capacity']");
  await three.type("#free-beds", String(Number(free) + 1));
  await three.press("form:has(#free-beds) button");
  assert.ok(three.inputs <= 3, `${three.inputs} inputs`);
  const said = await page.locator("[role=status]").first().textContent();
  assert.match(said, new RegExp(`原来：.*还有 ${free} 张.*现在：.*还有 ${Number(free) + 1} 张.*时间：\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d`, "s"));
  const { properties } = await json(`/api/v1/facilities/${house.home}`);
  assert.equal(properties.capacity.beds.free, Number(free) + 1);
  await page.done();
});

staff("two people on one record lose nothing: the second sees both and chooses", async () => {
  const options = { js: false, bypassCSP: true };
  const [mine, theirs] = [await open(browser, options), await open(browser, { js: false })];
  await signedIn(mine, house.manager);
  await signedIn(theirs, house.bureau);
  for (const page of [mine, theirs]) await go(page, `/f/${house.home}/capacity`);
  const { properties: { capacity: { beds: { total } } } } = await json(`/api/v1/facilities/${house.home}`);
  await theirs.fill("#free-beds", "3");
  await theirs.follow("form:has(#free-beds) button");
  await mine.fill("#free-beds", "5");
  await mine.follow("form:has(#free-beds) button");
  assert.match(await mine.locator("h1").textContent(), /别人刚改过/);
  await shot(mine, "journey-conflict-figures");
  await mine.click(`label.tile:has(input[value="${total - 3}"])`);
  await mine.follow("main form button");
  assert.match(await mine.locator("[role=status]").first().textContent(), /还有 3 张/);
  // And on the facts: what nobody else touched is not asked about.
  for (const page of [mine, theirs]) await go(page, `/f/${house.home}/edit`);
  await theirs.fill("#phone", "0527-5555-0161");
  await theirs.follow("form:has(#phone) button");
  await theirs.follow("form:has(input[name=confirm]) button");
  await mine.fill("#phone", "0527-5555-0162");
  await mine.fill("#note", "门前有坡道");
  await mine.follow("form:has(#phone) button");
  await mine.follow("form:has(input[name=confirm]) button");
  assert.equal(await mine.locator("fieldset").count(), 1);
  await shot(mine, "journey-conflict-facts");
  await mine.click("label.tile:has(input[value=theirs])");
  await mine.follow("form:has(input[name=confirm]) button");
  const { properties } = await json(`/api/v1/facilities/${house.home}`);
  assert.deepEqual([properties.phone, properties.note], ["0527-5555-0161", "门前有坡道"]);
  await mine.done();
  await theirs.done();
});

staff("the conflict pages are accessible too", async () => {
  const [mine, theirs] = [await open(browser, { bypassCSP: true }), await open(browser)];
  await signedIn(mine, house.manager);
  await signedIn(theirs, house.bureau);
  for (const page of [mine, theirs]) await go(page, `/f/${house.home}/capacity`);
  await theirs.fill("#free-beds", "4");
  await theirs.follow("form:has(#free-beds) button");
  await mine.fill("#free-beds", "6");
  await mine.follow("form:has(#free-beds) button");
  mine.asked.length = 0;
  await looked(mine);
  await walked(mine, "conflict");
  // A part of a record that is chosen piece by piece, and a form that is shown again.
  for (const page of [mine, theirs]) await go(page, `/f/${house.home}/staff`);
  await theirs.fill("#caregivers", "41");
  await theirs.follow("form:has(#caregivers) button");
  await mine.fill("#caregivers", "43");
  await mine.follow("form:has(#caregivers) button");
  mine.asked.length = 0;
  await looked(mine);
  await shot(mine, "journey-conflict-pieces");
  await go(mine, `/f/${house.home}/staff`);
  await mine.context().clearCookies({ name: "session" });
  await mine.follow("form:has(#caregivers) button");
  await looked(mine);
  await shot(mine, "journey-signed-out");
  await signIn(mine, house.manager);
  await looked(mine);
  await shot(mine, "journey-signed-in-again");
  await mine.follow("main form button");
  await looked(mine);
  await shot(mine, "journey-form-again");
  await mine.done();
  await theirs.done();
});

staff("a password can be looked at where scripts run, and nothing is missing where they do not", async () => {
  const page = await open(browser);
  await go(page, "/sign-in");
  await page.fill("#password", "a long word");
  await page.check("#show-password");
  assert.equal(await page.getAttribute("#password", "type"), "text");
  await page.uncheck("#show-password");
  assert.equal(await page.getAttribute("#password", "type"), "password");
  await page.done();
  const plain = await open(browser, { js: false });
  await go(plain, "/sign-in");
  assert.equal(await plain.locator("#show-password").count(), 0);
  await plain.done();
});

staff("a session that ended in the middle keeps what was typed", async () => {
  const page = await open(browser, { js: false });
  await signedIn(page, house.bureau);
  await go(page, `/f/${house.home}/edit`);
  const { properties: before } = await json(`/api/v1/facilities/${house.home}`);
  await page.fill("#phone", "0527-5555-0171");
  await page.fill("#services", "");
  await page.context().clearCookies({ name: "session" });
  await page.follow("form:has(#phone) button");
  assert.match(await page.locator("main").textContent(), /刚才填的内容会保留/);
  await signIn(page, house.bureau);
  assert.doesNotMatch(page.url(), /0171/, "what was typed stands in no address");
  await page.follow("main form button");
  assert.match(await page.locator("main").textContent(), /请核对后再保存/);
  assert.equal(await page.inputValue("#phone"), "0527-5555-0171");
  assert.equal(await page.inputValue("#services"), "");
  const { properties: now } = await json(`/api/v1/facilities/${house.home}`);
  assert.deepEqual([now.version, now.phone], [before.version, before.phone], "nothing is saved by itself");
  await page.done();
});

staff("a bureau registers, merges and withdraws without scripts, and a visitor is heard", async () => {
  const page = await open(browser, { js: false });
  await signedIn(page, house.bureau);
  const { properties: { region } } = await json(`/api/v1/facilities/${house.home}`);
  const name = `示例助餐点 ${process.pid}`;
  const register = async () => {
    await go(page, "/desk");
    await page.follow("a[href='/desk/register']");
    await page.selectOption("#kind", "meal_point");
    await page.follow("form:has(#kind) button");
    await page.fill("#name", name);
    await page.fill("#region", region.code);
    await page.fill("#hours", "周一至周五 10:30-13:00");
    await page.fill("#meals_per_day_total", "60");
    await page.follow("form:has(#name) button");
  };
  await register();
  await page.follow("form:has(input[name=form_key]) button");
  assert.match(await page.locator("[role=status]").first().textContent(), /已登记/);
  await register();
  assert.match(await page.locator(".notice", { hasText: "可能已经登记过了" }).textContent(), new RegExp(name));
  await page.click("label.check:has(input[name=another])");
  await page.follow("form:has(input[name=form_key]) button");
  await page.follow("main a[href^='/f/']:not([href$='/edit'])");
  await shot(page, "journey-registered");
  const id = page.url().match(/\/f\/([^/?]+)/)[1];
  await page.click("summary:has-text('可能重复登记')");
  await page.follow("a[href*='/merge?into=']");
  await page.follow("form:has(input[name=into_version]) button");
  assert.match(await page.locator("main").textContent(), /并入另一条记录/);
  await go(page, `/f/${id}`);
  assert.notEqual(page.url().match(/\/f\/([^/?]+)/)[1], id, "the old address leads to the one that stays");
  // A visitor says that it is not there; the bureau sees it, and withdraws what never was.
  const visitor = await open(browser, { js: false });
  await go(visitor, new URL(page.url()).pathname);
  await visitor.follow("a[href$='/report']");
  await visitor.click("label.tile:has(input[value=closed])");
  await visitor.fill("#said", "找不到这个地方");
  await visitor.follow("form:has(#said) button");
  assert.match(await visitor.locator("h1").textContent(), /已经收到/);
  await go(page, "/desk");
  const note = page.locator("li.item", { hasText: name });
  assert.match(await note.textContent(), /找不到这个地方/);
  await shot(page, "journey-desk");
  await page.follow(note.locator("h3 a"));
  await page.follow("a[href$='/withdraw']");
  await page.fill("#reason", "核实后没有这个地方");
  await page.follow("form:has(#reason) button");
  assert.match(await page.locator("main").textContent(), /已撤下/);
  const response = await go(visitor, new URL(page.url()).pathname);
  assert.equal(response.status(), 410);
  await go(page, "/desk");
  assert.equal(await page.locator("li.item", { hasText: name }).count(), 0);
  await visitor.done();
  await page.done();
});
