// Lets a scenario be made on the map of /plan/scenario. Each act leads to the address that the forms and links of the page
// lead to; the page of that address then stands in this one's place, beside the map, which stays where it is.

const NAMES = ["add", "close", "move", "enlarge"];
const FIELDS = { add: ["kind", "lon", "lat", "total", "free", "rating"], move: ["id", "lon", "lat"], enlarge: ["id", "measure", "total"] };
const WORDS = new Set(["kind", "id", "measure"]);
const DRAG_PX = 4;

/** The changes that stand in an address, in the order of the page's list. */
function changes(address) {
  const told = new URL(address, location.href).searchParams;
  return NAMES.flatMap((name) => told.getAll(name).filter((raw) => raw.trim()).map((raw) => {
    const parts = raw.split(",").map((part) => part.trim());
    const item = name === "close" ? { id: raw } : Object.fromEntries(FIELDS[name].map((field, at) => [field, parts[at]]).filter(([, part]) => part).map(([field, part]) => [field, WORDS.has(field) ? part : Number(part)]));
    return { name, raw, item };
  }));
}

/** The points that nothing reaches before or after the scenario of this address; before it, where it cannot be. */
export async function gaps(question) {
  const members = {};
  for (const { name, item } of changes(location.href)) (members[name] ??= []).push(name === "close" ? item.id : item);
  const ask = (body) => fetch(`${question}&limit=5000`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  let response = await ask(members);
  if (response.status === 422) response = await ask({});
  if (!response.ok) throw new Error(`${response.status} ${question}`);
  const body = await response.json();
  return { ...body, features: body.features.filter((feature) => feature.geometry).map((feature) => ({ ...feature, properties: { ...feature.properties, id: feature.id } })) };
}

/** A circle of 128 dots across, filled by `fill` inside its edge. */
function disc(colour, dashes, fill) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 128, height: 128 });
  const pen = canvas.getContext("2d");
  const round = () => { pen.beginPath(); pen.arc(64, 64, 56, 0, 7); };
  round();
  pen.fillStyle = "rgba(255,254,251,.7)";
  pen.fill();
  pen.strokeStyle = colour;
  pen.save();
  pen.clip();
  pen.lineWidth = 6;
  if (fill) for (let at = 0; at <= 128; at += 22) for (const [x, y] of [[at, 0], [0, at]]) { pen.beginPath(); pen.moveTo(x, y); pen.lineTo(x || 128, y || 128); if (x) pen.lineTo(x, 128); pen.stroke(); }
  pen.restore();
  pen.lineWidth = 9;
  pen.setLineDash(dashes);
  round();
  pen.stroke();
  return pen.getImageData(0, 0, 128, 128);
}

/** A facility's shape in a frame; crossed out where it is closed. */
function framed(picture, crossed, { INK, PAPER, ACCENT }) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 92, height: 92 });
  const pen = canvas.getContext("2d");
  pen.fillStyle = PAPER;
  pen.fillRect(2, 2, 88, 88);
  pen.putImageData(picture, 14, 14);
  pen.strokeStyle = crossed ? INK : ACCENT;
  pen.lineWidth = 6;
  pen.strokeRect(4, 4, 84, 84);
  if (crossed) for (const [from, to] of [[8, 84], [84, 8]]) { pen.strokeStyle = PAPER; pen.lineWidth = 14; for (let turn = 0; turn < 2; turn += 1) { pen.beginPath(); pen.moveTo(8, from); pen.lineTo(84, to); pen.stroke(); pen.strokeStyle = ACCENT; pen.lineWidth = 7; } }
  return pen.getImageData(0, 0, 92, 92);
}

