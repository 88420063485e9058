// Takes its time to be installed. A browser unregisters it no sooner than that is over.
addEventListener("install", event => event.waitUntil(new Promise(resolve => setTimeout(resolve, 4000))));
