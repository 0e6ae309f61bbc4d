//! `progress show|export|import`.

use super::{Context, Entry, Exit, Group, no_args, out::Style};
use crate::{
    progress::{ImportError, read_export, write_export},
    report::{Fault, Report},
};
use clap::{Arg, ArgMatches};
use std::{
    fs::File,
    io::{self, BufReader, Write},
    path::{Path, PathBuf},
};

fn file_arg() -> Vec<Arg> {
    vec![Arg::new("file").value_name("FILE").required(true).value_parser(clap::value_parser!(PathBuf))]
}

/// `progress`.
pub(super) static ENTRY: Entry = Entry {
    name: "progress",
    group: Group::Machine,
    args: no_args,
    children: &[
        Entry { name: "show", group: Group::Machine, args: no_args, children: &[], run: Some(show) },
        Entry { name: "export", group: Group::Machine, args: file_arg, children: &[], run: Some(export) },
        Entry { name: "import", group: Group::Machine, args: file_arg, children: &[], run: Some(import) },
    ],
    run: None,
};

fn show(context: &Context, _: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let summary = context.store().summary();
    let out = &context.out;
    let lessons = course.lessons().iter().filter(|l| summary.lessons.get(&l.id).is_some_and(|s| s.read)).count();
    let passed = course.exercises().iter().filter(|e| summary.exercises.get(&e.id).is_some_and(|s| s.passed())).count();
    let streak = summary.streak(jiff::Zoned::now().date());
    let attempts: u32 = summary.exercises.values().map(|e| e.attempts).sum();
    let hints: u32 = summary.exercises.values().map(|e| e.hints).sum();
    let rows: [(&str, String); 6] = [
        ("lessons", format!("{lessons}/{}", course.lessons().len())),
        ("exercises", format!("{passed}/{}", course.exercises().len())),
        ("attempts", attempts.to_string()),
        ("hints", hints.to_string()),
        ("streak", streak.to_string()),
        ("events", summary.events.to_string()),
    ];
    for (key, value) in rows {
        out.line(&format!("{value:>8}  {}", context.text(&format!("progress.show.{key}"), &[])));
    }
    if let Some(dirs) = &context.dirs {
        let path = dirs.data.join("progress.db");
        let line = context.text("progress.show.where", &[("path", &path.display())]);
        out.line(&out.paint(Style::Dim, &line));
    }
    Ok(Exit::OK)
}

fn file(matches: &ArgMatches) -> PathBuf {
    matches.get_one::<PathBuf>("file").cloned().unwrap_or_default()
}

/// `-` is standard output. A file that is there is not overwritten: it may be the only copy of somebody's history.
fn export(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let path = file(matches);
    let unreadable = || match &context.dirs {
        Some(dirs) => {
            let path = dirs.data.join("progress.db");
            Report::new(&context.lang, Fault::Machine, "progress.export.unreadable", &[("path", &path.display())])
        }
        None => Report::new(&context.lang, Fault::Machine, "progress.notice.no-home", &[]),
    };
    let events = context.store().export().ok_or_else(unreadable)?;
    if path == Path::new("-") {
        let mut text = Vec::new();
        write_export(&mut text, &events).map_err(|e| cannot_write(context, &path, &e))?;
        context.out.raw(&String::from_utf8_lossy(&text));
        return Ok(Exit::OK);
    }
    let write = || -> io::Result<()> {
        let file = File::create_new(&path)?;
        let mut buffer = io::BufWriter::new(&file);
        write_export(&mut buffer, &events)?;
        buffer.flush()?;
        file.sync_all()
    };
    write().map_err(|e| cannot_write(context, &path, &e))?;
    let args: [(&str, &dyn std::fmt::Display); 2] = [("events", &events.len()), ("path", &path.display())];
    context.out.prose("", 0, &context.text("progress.export.done", &args));
    Ok(Exit::OK)
}

fn cannot_write(context: &Context, path: &Path, error: &io::Error) -> Report {
    let key = match error.kind() {
        io::ErrorKind::AlreadyExists => "progress.export.exists",
        _ => "cli.error.write",
    };
    Report::new(&context.lang, Fault::Machine, key, &[("path", &path.display()), ("message", error)])
}

fn import(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let path = file(matches);
    let refused = |error: ImportError| {
        let args: [(&str, &dyn std::fmt::Display); 2] = [("path", &path.display()), ("message", &error)];
        match &error {
            ImportError::Read(_) => Report::new(&context.lang, Fault::Usage, "progress.import.unreadable", &args),
            ImportError::Format => Report::new(&context.lang, Fault::Usage, "progress.import.format", &args),
            ImportError::Line { .. } => Report::new(&context.lang, Fault::Usage, "progress.import.line", &args),
            ImportError::Database(_) => Report::new(&context.lang, Fault::Machine, "progress.import.refused", &args),
        }
    };
    let events = if path == Path::new("-") {
        read_export(io::stdin().lock()).map_err(refused)?
    } else {
        let file = File::open(&path).map_err(|e| refused(e.into()))?;
        read_export(BufReader::new(file)).map_err(refused)?
    };
    let done = context.store().import(events).map_err(refused)?;
    context.out.prose("", 0, &context.text("progress.import.done", &[("new", &done.new), ("known", &done.known)]));
    Ok(Exit::OK)
}
