//! `class regrade DIR` and `class report DIR`, for a teacher.

use super::{Context, Entry, Exit, Group, consent, job::Stop, no_args, out::Style};
use crate::{
    class::{
        EXTENSION,
        journal::{Journal, Outcome, Record},
        manifest::Limits,
        regrade::{self, Ended, Judge, Options, Told},
        report as class_report,
    },
    course::Course,
    i18n, lab,
    report::{self, Fault, Report},
};
use clap::{Arg, ArgAction, ArgMatches};
use dockshala_checkers::{
    check,
    engine::{Engine, clean},
    verdict::{CheckResult, Verdict},
};
use sha2::{Digest, Sha256};
use std::{
    fmt::Display,
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

fn path(name: &'static str) -> Arg {
    Arg::new(name).long(name).value_name("DIR").value_parser(clap::value_parser!(PathBuf))
}

fn folder() -> Arg {
    Arg::new("dir").value_name("DIR").required(true).value_parser(clap::value_parser!(PathBuf))
}

/// `class`.
pub(super) static ENTRY: Entry = Entry {
    name: "class",
    group: Group::Teach,
    args: no_args,
    children: &[
        Entry {
            name: "regrade",
            group: Group::Teach,
            args: || {
                let number = |name: &'static str| Arg::new(name).long(name).value_name("N");
                vec![
                    folder(),
                    number("jobs").value_parser(clap::value_parser!(u16).range(1..=64)),
                    number("deadline").value_parser(clap::value_parser!(u64).range(1..=86_400)),
                    path("out"),
                    Arg::new("yes").long("yes").action(ArgAction::SetTrue),
                ]
            },
            children: &[],
            run: Some(regrade),
        },
        Entry {
            name: "report",
            group: Group::Teach,
            args: || {
                let format = Arg::new("format").long("format").value_name("FORMAT");
                let save = Arg::new("save").long("save").value_name("FILE");
                vec![
                    folder(),
                    format.value_parser(["text", "html", "csv", "json"]),
                    save.value_parser(clap::value_parser!(PathBuf)),
                    path("out"),
                ]
            },
            children: &[],
            run: Some(report),
        },
    ],
    run: None,
};

fn dir(matches: &ArgMatches) -> PathBuf {
    matches.get_one::<PathBuf>("dir").cloned().unwrap_or_default()
}

/// Where verdicts are kept: by name, or in the teacher's own data folder, one for each folder of bundles.
///
/// Never among the bundles: who may put a bundle there may put a journal there, and it would be believed.
fn kept(context: &Context, matches: &ArgMatches, bundles: &Path) -> Result<PathBuf, Report> {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let bundles = real(bundles);
    if let Some(out) = matches.get_one::<PathBuf>("out") {
        // `canonicalize` needs it to be there; its parent is asked where it is not.
        let place = match (out.parent(), out.file_name()) {
            (Some(parent), Some(name)) if !out.exists() => real(parent).join(name),
            _ => real(out),
        };
        if place.starts_with(&bundles) {
            let args: [(&str, &dyn Display); 1] = [("path", &out.display())];
            return Err(Report::new(&context.lang, Fault::Usage, "class.error.out-inside", &args));
        }
        return Ok(out.clone());
    }
    let Some(dirs) = &context.dirs else {
        return Err(Report::new(&context.lang, Fault::Usage, "class.error.no-home", &[]));
    };
    let hash = Sha256::digest(bundles.as_os_str().as_encoded_bytes());
    let name: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Ok(dirs.data.join("class").join(name))
}

/// The checker, as `check` uses it.
struct Checker {
    course: &'static Course,
    engine: Engine,
    options: check::Options,
}

impl Judge for Checker {
    async fn judge(&self, exercise: &str, dir: &Path, cancel: CancellationToken) -> Result<CheckResult, String> {
        let exercise = self.course.exercise(exercise).ok_or_else(|| exercise.to_owned())?;
        // Nobody watches: the events go nowhere, which is no error.
        let (tell, _) = mpsc::channel(1);
        let checked = lab::check(self.course, exercise, dir, Ok(&self.engine), &self.options, tell, cancel).await;
        checked.map_err(|error| error.to_string())
    }
}

/// As many as the machine allows. Twice the cores, as a check waits for the daemon half of its time; and of memory what is left
/// to the system is a quarter.
fn room(engine: &Engine) -> (usize, u64) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = engine.info().memory / 4 * 3;
    // Half a gigabyte is what most exercises say they take.
    let by_memory = usize::try_from(memory / 512_000_000).unwrap_or(1);
    ((2 * cores).min(by_memory).clamp(1, 16), memory.max(512_000_000))
}

