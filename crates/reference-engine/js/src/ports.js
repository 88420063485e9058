import { tell } from "./calls.js";
import { options } from "./natives.js";

/** Ports of this realm by name; the engine knows them by the same names. */
const ports = new Map();

export const portNamed = (name) => ports.get(name);
export const rememberPort = (name, port) => ports.set(name, port);
export const forgetPort = (name) => ports.delete(name);

let last = 0;

/** The names of two new ports that are each other's ends. The realm's number keeps them apart from all others. */
export function entangle() {
  last += 2;
  const names = [`${options.realm}.${last - 1}`, `${options.realm}.${last}`];
  tell({ call: "entanglePorts", ports: names });
  return names;
}
