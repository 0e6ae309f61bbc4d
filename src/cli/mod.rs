//! The command line: one file for each command, one registry of them, and the way from arguments to an exit code.
//!
//! To add a command: a file here with a `pub static ENTRY: Entry`, a line in [`COMMANDS`], and its words in a locale file
//! (`cli.NAME.about`, `cli.NAME.arg.ID`). Help, completions and man pages follow from that.

mod ask;
mod book;
mod check;
mod claim;
mod class;
mod commands;
mod consent;
mod context;
mod course;
mod course_test;
mod daemon;
mod demo;
mod doctor;
mod generate;
pub(crate) mod images;
mod interview;
mod job;
mod junit;
mod lens;
mod lint;
mod list;
mod live;
pub mod out;
mod progress;
mod quiz;
mod read;
mod registry;
mod replay;
mod start;
mod study;
mod submit;
mod text;
mod usage;
mod verdict;
mod viva;
mod watch;

pub use context::Context;
pub use registry::{Entry, Group, Run, no_args};

use crate::{
    course::{Course, Lang},
    i18n,
    lab::{self, LabError},
    report::{self, Fault, Report},
};
use clap::ArgMatches;
use std::{ffi::OsString, path::Path, process::ExitCode};

/// Every command, in the order in which help lists them within their group.
pub static COMMANDS: &[&Entry] = &[
    &read::ENTRY,
    &book::ENTRY,
    &course::ENTRY,
    &demo::ENTRY,
    &lens::ENTRY,
    &list::LIST,
    &list::NEXT,
    &start::START,
    &check::ENTRY,
    &watch::ENTRY,
    &lint::ENTRY,
    &study::HINT,
    &study::SOLUTION,
    &claim::ENTRY,
    &replay::ENTRY,
    &quiz::ENTRY,
    &interview::ENTRY,
    &viva::ENTRY,
    &start::RESET,
    &submit::ENTRY,
    &class::ENTRY,
    &images::ENTRY,
    &doctor::DOCTOR,
    &doctor::CLEAN,
    &progress::ENTRY,
    &commands::HELP,
    &commands::COMMANDS_ENTRY,
    &generate::COMPLETIONS,
    &generate::MAN,
];

/// The exercise that a command's `EXERCISE` argument means, seen from where we stand.
fn target<'a>(context: &Context, course: &'a Course, matches: &ArgMatches) -> Result<lab::Target<'a>, Report> {
    let asked = matches.get_one::<String>("exercise").map(String::as_str);
    let lab = context.settings().lab;
    // The history is asked only where nothing else says which exercise is meant.
    let resolve = |fallback: Option<&str>| lab::resolve(course, asked, Path::new("."), lab.as_deref(), fallback);
    let found = match resolve(None) {
        Err(LabError::WhichExercise { .. }) if asked.is_none() => {
            let summary = context.store().summary();
            let last = match summary.place() {
                Some(crate::progress::Place::Exercise(id)) => Some(id.as_str()),
                _ => None,
            };
            resolve(last)
        }
        other => other,
    };
    found.map_err(|error| report::lab(&context.lang, &error))
}

/// How a command ended: the process's exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit(pub u8);

impl Exit {
    /// Did what was asked; a check passed.
    pub const OK: Self = Self(0);
    /// A submission failed.
    pub const FAILED: Self = Self(1);
    /// Wrong use, or a bad course.
    pub const USAGE: Self = Self(2);
    /// The machine or the program stopped it.
    pub const BROKEN: Self = Self(3);
    /// Nothing failed, but not everything could be judged.
    pub const SKIPPED: Self = Self(4);
}

/// Runs the program on its arguments (the first is its own name).
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let early = context::Early::scan(&args);
    if let Some(dir) = &early.locales
        && let Err(error) = i18n::overlay(dir)
    {
        let lang = early.lang();
        let args: [(&str, &dyn std::fmt::Display); 2] = [("dir", &dir.display()), ("message", &error)];
        early.stderr().report(&lang, &Report::new(&lang, Fault::Usage, "cli.error.locales", &args));
        return ExitCode::from(Exit::USAGE.0);
    }
    let lang = early.lang();
    match parse_and_run(args, &early, &lang) {
        Ok(exit) => ExitCode::from(exit.0),
        Err(report) => {
            early.stderr().report(&lang, &report);
            ExitCode::from(report.fault.exit())
        }
    }
}

fn parse_and_run(args: Vec<OsString>, early: &context::Early, lang: &Lang) -> Result<Exit, Report> {
    i18n::check(lang).map_err(|known| {
        Report::new(lang, Fault::Usage, "cli.error.lang", &[("lang", lang), ("known", &known.join(", "))])
    })?;
    let mut command = registry::command(lang, COMMANDS);
    if early.color() {
        command = command.color(clap::ColorChoice::Always);
    } else {
        command = command.color(clap::ColorChoice::Never);
    }
    let matches = match command.try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(error) => return usage::ended(early, lang, &error),
    };
    let context = Context::new(lang.clone(), &matches);
    let ended = match registry::find(COMMANDS, &matches) {
        Some((Entry { run: Some(run), .. }, matches)) => run(&context, matches),
        Some((entry, _)) => {
            let known = entry.children.iter().map(|c| c.name).collect::<Vec<_>>().join(", ");
            let args: [(&str, &dyn std::fmt::Display); 2] = [("command", &entry.name), ("known", &known)];
            Err(Report::new(lang, Fault::Usage, "cli.error.subcommand-needed", &args))
        }
        None => commands::without_command(&context),
    };
    // A history in trouble is told of and changes no exit code: what was asked was done, or not, without it.
    for notice in context.close() {
        early.stderr().report(lang, &notice);
    }
    ended
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_registry_is_there_in_every_language() {
        for lang in i18n::languages() {
            for key in registry::keys(COMMANDS) {
                assert!(i18n::has(&lang, &key), "{key} is missing in {lang}");
            }
        }
    }

    #[test]
    fn the_command_is_one_that_clap_accepts() {
        for lang in i18n::languages() {
            registry::command(&lang, COMMANDS).debug_assert();
        }
    }

    #[test]
    fn help_holds_no_english_of_claps_own() {
        let lang = Lang::new("hi-Latn");
        let mut command = registry::command(&lang, COMMANDS);
        command.build();
        let mut texts = vec![command.render_long_help().to_string()];
        texts.extend(command.get_subcommands_mut().map(|c| c.render_long_help().to_string()));
        for text in texts {
            for english in ["Usage:", "Options:", "Commands:", "Arguments:", "Print ", "possible values", "[default"] {
                assert!(!text.contains(english), "`{english}` in\n{text}");
            }
        }
    }
}
