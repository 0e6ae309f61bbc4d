//! The course as data: read, indexed and linted without a daemon, a terminal or a database.

mod lang;

pub use lang::Lang;
