// The whole outbox is one value.
"use strict";

const outbox = {
  add: message => idbKeyval.update("outbox", (messages = []) => [...messages, message]),
  all: async () => (await idbKeyval.get("outbox") ?? []).map(message => ({ key: message.id, message })),
  remove: key => idbKeyval.update("outbox", (messages = []) => messages.filter(({ id }) => id !== key)),
};
