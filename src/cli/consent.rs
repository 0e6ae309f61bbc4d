//! A pack is somebody else's code. What it would run is shown, and agreed to once for each content of it.
//!
//! Agreeing covers the whole pack, so that all of it can be read beforehand: `course commands` prints it, for a pager or a search.
//! The question itself shows how it begins. Printing thousands of lines before a question is the surest way that none of
//! them is read.

use super::{Context, Entry, Exit, Group, course, out::Style};
use crate::{
    course::{
        Course,
        commands::{Planned, commands},
    },
    lab::consent,
    report::{Fault, Report},
};
use clap::ArgMatches;
use dockshala_checkers::engine::clean;

/// Lines of commands that stand before the question. With the question they fit on the smallest screen.
const BEGINNING: usize = 12;

/// `course commands`.
pub(super) const ENTRY: Entry =
    Entry { name: "commands", group: Group::Author, args: || vec![course::dir()], children: &[], run: Some(run) };

fn run(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let all = commands(context.course_in(course::named(context, matches))?);
    for (at, planned) in all.iter().enumerate() {
        rows(context, planned, at.checked_sub(1).map(|before| &all[before]))
            .iter()
            .for_each(|row| context.out.line(row));
    }
    Ok(Exit::OK)
}

/// A command below its place, which stands once for those that follow one another there.
fn rows(context: &Context, planned: &Planned, before: Option<&Planned>) -> Vec<String> {
    let out = &context.out;
    let place =
        (before.is_none_or(|b| b.place != planned.place)).then(|| out.paint(Style::Dim, &clean::line(&planned.place)));
    let command = clean::text(&planned.command);
    place.into_iter().chain(command.lines().map(|line| format!("    {}", out.paint(Style::Code, line)))).collect()
}

/// Whether the course may run its commands: the built-in one always; a pack when its hash was agreed to before, when `yes`,
/// or when the learner says so, who is shown what it is and where to read all of it.
pub(super) fn agree(context: &Context, course: &Course, yes: bool) -> Result<(), Report> {
    if consent::agreed(course, &context.settings()) {
        return Ok(());
    }
    if !yes {
        ask(context, course)?;
    }
    if let Some(dirs) = &context.dirs {
        consent::agree(course, &dirs.config);
    }
    Ok(())
}

fn ask(context: &Context, course: &Course) -> Result<(), Report> {
    let out = &context.out;
    let all = commands(course);
    let dir = context.course_dir.as_deref().map(|dir| dir.display().to_string()).unwrap_or_default();
    let dir = shlex::try_quote(&dir).map_or_else(|_| dir.clone(), |quoted| quoted.into_owned());
    let args: [(&str, &dyn std::fmt::Display); 3] = [("course", &course.id()), ("count", &all.len()), ("dir", &dir)];
    if !context.somebody() {
        return Err(Report::new(&context.lang, Fault::Usage, "consent.nobody", &args));
    }
    out.prose("", 0, &context.text("consent.runs", &args));
    let (mut shown, mut rows_shown) = (0, 0);
    for (at, planned) in all.iter().enumerate() {
        let rows = rows(context, planned, at.checked_sub(1).map(|before| &all[before]));
        // At least one, and none in half: its end may be the part that matters.
        if shown > 0 && rows_shown + rows.len() > BEGINNING {
            break;
        }
        rows.iter().for_each(|row| out.line(row));
        (shown, rows_shown) = (shown + 1, rows_shown + rows.len());
    }
    if shown < all.len() {
        out.prose("", 0, &context.text("consent.more", &[("more", &(all.len() - shown))]));
        out.line(&format!("    {}", out.paint(Style::Code, &format!("dockshala course commands {dir}"))));
    }
    out.gap();
    if context.agreed(&context.text("consent.question", &[]))? {
        Ok(())
    } else {
        Err(Report::new(&context.lang, Fault::Usage, "consent.refused", &[]))
    }
}
