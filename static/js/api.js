// The REST API, as the signed-in person, with its problem details as errors.
export const token = () => document.querySelector("meta[name=csrf-token]")?.content ?? "";

export class Problem extends Error {
  constructor(body, status) {
    super(body.detail || body.title || `The studio answered ${status}.`);
    Object.assign(this, { status, code: body.code ?? "", advice: body.advice ?? "", errors: body.errors ?? {} });
  }
}

export function parsed(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

export async function call(method, url, body) {
  const headers = { "X-CSRFToken": token(), Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Problem({ detail: "The studio does not answer.", code: "offline" }, 0);
  }
  const content = parsed(await answer.text());
  if (!answer.ok) throw new Problem(content, answer.status);
  return content;
}

/** Sends a file as the request's body; `progress` hears how many bytes have gone. fetch() cannot tell that. */
export function put(url, file, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    request.setRequestHeader("X-CSRFToken", token());
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => progress(event.loaded));
    request.addEventListener("load", () => {
      const content = parsed(request.responseText);
      if (request.status < 300) resolve(content);
      else reject(new Problem(content, request.status));
    });
    request.addEventListener("error", () => reject(new Problem({ detail: "The connection broke off.", code: "offline" }, 0)));
    request.send(file);
  });
}