export async function start({ maplibre, map, place, say, text, label, halo, shape, ring, size, facilities, gaps: first, metres, colours }) {
  const { INK, ACCENT } = colours;
  const part = (id) => document.getElementById(id);
  const kinds = part("desk-kind");
  const verbs = { add: say("新增", "Add"), close: say("关闭", "Close"), move: say("搬迁", "Move"), enlarge: say("扩建", "Enlarge") };
  const category = (kind) => [...kinds.options].find((option) => option.value === kind)?.dataset.category ?? "other";
  const held = new Map(facilities.features.map((feature) => [feature.properties.id, feature]));
  let uncovered = first, after = true, moving = null, popup = null;
  const note = (words) => { part("desk-said").textContent = words; };

  const empty = { type: "FeatureCollection", features: [] };
  const bound = ["interpolate", ["exponential", 1.6], ["zoom"], 6, size(0.35), 10, size(0.6), 14, size(2)];
  for (const kind of ["residential", "community", "meals", "relief", "funeral", "other"]) {
    map.addImage(`framed-${kind}`, framed(shape(kind), false, colours), { pixelRatio: 2 });
    map.addImage(`crossed-${kind}`, framed(shape(kind), true, colours), { pixelRatio: 2 });
  }
  map.addImage("mended", disc("#14532d", [20, 14], false), { pixelRatio: 2 });
  map.addImage("lost", disc(INK, [], true), { pixelRatio: 2 });
  for (const [name, sign] of [["mended", "✓ "], ["lost", "! "]]) {
    map.addSource(name, { type: "geojson", data: empty });
    map.addLayer({ id: name, type: "symbol", source: name, paint: halo,
      layout: label(["concat", sign, ["to-string", ["get", "population"]]], { "icon-image": name, "icon-allow-overlap": true, "text-optional": true, "icon-size": bound }) });
  }
  for (const name of ["ways", "changed", "dragged"]) map.addSource(name, { type: "geojson", data: empty });
  map.addLayer({ id: "ways", type: "line", source: "ways", paint: { "line-color": ACCENT, "line-width": 3, "line-dasharray": [2, 1.5] } });
  const marks = (id) => ({ id, type: "symbol", source: id, paint: halo,
    layout: label(["get", "words"], { "icon-image": ["get", "image"], "icon-allow-overlap": true, "icon-ignore-placement": true, "text-offset": [0, 1.6], "text-anchor": "top", "text-optional": true }) });
  map.addLayer(marks("changed"));
  map.addLayer(marks("dragged"));

  const point = (lon, lat, properties) => ({ type: "Feature", properties, geometry: { type: "Point", coordinates: [lon, lat] } });
  const collection = (features) => ({ type: "FeatureCollection", features });

  /** Draws the side that is looked at. */
  function draw() {
    const told = changes(location.href), marked = [], ways = [], elsewhere = new Set();
    told.forEach(({ name, raw, item }, at) => {
      const feature = held.get(item.id), own = { name, raw, id: item.id, words: `${at + 1} ${verbs[name]}` };
      if (name === "add") marked.push(point(item.lon, item.lat, { ...own, image: `framed-${category(item.kind)}`, kind: item.kind }));
      else if (feature) {
        const to = name === "move" ? [item.lon, item.lat] : told.find((other) => other.name === "move" && other.item.id === item.id);
        const [lon, lat] = Array.isArray(to) ? to : to ? [to.item.lon, to.item.lat] : feature.geometry.coordinates;
        if (name === "move") ways.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [feature.geometry.coordinates, to] } });
        elsewhere.add(item.id);
        marked.push(point(lon, lat, { ...own, image: `${name === "close" ? "crossed" : "framed"}-${feature.properties.category}`, label: feature.properties.name }));
      }
    });
    const left = facilities.features.filter((feature) => !elsewhere.has(feature.properties.id));
    const standing = after ? [...left, ...marked.filter((mark) => mark.properties.name !== "close")] : facilities.features;
    const set = (name, features) => map.getSource(name).setData(collection(features));
    set("facilities", after ? left : facilities.features);
    set("changed", after ? marked : []);
    set("ways", after ? ways : []);
    set("reach", standing.map((feature) => ({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: ring(feature.geometry.coordinates, metres) } })));
    const shifts = (was, is) => uncovered.features.filter(({ properties }) => properties.before === was && properties.after === is);
    set("gaps", after ? shifts(true, true) : [...shifts(true, true), ...shifts(true, false)]);
    set("mended", after ? shifts(true, false) : []);
    set("lost", after ? shifts(false, true) : []);
    for (const [id, on] of [["desk-before", !after], ["desk-after", after]]) part(id).setAttribute("aria-pressed", String(on));
    place.dataset.changes = String(told.length);
  }

  /** The page of an address in this one's place, beside the map; the ordinary way where that does not work. */
  async function show(address, push) {
    popup?.remove();
    moving = null;
    place.dataset.state = "asking";
    note(say("正在计算……", "Calculating…"));
    try {
      const response = await fetch(address, { headers: { accept: "text/html" } });
      if (![200, 422].includes(response.status)) throw new Error(String(response.status));
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const desk = part("desk"), other = page.getElementById("desk");
      if (!other) throw new Error("another page");
      if (push) history.pushState(null, "", response.redirected ? response.url : address);
      uncovered = await gaps(other.querySelector("#map").dataset.gaps);
      const before = [], behind = [];
      for (let side = before, child = other.parentElement.firstElementChild; child; child = child.nextElementSibling) {
        if (child === other) side = behind;
        else side.push(child);
      }
      for (const child of [...desk.parentElement.children]) if (child !== desk) child.remove();
      desk.before(...before);
      desk.after(...behind);
      draw();
      note((part("said") ?? document.querySelector("[role=alert]"))?.textContent ?? "");
    } catch (why) {
      console.warn("the page is loaded anew:", why);
      location.assign(address);
    }
  }

  const here = () => new URL(location.href);
  /** The address with these changes taken out and this one put in. */
  function go(out, name, values) {
    const address = here();
    address.hash = "";
    const kept = changes(address).filter((change) => !out.some((one) => one.name === change.name && one.raw === change.raw));
    for (const one of NAMES) address.searchParams.delete(one);
    for (const { name, raw } of kept) address.searchParams.append(name, raw);
    if (name) address.searchParams.append(name, values.map((value) => (typeof value === "number" ? Number(value.toFixed(6)) : value)).join(","));
    return show(address.href, true);
  }
  const about = (id, name) => changes(here()).filter((change) => change.item.id === id && (!name || change.name === name));
  const settle = ({ properties }, { lng, lat }) => {
    if (properties.name === "add") {
      const own = changes(here()).find((change) => change.name === "add" && change.raw === properties.raw);
      return go([own], "add", [own.item.kind, lng, lat, ...own.raw.split(",").slice(3)]);
    }
    return go(about(properties.id, "move"), "move", [properties.id, lng, lat]);
  };

  function open(at, heading, ...parts) {
    popup?.remove();
    const body = Object.assign(document.createElement("div"), { className: "deed" });
    body.append(text("strong", heading), ...parts);
    popup = new maplibre.Popup({ maxWidth: "20rem" }).setLngLat(at).setDOMContent(body).addTo(map);
    // A popup near the edge brings the map with it, so that all its buttons can be pressed, until it is closed.
    const box = popup.getElement().getBoundingClientRect(), frame = place.getBoundingClientRect();
    const over = (start, end, from, to) => Math.max(0, end + 8 - to) - Math.max(0, from + 8 - start);
    const by = [over(box.left, box.right, frame.left, frame.right), over(box.top, box.bottom, frame.top, frame.bottom)];
    if (!by[0] && !by[1]) return;
    const center = map.getCenter();
    map.panBy(by, { animate: false });
    popup.on("close", () => map.jumpTo({ center }));
  }
  const button = (words, act, second) => Object.assign(text("button", words, { type: "button", className: second ? "second" : "" }), { onclick: act });

  function ask({ geometry, properties }) {
    const { id, name, raw } = properties;
    const feature = held.get(id), deeds = [];
    const leave = { close: say("不关了", "Do not close it"), move: say("搬回原处", "Do not move it"), enlarge: say("不扩建了", "Do not enlarge it"), add: say("去掉这一处", "Take it out") };
    if (name) deeds.push(button(leave[name], () => go([{ name, raw }])));
    if (name !== "close") deeds.push(button(say("搬到别处", "Move it elsewhere"), () => {
      popup.remove();
      moving = { properties };
      map.getCanvas().focus();
      note(say("请在地图上点新的位置；按 Esc 取消。", "Press the new place on the map; Esc cancels."));
    }, true));
    if (feature && !about(id, "close").length && !about(id, "enlarge").length && !about(id, "move").length) deeds.push(button(say("假设关闭", "Close it"), () => go([], "close", [id])));
    if (feature && !about(id, "close").length && !about(id, "enlarge").length) {
      const measures = Object.keys(feature.properties.capacity ?? {}), all = [...part("enlarge_measure").options];
      const measure = measures[0] ?? all[0].value, total = feature.properties.capacity?.[measure]?.total;
      const words = all.find((option) => option.value === measure)?.textContent ?? measure;
      const field = Object.assign(document.createElement("input"), { type: "number", min: "0", id: "desk-total", value: total ?? "" });
      const known = total === undefined ? say("现在未登记", "now unknown") : say(`现在 ${total}`, `now ${total}`);
      deeds.push(text("label", say(`${words}新的总数（${known}）`, `New total of ${words} (${known})`), { htmlFor: "desk-total" }), field,
        button(say("假设扩建", "Enlarge it"), () => field.value && go([], "enlarge", [id, measure, field.value]), true));
    }
    open(geometry.coordinates, feature?.properties.name ?? [...kinds.options].find((option) => option.value === properties.kind)?.textContent ?? "", ...deeds);
  }

  // What lies under the pointer, nearest to the top first.
  const under = (at, layers) => map.queryRenderedFeatures([[at.x - 8, at.y - 8], [at.x + 8, at.y + 8]], { layers })[0];
  // The library's copies lose what is nested, so the facility's own feature answers where there is one.
  const whole = (feature) => (feature.properties.name !== undefined && feature.layer.id === "points" ? { ...held.get(feature.properties.id), properties: { id: feature.properties.id } } : feature);
  map.on("click", (event) => {
    if (moving) return settle(moving, event.lngLat);
    const found = under(event.point, ["changed", "points"]);
    if (found) return ask(whole(found));
    const gap = under(event.point, ["gaps", "mended", "lost"]);
    // What is drawn stands on a grid of dots; what is added stands exactly there.
    const exact = gap && uncovered.features.find((feature) => feature.properties.id === gap.properties.id);
    const [lng, lat] = exact?.geometry.coordinates ?? event.lngLat.toArray();
    const kind = kinds.selectedOptions[0];
    open([lng, lat], gap ? say(`${gap.properties.name ?? ""}：${gap.properties.population} 人`, `${gap.properties.name ?? ""}: ${gap.properties.population} people`) : say("这里", "This place"),
      button(say(`在这里新增：${kind.textContent}`, `Add here: ${kind.textContent}`), () => go([], "add", [kind.value, lng, lat])));
  });

  function grab(event) {
    const { originalEvent } = event;
    if (moving || originalEvent.button || originalEvent.touches?.length > 1) return;
    const found = under(event.point, ["changed", "points"]);
    if (!found || found.properties.name === "close" && found.layer.id === "changed") return;
    event.preventDefault();
    const feature = whole(found), from = event.point, start = feature.geometry.coordinates;
    const image = found.layer.id === "changed" ? found.properties.image : `framed-${held.get(found.properties.id).properties.category}`;
    let to = null;
    const drag = ({ point: at, lngLat }) => {
      if (!to && at.dist(from) < DRAG_PX) return;
      to = lngLat;
      map.getCanvas().style.cursor = "grabbing";
      map.getSource("dragged").setData(collection([point(to.lng, to.lat, { image, words: verbs.move })]));
      map.getSource("ways").setData(collection([{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [start, to.toArray()] } }]));
    };
    const end = (let_go) => {
      for (const name of ["mousemove", "touchmove"]) map.off(name, drag);
      for (const name of ["mouseup", "touchend"]) map.off(name, drop);
      removeEventListener("keydown", stop);
      map.getCanvas().style.cursor = "";
      map.getSource("dragged").setData(empty);
      if (let_go && to) settle(feature, to);
      else draw();
    };
    const drop = () => end(true), stop = ({ key }) => key === "Escape" && end(false);
    for (const name of ["mousemove", "touchmove"]) map.on(name, drag);
    for (const name of ["mouseup", "touchend"]) map.on(name, drop);
    addEventListener("keydown", stop);
  }
  map.on("mousedown", grab);
  map.on("touchstart", grab);
  map.on("mousemove", ({ point: at }) => {
    if (map.getCanvas().style.cursor !== "grabbing") map.getCanvas().style.cursor = moving ? "crosshair" : under(at, ["changed", "points"]) ? "grab" : "crosshair";
  });
  addEventListener("keydown", ({ key }) => { if (key === "Escape" && moving) { moving = null; note(""); } });

  part("desk-before").onclick = () => { after = false; draw(); };
  part("desk-after").onclick = () => { after = true; draw(); };
  // The page's own links keep the map where it is.
  document.getElementById("main").addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='/plan/scenario?']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    show(link.href, true).then(() => document.getElementById(link.hash.slice(1))?.scrollIntoView());
  });
  addEventListener("popstate", () => show(location.href, false));
  for (const id of ["desk-tools", "desk-legend"]) part(id).hidden = false;
  draw();
  // For tests and for the curious: where something stands on the screen.
  place.project = (lon, lat) => map.project([lon, lat]);
}
