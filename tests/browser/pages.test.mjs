// Every page, in both languages, narrow and wide: accessibility, size, reflow, focus, and no request to anyone else.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { AXE, BASE, go, launch, open, pages, shot } from "./browser.mjs";
import { faults, focus, overflow } from "./checks.mjs";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
// What axe cannot decide and a person has looked at: text over the map's own canvas, and the shares in the map of regions,
// which have a halo of the page's own ground.
const REVIEWED = [".maplibregl", "#map", "text["];
const FAMILY = ["home", "results", "results-district", "facility", "go"];
const FAMILY_LIMIT = 15 * 1024;

let browser, all;
before(async () => {
  browser = await launch();
  all = await pages();
});
after(() => browser?.close());

async function settled(page) {
  if (await page.locator("#map").count()) {
    await page.waitForFunction(() => ["idle", "failed"].includes(document.getElementById("map").dataset.state), null, { timeout: 60_000 });
  }
}

async function axe(page) {
  await page.addScriptTag({ path: AXE });
  const { violations, incomplete } = await page.evaluate((values) => window.axe.run(document, { runOnly: { type: "tag", values } }), TAGS);
  const told = (rules, label) => rules.flatMap((rule) => rule.nodes
    .filter((node) => label === "violation" || !REVIEWED.some((part) => node.target.join(" ").includes(part)))
    .map((node) => `${label} ${rule.id}: ${node.target.join(" ")} ${node.failureSummary?.split("\n")[1] ?? ""}`));
  return [...told(violations, "violation"), ...told(incomplete, "incomplete")];
}

for (const lang of ["zh", "en"]) {
  for (const width of [360, 1280]) {
    test(`every page is accessible in ${lang} at ${width} px`, async (t) => {
      // axe is put into the page by the tests, which the pages' own policy would rightly refuse.
      const page = await open(browser, { lang, width, bypassCSP: true });
      for (const [name, path] of all) {
        await t.test(name, async () => {
          page.asked.length = page.faults.length = 0;
          const response = await go(page, path);
          await settled(page);
          assert.deepEqual(await page.evaluate(faults), []);
          assert.equal(await page.evaluate(overflow), "");
          assert.deepEqual(page.asked.filter((address) => !address.startsWith(BASE) && !address.startsWith("data:") && !address.startsWith("blob:")), [], "asked of others");
          assert.deepEqual(await axe(page), []);
          if (response.status() < 400) assert.deepEqual(page.faults.filter((fault) => !/WebGL|GPU/.test(fault)), []);
          await shot(page, `${name}-${lang}-${width}`);
        });
      }
      await page.done();
    });
  }
}

test("no page scrolls sideways at 320 px, with large text, at 140 % and 200 %, and with wide spacing", async (t) => {
  const spacing = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; } p { margin-bottom: 2em !important; }";
  const ways = [["at 320 px", 320, {}, ""], ["large text", 360, { text: "large" }, ""], ["high contrast", 360, { contrast: "high" }, ""],
    ["140 %", 360, {}, "html { font-size: 157.5% !important; }"], ["200 %", 360, {}, "html { font-size: 225% !important; }"], ["wide spacing", 360, {}, spacing]];
  for (const [what, width, settings, css] of ways) {
    await t.test(what, async () => {
      const page = await open(browser, { width, bypassCSP: true, ...settings });
      for (const [name, path] of all) {
        await go(page, path);
        if (css) await page.addStyleTag({ content: css });
        assert.equal(await page.evaluate(overflow), "", name);
        if (settings.text) assert.ok(await page.evaluate(() => parseFloat(getComputedStyle(document.querySelector("main")).fontSize)) >= 30, name);
        if (what !== "at 320 px" && ["home", "results", "plan"].includes(name)) await shot(page, `${name}-${what.replace(/\W+/g, "")}`);
      }
      await page.done();
    });
  }
});

test("high contrast passes axe's stricter rule too", async () => {
  const page = await open(browser, { contrast: "high", bypassCSP: true });
  for (const [name, path] of all.filter(([name]) => !["map", "plan"].includes(name))) {
    await go(page, path);
    await page.addScriptTag({ path: AXE });
    const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ["color-contrast", "color-contrast-enhanced"] }));
    assert.deepEqual(violations.flatMap((rule) => rule.nodes.map((node) => node.target.join(" "))), [], name);
  }
  await page.done();
});

test("the pages of a family are light and carry no map", async () => {
  const page = await open(browser);
  for (const [name, path] of all.filter(([name]) => FAMILY.includes(name))) {
    const bodies = [];
    const note = (response) => bodies.push(response);
    page.on("response", note);
    await go(page, path);
    page.off("response", note);
    let sum = 0;
    for (const response of bodies) {
      const type = response.headers()["content-type"] ?? "";
      assert.ok(!/maplibre|map\.(js|css)/.test(response.url()), `${name} loads ${response.url()}`);
      if (/html|css/.test(type)) sum += gzipSync(await response.body()).length;
    }
    assert.ok(sum > 1000 && sum <= FAMILY_LIMIT, `${name}: ${sum} bytes of HTML and CSS, gzip`);
  }
  await page.done();
});

test("everything is reached by the keyboard, and the focus is always seen", async () => {
  const page = await open(browser, { width: 1280 });
  for (const [name, path] of all) {
    await go(page, path);
    await settled(page);
    const reachable = await page.evaluate(() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary")].filter((element) => element.checkVisibility()).length);
    const seen = new Set();
    for (let step = 0; step < Math.min(reachable + 5, 60); step += 1) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(focus);
      if (!at) break;
      assert.ok(at.outlined, `${name}: no outline on ${at.what}`);
      assert.ok(at.inView, `${name}: out of view: ${at.what}`);
      seen.add(at.what);
    }
    assert.ok(seen.size > 5, `${name}: only ${seen.size} stops`);
  }
  await page.done();
});

test("nothing breaks the pages' own policy", async () => {
  const page = await open(browser);
  for (const [name, path] of all) {
    page.faults.length = 0;
    const response = await go(page, path);
    await settled(page);
    assert.match(response.headers()["content-security-policy"], /default-src 'none'/, name);
    assert.deepEqual(page.faults.filter((fault) => /Content Security Policy/i.test(fault)), [], name);
  }
  await page.done();
});
