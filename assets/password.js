// Adds "show the password" to the form of signing in. Without it the form is as good.

const field = document.getElementById("password");

if (field) {
  const label = Object.assign(document.createElement("label"), { className: "check" });
  const box = Object.assign(document.createElement("input"), { type: "checkbox", id: "show-password" });
  const english = document.documentElement.lang.startsWith("en");
  label.append(box, english ? "Show the password" : "显示密码");
  field.parentElement.after(label);
  const show = () => { field.type = box.checked ? "text" : "password"; };
  box.addEventListener("change", show);
  // It is sent as a password again, so that no browser keeps it among the words that were typed.
  field.form.addEventListener("submit", () => { field.type = "password"; });
}
