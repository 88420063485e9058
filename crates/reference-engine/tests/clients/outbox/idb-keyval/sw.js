importScripts("idb-keyval/umd.js", "outbox.js", "send.js");