fn regrade(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let (bundles, lang) = (dir(matches), &context.lang);
    let place = kept(context, matches, &bundles)?;
    if regrade::bundles(&bundles).map_err(|e| report::regrade(lang, &e))?.is_empty() {
        let args: [(&str, &dyn Display); 2] = [("dir", &bundles.display()), ("extension", &EXTENSION)];
        return Err(Report::new(lang, Fault::Usage, "class.empty", &args));
    }
    consent::agree(context, course, matches.get_flag("yes"))?;
    let io = |error: std::io::Error| report::class_io(lang, &place, &error);
    fs::create_dir_all(&place).map_err(io)?;
    let mut journal = Journal::open(&place).map_err(|e| report::journal(lang, &e))?;
    let deadline = Duration::from_secs(matches.get_one::<u64>("deadline").copied().unwrap_or(900));
    let began = Instant::now();
    let (ended, all) = context.wait_for(async {
        let engine = context.engine(true).await.map_err(|error| report::engine(lang, &error))?;
        let (jobs, memory) = room(&engine);
        let jobs = matches.get_one::<u16>("jobs").map_or(jobs, |jobs| usize::from(*jobs));
        let options = Options { jobs, memory, deadline, limits: Limits::USUAL };
        let mut checks = context.check_options();
        // A bundle is a stranger's: its steps.sh never runs on this machine itself.
        checks.scripts = lab::scripts_contained();
        let judge = Arc::new(Checker { course, engine: engine.clone(), options: checks });
        let (tell, mut told) = mpsc::channel(64);
        let cancel = CancellationToken::new();
        let mut stop = Stop::listen();
        let work = regrade::run(&bundles, course, &mut journal, &options, judge, tell, cancel.clone());
        tokio::pin!(work);
        let (mut ended, mut all) = (None, Vec::new());
        loop {
            tokio::select! {
                () = stop.asked(), if !cancel.is_cancelled() => cancel.cancel(),
                told = told.recv() => match told {
                    Some(told) => all.extend(show(context, jobs, told)),
                    None if ended.is_some() => break,
                    None => {}
                },
                done = &mut work, if ended.is_none() => ended = Some(done),
            }
        }
        // What the daemon refuses now is reaped later.
        let _ = engine.close().await;
        match ended {
            Some(ended) => Ok((ended.map_err(|e| report::regrade(lang, &e))?, all)),
            None => Ok((Ended::Stopped, all)),
        }
    })?;
    summary(context, &bundles, &place, &ended, &all, began.elapsed());
    let judged = |r: &Record| matches!(r.outcome, Outcome::Judged { .. });
    Ok(match ended {
        Ended::Machine(_) => Exit::BROKEN,
        Ended::All if all.iter().all(judged) => Exit::OK,
        _ => Exit::SKIPPED,
    })
}

/// Tells of what happens; gives back what is settled.
fn show(context: &Context, jobs: usize, told: Told) -> Option<Record> {
    let out = &context.out;
    match told {
        Told::Opened { bundles, queued, known } => {
            let args: [(&str, &dyn Display); 4] =
                [("bundles", &bundles), ("queued", &queued), ("known", &known), ("jobs", &jobs)];
            out.line(&context.text("class.begins", &args));
            None
        }
        Told::Again { file, exercise } => {
            let args: [(&str, &dyn Display); 2] = [("file", &clean::line(&file)), ("exercise", &exercise)];
            out.line(&out.paint(Style::Dim, &context.text("class.again", &args)));
            None
        }
        Told::Settled(record) => {
            line(context, &record);
            Some(*record)
        }
    }
}

fn line(context: &Context, record: &Record) {
    let out = &context.out;
    let passed = record.outcome.passed();
    let (word, style) = match &record.outcome {
        Outcome::Judged { .. } if passed => ("passed", Style::Good),
        Outcome::Judged { goals, .. } if goals.iter().any(|g| g.verdict == Verdict::Failed) => ("failed", Style::Bad),
        Outcome::Judged { .. } => ("unjudged", Style::Warn),
        Outcome::Refused(_) => ("refused", Style::Warn),
        Outcome::Deadline { .. } => ("deadline", Style::Warn),
        Outcome::NotHere { .. } => ("not-here", Style::Dim),
        Outcome::Unknown => ("unknown", Style::Warn),
        Outcome::Broken { .. } => ("broken", Style::Warn),
    };
    let word = out.paint(style, &format!("{:10}", context.text(&format!("class.verified.{word}"), &[])));
    let who = match &record.learner {
        Some(learner) => clean::line(&learner.name),
        None => clean::line(&record.file),
    };
    let mut text = format!("{word} {who}");
    if let Some(exercise) = &record.exercise {
        text += &format!("  {exercise}");
    }
    if let Outcome::Judged { seconds, .. } = &record.outcome {
        text += &format!("  {seconds:.1} s");
        if record.claimed.passed && !passed {
            text += &format!("  {}", context.text("class.contradicted", &[]));
        }
    }
    out.line(&text);
    let more = match &record.outcome {
        Outcome::Refused(refusal) => {
            context.text(&format!("class.refusal.{}", refusal.name), &[("what", &clean::line(&refusal.what))])
        }
        Outcome::NotHere { why } => context.text(&format!("class.not-here.{why}"), &[]),
        Outcome::Deadline { seconds } => context.text("class.html.deadline", &[("seconds", seconds)]),
        _ => return,
    };
    out.prose("           ", 11, &more);
}

