addEventListener("install", event => event.waitUntil(Promise.reject(new Error("it does not want to"))));
