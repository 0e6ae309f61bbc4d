//! `start EXERCISE [DIR]` and `reset [EXERCISE]`.

use super::{Context, Entry, Exit, Group, out::Style, target};
use crate::{
    course::{Course, Lesson},
    lab::{self, Folder, LabError},
    progress::{EventKind, Settings},
    report::{self, Report},
};
use clap::{Arg, ArgAction, ArgMatches};
use dockshala_checkers::spec::Kind;
use std::path::{Path, PathBuf};

/// `start EXERCISE [DIR]`.
pub(super) static START: Entry = Entry {
    name: "start",
    group: Group::Learn,
    args: || {
        vec![
            Arg::new("exercise").value_name("EXERCISE").required(true),
            Arg::new("dir").value_name("DIR").value_parser(clap::value_parser!(PathBuf)),
        ]
    },
    children: &[],
    run: Some(start),
};

/// `reset [EXERCISE]`.
pub(super) static RESET: Entry = Entry {
    name: "reset",
    group: Group::Learn,
    args: || {
        vec![
            Arg::new("exercise").value_name("EXERCISE"),
            Arg::new("yes").short('y').long("yes").action(ArgAction::SetTrue),
        ]
    },
    children: &[],
    run: Some(reset),
};

fn start(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let say = |error: &LabError| report::lab(&context.lang, error);
    let asked = matches.get_one::<String>("exercise").map(String::as_str).unwrap_or_default();
    let Some(exercise) = course.exercise(asked) else {
        if let Some(lesson) = course.lesson(asked) {
            return lesson_files(context, course, lesson, matches);
        }
        return Err(say(&LabError::UnknownExercise { id: asked.to_owned(), near: lab::nearest(course, asked) }));
    };
    let mut folder = lab_folder(context, matches)?;
    let files = course.exercise_files(&exercise.id).unwrap_or_default();
    let started = lab::start(&mut folder, &exercise.id, &files.starter).map_err(|e| say(&e))?;
    context
        .store()
        .record(&EventKind::ExerciseStarted { exercise: exercise.id.clone(), dir: started.dir.display().to_string() });

    let out = &context.out;
    out.line(&out.paint(Style::Head, exercise.title.get(&context.lang)));
    out.line(&format!(
        "{}  {}",
        context.text("lab.start.folder", &[]),
        out.paint(Style::Code, &started.dir.display().to_string())
    ));
    tell(context, &started);
    out.gap();
    if let Some((text, _)) = course.exercise_text(&exercise.id, &context.lang) {
        context.markdown(&text.brief);
        out.gap();
    }
    out.line(&out.paint(Style::Strong, &context.text("lab.goals", &[])));
    for goal in &exercise.goals {
        out.prose("  - ", 4, &crate::words::goal(&context.lang, goal));
    }
    out.gap();
    if exercise.kind == Kind::Machine {
        let label = lab::label(&exercise.id, &started.dir);
        out.prose("", 0, &context.text("lab.start.by-hand", &[("label", &label)]));
        out.gap();
    }
    let (id, dir) = (&exercise.id, started.dir.display());
    let next = context.text("lab.start.next", &[("id", id), ("dir", &dir)]);
    out.next(&context.lang, &next.lines().map(str::to_owned).collect::<Vec<_>>());
    Ok(Exit::OK)
}

/// Lays out a lesson's files, for its commands to be tried.
fn lesson_files(context: &Context, course: &Course, lesson: &Lesson, matches: &ArgMatches) -> Result<Exit, Report> {
    let folder = lab_folder(context, matches)?;
    let files = course.lesson_files(&lesson.id);
    let started = lab::start_lesson(&folder, &lesson.id, &files).map_err(|error| report::lab(&context.lang, &error))?;
    let out = &context.out;
    out.line(&out.paint(Style::Head, lesson.title.get(&context.lang)));
    let dir = started.dir.display().to_string();
    out.line(&format!("{}  {}", context.text("lab.lesson.folder", &[]), out.paint(Style::Code, &dir)));
    tell(context, &started);
    out.gap();
    let next = context.text("lab.lesson.next", &[("id", &lesson.id), ("dir", &dir)]);
    out.next(&context.lang, &next.lines().map(str::to_owned).collect::<Vec<_>>());
    Ok(Exit::OK)
}

/// Which files were written, and which were the learner's already.
fn tell(context: &Context, started: &lab::Started) {
    let out = &context.out;
    for file in &started.written {
        out.line(&format!("  + {file}"));
    }
    if started.written.is_empty() && started.left.is_empty() {
        out.prose("", 0, &context.text("lab.start.all-there", &[]));
    }
    if !started.left.is_empty() {
        out.prose("", 0, &context.text("lab.start.left", &[("files", &started.left.join(", "))]));
    }
}

/// The lab that is meant: the one named, the one we stand in, the one named last. It is remembered.
fn lab_folder(context: &Context, matches: &ArgMatches) -> Result<Folder, Report> {
    let say = |error: &LabError| report::lab(&context.lang, error);
    let root = match matches.get_one::<PathBuf>("dir") {
        Some(dir) => dir.clone(),
        // Standing in a lab says more than having named another one some time ago.
        None => match Folder::above(Path::new(".")).map_err(|e| say(&e))? {
            Some(here) => here.root().to_owned(),
            None => context.settings().lab.ok_or(LabError::NoLab).map_err(|e| say(&e))?,
        },
    };
    let folder = Folder::make(&root).map_err(|e| say(&e))?;
    remember(context, folder.root());
    Ok(folder)
}

/// Remembers the lab folder. That it could not be remembered costs the learner a word on the next command line.
fn remember(context: &Context, lab: &Path) {
    if let Some(dirs) = &context.dirs {
        let _ = Settings::change(&dirs.config, |s| s.lab = Some(lab.to_owned()));
    }
}

fn reset(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let target = target(context, course, matches)?;
    let id = &target.exercise.id;
    let say = |error: &LabError| report::lab(&context.lang, error);
    let dir = target.dir.ok_or_else(|| say(&LabError::NotStarted { id: id.clone() }))?;
    let question = context.text("lab.reset.ask", &[("dir", &dir.display())]);
    if !matches.get_flag("yes") && !context.agreed(&question)? {
        context.out.line(&context.text("cli.left-alone", &[]));
        return Ok(Exit::OK);
    }
    let missing = || say(&LabError::NotStarted { id: id.clone() });
    let mut folder = Folder::above(dir.parent().unwrap_or(&dir)).map_err(|e| say(&e))?.ok_or_else(missing)?;
    let files = course.exercise_files(id).unwrap_or_default();
    let done = lab::reset(&mut folder, id, &files.starter).map_err(|e| say(&e))?;
    context.store().record(&EventKind::ExerciseReset { exercise: id.clone() });
    context.out.prose("", 0, &context.text("lab.reset.done", &[("dir", &done.dir.display())]));
    if let Some(kept) = done.kept {
        context.out.prose("", 0, &context.text("lab.reset.kept", &[("kept", &kept.display())]));
    }
    Ok(Exit::OK)
}
