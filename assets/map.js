// Draws the map of /map and /plan over the answer that the page already shows as a list. The page is whole without it:
// the sentence in the map's place goes away only when a map stands there.

const place = document.getElementById("map");
const sentence = document.getElementById("map-sentence");
const english = document.documentElement.lang.startsWith("en");
const say = (zh, en) => (english ? en : zh);
const FONT = ["PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", "sans-serif"];
const INK = "#1c212b", PAPER = "#fffefb", ACCENT = "#8a2f0b", QUIET = "#777b84";
const MARKS = { residential: "养", community: "社", meals: "餐", relief: "助", funeral: "墓", other: "其" };
// At most so many pages of the list are fetched at once; what does not fit is fetched for the part that the map shows.
const MOST_PAGES = 5;

const LOCALE = {
  "Map.Title": say("地图。方向键移动，加号和减号缩放；下面的清单是同样的结果", "Map. Arrow keys move it, plus and minus zoom; the list below has the same results"),
  "NavigationControl.ZoomIn": say("放大", "Zoom in"),
  "NavigationControl.ZoomOut": say("缩小", "Zoom out"),
  "Popup.Close": say("关闭", "Close"),
  "ScaleControl.Meters": say("米", "m"),
  "ScaleControl.Kilometers": say("公里", "km"),
  "CooperativeGesturesHandler.WindowsHelpText": say("按住 Ctrl 再滚动，可缩放地图", "Hold Ctrl and scroll to zoom"),
  "CooperativeGesturesHandler.MacHelpText": say("按住 ⌘ 再滚动，可缩放地图", "Hold ⌘ and scroll to zoom"),
  "CooperativeGesturesHandler.MobileHelpText": say("用两个手指移动地图", "Use two fingers to move the map"),
};

