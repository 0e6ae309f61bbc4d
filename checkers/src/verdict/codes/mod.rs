//! Every diagnosis code, a file for each kind of goal or of trouble. A test holds each to a text in every language and to a lesson.

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $code;)*
        /// All of this file.
        pub(super) const PART: &[&str] = &[$($code),*];
    };
}

mod answer;
mod broken;
mod building;
mod compose;
mod findings;
mod machine;
mod notes;
mod running;
mod shell;
mod skipped;
mod stack;

pub use answer::*;
pub use broken::*;
pub use building::*;
pub use compose::*;
pub use findings::*;
pub use machine::*;
pub use notes::*;
pub use running::*;
pub use shell::*;
pub use skipped::*;
pub use stack::*;

const PARTS: &[&[&str]] = &[
    building::PART,
    running::PART,
    stack::PART,
    compose::PART,
    answer::PART,
    shell::PART,
    machine::PART,
    skipped::PART,
    broken::PART,
    findings::PART,
    notes::PART,
];

const fn count() -> usize {
    let (mut part, mut sum) = (0, 0);
    while part < PARTS.len() {
        sum += PARTS[part].len();
        part += 1;
    }
    sum
}

const fn joined() -> [&'static str; count()] {
    let (mut all, mut at, mut part) = ([""; count()], 0, 0);
    while part < PARTS.len() {
        let mut nth = 0;
        while nth < PARTS[part].len() {
            all[at] = PARTS[part][nth];
            at += 1;
            nth += 1;
        }
        part += 1;
    }
    all
}

/// All of them.
pub const ALL: &[&str] = &joined();
