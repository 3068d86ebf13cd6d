// One file on its way by tus, which goes on where it broke off. The library is `tus`, from static/vendor/tus.min.js.
import { Problem, parsed, token } from "./api.js";

// Ten minutes of a studio that does not answer; then a person has to press "Try again".
const DELAYS = [0, 500, 1000, 2000, ...Array(150).fill(4000)];
// A connection may be lost without a word: nothing moves any more, and no error comes.
const STALLED_MS = 20_000;

/** `given`: {file, path, url (of a file begun before), endpoint}; `heard`: {progress(bytes), began(url), waits()}. */
export class Resumable {
  #upload;
  #settle;
  #watch = 0;

  constructor({ file, path, url, endpoint }, heard) {
    this.done = new Promise((resolve, reject) => { this.#settle = { resolve, reject }; });
    this.#upload = new window.tus.Upload(file, {
      endpoint,
      uploadUrl: url || null,
      metadata: { path },
      retryDelays: DELAYS,
      storeFingerprintForResuming: false, // the page remembers by itself: the upload belongs to it as well
      onBeforeRequest: (request) => request.setHeader("X-CSRFToken", token()),
      onProgress: (sent) => {
        this.#moved(sent < file.size);
        heard.progress(sent);
      },
      onUploadUrlAvailable: () => heard.began(this.#upload.url),
      onShouldRetry: (error) => {
        const again = passes(error.originalResponse?.getStatus() ?? 0);
        if (again) heard.waits();
        return again;
      },
      onSuccess: () => this.#settle.resolve(true),
      onError: (error) => this.#settle.reject(problemOf(error)),
    });
    this.go = () => this.#upload.start();
    this.stalled = () => {
      heard.waits();
      this.goOn();
    };
    window.addEventListener("online", this.goOn);
    this.done.catch(() => {}).finally(() => {
      this.#moved(false);
      window.removeEventListener("online", this.goOn);
    });
    this.go();
  }

  /** Once all is sent the studio may take long to read it over; until then something has to move. */
  #moved(watch) {
    clearTimeout(this.#watch);
    this.#watch = watch ? setTimeout(this.stalled, STALLED_MS) : 0;
  }

  // Sooner than the next of the delays.
  goOn = async () => {
    await this.#upload.abort();
    this.go();
  };

  /** Keeps what is there; `done` then resolves to false. */
  async pause() {
    await this.#upload.abort();
    this.#settle.resolve(false);
  }
}

/** What may be otherwise in a moment: no answer, a studio that starts, a file still held by a connection just lost. */
function passes(status) {
  return status === 0 || status === 409 || status === 423 || (status >= 500 && status !== 507);
}

function problemOf(error) {
  const response = error.originalResponse;
  if (!response?.getStatus()) return new Problem({ detail: "The connection broke off.", code: "offline" }, 0);
  return new Problem(parsed(response.getBody()), response.getStatus());
}
