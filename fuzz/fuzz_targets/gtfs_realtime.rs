#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| misto_fuzz::gtfs_realtime(input));
