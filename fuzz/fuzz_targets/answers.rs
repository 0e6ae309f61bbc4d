#![no_main]
//! What is tried stands in `bodies.rs`, which the ordinary tests share.

#[path = "../bodies.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::answers(data));
