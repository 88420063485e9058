promise_test(async () => {
  await activated(await navigator.serviceWorker.register("/sw.js"));
}, "49: the worker has its say");
