//! The screens, one file each.

mod exercise;
mod home;
mod lesson;

pub(super) use exercise::Exercise;
pub(super) use home::Home;
pub(super) use lesson::Lesson;
