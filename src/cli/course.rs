//! `course lint`, `course status`, `course new`: what an author needs without a daemon. `course test` has a file of its own.

use super::{Context, Entry, Exit, Group, consent, course_test, no_args, out::Style};
use crate::{
    course::{
        Course, Finding, How, Severity, TestAt, lint,
        source::{files::Folder, read::Read},
        template,
    },
    i18n,
    report::{Fault, Report},
};
use clap::{Arg, ArgMatches};
use std::{
    collections::BTreeMap,
    fmt::Display,
    path::{Path, PathBuf},
};

/// `course …`.
pub(super) static ENTRY: Entry = Entry {
    name: "course",
    group: Group::Author,
    args: no_args,
    children: &[LINT, course_test::ENTRY, consent::ENTRY, STATUS, NEW],
    run: None,
};

const LINT: Entry = Entry {
    name: "lint",
    group: Group::Author,
    args: || vec![dir(), Arg::new("format").long("format").value_name("FORMAT").value_parser(["text", "json"])],
    children: &[],
    run: Some(run_lint),
};

const STATUS: Entry =
    Entry { name: "status", group: Group::Author, args: || vec![dir()], children: &[], run: Some(run_status) };

const NEW: Entry =
    Entry { name: "new", group: Group::Author, args: || vec![dir().required(true)], children: &[], run: Some(run_new) };

pub(super) fn dir() -> Arg {
    Arg::new("dir").value_name("DIR").value_parser(clap::value_parser!(PathBuf))
}

/// The folder that was named: the argument, then `--course`.
pub(super) fn named<'a>(context: &'a Context, matches: &'a ArgMatches) -> Option<&'a Path> {
    matches.get_one::<PathBuf>("dir").or(context.course_dir.as_ref()).map(PathBuf::as_path)
}

/// Opens a folder as a course's files.
fn folder(context: &Context, dir: &Path) -> Result<Folder, Report> {
    if !dir.join("lessons/course.yaml").exists() {
        return Err(report(context, "course.error.no-course", &[("dir", &dir.display())]));
    }
    Folder::open(dir).map_err(|error| report(context, "course.error.files", &[("message", &error)]))
}

pub(super) fn report(context: &Context, key: &str, args: &[(&str, &dyn Display)]) -> Report {
    Report::new(&context.lang, Fault::Course, key, args)
}

/// A finding's text, or with `.next` what to do about it.
fn said(context: &Context, finding: &Finding, suffix: &str) -> String {
    let args: Vec<(&str, &dyn Display)> =
        finding.args.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
    i18n::text(&context.lang, &format!("lint.{}{suffix}", finding.code), &args)
}

fn run_lint(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let files = folder(context, named(context, matches).unwrap_or(Path::new(".")))?;
    let read = lint::lint(&files);
    let exit = if read.findings.is_empty() { Exit::OK } else { Exit::USAGE };
    if matches.get_one::<String>("format").is_some_and(|f| f == "json") {
        context.out.line(&json(context, &read.findings));
        return Ok(exit);
    }
    for finding in &read.findings {
        show(context, finding);
    }
    context.out.line(&summary(context, &read));
    Ok(exit)
}

/// `file:line:column  code`, the line itself, what is wrong, what to do: in the form in which editors jump to it.
fn show(context: &Context, finding: &Finding) {
    let out = &context.out;
    let mut place = finding.file.clone();
    for number in [finding.line, finding.column].into_iter().take_while(|n| *n > 0) {
        place += &format!(":{number}");
    }
    let style = if finding.severity == Severity::Error { Style::Bad } else { Style::Warn };
    out.line(&format!("{}  {}", out.paint(Style::Strong, &place), out.paint(style, finding.code)));
    if !finding.snippet.trim().is_empty() {
        out.line(&format!("    {}", out.paint(Style::Dim, &format!("| {}", finding.snippet.trim_end()))));
    }
    out.prose("", 4, &said(context, finding, ""));
    out.prose("  ->", 5, &said(context, finding, ".next"));
    out.gap();
}

fn summary(context: &Context, read: &Read) -> String {
    let source = &read.source;
    if read.findings.is_empty() {
        let questions: usize = source.quiz.values().map(Vec::len).sum();
        let args: [(&str, &dyn Display); 4] = [
            ("lessons", &source.lessons.len()),
            ("exercises", &source.exercises.len()),
            ("questions", &questions),
            ("claims", &source.claims.len()),
        ];
        return context.out.paint(Style::Good, &context.text("course.lint.clean", &args));
    }
    let errors = read.findings.iter().filter(|f| f.severity == Severity::Error).count();
    let args: [(&str, &dyn Display); 2] = [("count", &read.findings.len()), ("errors", &errors)];
    context.out.paint(Style::Bad, &context.text("course.lint.found", &args))
}

