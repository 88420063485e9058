import { ask, checkRequest, checkResponse, put, queryOf, requestOf, responses } from "../src/caches.js";
import { fetch, Request } from "../src/fetch.js";

// A cache that was deleted lives on for as long as an object stands for it.
const objects = new FinalizationRegistry((cache) => {
  ask({ op: "release", cache });
});

const found = (info, options) => (info === undefined ? undefined : queryOf(info, options));

async function fetched(request) {
  const response = await fetch(request);
  if (!response.ok) throw new TypeError(`${request.url} was answered with status ${response.status}.`);
  checkResponse(response);
  return [request, response];
}

/** Methods are async so that all of them reject, and throw nothing. */
export class implementation {
  constructor(realm, args, { cache }) {
    this.cache = cache;
    objects.register(this, cache);
  }

  async match(info, options) {
    const query = queryOf(info, options);
    return query === null ? undefined : (await responses({ op: "match", cache: this.cache, query }))[0];
  }

  async matchAll(info, options) {
    const query = found(info, options);
    return Object.freeze(query === null ? [] : await responses({ op: "matchAll", cache: this.cache, query }));
  }

  async add(info) {
    await this.addAll([info]);
  }

  async addAll(infos) {
    const requests = infos.map(requestOf);
    requests.forEach(checkRequest);
    await put(this.cache, await Promise.all(requests.map(fetched)));
  }

  async put(info, response) {
    const request = requestOf(info);
    checkRequest(request);
    checkResponse(response);
    await put(this.cache, [[request, response]]);
  }

  async delete(info, options) {
    const query = queryOf(info, options);
    return query !== null && (await ask({ op: "remove", cache: this.cache, query })).ok;
  }

  async keys(info, options) {
    const query = found(info, options);
    const { ok } = query === null ? { ok: [] } : await ask({ op: "keys", cache: this.cache, query });
    return Object.freeze(ok.map(({ url, headers }) => new Request(url, { headers })));
  }
}
