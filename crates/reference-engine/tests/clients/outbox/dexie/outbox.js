"use strict";

const database = new Dexie("chat");
database.version(1).stores({ messages: "++key, message.id" });

const outbox = {
  add: message => database.transaction("rw", database.messages, async () => {
    if (await database.messages.where({ "message.id": message.id }).count() === 0) await database.messages.add({ message });
  }),
  all: () => database.messages.orderBy("key").toArray(),
  remove: key => database.messages.delete(key),
};
