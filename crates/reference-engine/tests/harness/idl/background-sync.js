// Interfaces only: what must be there, and what must not, in any global.
idl_test(["background-sync"], ["service-workers", "html", "dom"]);
