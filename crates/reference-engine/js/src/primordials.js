// The built-ins as they were before any script ran. The bundler puts these in place of every free use of the
// same name in our code and in the packages, because scripts swap globals: Dexie replaces `Promise` inside its zones,
// and one foreign promise in IndexedDB's plumbing ends a transaction too early.
const {
  AggregateError, Array, ArrayBuffer, BigInt, Boolean, DOMException, DataView, Error, EvalError, FinalizationRegistry,
  Function, JSON, Map, Math, Number, Object, Promise, Proxy, RangeError, ReferenceError, Reflect, RegExp, Set, String,
  Symbol, SyntaxError, TypeError, URIError, Uint16Array, Uint8Array, WeakMap, WeakRef, WeakSet, queueMicrotask,
} = globalThis;
export {
  AggregateError, Array, ArrayBuffer, BigInt, Boolean, DOMException, DataView, Error, EvalError, FinalizationRegistry,
  Function, JSON, Map, Math, Number, Object, Promise, Proxy, RangeError, ReferenceError, Reflect, RegExp, Set, String,
  Symbol, SyntaxError, TypeError, URIError, Uint16Array, Uint8Array, WeakMap, WeakRef, WeakSet, queueMicrotask,
};
