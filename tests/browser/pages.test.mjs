// Every page, in both languages, narrow and wide: accessibility, size, reflow, focus, and no request to anyone else.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { AXE, go, launch, open, pages, shot } from "./browser.mjs";
import { overflow } from "./checks.mjs";
import { looked, walked } from "./look.mjs";

const FAMILY = ["home", "results", "results-district", "facility", "go"];
const FAMILY_LIMIT = 15 * 1024;

let browser, all;
before(async () => {
  browser = await launch();
  all = await pages();
});
after(() => browser?.close());

// English is not looked at wide: what could differ there, the length of its words, shows where it is narrow.
for (const [lang, widths] of [["zh", [360, 1280]], ["en", [360]]]) {
  for (const width of widths) {
    test(`every page is accessible in ${lang} at ${width} px`, async (t) => {
      // axe is put into the page by the tests, which the pages' own policy would rightly refuse.
      const page = await open(browser, { lang, width, bypassCSP: true });
      for (const [name, path] of all) {
        await t.test(name, async () => {
          page.asked.length = page.faults.length = 0;
          const response = await go(page, path);
          await looked(page);
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

test("everything is reached by the keyboard, the focus is always seen, and nothing breaks the pages' own policy", async () => {
  const page = await open(browser, { width: 1280 });
  for (const [name, path] of all) {
    page.faults.length = 0;
    const response = await go(page, path);
    await walked(page, name);
    assert.match(response.headers()["content-security-policy"], /default-src 'none'/, name);
    assert.deepEqual(page.faults.filter((fault) => /Content Security Policy/i.test(fault)), [], name);
  }
  await page.done();
});
