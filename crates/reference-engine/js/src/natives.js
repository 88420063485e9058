// What the Rust side gives: see `natives.rs`, which documents each of these. The bundle is one function of this object.
/* global __natives, __options */
export const natives = __natives;
export const options = JSON.parse(__options);
