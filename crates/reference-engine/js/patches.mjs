export const patches = { name: "patches", setup() {} };
