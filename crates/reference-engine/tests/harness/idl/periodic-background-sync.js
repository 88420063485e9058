// Interfaces only: what must be there, and what must not, in any global.
idl_test(["periodic-background-sync"], ["service-workers", "html", "dom"]);
