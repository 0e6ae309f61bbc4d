//! `check [EXERCISE]`: judges a working copy.

use super::{Context, Entry, Exit, Group, consent, job, junit, live::Live, target, verdict::Printer};
use crate::{
    lab::{self, LabError},
    report::{self, Report},
};
use clap::{Arg, ArgAction, ArgMatches};
use std::path::PathBuf;

/// `check [EXERCISE]`.
pub(super) static ENTRY: Entry = Entry {
    name: "check",
    group: Group::Learn,
    args: || {
        vec![
            Arg::new("exercise").value_name("EXERCISE"),
            Arg::new("dir").long("dir").value_name("DIR").value_parser(clap::value_parser!(PathBuf)),
            Arg::new("format").long("format").value_name("FORMAT").value_parser(["text", "json", "junit"]),
            Arg::new("yes").long("yes").action(ArgAction::SetTrue),
        ]
    },
    children: &[],
    run: Some(run),
};

fn run(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let target = target(context, course, matches)?;
    let exercise = target.exercise;
    let not_started = || report::lab(&context.lang, &LabError::NotStarted { id: exercise.id.clone() });
    let dir = matches.get_one::<PathBuf>("dir").cloned().or(target.dir).ok_or_else(not_started)?;
    consent::agree(context, course, matches.get_flag("yes"))?;
    let format = matches.get_one::<String>("format").map_or("text", String::as_str);
    let done = context.wait_for(async {
        let mut stop = job::Stop::listen();
        let mut live = Live::new(context, format != "text");
        job::check(context, course, exercise, &dir, &mut live, &mut stop).await
    })?;
    if !done.stopped {
        lab::remember(context.store(), &done.result);
    }
    let out = &context.out;
    match format {
        "json" => {
            let json = serde_json::to_string_pretty(&done.result).unwrap_or_default();
            out.line(&json);
        }
        "junit" => out.raw(&junit::xml(&context.lang, exercise, &done.result)),
        _ => {
            Printer::new(context, exercise, &dir).print(&done.result);
            if done.stopped {
                out.prose("", 0, &context.text("check.stopped", &[]));
            } else {
                after(context, &done.result);
            }
        }
    }
    Ok(Exit(done.result.exit_code()))
}

/// What to do after a verdict.
pub(super) fn after(context: &Context, result: &dockshala_checkers::verdict::CheckResult) {
    let Ok(course) = context.course() else { return };
    context.out.gap();
    if result.passed() {
        if let Some((text, _)) = course.exercise_text(&result.exercise, &context.lang) {
            context.markdown(&text.debrief);
            context.out.gap();
        }
        super::list::tell_next(context, course, &context.store().summary());
        return;
    }
    let key = match result.exit_code() {
        1 => "check.after-failed",
        3 => "check.after-broken",
        _ => "check.after-skipped",
    };
    let text = context.text(key, &[("id", &result.exercise)]);
    context.out.next(&context.lang, &text.lines().map(str::to_owned).collect::<Vec<_>>());
}
