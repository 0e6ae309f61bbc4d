//! `lint [FILE|DIR]`: what builds and is still worth a word, with the place and the better line; of a `steps.sh`, which lines
//! no check would run, and why. Needs no daemon.

use super::{Context, Entry, Exit, Group, out::Style};
use crate::{
    lab::Folder,
    layout, lint,
    report::{Fault, Report},
};
use clap::{Arg, ArgAction, ArgMatches};
use dockshala_checkers::{
    check::steps_problems,
    dockerfile::{
        BIGGEST, Dockerfile, Options, Unreadable,
        lint::{Around, Finding, Level},
    },
    engine::ignored_sources,
    spec::Kind,
    verdict::Diagnosis,
};
use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// `lint [FILE|DIR]`.
pub(super) static ENTRY: Entry = Entry {
    name: "lint",
    group: Group::Learn,
    args: || {
        vec![
            Arg::new("path").value_name("FILE|DIR").value_parser(clap::value_parser!(PathBuf)),
            Arg::new("format").long("format").value_name("FORMAT").value_parser(["text", "json"]),
            Arg::new("all").long("all").action(ArgAction::SetTrue),
        ]
    },
    children: &[],
    run: Some(run),
};

fn run(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let asked = matches.get_one::<PathBuf>("path").cloned().unwrap_or_else(|| PathBuf::from("."));
    if let Some(path) = steps_at(&asked) {
        return steps(context, matches, &path);
    }
    let path = dockerfile_at(&asked);
    let name = layout::clean(&path.to_string_lossy()).into_owned();
    let bytes = read(&path).map_err(|error| unreadable(context, &name, &error))?;
    let (file, problems) = match Dockerfile::recover(&bytes, &Options::default()) {
        Ok((file, problems)) => (Some(file), problems),
        Err(problem) => (None, vec![problem]),
    };
    let dir = path.parent().unwrap_or(Path::new(".")).to_owned();
    let file_name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let ignored = ignored_sources(&dir, &file_name);
    let around = Around { ignored: ignored.as_deref().map(|f| f as &dyn Fn(&str) -> bool), builder: &[] };
    let findings = file.as_ref().map(|file| file.lint(&around)).unwrap_or_default();
    let source = file.as_ref().map_or_else(|| String::from_utf8_lossy(&bytes).into_owned(), |f| f.source.clone());
    let all = matches.get_flag("all");
    let problems = problems.iter().map(Unreadable::diagnosis).collect();
    Ok(Lint { context, name, source, problems, findings }.tell(matches, all))
}

/// The `steps.sh` that is meant, if it is one.
fn steps_at(asked: &Path) -> Option<PathBuf> {
    if asked.is_dir() {
        let steps = asked.join("steps.sh");
        return (steps.is_file() && !dockerfile_at(asked).exists()).then_some(steps);
    }
    (asked.extension().is_some_and(|e| e == "sh") && asked.is_file()).then(|| asked.to_owned())
}

/// What of a script of docker commands no check would run.
fn steps(context: &Context, matches: &ArgMatches, path: &Path) -> Result<Exit, Report> {
    let name = layout::clean(&path.to_string_lossy()).into_owned();
    let bytes = read(path).map_err(|error| unreadable(context, &name, &error))?;
    let source = String::from_utf8_lossy(&bytes).into_owned();
    let lab = Folder::above(path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new(".")));
    let exercise = lab.ok().flatten().and_then(|lab| context.course().ok()?.exercise(lab.exercise_at(path)?));
    // A script about processes is run by a shell as it stands: there is no list that it must keep to.
    let problems = match exercise.map(|e| e.kind) {
        Some(Kind::Shell) => vec![],
        _ => {
            let setup = path.with_file_name("setup.sh");
            let setup = if setup == path { None } else { read(&setup).ok() };
            steps_problems(&source, &String::from_utf8_lossy(&setup.unwrap_or_default()))
        }
    };
    Ok(Lint { context, name, source, problems, findings: vec![] }.tell(matches, true))
}

/// As `docker build` looks for it: the second spelling only where the first is not there.
fn dockerfile_at(asked: &Path) -> PathBuf {
    if !asked.is_dir() {
        return asked.to_owned();
    }
    let names = ["Dockerfile", "dockerfile"].map(|name| asked.join(name));
    names.iter().find(|path| path.exists()).unwrap_or(&names[0]).clone()
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    // A pipe would wait for ever, and `/dev/zero` never end.
    if !path.metadata()?.is_file() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(BIGGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(context: &Context, path: &str, error: &io::Error) -> Report {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            Report::new(&context.lang, Fault::Usage, "cli.lint.no-file", &[("path", &path)])
        }
        _ => {
            let args: [(&str, &dyn std::fmt::Display); 2] = [("path", &path), ("message", error)];
            Report::new(&context.lang, Fault::Machine, "cli.lint.unreadable", &args)
        }
    }
}

struct Lint<'a> {
    context: &'a Context,
    name: String,
    source: String,
    problems: Vec<Diagnosis>,
    findings: Vec<Finding>,
}

