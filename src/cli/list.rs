//! `list`: the course and where the learner stands in it; `next`: what to do now.

use super::{Context, Entry, Exit, Group, no_args, out::Style};
use crate::{
    course::{Course, Exercise},
    lab::{self, Next},
    progress::Summary,
    report::Report,
};
use clap::ArgMatches;
use dockshala_checkers::spec::Size;

/// `list`.
pub(super) static LIST: Entry =
    Entry { name: "list", group: Group::Learn, args: no_args, children: &[], run: Some(list) };

/// `next`.
pub(super) static NEXT: Entry =
    Entry { name: "next", group: Group::Learn, args: no_args, children: &[], run: Some(next) };

fn list(context: &Context, _: &ArgMatches) -> Result<Exit, Report> {
    overview(context)
}

/// The course with the learner's place in it, and what is next.
pub(super) fn overview(context: &Context) -> Result<Exit, Report> {
    let course = context.course()?;
    let summary = context.store().summary();
    let out = &context.out;
    let lang = &context.lang;
    for (n, module) in course.modules().iter().enumerate() {
        if n > 0 {
            out.gap();
        }
        out.line(&out.paint(Style::Head, module.title.get(lang)));
        for id in &module.lessons {
            let Some(lesson) = course.lesson(id) else { continue };
            let state = match summary.lessons.get(id) {
                Some(state) if state.read => "read",
                Some(_) => "open",
                None => "new",
            };
            row(context, state, id, lesson.title.get(lang), lesson.minutes, "");
        }
        for id in &module.exercises {
            let Some(exercise) = course.exercise(id) else { continue };
            let (state, best) = standing(&summary, exercise);
            row(context, state, id, exercise.title.get(lang), exercise.minutes, &best);
        }
    }
    out.gap();
    tell_next(context, course, &summary);
    Ok(Exit::OK)
}

fn standing(summary: &Summary, exercise: &Exercise) -> (&'static str, String) {
    match summary.exercises.get(&exercise.id) {
        Some(state) if state.passed() => ("passed", state.best_total.map(|b| Size(b).to_string()).unwrap_or_default()),
        Some(state) if state.attempts > 0 => ("failing", String::new()),
        Some(state) if state.dir().is_some() => ("started", String::new()),
        _ => ("todo", String::new()),
    }
}

/// State in a word first: a list read aloud, or without colour, must say it.
fn row(context: &Context, state: &str, id: &str, title: &str, minutes: u32, best: &str) {
    let word = context.text(&format!("lab.state.{state}"), &[]);
    let style = match state {
        "read" | "passed" => Style::Good,
        "failing" => Style::Bad,
        "open" | "started" => Style::Warn,
        _ => Style::Dim,
    };
    let pad = " ".repeat(10usize.saturating_sub(super::out::plain_width(&word)));
    let minutes = context.text("lab.minutes", &[("minutes", &minutes)]);
    let best = if best.is_empty() { String::new() } else { format!(", {best}") };
    let out = &context.out;
    let facts = out.paint(Style::Dim, &format!("({id}, {minutes}{best})"));
    out.prose(&format!("  {}{pad}", out.paint(style, &word)), 12, &format!("{title} {facts}"));
}

fn next(context: &Context, _: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let summary = context.store().summary();
    tell_next(context, course, &summary);
    Ok(Exit::OK)
}

/// What to do next, with the command that does it.
pub(super) fn tell_next(context: &Context, course: &Course, summary: &Summary) {
    let lang = &context.lang;
    let text = match lab::next(course, summary) {
        Next::Lesson(id) => {
            let title = course.lesson(&id).map_or("", |l| l.title.get(lang));
            context.text("lab.next.lesson", &[("title", &title), ("id", &id)])
        }
        Next::Exercise(id) => {
            let title = course.exercise(&id).map_or("", |e| e.title.get(lang));
            let started = summary.exercises.get(&id).is_some_and(|e| e.dir().is_some());
            let key = if started { "lab.next.go-on" } else { "lab.next.exercise" };
            context.text(key, &[("title", &title), ("id", &id)])
        }
        Next::Done => context.text("lab.next.done", &[]),
    };
    context.out.next(lang, &text.lines().map(str::to_owned).collect::<Vec<_>>());
}
