// The page that registers a model: files go up as soon as they are given, the form is sent when all have arrived.
import { call } from "./api.js";
import { receiveFiles } from "./dropped.js";
import { timeLeft } from "./pace.js";
import { TagField } from "./tag_field.js";
import { Transfer, size } from "./transfer.js";

const ARCHIVE = /\.(zip|tar|tgz|tbz2|txz|tar\.(gz|bz2|xz))$/i;

const form = document.getElementById("register");
const find = (name) => form.querySelector(`[data-${name}]`);
const transfer = new Transfer(form?.dataset.api, draw, `slipway upload ${form?.dataset.api}`);
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
  showError("form", "");
  if (!files.length) return;
  if (!form.elements.name.value) form.elements.name.value = nameFor(files[0].path);
  if (isNamed()) showError("name", "");
  await transfer.add(files);
  await arrived();
}

async function arrived() {
  if (!transfer.complete) return;
  if (find("unpack").checked && !(await unpack())) return;
  const guess = await transfer.guess().catch(() => null);
  if (guess) showGuess(guess);
  if (wantsToRegister) await register();
}

const archives = () => transfer.all.filter(({ path }) => ARCHIVE.test(path));

/** Whether what is to be unpacked is unpacked. */
async function unpack() {
  if (transfer.unpacking) return false;
  transfer.unpacking = true;
  draw();
  try {
    for (const row of archives()) await transfer.unpack(row);
    return true;
  } catch (problem) {
    wantsToRegister = find("unpack").checked = false;
    find("waiting").textContent = "";
    showError("files", `${problem.message} ${problem.advice}`.trim());
    return false;
  } finally {
    transfer.unpacking = false;
    draw();
  }
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
  drawUnpacking();
  if (!count) return void find("files").replaceChildren();
  const share = transfer.total ? (100 * transfer.sent) / transfer.total : transfer.complete ? 100 : 0;
  find("progress").value = share;
  find("progress").hidden = transfer.complete;
  find("sum").textContent = summary(count);
  find("speed").textContent = transfer.busy ? speed() : "";
  find("pause").hidden = !transfer.busy || transfer.paused;
  find("resume").hidden = !transfer.paused;
  for (const row of transfer.all) drawRow(row);
  dropStale();
}

function drawUnpacking() {
  const found = archives();
  find("unpacking").hidden = !found.length;
  find("unpack").disabled = Boolean(transfer.unpacking);
  find("unpack-name").textContent = found.length === 1 ? found[0].path.split("/").at(-1) : `${found.length} archives`;
}

function speed() {
  const parts = [`${size(transfer.sent)} of ${size(transfer.total)}`];
  const rate = transfer.bytesPerSecond;
  if (transfer.all.some(({ holds }) => holds)) parts.push("waiting for the connection");
  else if (rate && !transfer.paused) parts.push(`${size(rate)}/s`, timeLeft(transfer.secondsLeft));
  return parts.filter(Boolean).join(", ");
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
  if (transfer.unpacking) return "Unpacking…";
  if (transfer.complete) return `${files}, ${size(transfer.total)}: all here.`;
  if (transfer.paused) return `Paused: ${files}, ${size(transfer.total)}`;
  const again = transfer.interrupted.length;
  if (again && !transfer.busy) return `${again} of ${files} broke off. Choose ${again === 1 ? "it" : "them"} again to go on, or start over.`;
  return `Uploading ${files}, ${size(transfer.total)}`;
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
  element.classList.toggle("empty-file", !row.size);
  const share = row.size ? Math.floor((100 * row.sent) / row.size) : 0;
  const words = {
    waiting: transfer.paused && row.sent ? `paused at ${share} %` : "waiting",
    sending: `${share} %`,
    done: row.size ? size(row.size) : "empty",
    failed: row.reason,
    interrupted: `${share} % is here`,
  };
  const state = element.querySelector("[data-state]");
  if (state.textContent !== words[row.state]) state.textContent = words[row.state];
  element.querySelector("[data-retry]").hidden = row.state !== "failed";
}

function ready() {
  const named = isNamed();
  showError("name", named ? "" : nameAdvice());
  showError("files", transfer.rows.size ? "" : "Choose a file or a folder first.");
  const tagged = tags.add();
  if (!named) form.elements.name.focus();
  return named && tagged && transfer.rows.size > 0;
}

function isNamed() {
  const { name } = form.elements;
  return name.validity.valid && name.value.length <= Number(name.dataset.longest);
}

function nameAdvice() {
  const { name } = form.elements;
  const most = Number(name.dataset.longest);
  if (name.value.length > most) return `A name has at most ${most} characters; this one has ${name.value.length}.`;
  return name.value ? `Write it like “${nameFor(name.value) || "my-model"}”.` : "The model needs a name.";
}

async function submit() {
  await intake.reading;
  if (!ready()) return;
  wantsToRegister = true;
  if (transfer.failed.length || transfer.interrupted.length) {
    wantsToRegister = false;
    showError("files", "Some files did not arrive: try them again, or start over.");
  } else if (transfer.complete && !transfer.unpacking) await register();
  else find("waiting").textContent = transfer.unpacking ? "Registers as soon as it is unpacked." : "Registers as soon as every file is here.";
}

async function register() {
  wantsToRegister = false;
  showError("form", "");
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
    transfer.forget();
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
    showError("form", "");
    transfer.startOver();
  });
  find("pause").addEventListener("click", async () => {
    await transfer.pause();
    find("resume").focus();
  });
  find("resume").addEventListener("click", () => {
    transfer.resume().then(arrived);
    find("pause").focus();
  });
  find("unpack").addEventListener("change", () => {
    showError("files", "");
    arrived();
  });
  // A speed that is not heard of any more falls by itself.
  setInterval(() => { if (transfer.busy) find("speed").textContent = speed(); }, 1000);
  // A name too long is told at once: it was pasted, and nobody sees its end.
  form.elements.name.addEventListener("input", ({ target }) => {
    showError("name", target.value.length > Number(target.dataset.longest) ? nameAdvice() : "");
  });
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
  transfer.recall().then(() => {
    const [first] = transfer.all;
    if (first && !form.elements.name.value) form.elements.name.value = nameFor(first.path);
    return arrived();
  });
}
