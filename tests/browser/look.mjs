// How every page is looked at: by axe, by our own eyes, by its keyboard, and whether it asks anything of anybody else.
import assert from "node:assert/strict";
import { AXE, BASE } from "./browser.mjs";
import { faults, focus, overflow } from "./checks.mjs";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
// What axe cannot decide and a person has looked at: text over the map's own canvas, and the shares in the map of regions,
// which have a halo of the page's own ground.
// The signs beside a chart's names, which are no text, are said again in words.
const REVIEWED = [".maplibregl", "#map", "text[", ".key"];
const STOPS = "a[href], button, input:not([type=hidden]), select, textarea, summary";

export async function settled(page) {
  if (await page.locator("#map").count()) {
    await page.waitForFunction(() => ["idle", "failed"].includes(document.getElementById("map").dataset.state), null, { timeout: 60_000 });
  }
}

export async function axe(page) {
  await page.addScriptTag({ path: AXE });
  const { violations, incomplete } = await page.evaluate((values) => window.axe.run(document, { runOnly: { type: "tag", values } }), TAGS);
  const told = (rules, label) => rules.flatMap((rule) => rule.nodes
    .filter((node) => label === "violation" || !REVIEWED.some((part) => node.target.join(" ").includes(part)))
    .map((node) => `${label} ${rule.id}: ${node.target.join(" ")} ${node.failureSummary?.split("\n")[1] ?? ""}`));
  return [...told(violations, "violation"), ...told(incomplete, "incomplete")];
}

/** The page that is open: accessible, large enough, no wider than its window, asking nothing of others. */
export async function looked(page) {
  await settled(page);
  assert.deepEqual(await page.evaluate(faults), []);
  assert.equal(await page.evaluate(overflow), "");
  assert.deepEqual(page.asked.filter((address) => !address.startsWith(BASE) && !address.startsWith("data:") && !address.startsWith("blob:")), [], "asked of others");
  assert.deepEqual(await axe(page), []);
}

/** The page that is open: everything is reached by Tab, and the focus is seen where it is. */
export async function walked(page, name, most = 60) {
  await settled(page);
  const reachable = await page.evaluate((stops) => [...document.querySelectorAll(stops)].filter((element) => element.checkVisibility()).length, STOPS);
  const seen = new Set();
  for (let step = 0; step < Math.min(reachable + 5, most); step += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(focus);
    if (!at) break;
    assert.ok(at.outlined, `${name}: no outline on ${at.what}`);
    assert.ok(at.inView, `${name}: out of view: ${at.what}`);
    seen.add(at.what);
  }
  assert.ok(seen.size > 5, `${name}: only ${seen.size} stops`);
}
