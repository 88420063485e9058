const flat = (value) => (typeof value === "object" && value !== null ? walk(value) : JSON.stringify(value));

function walk(value) {
  if (Array.isArray(value)) return `[${value.map((item) => flat(item) ?? "null").join(",")}]`;
  const members = Object.keys(value).filter((key) => value[key] !== undefined);
  return `{${members.map((key) => `${JSON.stringify(key)}:${flat(value[key])}`).join(",")}}`;
}

/** The JSON text of plain data of ours, whatever `toJSON` scripts have given to all objects or arrays. */
export const toJson = (value) => ("toJSON" in [] || "toJSON" in {} ? flat(value) : JSON.stringify(value));
