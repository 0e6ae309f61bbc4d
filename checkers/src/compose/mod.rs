//! A compose file: its text with lines, what reading it would open, what it resolves to, and what of that may be run.
//!
//! Pure: nothing here starts a process or asks a daemon ([`crate::engine::compose`] does). A submission is hostile input, so
//! it is judged twice: [`reads`] looks at the text before `docker compose config` may open a single file that it names, and
//! [`refuse`] at what that command resolves it to before anything is built or started. What is started then is that very
//! document with our labels and limits in it ([`ready`]), never the learner's file again: no second reading can differ from
//! the one that was judged.

pub mod reads;
pub mod ready;
pub mod refuse;
pub mod tree;
