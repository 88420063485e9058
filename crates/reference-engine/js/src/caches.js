import { isRequest, isResponse, Request, responseFrom, takeBody } from "./fetch.js";
import { toJson } from "./json.js";
import { natives } from "./natives.js";
import { queueTask } from "./timers.js";

/** Asks the origin's caches, in a task of its own: a disk may take its time. Tasks keep the order of the questions. */
export function ask(question, bodies = []) {
  const request = toJson(question);
  return new Promise((resolve, reject) => {
    queueTask(() => {
      try {
        const [json, ...found] = natives.caches(request, bodies.map((bytes) => bytes?.toBase64() ?? null));
        const { ok, error } = JSON.parse(json);
        if (error !== undefined) throw new DOMException(error.message, error.name);
        resolve({ ok, found });
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** The responses that a question finds. */
export async function responses(question) {
  const { ok, found } = await ask(question);
  return ok.map((parts, index) => responseFrom(parts, found[index] ? new Uint8Array(found[index]) : null));
}

/** WebIDL's `(Request or USVString)`, as a request. */
export const requestOf = (info) => (isRequest(info) ? info : new Request(`${info}`));

/** What to look for; null if nothing can be found, as only GET requests are ever kept. */
export function queryOf(info, { ignoreSearch, ignoreMethod, ignoreVary }) {
  const request = requestOf(info);
  if (request.method !== "GET" && !ignoreMethod) return null;
  return { ...partsOf(request), ignore_search: ignoreSearch, ignore_vary: ignoreVary };
}

const partsOf = ({ url, headers }) => ({ url, headers: [...headers] });

export function checkRequest({ url, method }) {
  if (!/^https?:/.test(url)) throw new TypeError(`A cache keeps answers of http and https only, not of "${url}".`);
  if (method !== "GET") throw new TypeError(`A cache keeps answers to GET only, not to ${method}.`);
}

export function checkResponse(response) {
  if (!isResponse(response)) throw new TypeError("A cache keeps a Response only.");
  if (response.status === 206) throw new TypeError("A cache keeps no partial response (206).");
  const vary = response.headers.get("vary") ?? "";
  if (vary.split(",").some((name) => name.trim() === "*")) throw new TypeError("A cache keeps no response that varies by everything (Vary: *).");
}

/** Puts all of these pairs into a cache, or none. */
export async function put(cache, pairs) {
  const bodies = pairs.map(([, response]) => takeBody(response));
  const entries = pairs.map(([request, response]) => {
    const { type, redirected, status, statusText } = response;
    return [partsOf(request), { ...partsOf(response), type, redirected, status, status_text: statusText }];
  });
  await ask({ op: "put", cache, entries }, bodies);
}
