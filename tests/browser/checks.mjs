// What a page is looked at for, besides axe's rules. Each function runs inside the page and answers what is wrong.

/** Text sizes, line heights, targets, labels, tables, languages, handlers, dialogs: what axe does not see. */
export function faults() {
  const wrong = [];
  const shown = (element) => element.checkVisibility?.({ checkOpacity: false, checkVisibilityCSS: true }) && element.getClientRects().length > 0;
  const name = (element) => `<${element.tagName.toLowerCase()} class="${element.className?.baseVal ?? element.className}"> ${element.textContent.trim().slice(0, 30)}`;

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !shown(element) || element.closest("svg, script, option, .mark, .seal, .skip")) continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    if (size < 18) wrong.push(`text of ${size} px: ${name(element)}`);
    // Headings and single words on buttons may stand closer; what runs over lines may not.
    const prose = element.closest("p, li, dd, td, label") && !element.closest(".button, button, h1, h2, h3, summary, .big, .figure, .brand, .row, .maplibregl-map");
    if (prose && parseFloat(style.lineHeight) < 1.5 * size - 0.1) wrong.push(`line height ${style.lineHeight} for ${size} px: ${name(element)}`);
  }

  for (const target of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, label.check, label.tile")) {
    if (!shown(target) || target.closest(".skip")) continue;
    // A tick box is pressed by its label; a link inside a sentence is exempt.
    if (target.matches("input[type=checkbox], input[type=radio]") && target.closest("label")) continue;
    const style = getComputedStyle(target);
    if (target.tagName === "A" && style.display === "inline") {
      const around = [...target.parentElement.childNodes].filter((node) => node !== target).map((node) => node.textContent).join("").trim();
      if (around || target.closest("p, dd, td, li > p")) continue;
    }
    const box = target.getBoundingClientRect();
    const least = target.matches(".button, button, input, select, textarea, .row, label.tile") && !target.closest(".maplibregl-map, .map") ? 60 : 44;
    if (box.width < least - 0.5 || box.height < least - 0.5) wrong.push(`target ${box.width.toFixed()}x${box.height.toFixed()}, ${least} at least: ${name(target)}`);
  }

  for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (!field.labels?.length && !field.getAttribute("aria-label")) wrong.push(`no label: ${field.outerHTML.slice(0, 80)}`);
  }
  for (const table of document.querySelectorAll("table")) {
    if (!table.querySelector("th[scope]") || [...table.querySelectorAll("th")].some((head) => !head.scope)) wrong.push("a table's heads have no scope");
  }
  for (const element of document.querySelectorAll("[onclick], [style], dialog, [autoplay], iframe, script:not([src])")) if (!element.closest(".map")) wrong.push(`not allowed: ${element.outerHTML.slice(0, 80)}`);
  for (const tag of document.querySelectorAll(".tag, .notice, .mark")) if (!tag.textContent.trim()) wrong.push(`colour without a word: ${name(tag)}`);
  if (document.documentElement.lang === "en") {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const element = walk.currentNode.parentElement;
      if (/[\u4e00-\u9fff]/.test(walk.currentNode.data) && shown(element) && !element.closest("[lang^=zh], script")) wrong.push(`Chinese that does not say so: ${name(element)}`);
    }
  }
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
  for (const landmark of ["header", "main", "footer", "nav"]) if (!document.querySelector(landmark)) wrong.push(`no ${landmark}`);
  for (const bar of document.querySelectorAll("body *")) {
    const { position, height } = getComputedStyle(bar);
    if ((position === "sticky" || position === "fixed") && parseFloat(height) > 60) wrong.push(`a bar of ${height} stays on top: ${name(bar)}`);
  }
  return [...new Set(wrong)];
}

/** How far the page is wider than its window. A phone's layout viewport grows with what is too wide: the screen does not. */
export function overflow() {
  const root = document.documentElement;
  const width = Math.min(root.clientWidth, window.innerWidth, window.screen.width);
  if (root.scrollWidth <= width) return "";
  const widest = [...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().right > width + 1 && !element.closest(".scroll, .map, .skip"));
  return `${root.scrollWidth} > ${width}: ${widest.slice(0, 3).map((element) => element.outerHTML.slice(0, 90)).join(" | ")}`;
}

/** Where the focus is, and whether it can be seen. */
export function focus() {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element.matches(".tile input") ? element.closest(".tile") : element);
  const box = element.getBoundingClientRect();
  return {
    what: element.outerHTML.slice(0, 100),
    outlined: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2),
    inView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}
