// A DOMString crosses to Rust as its UTF-16 code units: text could not carry a lone surrogate.
export function toUnits(string) {
  const units = [];
  for (let index = 0; index < string.length; index += 1) units.push(string.charCodeAt(index));
  return units;
}

const CHUNK = 8192;

export function fromUnits(units) {
  let string = "";
  for (let start = 0; start < units.length; start += CHUNK) {
    string += Reflect.apply(String.fromCharCode, undefined, units.slice(start, start + CHUNK));
  }
  return string;
}
