import * as primordials from "./primordials.js";

/**
 * The object the generated interfaces take for "the global object": interfaces are installed here first and
 * copied to the real global, and what they use (`Promise`, `TypeError`, ...) cannot be swapped by a script.
 */
export const intrinsics = Object.assign(Object.create(null), primordials, { eval: globalThis.eval });