fn json(context: &Context, findings: &[Finding]) -> String {
    let all = findings.iter().map(|finding| {
        let mut value = serde_json::to_value(finding).unwrap_or_default();
        value["text"] = said(context, finding, "").into();
        value["next"] = said(context, finding, ".next").into();
        value
    });
    serde_json::Value::Array(all.collect()).to_string()
}

fn run_status(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course_in(named(context, matches))?;
    let out = &context.out;
    out.line(&out.paint(Style::Head, &format!("{} ({})", course.title().get(&context.lang), course.id())));
    let rows = rows(context, course);
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, value) in rows {
        out.line(&format!("  {name:width$}  {value}"));
    }
    out.gap();
    out.line(&context.text("course.status.lesson-list", &[]));
    for lesson in course.lessons() {
        out.line(&format!("  {:28}  {}", lesson.id, lesson.title.get(&context.lang)));
    }
    Ok(Exit::OK)
}

fn rows(context: &Context, course: &Course) -> Vec<(String, String)> {
    let say = |key: &str, args: &[(&str, &dyn Display)]| context.text(&format!("course.status.{key}"), args);
    let languages: Vec<_> = course.languages().iter().map(ToString::to_string).collect();
    let planned = course.curriculum().len().max(course.lessons().len());
    let lessons = say("lessons-value", &[("written", &course.lessons().len()), ("planned", &planned)]);
    let mut rows = vec![
        (say("modules", &[]), course.modules().len().to_string()),
        (say("lessons", &[]), lessons),
        (say("languages", &[]), languages.join(", ")),
    ];
    for lang in course.languages() {
        let texts = course.lessons().iter().filter_map(|l| course.lesson_text(&l.id, lang));
        let words: u32 = texts.filter(|(_, real)| real == lang).map(|(text, _)| text.words).sum();
        rows.push((say("words", &[("lang", lang)]), words.to_string()));
    }
    let (mut goals, mut good, mut bad) = (0, 0, 0);
    for exercise in course.exercises() {
        let files = course.exercise_files(&exercise.id).unwrap_or_default();
        goals += exercise.goals.len();
        good += files.good.len();
        bad += files.bad.len();
    }
    let questions: usize = course.modules().iter().map(|m| course.quiz(&m.id).len()).sum();
    let coverage = course.coverage();
    rows.extend([
        (say("exercises", &[]), course.exercises().len().to_string()),
        (say("goals", &[]), goals.to_string()),
        (say("specimens", &[]), say("specimens-value", &[("good", &good), ("bad", &bad)])),
        (say("questions", &[]), questions.to_string()),
        (say("claims", &[]), course.claims().len().to_string()),
        (say("figures", &[]), course.figures().len().to_string()),
    ]);
    let mut samples: BTreeMap<TestAt, usize> = BTreeMap::new();
    for lesson in course.lessons() {
        let code = course.lesson_code(&lesson.id).unwrap_or_default();
        // A part of another sample is tested with that one.
        for sample in code.samples.iter().filter(|s| s.how != How::Include) {
            *samples.entry(sample.test).or_default() += 1;
        }
    }
    rows.extend(samples.iter().map(|(test, count)| (say("samples", &[("test", &test.name())]), count.to_string())));
    let args: [(&str, &dyn Display); 2] =
        [("topics", &coverage.topics.len()), ("corrections", &coverage.corrections.len())];
    rows.push((say("coverage", &[]), say("coverage-value", &args)));
    rows
}

fn run_new(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    // clap has seen to it that there is one.
    let dir = matches.get_one::<PathBuf>("dir").cloned().unwrap_or_default();
    let shown = dir.display();
    let count = template::write(&dir).map_err(|error| {
        let taken = error.kind() == std::io::ErrorKind::DirectoryNotEmpty;
        let key = if taken { "course.error.not-empty" } else { "course.error.not-written" };
        Report::new(&context.lang, Fault::Usage, key, &[("dir", &shown), ("message", &error)])
    })?;
    context.out.line(&context.text("course.new.done", &[("dir", &shown), ("count", &count)]));
    let next = context.text("course.new.next", &[("dir", &shown)]);
    context.out.next(&context.lang, &next.lines().map(str::to_owned).collect::<Vec<_>>());
    Ok(Exit::OK)
}
