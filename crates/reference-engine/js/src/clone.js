import "core-js/modules/web.structured-clone.js";

/** HTML's structured clone, as the packages see it. */
export const structuredClone = globalThis.structuredClone;
