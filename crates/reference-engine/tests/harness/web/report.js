// Prints each subtest when it has ended, so that one sees which one never does, and the report when all have.
add_result_callback(({ name }) => console.log(`ended: ${name}`));
add_completion_callback((tests, { status, message }) => {
  const subtests = tests.map(({ name, status, message }) => ({ name, status, message }));
  console.log(`report ${JSON.stringify({ status, message, subtests })}`);
});
