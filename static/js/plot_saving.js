// Saves a drawing as a picture, or its numbers as CSV.

const WIDTH_PX = 1000;
const SCALE = 2;

/** The drawing as the text of an SVG, on the colour of its card, with its title. */
async function svgOf(library, box, title, c) {
  const { data, layout } = box;
  const height = (layout.height ?? 300) + 48;
  const figure = { data, layout: { ...layout, width: WIDTH_PX, height, paper_bgcolor: c.surface, autosize: false,
    font: { ...layout.font, family: "sans-serif" }, title: { text: title, x: 0.01, xanchor: "left", y: 0.98, yanchor: "top", font: { size: 16, color: c.ink } },
    margin: { l: 16, r: 24, t: 76, b: 16 } } };
  const address = await library.toImage(figure, { format: "svg", width: WIDTH_PX, height });
  return { text: decodeURIComponent(address.slice(address.indexOf(",") + 1)), height };
}

/** A picture of it; the page's policy lets images come from data addresses, not from blobs. */
async function pngOf(svg, height) {
  const image = new Image(WIDTH_PX, height);
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH_PX * SCALE, height: height * SCALE });
  const context = canvas.getContext("2d");
  context.scale(SCALE, SCALE);
  context.drawImage(image, 0, 0, WIDTH_PX, height);
  return new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
}

/** A table as CSV (RFC 4180). What a spreadsheet would read as a formula stays text. */
export function csvOf(table) {
  const cell = ({ textContent }) => {
    const text = textContent.trim().replace(/^–$/, "").replace(/^([=+@\t\r]|-(?![\d.]))/, "'$1");
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [...table.rows].map((row) => `${[...row.cells].map(cell).join(",")}\r\n`).join("");
}

function download(name, blob) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** `form`: png, svg or csv. */
export async function save(form, { library, box, table, title, name, c }) {
  if (form === "csv") return download(`${name}.csv`, new Blob([csvOf(table)], { type: "text/csv" }));
  const { text, height } = await svgOf(library, box, title, c);
  const blob = form === "svg" ? new Blob([text], { type: "image/svg+xml" }) : await pngOf(text, height);
  return download(`${name}.${form}`, blob);
}
