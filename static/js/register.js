// The page that registers a model: files go up as soon as they are given, the form is sent when all have arrived.
import { call } from "./api.js";
import { receiveFiles } from "./dropped.js";
import { TagField } from "./tag_field.js";
import { Transfer, size } from "./transfer.js";

const form = document.getElementById("register");
const find = (name) => form.querySelector(`[data-${name}]`);
const transfer = new Transfer(form?.dataset.api, draw);
const rowElements = new Map();
let wantsToRegister = false;
let intake;
let tags;

function showError(field, text) {
  const box = form.querySelector(`[data-error="${field}"]`);
  box.hidden = !text;
  box.querySelector("span").textContent = text;
  const control = { name: form.elements.name, tags: tags?.input }[field];
  if (text) control?.setAttribute("aria-invalid", "true");
  else control?.removeAttribute("aria-invalid");
}

function nameFor(path) {
  const first = path.split("/")[0];
  const bare = path.includes("/") ? first : first.replace(/\.[^.]+$/, "");
  return bare.normalize("NFKD").replace(/[^a-zA-Z0-9._-]+/g, "-").replace(/^[^a-zA-Z0-9]+|-+$/g, "");
}

async function take(files) {
  showError("files", files.length ? "" : "There was no file in that.");
  if (!files.length) return;
  if (!form.elements.name.value) form.elements.name.value = nameFor(files[0].path);
  if (form.elements.name.value) showError("name", "");
  await transfer.add(files);
  await arrived();
}

async function arrived() {
  if (!transfer.complete) return;
  const guess = await transfer.guess().catch(() => null);
  if (guess) showGuess(guess);
  if (wantsToRegister) await register();
}

function showGuess(guess) {
  const { framework, framework_version: version } = form.elements;
  if (!framework.dataset.chosen) framework.value = guess.framework;
  if (!version.dataset.chosen) version.value = guess.framework_version ?? "";
  find("why").textContent = guess.why;
}

function draw() {
  const count = transfer.rows.size;
  find("transfer").hidden = !count;
  find("start-over").hidden = !count;
  find("drop").classList.toggle("small", count > 0);
  if (!count) return void find("files").replaceChildren();
  const share = transfer.total ? (100 * transfer.sent) / transfer.total : transfer.complete ? 100 : 0;
  find("progress").value = share;
  find("progress").hidden = transfer.complete;
  find("sum").textContent = summary(count);
  const rate = transfer.bytesPerSecond;
  find("speed").textContent = transfer.busy && rate ? `${size(transfer.sent)} of ${size(transfer.total)}, ${size(rate)}/s` : "";
  for (const row of transfer.all) drawRow(row);
  dropStale();
}

/** A path given again replaces its file, and with it the row that showed the old one. */
function dropStale() {
  const current = new Set(transfer.all);
  for (const [row, element] of rowElements) {
    if (current.has(row)) continue;
    element.remove();
    rowElements.delete(row);
  }
}

function summary(count) {
  const files = count === 1 ? "1 file" : `${count} files`;
  if (transfer.failed.length) return `${transfer.failed.length} of ${files} did not arrive. Nothing is registered yet.`;
  return transfer.complete ? `${files}, ${size(transfer.total)}: all here.` : `Uploading ${files}, ${size(transfer.total)}`;
}

function drawRow(row) {
  let element = rowElements.get(row);
  if (!element) {
    element = document.getElementById("file-row").content.firstElementChild.cloneNode(true);
    element.querySelector("[data-path]").textContent = row.path;
    element.querySelector("[data-retry]").addEventListener("click", () => transfer.retry(row).then(arrived));
    rowElements.set(row, element);
    find("files").append(element);
  }
  element.className = row.state;
  const share = row.file.size ? Math.floor((100 * row.sent) / row.file.size) : 0;
  const words = { waiting: "waiting", sending: `${share} %`, done: size(row.file.size), failed: row.reason };
  const state = element.querySelector("[data-state]");
  if (state.textContent !== words[row.state]) state.textContent = words[row.state];
  element.querySelector("[data-retry]").hidden = row.state !== "failed";
}

function ready() {
  const named = form.elements.name.validity.valid;
  showError("name", named ? "" : nameAdvice());
  showError("files", transfer.rows.size ? "" : "Choose a file or a folder first.");
  const tagged = tags.add();
  if (!named) form.elements.name.focus();
  return named && tagged && transfer.rows.size > 0;
}

function nameAdvice() {
  const { name } = form.elements;
  return name.value ? `Write it like “${nameFor(name.value) || "my-model"}”.` : "The model needs a name.";
}

async function submit() {
  await intake.reading;
  if (!ready()) return;
  wantsToRegister = true;
  if (transfer.failed.length) {
    wantsToRegister = false;
    showError("files", "Some files did not arrive: try them again, or start over.");
  } else if (transfer.complete) await register();
  else find("waiting").textContent = "Registers as soon as every file is here.";
}

async function register() {
  wantsToRegister = false;
  find("primary").disabled = true;
  find("waiting").textContent = "Registering…";
  const { name, description, framework, framework_version: version } = form.elements;
  try {
    const made = await call("POST", `${form.dataset.api}/models`, {
      name: name.value,
      upload: transfer.id,
      description: description.value,
      framework: framework.value,
      framework_version: version.value,
      tags: Object.fromEntries(tags.tags),
    });
    location.assign(form.dataset.done.replace("NAME", encodeURIComponent(made.name)).replace(/0\/$/, `${made.version}/`));
  } catch (problem) {
    refused(problem);
  }
}

function refused(problem) {
  find("primary").disabled = false;
  find("waiting").textContent = "";
  const field = { "name-invalid": "name", "tag-invalid": "tags", "upload-empty": "files", "upload-not-found": "files" };
  showError(field[problem.code] ?? "form", `${problem.message} ${problem.advice}`.trim());
}

function listen() {
  intake = receiveFiles(form, take);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  find("start-over").addEventListener("click", () => {
    rowElements.clear();
    wantsToRegister = false;
    transfer.startOver();
  });
  form.elements.name.addEventListener("input", () => showError("name", ""));
  for (const control of [form.elements.framework, form.elements.framework_version]) {
    control.addEventListener("input", () => { control.dataset.chosen = "yes"; });
  }
  window.addEventListener("beforeunload", (event) => {
    if (transfer.busy) event.preventDefault();
  });
}

if (form) {
  tags = new TagField(find("tags"), (text) => showError("tags", text));
  listen();
}
