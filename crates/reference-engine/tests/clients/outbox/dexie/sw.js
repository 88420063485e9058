importScripts("dexie/dexie.min.js", "outbox.js", "send.js");
