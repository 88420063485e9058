import * as Cache from "../gen/Cache.js";
import { implForWrapper, wrapperSymbol } from "../gen/utils.js";
import { ask, queryOf, responses } from "../src/caches.js";
import { intrinsics } from "../src/intrinsics.js";

// A name may hold lone surrogates; its JSON text does not.
const text = (name) => JSON.stringify(name);

export class implementation {
  async match(info, options) {
    const query = queryOf(info, options);
    const name = options.cacheName === undefined ? undefined : text(options.cacheName);
    return query === null ? undefined : (await responses({ op: "matchAny", name, query }))[0];
  }

  async has(name) {
    return (await ask({ op: "has", name: text(name) })).ok;
  }

  async open(name) {
    const { ok: cache } = await ask({ op: "open", name: text(name) });
    const object = Cache.create(intrinsics, [], { cache });
    // Nobody needs the way back, and without the circle the object goes as soon as nobody holds it.
    delete implForWrapper(object)[wrapperSymbol];
    return object;
  }

  async delete(name) {
    return (await ask({ op: "delete", name: text(name) })).ok;
  }

  async keys() {
    return (await ask({ op: "names" })).ok.map((name) => JSON.parse(name));
  }
}
