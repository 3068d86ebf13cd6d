// Texts as the languages of the ready-made calls write them; deployments/snippets.py does the same.
const SPACE = /("(?:\\.|[^"\\])*")|\s+/g;
const INNER_SPACE = /("(?:\\.|[^"\\])*")|([[{]) | ([\]}])/g;
const WORD = /("(?:\\.|[^"\\])*")|\b(true|false|null)\b/g;
const WORDS = { true: "True", false: "False", null: "None" };

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** JSON on one line, its numbers as they were written; what is no JSON as it is. */
function compact(body) {
  if (!isJson(body)) return body;
  const line = body.trim().replace(SPACE, (_all, string) => string ?? " ");
  return line.replace(INNER_SPACE, (_all, string, open, close) => string ?? open ?? close);
}

/** The body as a word of a shell command. */
export function shell(body) {
  const text = compact(body);
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** The body as Python writes it; what is no JSON as a string. */
export function python(body) {
  if (!isJson(body)) return JSON.stringify(body);
  return compact(body).replace(WORD, (_all, string, word) => string ?? WORDS[word]);
}
