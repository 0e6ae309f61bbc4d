//! Dockshala: a Docker course in the terminal. The binary is a thin `main` over this library, so that tests and tools can
//! use its parts.

pub mod book;
pub mod class;
pub mod cli;
pub mod course;
pub mod i18n;
pub mod kit;
pub mod lab;
pub mod layout;
pub mod lens;
pub mod lint;
pub mod progress;
pub mod quiz;
pub mod report;
pub mod tui;
pub mod words;

rust_i18n::i18n!("assets/locales", fallback = "en");
