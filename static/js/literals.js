// Texts as the languages of the ready-made calls write them; deployments/snippets.py does the same.

/** A word of a shell command. */
export function shellQuoted(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** A value of JSON as Python writes it; text that is no JSON as a Python string. */
export function python(body) {
  try {
    return pythonValue(JSON.parse(body));
  } catch {
    return JSON.stringify(body);
  }
}

function pythonValue(value) {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (Array.isArray(value)) return `[${value.map(pythonValue).join(", ")}]`;
  if (typeof value === "object") {
    const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${pythonValue(item)}`);
    return `{${members.join(", ")}}`;
  }
  return JSON.stringify(value);
}
