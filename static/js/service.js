// The service's page: keys shown on request, ready-made calls that follow the request body, sending with Ctrl+Enter.
import { call } from "./api.js";
import { python, shell } from "./literals.js";

const MASK = "••••••••••••••••";

async function keyText(row) {
  const box = row.closest("[data-keys]");
  const error = box.querySelector("[data-keys-error]");
  error.hidden = true;
  try {
    return (await call("GET", box.dataset.keys))[row.dataset.keyField];
  } catch (problem) {
    error.textContent = problem.message;
    error.hidden = false;
    return null;
  }
}

async function toggleKey(button) {
  const row = button.closest("[data-key-field]");
  const shown = button.getAttribute("aria-pressed") === "true";
  const text = shown ? MASK : await keyText(row);
  if (text === null) return;
  row.querySelector("[data-key-text]").textContent = text;
  button.setAttribute("aria-pressed", String(!shown));
}

async function copyKey(button) {
  const text = await keyText(button.closest("[data-key-field]"));
  if (text === null) return;
  button.dataset.copy = text;
  button.click(); // the shell copies what a button carries in data-copy
  delete button.dataset.copy;
}

function drawCalls() {
  const calls = document.querySelector("[data-calls]");
  const body = document.getElementById("body");
  if (!calls || !body) return;
  const written = { cli: shell, curl: shell, python };
  for (const [language, write] of Object.entries(written)) {
    const code = calls.querySelector(`#calls-${language} + label + .panel code`);
    const text = calls.dataset[language].replace("%BODY%", () => write(body.value));
    code.textContent = text;
    code.closest(".code").querySelector("[data-copy]").dataset.copy = text;
  }
}

function checkBody() {
  const body = document.getElementById("body");
  const error = document.getElementById("body-error");
  let wrong = "";
  try {
    JSON.parse(body.value);
  } catch (problem) {
    wrong = body.value.trim() ? `This is not JSON: ${problem.message}` : "";
  }
  error.hidden = !wrong;
  error.querySelector("span").textContent = wrong;
}

document.addEventListener("click", (event) => {
  const show = event.target.closest("[data-key-show]");
  if (show) toggleKey(show);
  const copy = event.target.closest("[data-key-copy]");
  if (copy && !copy.dataset.copy) copyKey(copy);
});

document.addEventListener("input", (event) => {
  if (event.target.id !== "body") return;
  drawCalls();
  checkBody();
});

document.addEventListener("keydown", (event) => {
  if (event.target.id !== "body" || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

// Once live, the log makes room for what one came for, unless somebody is reading it.
let status = null;
document.addEventListener("deployment:state", ({ detail }) => { status = detail.status; });
document.addEventListener("deployment:end", () => {
  const attempt = document.querySelector("[data-attempt]");
  const reading = document.querySelector("[data-log]")?.dataset.following === "false";
  if (attempt && status === "live" && !reading) attempt.open = false;
});
