// In pages and workers: makes a call and tells the runner what came of it.
const units = text => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
const text = units => String.fromCharCode(...units);
// A browser drops its connections when its network changes: what is told may be told again.
async function tell(host, path, what) {
  for (;;) {
    try {
      return await fetch(`http://${host}:${location.port}${path}`, { method: "POST", body: JSON.stringify(what) });
    } catch {
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }
}

// Objects are kept: after unregistering, a page still has its own.
const held = new Map();
async function registrationOf(scope) {
  if (self.registration) return self.registration;
  if (!held.has(scope)) {
    const found = await navigator.serviceWorker.getRegistration(scope);
    if (!found) throw new DOMException("there is no such registration", "InvalidStateError");
    held.set(scope, found);
  }
  return held.get(scope);
}

const CALLS = {
  register: (registration, { tag }) => registration.sync.register(text(tag)),
  register_periodic: (registration, { tag, min_interval }) =>
    registration.periodicSync.register(text(tag), { minInterval: min_interval }),
  unregister_periodic: (registration, { tag }) => registration.periodicSync.unregister(text(tag)),
  get_tags: (registration, { kind }) =>
    (kind === "periodic" ? registration.periodicSync : registration.sync).getTags(),
  unregister: registration => registration.unregister(),
  update: registration => registration.update(),
};

async function outcome(what) {
  try {
    const value = await CALLS[what.call](await registrationOf(what.scope), what);
    return Array.isArray(value) ? { tags: value.map(units) } : "resolved";
  } catch (error) {
    return { rejected: error.name };
  }
}

self.ask = async what => {
  await tell(location.hostname, "/answered", { id: what.id, answer: await outcome(what) });
};

self.install = async ({ script, scope }) => {
  const registration = await navigator.serviceWorker.register(script, { scope });
  held.set(registration.scope, registration);
};
