//! Judges a learner's Docker submission: files → [`spec::Spec`] → evidence → verdicts.
//!
//! This crate knows no course, no screen and no human text. It hands out [`verdict::Diagnosis`] codes with facts and
//! Dockerfile lines; the program turns a code into a sentence in the learner's language and names the lesson.
//!
//! Without the feature `engine` only what is static remains (`spec`, `verdict`, `dockerfile`): enough to read and lint a
//! course in a build script.

pub mod dockerfile;
pub mod spec;
pub mod verdict;

#[cfg(feature = "engine")]
pub mod check;
#[cfg(feature = "engine")]
pub mod compose;
#[cfg(feature = "engine")]
pub mod engine;
#[cfg(feature = "engine")]
pub mod evidence;
#[cfg(feature = "engine")]
pub mod goal;
#[cfg(feature = "engine")]
pub mod image;
#[cfg(feature = "engine")]
pub mod shell;
#[cfg(feature = "engine")]
pub mod viva;
