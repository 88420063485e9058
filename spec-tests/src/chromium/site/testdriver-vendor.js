// The vendor's part of testdriver.js: the lane does it, and answers when it is done.
(() => {
  const drive = what => fetch("/drive", { method: "POST", body: JSON.stringify(what) }).then(answer => answer.json());
  test_driver_internal.set_permission = ({ descriptor, state }) => drive({ permission: { name: descriptor.name, state } });
  test_driver_internal.bidi.emulation.set_network_conditions = ({ networkConditions }) =>
    drive({ network: { offline: networkConditions?.type === "offline" } });
})();
