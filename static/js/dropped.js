// Files as people give them, each with the path it is registered under: a file as `model.pkl`, a folder with its own
// name in front, as `mymodel/…`.
const JUNK = new Set([".DS_Store", "Thumbs.db", "desktop.ini"]);

const wanted = ({ path }) => !JUNK.has(path.split("/").at(-1));

export function picked(input) {
  return [...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name })).filter(wanted);
}

export async function dropped(transfer) {
  // Entries must be taken before the first await: the browser empties the list afterwards.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, path: file.name })).filter(wanted);
  const found = await Promise.all(entries.map((entry) => walk(entry, "")));
  return found.flat().filter(wanted);
}

async function walk(entry, above) {
  const path = above + entry.name;
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ file, path }];
  }
  const inside = await Promise.all((await children(entry)).map((child) => walk(child, `${path}/`)));
  return inside.flat();
}

async function children(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) { // a reader hands out at most 100 entries at a time
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return all;
    all.push(...some);
  }
}
