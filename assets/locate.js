// Adds "use my location" to the search form. Without it the form, the districts and the phone number do the same work.

const form = document.getElementById("find");
const english = document.documentElement.lang.startsWith("en");
const say = (zh, en) => (english ? en : zh);

if (form && "geolocation" in navigator) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "second full", textContent: say("用我的位置", "Use my location") });
  const status = Object.assign(document.createElement("p"), { className: "status" });
  status.setAttribute("role", "status");
  form.append(button, status);

  const found = ({ coords }) => {
    // Four decimals are about ten metres: near enough to walk by, and no more than is needed.
    const asked = new URLSearchParams({ lon: coords.longitude.toFixed(4), lat: coords.latitude.toFixed(4), place: say("我的位置", "My location") });
    const category = new FormData(form).get("category");
    if (category) asked.set("category", category);
    location.assign(`${form.getAttribute("action")}?${asked}`);
  };
  const lost = () => {
    status.textContent = say("没能取得位置。请在上面输入地址，或选一个区。", "Your location is not available. Type an address above, or choose a district.");
  };

  button.addEventListener("click", () => {
    status.textContent = say("正在取得位置……", "Finding your location…");
    navigator.geolocation.getCurrentPosition(found, lost, { timeout: 10000, maximumAge: 300000 });
  });
}
