// Draws metrics with Plotly, from the numbers of the table beside the drawing. Colours are the page's own tokens, so a
// change of theme draws anew. The library is fetched when a drawing comes into view.
import { axisOf, byKeyboard, colours, FONT_PX, layoutOf, plain, plotly, whenColoursChange, whenInView } from "./plotting.js";

const LONGEST = 28;
const drawn = new Set();

/** [{version, value}] of a metric, oldest first. In the table of a model, versions are rows; side by side, columns. */
function pointsOf(table, kind, metric) {
  if (kind === "line") {
    const column = [...table.tHead.rows[0].cells].findIndex((cell) => cell.dataset.metric === metric);
    const rows = [...table.tBodies[0].rows].reverse();
    return rows.filter((row) => row.cells[column]?.dataset.value)
      .map((row) => ({ version: row.dataset.version, value: Number(row.cells[column].dataset.value) }));
  }
  const names = [...table.tHead.rows[0].cells].map((cell) => cell.dataset.version);
  const rows = [...table.querySelectorAll("tbody[data-metrics] tr")];
  const row = rows.find((each) => each.cells[0].dataset.metric === metric);
  if (!row) return [];
  return [...row.cells].slice(1).map((cell, i) => ({ version: names[i + 1], value: cell.dataset.value }))
    .filter((point) => point.value !== undefined).map((point) => ({ ...point, value: Number(point.value) }));
}

const short = (text) => (text.length > LONGEST ? `${text.slice(0, 12)}…${text.slice(-14)}` : text);
const shown = (value) => String(Number(value.toPrecision(5)));

function figure(kind, points, c) {
  const axis = { ...axisOf(c), fixedrange: true };
  const layout = { ...layoutOf(c), showlegend: false, dragmode: false };
  const marker = { size: 9, color: c.accent, line: { color: c.surface, width: 1.5 } };
  const meta = points.map((point) => `${point.version}: ${shown(point.value)}`);
  const text = meta.map(plain);
  const values = points.map((point) => point.value);
  if (kind === "line") {
    const places = points.map((_, i) => i);
    const step = Math.max(1, Math.ceil(points.length / 8));
    const marks = places.filter((i) => i % step === 0 || i === points.length - 1 && i % step > step / 2);
    return {
      data: [{ type: "scatter", mode: "lines+markers", x: places, y: values, text, meta, hovertemplate: "%{text}<extra></extra>",
        line: { color: c.accent, width: 2 }, marker: { ...marker, size: points.length > 30 ? 5 : 8 } }],
      layout: { ...layout, height: 208,
        xaxis: { ...axis, showgrid: false, tickvals: marks, ticktext: marks.map((i) => `v${points[i].version.split(":").pop()}`) },
        yaxis: { ...axis, nticks: 5 } },
    };
  }
  const span = Math.max(...values) - Math.min(...values) || Math.abs(values[0]) || 1;
  return {
    data: [{ type: "scatter", mode: "markers+text", x: values, y: points.map((_, i) => i), text: values.map(shown),
      customdata: text, meta, hovertemplate: "%{customdata}<extra></extra>", textposition: "top center", cliponaxis: false,
      textfont: { color: c.ink, size: FONT_PX }, marker: { ...marker, size: 11 } }],
    layout: { ...layout, height: 72 + 34 * points.length,
      xaxis: { ...axis, nticks: 4, range: [Math.min(...values) - span * 0.26, Math.max(...values) + span * 0.26] },
      yaxis: { ...axis, range: [points.length - 0.4, -0.8], tickvals: points.map((_, i) => i),
        ticktext: points.map((point) => plain(short(point.version))) } },
  };
}

async function draw(box) {
  const group = box.closest("[data-charts]");
  const kind = group.dataset.charts;
  const points = pointsOf(document.querySelector(group.dataset.source), kind, box.dataset.chart);
  if (points.length < 2) return;
  const library = await plotly(group.dataset.plotly);
  const { data, layout } = figure(kind, points, colours());
  await library.react(box, data, layout, { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false });
  if (!drawn.has(box)) byKeyboard(box, library);
  drawn.add(box);
  box.dataset.drawn = "yes";
}

whenInView(document.querySelectorAll("[data-chart]"), draw);
whenColoursChange(() => { for (const box of drawn) draw(box); });
