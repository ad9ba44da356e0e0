// People who sign in, made beside the running service, and what they find there: a home of their own, a duplicate, a request.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { BASE, go, json, nearest } from "./browser.mjs";

const PASSWORD = "a long password";
const DATA = process.env.DATA;
/** Why there can be no accounts; empty where there can. */
export const missing = DATA ? "" : "no data directory is named, so there can be no accounts";

function program(args, input) {
  const ran = spawnSync(process.env.SILVER_ATLAS, [...args, "--data-dir", DATA], {
    input, encoding: "utf8", cwd: fileURLToPath(new URL("../..", import.meta.url)), env: { ...process.env, DATABASE_URL: undefined, SILVER_ATLAS_LOG: "warn" },
  });
  if (ran.status !== 0) throw new Error(`${args.join(" ")}: ${ran.stderr}`);
  return ran.stdout.trim();
}

/** An account of a name that is new in every run. */
export function account(role, ...more) {
  const name = `${role}-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  program(["account", "add", name, "--role", role, ...more, "--password-stdin"], PASSWORD);
  return name;
}

export async function signIn(page, name) {
  await page.fill("#name", name);
  await page.fill("#password", PASSWORD);
  await page.follow("form[action='/sign-in'] button");
}

/** By the API, with a token of this account. */
export async function send(name, method, path, body, headers = {}) {
  const token = program(["account", "token", name, "--days", "1"]);
  const response = await fetch(BASE + path, { method, body: JSON.stringify(body), headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers } });
  if (!response.ok) throw new Error(`${response.status} ${method} ${path}: ${await response.text()}`);
  return response.status === 204 ? null : response.json();
}

/** A manager and a bureau, the manager's home, a second record of it, one that was withdrawn, a request and a correction. */
export async function settle() {
  const [home] = await nearest("residential", 1);
  const [region] = (await json(`/api/v1/regions/${home.properties.region.code}`)).properties.path.filter((above) => above.code.endsWith("00") && !above.code.endsWith("0000"));
  const city = region?.code ?? home.properties.region.code;
  const bureau = account("bureau", "--region", city);
  const manager = account("manager", "--facility", home.id);
  const [lon, lat] = home.geometry.coordinates;
  const twin = (name, mark) => send(bureau, "POST", "/api/v1/facilities?another=true", {
    name, kind: home.properties.kind, region: home.properties.region.code, address: "示例路 8 号", phone: "0527-5555-0142", place: { lon, lat, datum: "wgs84" }, code: `${mark}-${process.pid}-${Date.now()}`,
  });
  const double = await twin(home.properties.name, "D");
  const mistake = await twin("录错的养老院", "M");
  await send(bureau, "DELETE", `/api/v1/facilities/${mistake.id}?reason=${encodeURIComponent("录错了")}`, undefined, { "if-match": '"1"' });
  const { properties } = await json(`/api/v1/facilities/${home.id}`);
  const wish = { name: `${properties.name}（新）`, operator: "示例养老服务公司", request_note: "换了牌子" };
  const { change_request: request } = await send(manager, "PATCH", `/api/v1/facilities/${home.id}`, wish, { "if-match": `"${properties.version}"` });
  const claim = await send(bureau, "POST", "/api/v1/claims", { region: city, indicator: "1", value: 3, source: `报纸 ${Date.now()}` });
  return { bureau, manager, home: home.id, city, double: double.id, gone: mistake.id, request, claim: claim.id };
}

/** The staff's pages: a name, the address, and whose page it is. */
export function staffPages({ home, double, gone, request, city, claim }) {
  return [
    ["my-manager", "/my", "manager"],
    ["capacity", `/f/${home}/capacity`, "manager"],
    ["edit-manager", `/f/${home}/edit`, "manager"],
    ["history-manager", `/f/${home}/history`, "manager"],
    ["my-bureau", "/my", "bureau"],
    ["facility-bureau", `/f/${home}`, "bureau"],
    ["edit-bureau", `/f/${home}/edit`, "bureau"],
    ["history-bureau", `/f/${home}/history`, "bureau"],
    ["history-withdrawn", `/f/${gone}/history`, "bureau"],
    ["withdrawn", `/f/${gone}`, "bureau"],
    ["desk", "/desk", "bureau"],
    ["desk-request", `/desk/requests/${request}`, "bureau"],
    ["desk-regions", `/desk/regions?region=${city}`, "bureau"],
    ["register-kind", "/desk/register", "bureau"],
    ["register", "/desk/register?kind=nursing_home", "bureau"],
    ["merge-choose", `/f/${double}/merge`, "bureau"],
    ["merge", `/f/${double}/merge?into=${home}`, "bureau"],
    ["withdraw", `/f/${double}/withdraw`, "bureau"],
    ["keep-targets", `/plan/targets?region=${city}`, "bureau"],
    ["keep-programmes", `/plan/programmes?region=${city}&programme=retrofit&metric=households`, "bureau"],
    ["keep-claim", `/plan/claims?id=${claim}`, "bureau"],
    ["remove-claim", `/plan/claims/${claim}/remove`, "bureau"],
    ["report-sent", `/f/${home}/report?sent=1`, "bureau"],
  ];
}

/** A page of this account, signed in. */
export async function signedIn(page, name) {
  await go(page, "/sign-in");
  await signIn(page, name);
  return page;
}
