importScripts("/worker.js");
for (const type of ["install", "activate"]) addEventListener(type, (event) => event.waitUntil(sleep(20_000)));
