#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| misto_fuzz::file(misto_ingest::files::Format::Csv, input));
