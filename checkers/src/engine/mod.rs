//! The Docker daemon: find it, prepare base images, build, run, confine, clean up.
//!
//! Everything that this module makes on a daemon carries our labels, so that nothing else is ever touched when it cleans
//! up: daemons are shared.

mod types;

pub use types::*;
