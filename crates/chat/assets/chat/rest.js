// @ts-check
// The REST API: one function per method, rate limits waited for, the server's own words in every error.

import { text } from "./text.js";

/** What the server answered instead of what was asked. */
export class RestError extends Error {
  /**
   * @param {number} status HTTP status, 0 when there was no answer
   * @param {number} code Discord's JSON error code, 0 when there was none
   * @param {string} message
   * @param {Record<string, string>} fields messages by dotted path
   */
  constructor(status, code, message, fields = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
  }

  /** The sentence for a person: the fields' texts when there are some. */
  get sentence() {
    const details = Object.entries(this.fields).map(([path, message]) => (path ? `${path}: ${message}` : message));
    return details.length ? details.join(" ") : this.message;
  }
}

/** @param {any} tree @param {string} path @param {Record<string, string>} found */
function flatten(tree, path, found) {
  if (!tree || typeof tree !== "object") return found;
  for (const [key, value] of Object.entries(tree)) {
    if (key === "_errors" && Array.isArray(value)) found[path] = value.map((entry) => entry.message).join(" ");
    else flatten(value, path ? `${path}.${key}` : key, found);
  }
  return found;
}

/** @param {number} status @param {any} body */
function failure(status, body) {
  if (status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
  const message = typeof body?.message === "string" ? body.message : text.errors.status(status);
  return new RestError(status, body?.code ?? 0, message, flatten(body?.errors, "", {}));
}

/** @param {string} body */
function parse(body) {
  try {
    return body ? JSON.parse(body) : null;
  } catch {
    return null;
  }
}

/** @param {number} seconds */
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, Math.max(0.05, seconds) * 1000));

/** The longest wait that a rate limit may ask of a person before it is shown as an error, in seconds. */
const PATIENCE = 8;

export class Rest {
  /** @param {string} base such as `/api/v10` */
  constructor(base) {
    this.base = base;
  }

  /** @param {string} path @returns {Promise<any>} */
  get(path) {
    return this.send("GET", path);
  }

  /** @param {string} path @param {any} [body] @returns {Promise<any>} */
  post(path, body) {
    return this.send("POST", path, body ?? {});
  }

  /** @param {string} path @param {any} [body] @returns {Promise<any>} */
  put(path, body) {
    return this.send("PUT", path, body);
  }

  /** @param {string} path @param {any} body @param {string} [reason] @returns {Promise<any>} */
  patch(path, body, reason) {
    return this.send("PATCH", path, body, reason);
  }

  /** @param {string} path @param {string} [reason] @returns {Promise<any>} */
  delete(path, reason) {
    return this.send("DELETE", path, undefined, reason);
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {any} [body]
   * @param {string} [reason] for the audit log
   * @returns {Promise<any>}
   */
  async send(method, path, body, reason) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (reason) headers["X-Audit-Log-Reason"] = encodeURIComponent(reason);
    for (let attempt = 0; ; attempt++) {
      let response;
      try {
        const payload = body === undefined ? undefined : JSON.stringify(body);
        response = await fetch(this.base + path, { method, headers, body: payload, credentials: "same-origin" });
      } catch {
        throw new RestError(0, 0, text.errors.network);
      }
      const answer = parse(await response.text());
      if (response.ok) return answer;
      const wait = Number(answer?.retry_after ?? response.headers.get("Retry-After") ?? 1);
      if (response.status !== 429 || wait > PATIENCE || attempt > 3) throw failure(response.status, answer);
      await pause(wait);
    }
  }

  /**
   * Sends files with a JSON part. XMLHttpRequest, because fetch does not tell how far an upload is.
   * @param {string} path
   * @param {any} payload
   * @param {File[]} files
   * @param {(part: number) => void} progress from 0 to 1
   * @returns {Promise<any>}
   */
  upload(path, payload, files, progress) {
    const form = new FormData();
    form.append("payload_json", JSON.stringify(payload));
    files.forEach((file, index) => form.append(`files[${index}]`, file, file.name));
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", this.base + path);
      request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
      request.onerror = () => reject(new RestError(0, 0, text.errors.network));
      request.onload = () => {
        const answer = parse(request.responseText);
        if (request.status < 300) return resolve(answer);
        const wait = Number(answer?.retry_after ?? 1);
        if (request.status !== 429 || wait > PATIENCE) return reject(failure(request.status, answer));
        pause(wait).then(() => this.upload(path, payload, files, progress)).then(resolve, reject);
      };
      request.send(form);
    });
  }
}
