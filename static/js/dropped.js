// Files as people give them, each with the path it is registered under: a file as `model.pkl`, a folder with its own
// name in front, as `mymodel/…`.
const JUNK = new Set([".DS_Store", "Thumbs.db", "desktop.ini"]);

const wanted = ({ path }) => !JUNK.has(path.split("/").at(-1));

/** Gives `take` the files that people drop on the form's `data-drop` or choose in its `data-pick` inputs.
 *  `reading` of what it returns is a promise while the browser still hands over a drop, else null. */
export function receiveFiles(form, take) {
  const intake = { reading: null };
  const drop = form.querySelector("[data-drop]");
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", async (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    intake.reading = dropped(event.dataTransfer).catch(() => []);
    const files = await intake.reading;
    intake.reading = null;
    take(files);
  });
  for (const input of form.querySelectorAll("[data-pick]")) {
    input.addEventListener("change", () => {
      const files = picked(input);
      input.value = ""; // so that the same file can be chosen again
      take(files);
    });
  }
  return intake;
}

function picked(input) {
  return [...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name })).filter(wanted);
}

async function dropped(transfer) {
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
