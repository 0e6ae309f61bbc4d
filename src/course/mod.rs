//! A course: modules, lessons, exercises, claims, quiz and figures, from the program itself or from a folder (a *pack*).
//!
//! Static: no daemon, no terminal, no database. [`source`] reads and checks what an author wrote; [`Course`] is what the rest
//! of the program uses.

pub mod allowed;
pub mod commands;
pub mod find;
pub mod lint;
mod open;
pub mod shows;
pub mod source;
pub mod template;

pub use open::{Course, OpenError};
pub use source::{
    diagram,
    finding::{Finding, Severity},
    format::*,
    highlight::{Class, Highlighted, highlight},
    lang::{Lang, Text},
    markdown::{language_of, options as markdown_options},
    model::*,
};
