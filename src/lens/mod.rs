//! What an image is made of: which instruction put which bytes where, what a later one did to them, and what of it nobody
//! will ever see. For a person ([`words`], [`view`]), for machines ([`report`]), for a pipeline ([`rules`]).
//!
//! The bytes are counted by `dockshala_checkers::image`; nothing here counts again. No terminal either: what the screen
//! shows is a [`view::View`], which knows rows and marks but no colours.

pub mod compare;
pub mod flat;
pub mod load;
pub mod preview;
pub mod recording;
pub mod report;
pub mod rules;
pub mod subject;
pub mod view;
pub mod words;

pub use load::{Progress, Tools, Trouble, load};
pub use subject::{From, Origin, Request, Source, Step, Subject};

#[cfg(test)]
pub(crate) mod tests;
