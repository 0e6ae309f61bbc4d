//! `submit [EXERCISE…] --to DIR`: the learner's work and its history as one file. Needs no daemon and no network.

use super::{Context, Entry, Exit, Group, out::Style};
use crate::{
    class::{
        collect::{self, Collected},
        manifest::{CourseName, Limits, Why},
        write::{self, Parts, Written},
    },
    course::Course,
    lab::{self, Folder, LabError},
    progress::Settings,
    report::{self, Fault, Report},
};
use clap::{Arg, ArgAction, ArgMatches};
use dockshala_checkers::{
    engine::clean,
    spec::{Kind, Size},
};
use std::{
    fmt::Display,
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// Where the learner's name stands in the settings.
const NAME: &str = "learner";

/// `submit [EXERCISE…] --to DIR`.
pub(super) static ENTRY: Entry = Entry {
    name: "submit",
    group: Group::Learn,
    args: || {
        vec![
            Arg::new("exercise").value_name("EXERCISE").num_args(0..).action(ArgAction::Append),
            Arg::new("to").long("to").value_name("DIR").required(true).value_parser(clap::value_parser!(PathBuf)),
            Arg::new("name").long("name").value_name("NAME"),
        ]
    },
    children: &[],
    run: Some(run),
};

fn run(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let learner = learner(context, matches)?;
    let folder = matches.get_one::<PathBuf>("to").cloned().unwrap_or_default();
    let limits = Limits::USUAL;
    let mut works: Vec<Collected> = Vec::new();
    for (id, dir) in copies(context, course, matches)? {
        let nested = course.exercise(&id).is_none_or(|e| e.kind != Kind::Dockerfile);
        works.push(collect::collect(&id, &dir, nested, &limits).map_err(|e| report::collect(&context.lang, &id, &e))?);
    }
    // A history that cannot be read keeps nobody from handing in: the sources are what is judged. A notice tells of it.
    let history = context.store().export().unwrap_or_default();
    let parts = Parts {
        learner: &learner,
        // Without a database that can be read there is no device to name, and no history either.
        device: context.store().device().unwrap_or(Uuid::nil()),
        course: CourseName { id: course.id().to_owned(), hash: course.hash().to_owned() },
        works,
        history: &history,
    };
    let written = write::write(&folder, parts).map_err(|e| report::submit(&context.lang, &e))?;
    tell(context, &written);
    Ok(Exit::OK)
}

/// As the flag says; else as it said last time.
fn learner(context: &Context, matches: &ArgMatches) -> Result<String, Report> {
    let stated = matches.get_one::<String>("name").map(|name| write::stated(name)).filter(|name| !name.is_empty());
    let Some(name) = stated else {
        let held = context.settings().more.get(NAME).and_then(|v| v.as_str()).map(write::stated);
        let none = || Report::new(&context.lang, Fault::Usage, "submit.error.no-name", &[]);
        return held.filter(|name| !name.is_empty()).ok_or_else(none);
    };
    if let Some(dirs) = &context.dirs {
        // That it cannot be remembered means only that it is asked for again.
        let _ = Settings::change(&dirs.config, |s| _ = s.more.insert(NAME.to_owned(), name.clone().into()));
    }
    Ok(name)
}

/// The working copies that are meant: those named, or all of the lab.
fn copies(context: &Context, course: &Course, matches: &ArgMatches) -> Result<Vec<(String, PathBuf)>, Report> {
    let say = |error: &LabError| report::lab(&context.lang, error);
    let remembered = context.settings().lab;
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    let asked: Vec<&String> = matches.get_many::<String>("exercise").into_iter().flatten().collect();
    if asked.is_empty() {
        let here = match Folder::above(Path::new(".")).map_err(|e| say(&e))? {
            Some(lab) => Some(lab),
            None => remembered.as_deref().map(Folder::open).transpose().map_err(|e| say(&e))?.flatten(),
        };
        for exercise in course.exercises() {
            let dir = here.as_ref().and_then(|lab| lab.copy_of(&exercise.id)).filter(|dir| dir.is_dir());
            found.extend(dir.map(|dir| (exercise.id.clone(), dir)));
        }
    }
    for id in asked {
        let target =
            lab::resolve(course, Some(id), Path::new("."), remembered.as_deref(), None).map_err(|e| say(&e))?;
        let exercise = target.exercise.id.clone();
        let not_started = || say(&LabError::NotStarted { id: exercise.clone() });
        let dir = target.dir.filter(|dir| dir.is_dir()).ok_or_else(not_started)?;
        if !found.iter().any(|(known, _)| *known == exercise) {
            found.push((exercise, dir));
        }
    }
    if found.is_empty() {
        return Err(Report::new(&context.lang, Fault::Usage, "submit.error.nothing", &[]));
    }
    Ok(found)
}

fn tell(context: &Context, written: &Written) {
    let out = &context.out;
    let (size, count) = (Size(written.bytes), written.manifest.exercises.len());
    let args: [(&str, &dyn Display); 3] = [("path", &written.path.display()), ("size", &size), ("count", &count)];
    out.prose("", 0, &out.paint(Style::Good, &context.text("submit.done", &args)));
    for work in &written.manifest.exercises {
        let bytes = Size(work.files.iter().map(|f| f.bytes).sum());
        out.line(&format!("  {}  {} ({bytes})", work.exercise, work.files.len()));
        for left in &work.left_out {
            let key = match left.why {
                Why::Ignored => "submit.left-out",
                Why::LinkOut => "submit.left-out-link",
                Why::Special => "submit.left-out-special",
            };
            let (path, size) = (clean::line(&left.path), Size(left.bytes));
            let args: [(&str, &dyn Display); 3] = [("path", &path), ("size", &size), ("files", &left.files)];
            out.prose("    ", 4, &context.text(key, &args));
        }
    }
    out.prose("", 0, &context.text("submit.claims", &[]));
}
