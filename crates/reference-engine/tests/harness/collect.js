// The report as data, once all tests are done.
new Promise((resolve) => add_completion_callback((tests, { status, message }) => resolve({
  status,
  message,
  subtests: tests.map(({ name, status, message }) => ({ name, status, message })),
})));
