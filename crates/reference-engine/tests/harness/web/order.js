promise_test(async () => {
  const registration = await activated(await navigator.serviceWorker.register("/sw.js"));
  await registration.sync.register("begin");
  while ((await registration.sync.getTags()).length > 0) await sleep(1000);
}, "14: the worker has its say");