/** One shape a category, with its character: told apart without colour. */
function shape(category) {
  const size = 64, half = size / 2;
  const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
  const pen = canvas.getContext("2d");
  const corners = (...points) => points.forEach(([x, y], at) => pen[at ? "lineTo" : "moveTo"](x * size, y * size));
  pen.beginPath();
  if (category === "meals") pen.arc(half, half, half - 4, 0, 7);
  else if (category === "community") corners([.5, .04], [.95, .4], [.95, .95], [.05, .95], [.05, .4]);
  else if (category === "relief") corners([.3, .05], [.7, .05], [.95, .3], [.95, .7], [.7, .95], [.3, .95], [.05, .7], [.05, .3]);
  else if (category === "funeral") { pen.moveTo(4, 60); pen.lineTo(4, 30); pen.arc(32, 32, 28, Math.PI, 0); pen.lineTo(60, 60); }
  else corners([.06, .06], [.94, .06], [.94, .94], [.06, .94]);
  pen.closePath();
  pen.fillStyle = category === "other" ? PAPER : INK;
  pen.fill();
  pen.lineWidth = 5;
  pen.strokeStyle = category === "other" ? INK : PAPER;
  pen.stroke();
  pen.fillStyle = category === "other" ? INK : PAPER;
  pen.font = `bold 32px ${FONT.map((name) => `"${name}"`).join(",")}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(MARKS[category] ?? MARKS.other, half, category === "community" ? half + 6 : half + 2);
  return pen.getImageData(0, 0, size, size);
}

/** A hatched disc: people without a facility in reach. */
function hatched() {
  const size = 128, canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
  const pen = canvas.getContext("2d");
  pen.beginPath();
  pen.arc(64, 64, 58, 0, 7);
  pen.fillStyle = "rgba(255,254,251,.85)";
  pen.fill();
  pen.save();
  pen.clip();
  pen.strokeStyle = ACCENT;
  pen.lineWidth = 9;
  for (let at = -128; at < 128; at += 30) { pen.beginPath(); pen.moveTo(at, 128); pen.lineTo(at + 128, 0); pen.stroke(); }
  pen.restore();
  pen.lineWidth = 7;
  pen.strokeStyle = ACCENT;
  pen.stroke();
  pen.beginPath();
  pen.arc(64, 64, 58, 0, 7);
  pen.stroke();
  return pen.getImageData(0, 0, size, size);
}

async function answer(address, signal) {
  const response = await fetch(address, { signal, headers: { accept: "application/geo+json, application/json" } });
  if (!response.ok) throw new Error(`${response.status} ${address}`);
  return response.json();
}

/** All pages of a list, as far as MOST_PAGES; `matched` is how many there are in all. */
async function collect(address, signal) {
  const features = [];
  let matched = 0;
  for (let page = 0; address && page < MOST_PAGES; page += 1) {
    const body = await answer(address, signal);
    matched = body.numberMatched ?? matched;
    // The library keeps no ids that are not numbers, so they ride along as a property.
    for (const feature of body.features) if (feature.geometry) features.push({ ...feature, properties: { ...feature.properties, id: feature.id } });
    const next = (Array.isArray(body.links) ? body.links : []).find((link) => link.rel === "next");
    address = next?.href;
  }
  return { type: "FeatureCollection", features, matched: Math.max(matched, features.length), whole: !address };
}

/** A ring of so many metres around a point, near enough for drawing. */
function ring([lon, lat], metres) {
  const north = metres / 111320, east = north / Math.cos((lat * Math.PI) / 180);
  const turns = Array.from({ length: 49 }, (_, at) => (at / 24) * Math.PI);
  return [turns.map((turn) => [lon + east * Math.cos(turn), lat + north * Math.sin(turn)])];
}

function bounds(features) {
  const box = [180, 90, -180, -90];
  const take = (part) => {
    if (typeof part[0] !== "number") return part.forEach(take);
    box[0] = Math.min(box[0], part[0]); box[1] = Math.min(box[1], part[1]);
    box[2] = Math.max(box[2], part[0]); box[3] = Math.max(box[3], part[1]);
  };
  features.forEach((feature) => take(feature.geometry.coordinates));
  return box[0] > box[2] ? null : [[box[0], box[1]], [box[2], box[3]]];
}

function text(tag, content, properties = {}) {
  return Object.assign(document.createElement(tag), { textContent: content }, properties);
}

// The text with each number that the server found in it as a link. The map hands lists on as JSON.
function phoneLinks(phone, phones) {
  const nodes = [];
  let rest = phone;
  for (const { number, uri } of typeof phones === "string" ? JSON.parse(phones) : phones ?? []) {
    const at = rest.indexOf(number);
    nodes.push(rest.slice(0, at), text("a", number, { href: uri }));
    rest = rest.slice(at + number.length);
  }
  return [...nodes, rest];
}

function popup(maplibre, map, feature) {
  const { id, name, phone, phones, population, nearest_m } = feature.properties;
  const body = document.createElement("div");
  if (population === undefined) {
    body.append(text("a", name, { href: `/f/${id}` }));
    if (phone) body.append(text("br", ""), ...phoneLinks(phone, phones));
  } else {
    body.append(text("strong", name ?? ""), text("br", ""), text("span", say(`${population} 人没有覆盖`, `${population} people not covered`)));
    if (nearest_m) body.append(text("br", ""), text("span", say(`最近的直线约 ${(nearest_m / 1000).toFixed(1)} 公里`, `nearest about ${(nearest_m / 1000).toFixed(1)} km in a straight line`)));
  }
  new maplibre.Popup({ maxWidth: "20rem" }).setLngLat(feature.geometry.coordinates).setDOMContent(body).addTo(map);
}

const label = (field, more = {}) => ({ "text-field": field, "text-font": FONT, "text-size": 16, ...more });
const halo = { "text-color": INK, "text-halo-color": PAPER, "text-halo-width": 2 };

function addBorders(map, borders) {
  map.addSource("borders", { type: "geojson", data: { type: "FeatureCollection", features: borders } });
  map.addLayer({ id: "land", type: "fill", source: "borders", paint: { "fill-color": "#fbf8f2" } });
  map.addLayer({ id: "borders", type: "line", source: "borders", paint: { "line-color": QUIET, "line-width": 1.5, "line-dasharray": [4, 2] } });
}

function addFacilities(map, facilities, clustered) {
  for (const category of Object.keys(MARKS)) map.addImage(category, shape(category), { pixelRatio: 2 });
  map.addSource("facilities", { type: "geojson", data: facilities, cluster: clustered, clusterRadius: 56, clusterMaxZoom: 13 });
  const single = ["!", ["has", "point_count"]];
  map.addLayer({ id: "clusters", type: "circle", source: "facilities", filter: ["has", "point_count"],
    paint: { "circle-color": PAPER, "circle-stroke-color": ACCENT, "circle-stroke-width": 3, "circle-radius": ["step", ["get", "point_count"], 24, 100, 30, 1000, 36] } });
  map.addLayer({ id: "cluster-words", type: "symbol", source: "facilities", filter: ["has", "point_count"], paint: { "text-color": INK },
    layout: label(["concat", ["get", "point_count"], say("家", "")], { "text-allow-overlap": true }) });
  map.addLayer({ id: "points", type: "symbol", source: "facilities", filter: single, paint: halo,
    layout: label(["get", "name"], { "icon-image": ["get", "category"], "icon-allow-overlap": true, "text-offset": [0, 1.2], "text-anchor": "top", "text-optional": true, "text-max-width": 9 }) });
}

// A hatched disc's size: its area is as the people, within what can still be seen and pressed.
const size = (scale) => ["*", scale, ["interpolate", ["linear"], ["sqrt", ["get", "population"]], 0, 0.2, 30, 0.5, 100, 1.2]];

function addGaps(map, gaps, facilities, metres) {
  const reach = facilities.features.map((feature) => ({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: ring(feature.geometry.coordinates, metres) } }));
  map.addSource("reach", { type: "geojson", data: { type: "FeatureCollection", features: reach } });
  map.addLayer({ id: "reach", type: "fill", source: "reach", paint: { "fill-color": "#5b6472", "fill-opacity": 0.14 } });
  map.addLayer({ id: "reach-edge", type: "line", source: "reach", paint: { "line-color": "#5b6472", "line-width": 1 } });
  addFacilities(map, facilities, false);
  map.addImage("gap", hatched(), { pixelRatio: 2 });
  map.addSource("gaps", { type: "geojson", data: gaps });
  map.addLayer({ id: "gaps", type: "symbol", source: "gaps", paint: halo,
    layout: label(["to-string", ["get", "population"]], { "icon-image": "gap", "icon-allow-overlap": true, "text-optional": true, "symbol-sort-key": ["-", 0, ["get", "population"]],
      "icon-size": ["interpolate", ["exponential", 1.6], ["zoom"], 6, size(0.35), 10, size(0.6), 14, size(2)] }) });
}

/** Says how many of how many are drawn, where these are not all. */
function shown(drawn, matched, more) {
  const note = document.getElementById("map-shown");
  if (!note) return;
  place.dataset.drawn = drawn;
  note.hidden = drawn >= matched && !more;
  note.textContent = drawn >= matched
    ? say(`地图这一带的 ${matched.toLocaleString("zh")} 家都画出来了；移动地图会接着载入。`, `All ${matched.toLocaleString("en")} in the part shown are drawn; moving the map loads more.`)
    : say(`地图上只画了 ${matched.toLocaleString("zh")} 家中的 ${drawn.toLocaleString("zh")} 家；放大后会载入其余的。`, `${drawn.toLocaleString("en")} of ${matched.toLocaleString("en")} are shown; zoom in to load the others.`);
}

/** Fetches what the map shows wherever it comes to rest, where the whole list is too long to be drawn. */
function follow(map, listed, first, corners = [-180, -90, 180, 90]) {
  let asking = null;
  shown(first.features.length, first.matched, true);
  map.on("moveend", async () => {
    const [[west, south], [east, north]] = map.getBounds().toArray();
    const address = new URL(listed, location.href);
    // Not beyond what the list is about.
    const part = [Math.max(west, corners[0]), Math.max(south, corners[1]), Math.min(east, corners[2]), Math.min(north, corners[3])];
    if (part[0] >= part[2] || part[1] >= part[3]) return;
    address.searchParams.set("bbox", part.map((degrees) => degrees.toFixed(5)).join(","));
    asking?.abort();
    asking = new AbortController();
    place.dataset.state = "waiting";
    try {
      const found = await collect(address.href, asking.signal);
      map.getSource("facilities").setData({ type: "FeatureCollection", features: found.features });
      shown(found.features.length, found.matched, true);
    } catch (why) {
      if (why.name !== "AbortError") console.warn("the map could not load this part:", why);
    }
  });
}

function fail(why) {
  console.warn("the map cannot be shown:", why);
  place.hidden = true;
  place.dataset.state = "failed";
  sentence.hidden = false;
  sentence.textContent = say("这台设备上地图无法显示，下面是同样的结果。", "The map cannot be shown on this device; the list below has the same results.");
}

async function draw() {
  if (!document.createElement("canvas").getContext("webgl2")) throw new Error("no WebGL2");
  const { facilities: listed, gaps: gapped, borders: bordered, within, box, scenario } = place.dataset;
  // The map on which a scenario is made brings a module of its own, which gets our tools.
  const desk = scenario ? await import(scenario) : null;
  const [maplibre, facilities, gaps, ...borders] = await Promise.all([
    import("/assets/map/maplibre-gl.mjs"), collect(listed), desk ? desk.gaps(gapped) : gapped ? collect(gapped) : null,
    // A border that does not come must not take the map with it.
    ...(bordered ? bordered.split(" ") : []).map((address) => answer(address).catch(() => null)),
  ]);
  // The results decide what the map shows at first; borders only where nothing else does.
  const drawn = (gaps ?? facilities).features, whole = gaps || facilities.whole;
  const outlines = borders.flatMap((body) => body?.features ?? body ?? []).filter((feature) => feature.geometry);
  place.hidden = false;
  const corners = box?.split(",").map(Number);
  const map = new maplibre.Map({
    container: place, locale: LOCALE, attributionControl: false, cooperativeGestures: true, dragRotate: false, pitchWithRotate: false,
    touchPitch: false, maxZoom: 18, bounds: corners ? [corners.slice(0, 2), corners.slice(2)] : bounds(whole ? drawn : [...drawn, ...outlines]) ?? bounds(facilities.features) ?? bounds(outlines) ?? undefined,
    fitBoundsOptions: { padding: 40, maxZoom: 15 },
    style: { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": "#e9e7e2" } }] },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation?.();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }));
  map.addControl(new maplibre.ScaleControl({ maxWidth: 120 }));
  await new Promise((resolve) => map.once("load", resolve));
  addBorders(map, outlines);
  if (gaps) addGaps(map, gaps, facilities, Number(within));
  else addFacilities(map, facilities, true);
  if (!whole) follow(map, listed, facilities, corners);
  if (desk) await desk.start({ maplibre, map, place, say, text, label, halo, shape, ring, size, facilities, gaps, metres: Number(within), colours: { INK, PAPER, ACCENT } });
  for (const layer of ["points", "gaps", "clusters"]) {
    if (desk || !map.getLayer(layer)) continue;
    map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
    map.on("click", layer, async ({ features: [feature] }) => {
      if (layer !== "clusters") return popup(maplibre, map, feature);
      const zoom = await map.getSource("facilities").getClusterExpansionZoom(feature.properties.cluster_id);
      map.easeTo({ center: feature.geometry.coordinates, zoom, animate: !matchMedia("(prefers-reduced-motion: reduce)").matches });
    });
  }
  map.on("idle", () => {
    const layers = ["clusters", "points", "gaps", "changed"].filter((layer) => map.getLayer(layer));
    place.dataset.symbols = map.queryRenderedFeatures({ layers }).length;
    place.dataset.state = "idle";
    sentence.hidden = true;
  });
  const here = document.getElementById("search-here");
  if (here) map.on("moveend", () => {
    const [[west, south], [east, north]] = map.getBounds().toArray();
    const address = new URL(here.href);
    for (const name of ["lon", "lat", "place", "region", "page"]) address.searchParams.delete(name);
    address.searchParams.set("bbox", [west, south, east, north].map((degree) => degree.toFixed(5)).join(","));
    here.href = address.href;
    here.hidden = false;
  });
}

if (place && sentence) {
  sentence.textContent = say("地图正在载入……下面是同样的结果。", "The map is loading… the list below has the same results.");
  place.dataset.state = "loading";
  draw().catch(fail);
}