impl Lint<'_> {
    /// Says all of it, as asked for.
    fn tell(&self, matches: &ArgMatches, all: bool) -> Exit {
        match matches.get_one::<String>("format").map(String::as_str) {
            Some("json") => self.json(),
            _ => self.text(all),
        }
        let bad = !self.problems.is_empty() || self.findings.iter().any(|f| f.level == Level::Warning);
        if bad { Exit::FAILED } else { Exit::OK }
    }

    /// The line of a problem, and what is wrong, in words.
    fn problem(&self, problem: &Diagnosis) -> (u32, String) {
        (problem.lines.first().copied().unwrap_or(1), crate::i18n::diagnosis(&self.context.lang, problem).what)
    }

    /// Column of a byte in its line, in characters, from 1.
    fn column(&self, at: usize) -> usize {
        let start = self.source[..at].rfind('\n').map_or(0, |n| n + 1);
        self.source[start..at].trim_start_matches('\u{feff}').chars().count() + 1
    }

    fn json(&self) {
        let findings: Vec<serde_json::Value> = self
            .findings
            .iter()
            .map(|finding| {
                let told = lint::told(&self.context.lang, finding);
                let (column, end) = (self.column(finding.span.start), self.column(finding.span.end));
                let known = finding.span != (0..0);
                serde_json::json!({
                    "rule": finding.rule,
                    "level": finding.level,
                    "line": finding.line,
                    "column": known.then_some(column),
                    "end-column": known.then_some(end),
                    "message": told.what,
                    "why": told.why,
                    "instead": told.instead,
                    "better-line": finding.mended_line(&self.source),
                    "lesson": told.lesson,
                })
            })
            .collect();
        let errors: Vec<serde_json::Value> = self
            .problems
            .iter()
            .map(|problem| self.problem(problem))
            .map(|(line, message)| serde_json::json!({"line": line, "message": message}))
            .collect();
        let all = serde_json::json!({"schema": 1, "file": self.name, "errors": errors, "findings": findings});
        self.context.out.line(&serde_json::to_string_pretty(&all).unwrap_or_default());
    }

    fn text(&self, all: bool) {
        let (context, out) = (self.context, &self.context.out);
        let mut problems: Vec<(u32, String)> = self.problems.iter().map(|p| self.problem(p)).collect();
        problems.sort();
        for (line, message) in &problems {
            self.head("cli.lint.word.error", Style::Bad, *line, None, "");
            self.snippet(*line, None);
            out.prose("    ", 4, message);
            out.gap();
        }
        for finding in self.findings.iter().filter(|f| all || f.level == Level::Warning) {
            self.finding(finding);
            out.gap();
        }
        let count = |level| self.findings.iter().filter(|f| f.level == level).count();
        let (warnings, advice) = (count(Level::Warning), count(Level::Advice));
        if problems.is_empty() && warnings == 0 {
            let line = context.text("cli.lint.clean", &[("path", &self.name)]);
            out.prose("", 0, &out.paint(Style::Good, &line));
        } else {
            let args: [(&str, &dyn std::fmt::Display); 3] =
                [("path", &self.name), ("errors", &problems.len()), ("warnings", &warnings)];
            out.prose("", 0, &out.paint(Style::Strong, &context.text("cli.lint.count", &args)));
        }
        if advice > 0 && !all {
            out.prose("", 0, &out.paint(Style::Dim, &context.text("cli.lint.advice-hidden", &[("count", &advice)])));
        }
    }

    fn head(&self, word: &str, style: Style, line: u32, column: Option<usize>, rule: &str) {
        let out = &self.context.out;
        let word = out.paint(style, &self.context.text(word, &[]));
        let column = column.map(|c| format!(":{c}")).unwrap_or_default();
        let at = out.paint(Style::Code, &format!("{}:{line}{column}", self.name));
        out.line(format!("{word} {at} {}", out.paint(Style::Strong, rule)).trim_end());
    }

    fn finding(&self, finding: &Finding) {
        let (context, out) = (self.context, &self.context.out);
        let told = lint::told(&context.lang, finding);
        let (word, style) = match finding.level {
            Level::Warning => ("cli.lint.word.warning", Style::Warn),
            Level::Advice => ("cli.lint.word.advice", Style::Dim),
        };
        let known = finding.span != (0..0);
        let column = known.then(|| self.column(finding.span.start));
        self.head(word, style, finding.line, column, &finding.rule);
        self.snippet(finding.line, known.then_some(finding));
        out.prose("    ", 4, &told.what);
        for (key, text) in [("cli.lint.why", &told.why), ("cli.lint.instead", &told.instead)] {
            let lead = format!("    {} ", context.text(key, &[]));
            out.prose(&out.paint(Style::Strong, &lead), layout::width(&lead), text);
        }
        if let Some(better) = finding.mended_line(&self.source) {
            out.line(&format!("    {} {}", out.paint(Style::Good, "+"), layout::clean(better.trim())));
        }
        let lesson = told.lesson.filter(|id| context.course().is_ok_and(|course| course.lesson(id).is_some()));
        if let Some(id) = lesson {
            out.line(&format!("    {}", out.paint(Style::Dim, &context.text("cli.lint.lesson", &[("id", &id)]))));
        }
    }

    /// The line, and carets below what is meant.
    fn snippet(&self, line: u32, finding: Option<&Finding>) {
        let out = &self.context.out;
        let bar = if out.ascii() { "|" } else { "│" };
        let Some(text) = self.source.split('\n').nth(line as usize - 1) else { return };
        // A tab is as wide as the terminal makes it: spaces keep the carets below their place.
        let shown = |text: &str| layout::clean(&text.trim_start_matches('\u{feff}').replace('\t', "    ")).into_owned();
        let room = out.columns().saturating_sub(9).max(20);
        out.line(&format!("  {line:>4} {bar} {}", layout::clip(&shown(text.trim_end_matches('\r')), room)));
        let Some(finding) = finding.filter(|f| !f.span.is_empty()) else { return };
        let start = self.source[..finding.span.start].rfind('\n').map_or(0, |n| n + 1);
        let before = layout::width(&shown(&self.source[start..finding.span.start]));
        let under = layout::width(&shown(&self.source[finding.span.clone()])).min(room.saturating_sub(before));
        if under > 0 {
            let carets = out.paint(Style::Warn, &"^".repeat(under));
            out.line(&format!("       {bar} {}{carets}", " ".repeat(before)));
        }
    }
}
