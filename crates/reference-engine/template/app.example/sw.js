// The service worker. Its event comes when there is a network, and again after a while if it fails.
addEventListener("sync", (event) => {
  event.waitUntil(deliver(event.tag));
});

async function deliver(note) {
  const response = await fetch("/notes", { method: "POST", body: JSON.stringify({ id: note }) });
  if (!response.ok) {
    throw new Error(`the server says ${response.status}`);
  }
  console.log(`${note} is sent`);
}
