// Draws a profile from the numbers that the page carries and live_parts.js keeps fresh. What is shown is in the
// address: choosing something else changes it, and the server tells the rest.
import { byKeyboard, colours, plain, plotly, say, whenColoursChange, whenInView } from "./plotting.js";
import { save } from "./plot_saving.js";
import { percentiles, stages, used } from "./profile_one.js";
import { cold, cost, held, throughput } from "./profile_sizes.js";

const FIGURES = { throughput, percentiles, stages, used, memory: held, cost, cold };
const NARROW_PX = 480;
const USUAL = [["p", "95"], ["scale", "log"]];
const root = document.querySelector("[data-profile]");
const drawn = new Set();
const listening = new Set();

const written = () => document.getElementById("profile-data").textContent;
const numbers = () => JSON.parse(written());
let seen = written();

async function draw(box) {
  const told = numbers();
  const figure = FIGURES[box.closest("[data-profile-chart]").dataset.profileChart](told, colours(), box.clientWidth < NARROW_PX);
  drawn.add(box);
  if (!figure) return;
  const library = await plotly(root.dataset.plotly);
  const coarse = matchMedia("(pointer: coarse)").matches; // there a drag moves the page
  const layout = { uirevision: `${told.size} ${told.percentile} ${told.log}`, dragmode: coarse ? false : "zoom", ...figure.layout };
  if (box.clientWidth < NARROW_PX) narrow(layout);
  await library.react(box, figure.data, layout, { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: "reset" });
  if (!listening.has(box)) byKeyboard(box, library);
  listening.add(box);
  box.dataset.drawn = "yes";
}

/** On a phone the names of axes take more room than they are worth; sizes are written above one another. */
function narrow(layout) {
  for (const name of ["yaxis", "yaxis2"]) if (layout[name]) layout[name] = { ...layout[name], title: undefined };
  if (layout.yaxis.ticktext) {
    layout.yaxis = { ...layout.yaxis, ticktext: layout.yaxis.ticktext.map((text) => text.replace(", ", ",<br>")) };
  }
}

function redraw() {
  for (const box of drawn) draw(box);
}

/** Drawing takes CPU from what is being measured: only what is new is drawn. */
function redrawNew() {
  if (written() === seen) return;
  seen = written();
  redraw();
}

/** The address follows the form; what is the usual choice is not said there. */
function choose(form) {
  const url = new URL(location.href);
  url.search = new URLSearchParams(new FormData(form));
  for (const [name, usual] of USUAL) if (url.searchParams.get(name) === usual) url.searchParams.delete(name);
  history.replaceState(null, "", url);
  document.dispatchEvent(new CustomEvent("slipway:address"));
}

async function saveChart(button) {
  const chart = button.closest("[data-profile-chart]");
  const title = chart.querySelector("h2").textContent.trim();
  const profile = document.querySelector("h1").textContent.trim();
  const box = chart.querySelector(".chart-plot");
  await draw(box);
  await save(button.dataset.save, {
    library: await plotly(root.dataset.plotly), box, table: chart.querySelector("table"), c: colours(),
    title: plain(`${profile}: ${title}`), name: `${profile}-${chart.dataset.profileChart}`.replaceAll(/[^\w.-]+/g, "-").toLowerCase(),
  });
  say(`${title}: ${button.textContent.trim()}`);
}

for (const form of document.querySelectorAll("[data-view]")) form.addEventListener("change", () => choose(form));
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-save]");
  if (button) saveChart(button);
});
document.addEventListener("slipway:parts", redrawNew);
whenColoursChange(redraw);
whenInView(root.querySelectorAll(".chart-plot"), draw);
