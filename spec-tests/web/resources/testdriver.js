// What these tests ask of whoever runs them, in the shape of web-platform-tests' testdriver.js. A vendor's testdriver-vendor.js
// fills in `test_driver_internal`.
(() => {
  const missing = name => () => Promise.reject(new Error(`${name} is not there: the vendor's testdriver-vendor.js has to do it`));
  self.test_driver_internal = {
    set_permission: missing("set_permission"),
    bidi: { emulation: { set_network_conditions: missing("bidi.emulation.set_network_conditions") } },
  };
  self.test_driver = {
    /** The user decides: `granted`, `prompt` or `denied`. */
    set_permission: (descriptor, state) => test_driver_internal.set_permission({ descriptor, state }),
    bidi: {
      emulation: {
        /** `{ networkConditions: { type: "offline" } }`, or `{ networkConditions: null }` for the network as it is. */
        set_network_conditions: params => test_driver_internal.bidi.emulation.set_network_conditions(params),
      },
    },
  };
})();
