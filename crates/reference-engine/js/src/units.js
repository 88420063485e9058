// A DOMString crosses to Rust as text if it is well-formed, else by its UTF-16 code units, `{ utf16: [...] }`: text cannot
// carry a lone surrogate.
export function toCrossing(string) {
  if (string.isWellFormed()) return string;
  const utf16 = [];
  for (let index = 0; index < string.length; index += 1) utf16.push(string.charCodeAt(index));
  return { utf16 };
}

const CHUNK = 8192;

export function fromCrossing(crossed) {
  if (typeof crossed === "string") return crossed;
  let string = "";
  for (let start = 0; start < crossed.utf16.length; start += CHUNK) {
    string += Reflect.apply(String.fromCharCode, undefined, crossed.utf16.slice(start, start + CHUNK));
  }
  return string;
}
