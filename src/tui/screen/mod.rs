//! The screens, one file each.

mod claim;
mod editor;
mod exercise;
mod exercise_file;
mod home;
mod interview;
mod lens;
mod lens_draw;
mod lens_pane;
mod lesson;
mod quiz;
mod quiz_draw;
mod replay;
mod seek;
mod stepping;

pub(super) use claim::{Claim, ClaimNews};
pub(super) use exercise::{Exercise, replay};
pub(super) use home::{Home, after};
pub(super) use interview::Interview;
pub(super) use lens::Lens;
pub(super) use lens::LensNews;
pub(super) use lesson::Lesson;
pub(super) use quiz::Quiz;
pub(super) use replay::Replay;
