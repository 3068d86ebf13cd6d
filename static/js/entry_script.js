// A form with an entry script (deploying, profiling): its files go up as they are given, and the form waits for them.
import { receiveFiles } from "./dropped.js";
import { Transfer, size } from "./transfer.js";

const form = document.querySelector("form[data-entry-script]");
const find = (name) => form.querySelector(`[data-${name}]`);
const waiting = document.querySelector("[data-waiting]");
const transfer = form && new Transfer(form.dataset.api, draw);
let sent = false;
let intake;

async function take(files) {
  if (!files.length) return;
  const requirements = files.find(({ path }) => /(^|\/)requirements\.txt$/.test(path));
  const { requirements: field } = form.elements;
  if (requirements && !field.value.trim()) field.value = await requirements.file.text();
  await transfer.add(files);
  arrived();
}

function arrived() {
  form.elements.source_upload.value = transfer.id ?? "";
  choose();
  if (sent && transfer.complete) form.requestSubmit(document.querySelector(`[data-primary][form="${form.id}"]`));
}

function choose() {
  const select = form.elements.entry_script;
  const chosen = select.value;
  const scripts = transfer.all.map(({ path }) => path).filter((path) => path.endsWith(".py"));
  scripts.sort((one, other) => rank(one) - rank(other) || one.localeCompare(other));
  const options = scripts.map((path) => new Option(path, path));
  select.replaceChildren(...(options.length ? options : [new Option("No Python file yet", "")]));
  if (scripts.includes(chosen)) select.value = chosen;
  form.dispatchEvent(new CustomEvent("slipway:chosen"));
}

// As the server sorts them: what is named like a scoring script first, then what lies further up.
function rank(path) {
  return (path.includes("score") ? 0 : 1000) + path.split("/").length;
}

function draw() {
  const list = find("files");
  list.replaceChildren(...transfer.all.map(row));
  list.hidden = !transfer.rows.size;
  find("remove").hidden = !transfer.rows.size;
  find("script-field").hidden = !transfer.rows.size;
  const failed = transfer.failed.length;
  waiting.textContent = failed ? "Some files did not arrive: try them again." : sent ? form.dataset.entryScript : "";
}

function row(file) {
  const item = document.createElement("li");
  item.className = file.state;
  const words = { waiting: "waiting", sending: "sending", done: size(file.size), failed: file.reason };
  item.append(span("mono break grow", file.path), span("tertiary nums nowrap", words[file.state]));
  item.lastChild.dataset.state = "";
  if (file.state === "failed") {
    const again = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: "Try again" });
    again.addEventListener("click", () => transfer.retry(file).then(arrived));
    item.append(again);
  }
  return item;
}

function span(className, textContent) {
  return Object.assign(document.createElement("span"), { className, textContent });
}

async function remove() {
  await transfer.startOver();
  form.elements.source_upload.value = "";
  draw();
  choose();
}

function listen() {
  intake = receiveFiles(form, take);
  find("remove").addEventListener("click", remove);
  form.addEventListener("submit", (event) => {
    sent = intake.reading !== null || transfer.busy || transfer.failed.length > 0;
    if (!sent) return;
    event.preventDefault();
    draw();
  });
}

if (form) listen();
