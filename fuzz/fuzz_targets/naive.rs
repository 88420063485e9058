#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| background_sync_fuzz::naive::run(bytes));
