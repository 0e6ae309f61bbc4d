//! `demo`: the main job with nobody at the keys. The flagship exercise's starter fails with its diagnosis, its solution
//! passes, and the two images stand side by side.
//!
//! Nothing of it is remembered: a demo is nobody's attempt.

use super::{
    Context, Entry, Exit, Group, job,
    live::Live,
    no_args,
    out::Style,
    verdict::{Printer, size_table},
};
use crate::{
    course::{Course, Exercise, FileBytes},
    lab, layout,
    report::{self, Fault, Report},
};
use clap::ArgMatches;
use dockshala_checkers::{spec::Size, verdict::CheckResult};
use std::path::Path;

/// `demo`.
pub(super) static ENTRY: Entry =
    Entry { name: "demo", group: Group::Learn, args: no_args, children: &[], run: Some(run) };

/// The exercise that shows best what the program is for. A pack without it shows its first.
const FLAGSHIP: &str = "two-stages";

fn run(context: &Context, _: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let exercise = course.exercise(FLAGSHIP).or_else(|| course.exercises().first());
    let Some(exercise) = exercise else {
        return Err(Report::new(&context.lang, Fault::Course, "demo.no-exercise", &[]));
    };
    let files = course.exercise_files(&exercise.id).unwrap_or_default();
    let Some(solution) = files.good.iter().find(|s| s.name == "solution") else {
        return Err(Report::new(&context.lang, Fault::Course, "demo.no-exercise", &[]));
    };
    let out = &context.out;
    let title = exercise.title.get(&context.lang);
    out.prose("", 0, &out.paint(Style::Head, &context.text("demo.title", &[("title", &title)])));
    out.prose("", 0, &context.text("demo.what", &[]));

    let engine = context.wait_for(async { Ok(context.engine(false).await.map(|e| e.info().version.clone())) })?;
    if let Err(error) = engine {
        out.gap();
        out.prose("", 0, &context.text("demo.would", &[("title", &title)]));
        return Err(report::engine(&context.lang, &error));
    }
    let starter = act(context, course, exercise, "demo.starter", &files.starter)?;
    let after = act(context, course, exercise, "demo.solution", &solution.over(&files.starter))?;
    compare(context, &starter, &after);
    Ok(Exit(match (starter.exit_code(), after.exit_code()) {
        (1, 0) => 0,
        (3, _) | (_, 3) => 3,
        // The course promises the first to fail and the second to pass.
        (_, 4) | (4, _) => 4,
        _ => 1,
    }))
}

/// Shows a submission and what the checker says of it.
fn act(
    context: &Context,
    course: &Course,
    exercise: &Exercise,
    heading: &str,
    files: &[FileBytes],
) -> Result<CheckResult, Report> {
    let out = &context.out;
    let dir = tempfile::Builder::new().prefix("dockshala-demo-").tempdir().map_err(|e| temporary(context, &e))?;
    lab::write_all(dir.path(), files).map_err(|e| report::lab(&context.lang, &e))?;
    out.gap();
    out.line(&out.paint(Style::Head, &context.text(heading, &[])));
    if let Some(file) = files.iter().find(|f| f.path == "Dockerfile") {
        for line in String::from_utf8_lossy(&file.bytes).lines() {
            out.line(format!("    {}", out.paint(Style::Code, &layout::clean(line))).trim_end());
        }
    }
    out.gap();
    let done = context.wait_for(async {
        let mut stop = job::Stop::listen();
        let mut live = Live::new(context, false);
        job::check(context, course, exercise, dir.path(), &mut live, &mut stop).await
    })?;
    let printer = Printer::new(context, exercise, dir.path());
    printer.print_goals(&done.result);
    printer.notes(&done.result);
    if done.stopped {
        return Err(Report::new(&context.lang, Fault::Usage, "demo.stopped", &[]));
    }
    Ok(done.result)
}

fn temporary(context: &Context, error: &std::io::Error) -> Report {
    let path = std::env::temp_dir();
    let path: &Path = &path;
    Report::new(&context.lang, Fault::Machine, "lab.error.io", &[("path", &path.display()), ("message", error)])
}

fn compare(context: &Context, starter: &CheckResult, solution: &CheckResult) {
    let (Some(before), Some(after)) = (&starter.sizes, &solution.sizes) else { return };
    let out = &context.out;
    out.gap();
    out.line(&out.paint(Style::Head, &context.text("demo.side-by-side", &[])));
    let names = ["check.sizes-starter", "check.sizes-solution"].map(|key| context.text(key, &[]));
    let [first, second] = names;
    size_table(context, &[(first, before), (second, after)]);
    if after.total > 0 {
        let times = format!("{:.0}", before.total as f64 / after.total as f64);
        let args: [(&str, &dyn std::fmt::Display); 3] =
            [("times", &times), ("before", &Size(before.total)), ("after", &Size(after.total))];
        out.prose("", 0, &out.paint(Style::Good, &context.text("demo.smaller", &args)));
    }
    out.gap();
    let next = context.text("demo.next", &[]);
    out.next(&context.lang, &next.lines().map(str::to_owned).collect::<Vec<_>>());
}