fn summary(context: &Context, bundles: &Path, place: &Path, ended: &Ended, all: &[Record], took: Duration) {
    let out = &context.out;
    let count = |wanted: &dyn Fn(&Outcome) -> bool| all.iter().filter(|r| wanted(&r.outcome)).count();
    let passed = count(&Outcome::passed);
    let failed = count(&|o| matches!(o, Outcome::Judged { .. }) && !o.passed());
    let refused = count(&|o| matches!(o, Outcome::Refused(_)));
    let (open, seconds) = (all.len() - passed - failed - refused, format!("{:.0}", took.as_secs_f64()));
    let args: [(&str, &dyn Display); 5] =
        [("passed", &passed), ("failed", &failed), ("open", &open), ("refused", &refused), ("seconds", &seconds)];
    out.gap();
    out.line(&out.paint(Style::Strong, &context.text("class.ended", &args)));
    out.line(&out.paint(Style::Dim, &context.text("class.where", &[("path", &place.display())])));
    let next = match ended {
        Ended::All => context.text("class.next-report", &[("dir", &bundles.display())]),
        Ended::Stopped => context.text("class.stopped", &[]),
        Ended::Machine(code) => context.text("class.machine", &[("code", code)]),
    };
    out.next(&context.lang, &next.lines().map(str::to_owned).collect::<Vec<_>>());
}

fn report(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let (bundles, lang) = (dir(matches), &context.lang);
    let place = kept(context, matches, &bundles)?;
    let seen = regrade::look(&bundles, course, &Limits::USUAL).map_err(|e| report::regrade(lang, &e))?;
    let journal = Journal::look(&place).map_err(|e| report::journal(lang, &e))?;
    if seen.is_empty() && journal.is_empty() {
        let args: [(&str, &dyn Display); 2] = [("dir", &bundles.display()), ("extension", &EXTENSION)];
        return Err(Report::new(lang, Fault::Usage, "class.empty", &args));
    }
    let class = class_report::make(course, &seen, &journal);
    let text = match matches.get_one::<String>("format").map_or("text", String::as_str) {
        "html" => class_report::html(&class, course, lang),
        "csv" => class_report::csv(&class),
        "json" => serde_json::to_string_pretty(&class).unwrap_or_default() + "\n",
        _ => text(context, &class),
    };
    match matches.get_one::<PathBuf>("save") {
        Some(file) => {
            save(file, &text).map_err(|e| report::class_io(lang, file, &e))?;
            context.out.line(&context.text("class.saved", &[("path", &file.display())]));
        }
        None => context.out.raw(&text),
    }
    Ok(Exit::OK)
}

/// Whole or not at all: a browser may have the last one open.
fn save(file: &Path, text: &str) -> std::io::Result<()> {
    let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut part = tempfile::Builder::new().prefix(".dockshala-").tempfile_in(folder)?;
    part.write_all(text.as_bytes())?;
    part.as_file().sync_all()?;
    part.persist(file).map_err(|e| e.error)?;
    Ok(())
}

/// A line for each learner and exercise, then where the class is stuck.
fn text(context: &Context, class: &class_report::ClassReport) -> String {
    let say = |key: String| context.text(&key, &[]);
    let mut text = String::new();
    for row in &class.learners {
        text += &format!("{}\n", clean::line(&row.name));
        for column in &class.exercises {
            let Some(cell) = row.work.get(&column.exercise) else { continue };
            let verified = say(format!("class.verified.{}", cell.verified));
            let claimed = say(format!("class.claimed.{}", cell.claimed));
            text += &format!("  {:28} {verified} ({claimed})\n", column.exercise);
        }
    }
    if !class.stuck.is_empty() {
        text += &format!("\n{}\n", say("class.html.stuck".to_owned()));
    }
    for stuck in &class.stuck {
        let many = stuck.verified.len() + stuck.claimed.len();
        let lesson = stuck.lesson.as_deref().map_or(String::new(), |id| format!("  -> {id}"));
        text += &format!("  {many:3}  {} {} {}{lesson}\n", stuck.exercise, stuck.goal, stuck.code);
    }
    for refused in &class.refused {
        let key = format!("class.refusal.{}", refused.why);
        let why = i18n::text(&context.lang, &key, &[("what", &clean::line(&refused.what))]);
        text += &format!("\n{}: {why}\n", clean::line(&refused.file));
    }
    text
}
