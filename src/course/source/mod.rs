//! A course as its author writes it: files → checked data → the blob that the program uses.
//!
//! The build script compiles this folder too (`#[path]`), to read the built-in course when the program is built. So nothing
//! in here knows the rest of the program, a daemon or a screen.

pub mod blob;
pub mod diagram;
pub mod files;
pub mod finding;
pub mod format;
pub mod highlight;
pub mod lang;
pub mod markdown;
pub mod model;
pub mod read;
mod read_exercise;
