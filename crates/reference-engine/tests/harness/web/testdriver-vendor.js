// The vendor's part of testdriver.js: whoever plays the page reads what is asked from what it prints.
{
  const asked = new Map();
  self.driven = (number) => asked.get(number)();
  const drive = (what) => new Promise((resolve) => {
    const number = asked.size + 1;
    asked.set(number, resolve);
    console.log(`drive ${JSON.stringify({ number, ...what })}`);
  });
  test_driver_internal.set_permission = ({ descriptor, state }) => drive({ permission: { name: descriptor.name, state } });
  test_driver_internal.bidi.emulation.set_network_conditions = ({ networkConditions }) => (
    drive({ network: { offline: networkConditions?.type === "offline" } })
  );
}
