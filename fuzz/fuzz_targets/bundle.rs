#![no_main]
//! What is tried stands in `bundle.rs`, which the ordinary tests share.

#[path = "../bundle.rs"]
mod bundle;

libfuzzer_sys::fuzz_target!(|data: &[u8]| bundle::bundle(data));
