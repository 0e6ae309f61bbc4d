//! Questions: graded, scheduled, put together into sessions and interviews. Nothing here knows a screen or a terminal.
//!
//! What is remembered is the log of answers in [`crate::progress`]; a date on which a card is due is worked out from it, by a
//! [`Scheduler`], whenever somebody asks.

mod deck;
mod fill;
mod grade;
pub mod interview;
mod schedule;
mod session;
pub mod viva;

pub use deck::{Card, Counts, Deck, Filter, Standing, counts};
pub use grade::{Answer, Near, Verdict, grade, rating, right_answer};
pub use schedule::{Fsrs, Memory, Rating, Scheduler, Step};
pub use session::{Session, shuffled};

/// A course of a few questions, one of each kind: what the built-in one asks changes with its lessons.
#[cfg(test)]
pub(crate) fn testing() -> &'static crate::course::Course {
    use crate::course::{Course, source::read, template};
    static COURSE: std::sync::OnceLock<Course> = std::sync::OnceLock::new();
    COURSE.get_or_init(|| {
        let mut files = template::files();
        files.put("lessons/01-first/quiz.yaml", include_str!("testing.yaml"));
        Course::from_source(&read::read(&files).sound().expect("the questions are sound"))
    })
}
