//! `read LESSON`: a lesson on standard output, laid out as the screen does it.
//!
//! On a terminal it has colours and frames; into a pipe goes text alone, code indented and unframed, so that what is copied
//! or grepped is what the author wrote.

use super::{Context, Entry, Exit, Group};
use crate::{
    course::{Course, Lang, Lesson},
    layout::{self, Laid, Options},
    report::{Fault, Report},
};
use clap::{Arg, ArgMatches};

/// `read LESSON`.
pub(super) static ENTRY: Entry = Entry {
    name: "read",
    group: Group::Learn,
    args: || vec![Arg::new("lesson").value_name("LESSON").required(true)],
    children: &[],
    run: Some(run),
};

fn run(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let wanted = matches.get_one::<String>("lesson").map(String::as_str).unwrap_or_default();
    let lesson = find(course, wanted).ok_or_else(|| unknown(context, course, wanted))?;
    let options = context.layout_options();
    context.print(&lay(course, lesson, &context.lang, context.out.columns(), &options, context.out.color()));
    Ok(Exit::OK)
}

fn lay(course: &Course, lesson: &Lesson, lang: &Lang, width: usize, options: &Options, color: bool) -> Laid {
    let Some((text, lang)) = course.lesson_text(&lesson.id, lang) else { return Laid::default() };
    let body = layout::with_claims(&text.document.markdown, course, &lang);
    let titled = format!("# {}\n\n{body}", lesson.title.get(&lang));
    // A pack's colours are made when they are first wanted, which takes a while: not for a pipe that throws them away.
    let colours = if color { text.document.colours() } else { Default::default() };
    layout::layout(&layout::parse(&titled), &colours, width, options)
}

/// By its id, by its number (`7.3`), or by the beginning of its id where only one lesson has it.
pub(super) fn find<'a>(course: &'a Course, wanted: &str) -> Option<&'a Lesson> {
    let exact = course.lessons().iter().find(|l| l.id == wanted || course.number(l).is_some_and(|n| n == wanted));
    exact.or_else(|| {
        let mut fitting = course.lessons().iter().filter(|l| !wanted.is_empty() && l.id.starts_with(wanted));
        fitting.next().filter(|_| fitting.next().is_none())
    })
}

pub(super) fn unknown(context: &Context, course: &Course, wanted: &str) -> Report {
    let mut report = Report::new(&context.lang, Fault::Usage, "cli.error.unknown-lesson", &[("lesson", &wanted)]);
    for lesson in course.lessons() {
        let number = course.number(lesson).unwrap_or_default();
        report = report.then(format!("$ dockshala read {}    {number} {}", lesson.id, lesson.title.get(&context.lang)));
    }
    report
}
