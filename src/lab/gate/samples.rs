//! Samples of lessons: what a lesson shows is built or run here, and does what the lesson says.

use super::{Came, Ground, Said, leftovers, recordings};
use crate::{
    course::{How, LessonCode, Outcome, Sample, TestAt},
    lab::docker::{self, CommandError, CopyError},
};
use dockshala_checkers::{
    engine::{
        BuildFailure, BuildOutcome, BuildRequest, EngineError, RunRequest,
        bases::{self, Base},
    },
    spec::{Network, Profile},
};
use regex::Regex;
use std::{sync::LazyLock, time::Duration};

/// A script builds several images.
const SCRIPT: Duration = Duration::from_secs(900);
/// A container of a sample prints and ends.
const RUN: Duration = Duration::from_secs(60);

/// Why a sample could not be tried at all.
pub(super) enum Stop {
    Came(Came),
    Copy(CopyError),
    Engine(EngineError),
    Command(CommandError),
}

impl From<CopyError> for Stop {
    fn from(error: CopyError) -> Self {
        Self::Copy(error)
    }
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<CommandError> for Stop {
    fn from(error: CommandError) -> Self {
        Self::Command(error)
    }
}

pub(super) async fn sample(ground: &Ground, lesson: &str, file: &str) -> Came {
    let code = ground.course.lesson_code(lesson).unwrap_or_default();
    let Some(sample) = code.samples.iter().find(|s| s.file == file) else {
        return Came::Broke(vec![Said::new("gone")]);
    };
    let tried = async {
        needed(ground, sample).await?;
        match sample.how {
            How::Build => build(ground, &code, sample).await,
            How::Script => script(ground, &code, sample).await,
            How::Config => config(ground, &code, sample).await,
            How::Recording => recordings::recording(ground, lesson, &code, sample).await,
            How::Include | How::OutputOf => Ok(Vec::new()),
        }
    };
    match tried.await {
        Ok(faults) if faults.is_empty() => Came::Held,
        Ok(faults) => Came::Broke(faults),
        Err(Stop::Came(came)) => came,
        Err(Stop::Copy(error)) => Came::Broke(vec![Said::new("not-written").arg("message", error)]),
        Err(Stop::Engine(error)) => Came::Broke(vec![Said::new("engine").arg("message", error)]),
        Err(Stop::Command(CommandError::Missing(program))) => {
            Came::Broke(vec![Said::new("no-program").arg("program", program)])
        }
        Err(Stop::Command(error)) => Came::Broke(vec![Said::new("engine").arg("message", error)]),
    }
}

/// Whether a sample can be tried here: the engine is new enough, its images are there, the real ones where it needs a
/// registry.
async fn needed(ground: &Ground, sample: &Sample) -> Result<(), Stop> {
    if sample.test == TestAt::Cloud {
        return Err(Stop::Came(Came::Skipped(Said::new("cloud"))));
    }
    if let Some(since) = sample.since.filter(|since| older(&ground.engine.info().version, *since)) {
        return Err(Stop::Came(Came::Skipped(Said::new("older-engine").arg("since", since))));
    }
    let found = bases::resolve(&ground.engine, &sample.uses, &ground.options.bases).await?;
    let lacking = found.iter().find(|(_, base)| match base {
        Base::Scratch | Base::Present { .. } => false,
        Base::StandIn { .. } => sample.test == TestAt::Registry,
        _ => true,
    });
    match lacking {
        None => Ok(()),
        Some((image, _)) if sample.test == TestAt::Registry => {
            Err(Stop::Came(Came::Skipped(Said::new("registry").arg("image", image))))
        }
        Some((image, _)) => Err(Stop::Came(Came::Broke(vec![Said::new("no-base").arg("image", image)]))),
    }
}

/// Whether an engine's version is below a major one. One that has no number is tried: nothing is known against it.
fn older(version: &str, since: u32) -> bool {
    version.split('.').next().and_then(|major| major.parse::<u32>().ok()).is_some_and(|major| major < since)
}

async fn build(ground: &Ground, code: &LessonCode, sample: &Sample) -> Result<Vec<Said>, Stop> {
    let engine = &ground.engine;
    let copy = docker::copy(engine, &ground.options.bases, &code.files).await?;
    let text = std::fs::read_to_string(copy.dir.path().join(&sample.file)).unwrap_or_default();
    let context = copy.dir.path().join(sample.context.as_deref().unwrap_or("."));
    let mut request = BuildRequest::new(&context, text, engine.tag(&tag_of(&sample.file)));
    request.target = sample.target.clone();
    // A compiler that prints nothing is at work, not stuck: an author's gate waits as long as the deadline lets it.
    request.idle = request.deadline;
    request.network = if sample.test == TestAt::Registry { Network::Registry } else { Network::None };
    let (tell, _) = tokio::sync::mpsc::channel(1);
    let outcome = engine.build(request, tell, ground.cancel.clone()).await?;
    let faults = judge(ground, sample, &outcome).await;
    engine.remove_image(&outcome.tag).await?;
    faults
}

async fn judge(ground: &Ground, sample: &Sample, outcome: &BuildOutcome) -> Result<Vec<Said>, Stop> {
    let expect = sample.expect.clone().unwrap_or_default();
    if let Some(failure) = &outcome.failure {
        let said = words(failure, outcome);
        return Ok(match &expect.error_contains {
            Some(want) if sample.test == TestAt::WrongAsSaid && said.contains(want.as_str()) => Vec::new(),
            Some(want) if sample.test == TestAt::WrongAsSaid => {
                vec![Said::new("other-error").arg("want", want).arg("got", tail(&said))]
            }
            _ => vec![Said::new("does-not-build").arg("message", tail(&said))],
        });
    }
    let Some(args) = &sample.run else {
        let wrong = sample.test == TestAt::WrongAsSaid;
        return Ok(if wrong { vec![Said::new("not-wrong")] } else { Vec::new() });
    };
    let mut request = RunRequest::new(&outcome.tag);
    request.args = args.clone();
    request.profile = Profile::Realistic;
    request.deadline = RUN;
    let ran = ground.engine.run(request, ground.cancel.clone()).await?;
    let stderr = ran.start_error.clone().unwrap_or_default() + &ran.stderr;
    Ok(printed(sample, &expect, ran.exit, &ran.stdout, &stderr))
}

/// All that a failed build said.
fn words(failure: &BuildFailure, outcome: &BuildOutcome) -> String {
    match failure {
        BuildFailure::Step { index, message, .. } => {
            let step = outcome.steps.get(*index);
            let (name, log) = step.map_or(("", ""), |s| (s.name.as_str(), s.log.as_str()));
            format!("{name}\n{log}\n{message}")
        }
        BuildFailure::Refused(message) | BuildFailure::DiskFull(message) | BuildFailure::Lost(message) => {
            message.clone()
        }
        other => format!("{other:?}"),
    }
}

async fn script(ground: &Ground, code: &LessonCode, sample: &Sample) -> Result<Vec<Said>, Stop> {
    let copy = docker::copy(&ground.engine, &ground.options.bases, &code.files).await?;
    let argv = ["sh", "-eu", sample.file.as_str()].map(str::to_owned);
    let before = leftovers::names(ground).await;
    let ran = docker::run(&ground.engine, copy.dir.path(), &argv, SCRIPT, &ground.cancel).await;
    let faults = ran.map(|output| compare(ground, code, sample, &output));
    if !faults.as_ref().is_ok_and(Vec::is_empty) {
        let text = code.files.iter().find(|f| f.path == sample.file).map_or(&[][..], |f| &f.bytes);
        leftovers::remove(ground, &before, &String::from_utf8_lossy(text)).await;
    }
    Ok(faults?)
}

/// What a script came to, held against what was recorded of it.
fn compare(ground: &Ground, code: &LessonCode, sample: &Sample, output: &docker::Output) -> Vec<Said> {
    if output.timed_out {
        return vec![Said::new("too-long").arg("seconds", SCRIPT.as_secs())];
    }
    let mut faults =
        printed(sample, &sample.expect.clone().unwrap_or_default(), output.exit, &output.stdout, &output.stderr);
    // A script that broke prints something else anyway.
    if faults.is_empty() {
        for out in recordings_of(code, &sample.file, &ground.engine.info().storage) {
            let file = code.files.iter().find(|f| f.path == out.file);
            let text = file.map_or(String::new(), |f| String::from_utf8_lossy(&f.bytes).into_owned());
            if let Some((want, got)) = drifted(&text, &output.stdout) {
                faults.push(Said::new("drifted").arg("file", &out.file).arg("want", want).arg("got", got));
            }
        }
    }
    faults
}

/// What was recorded of a script, on an engine with this storage driver where that matters.
fn recordings_of<'a>(code: &'a LessonCode, script: &str, storage: &str) -> impl Iterator<Item = &'a Sample> {
    code.samples
        .iter()
        .filter(move |s| s.how == How::OutputOf && s.of.as_deref() == Some(script))
        .filter(move |s| s.storage.as_deref().is_none_or(|recorded| recorded == storage))
}

async fn config(ground: &Ground, code: &LessonCode, sample: &Sample) -> Result<Vec<Said>, Stop> {
    let copy = docker::copy(&ground.engine, &ground.options.bases, &code.files).await?;
    let argv = ["docker", "compose", "-f", sample.file.as_str(), "config", "-q"].map(str::to_owned);
    let output = docker::run(&ground.engine, copy.dir.path(), &argv, RUN, &ground.cancel).await?;
    Ok(printed(sample, &sample.expect.clone().unwrap_or_default(), output.exit, &output.stdout, &output.stderr))
}

/// Compares what a script or a container came to with what the sample says.
fn printed(sample: &Sample, expect: &Outcome, exit: Option<i64>, stdout: &str, stderr: &str) -> Vec<Said> {
    let mut faults = Vec::new();
    let wrong = sample.test == TestAt::WrongAsSaid;
    let said = || tail(if stderr.trim().is_empty() { stdout } else { stderr });
    let fits = match expect.exit {
        Some(want) => exit == Some(want),
        None => (exit == Some(0)) != wrong,
    };
    if !fits {
        let want = expect.exit.unwrap_or(0);
        let got = exit.map_or("-".to_owned(), |code| code.to_string());
        let key = if wrong && expect.exit.is_none() { "not-wrong" } else { "other-exit" };
        faults.push(Said::new(key).arg("want", want).arg("got", got).arg("message", said()));
    }
    if let Some(want) = expect.stdout_contains.as_deref().filter(|want| !stdout.contains(want)) {
        faults.push(Said::new("other-output").arg("want", want).arg("got", tail(stdout)));
    }
    if let Some(want) = expect.error_contains.as_deref().filter(|want| !stderr.contains(want)) {
        faults.push(Said::new("other-error").arg("want", want).arg("got", tail(stderr)));
    }
    faults
}

/// The last lines of a text: enough to see what went wrong.
fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|l| !l.is_empty()).collect();
    lines[lines.len().saturating_sub(6)..].join("\n")
}

/// The first line in which a recorded output is no longer what is printed. Numbers, sizes and ids may differ: they do from
/// machine to machine, and with stand-ins.
fn drifted(recorded: &str, printed: &str) -> Option<(String, String)> {
    let lines =
        |text: &str| text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (want, got) = (lines(recorded), lines(printed));
    let longest = want.len().max(got.len());
    (0..longest).find_map(|nth| {
        let line = |of: &[String]| of.get(nth).cloned().unwrap_or_default();
        let (want, got) = (line(&want), line(&got));
        (steady(&want) != steady(&got)).then_some((want, got))
    })
}

fn steady(line: &str) -> String {
    static IDS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b(sha256:)?[0-9a-f]{12,64}\b").expect("written here"));
    static NUMBERS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[0-9][0-9.,:]*\s?([kKMGT]i?B|[KMG]|B|bytes|ms|s)?\b").expect("written here"));
    static GAPS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\s+").expect("written here"));
    let line = IDS.replace_all(line, "ID");
    let line = NUMBERS.replace_all(&line, "N");
    GAPS.replace_all(&line, " ").into_owned()
}

/// A file's name as a tag: what a tag may not hold becomes `-`.
fn tag_of(file: &str) -> String {
    let name = file.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    format!("sample-{}", name.take(80).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_output_may_differ_in_numbers_and_ids_only() {
        let recorded = "chai:two-stages 2031616 bytes\nbuilt 3f4e5d6c7b8a in 1.2 s\n";
        assert_eq!(drifted(recorded, "chai:two-stages  1998 bytes\n\nbuilt 0123456789ab in 12 s\n"), None);
        assert!(drifted(recorded, "chai:one-stage 1998 bytes\nbuilt 0123456789ab in 12 s\n").is_some());
        assert_eq!(drifted("a\nb\n", "a\n"), Some(("b".into(), String::new())));
    }

    #[test]
    fn a_recording_of_one_storage_is_compared_there_only() {
        let samples = "[{file: a.sh, test: here, how: script}, {file: a.out, test: here, how: output-of, of: a.sh, storage: overlay2}, \
             {file: a.new.out, test: here, how: output-of, of: a.sh, storage: overlayfs}, \
             {file: all.out, test: here, how: output-of, of: a.sh}, {file: b.out, test: here, how: output-of, of: b.sh}]";
        let code = LessonCode { samples: serde_yaml::from_str(samples).unwrap(), ..LessonCode::default() };
        let on = |storage| recordings_of(&code, "a.sh", storage).map(|s| s.file.as_str()).collect::<Vec<_>>();
        assert_eq!(on("overlay2"), ["a.out", "all.out"]);
        assert_eq!(on("overlayfs"), ["a.new.out", "all.out"]);
        assert_eq!(on("btrfs"), ["all.out"]);
    }

    #[test]
    fn an_engine_is_older_by_its_major_version() {
        assert!(older("20.10.24+dfsg1", 23) && older("9.1", 20));
        assert!(!older("26.1.5", 26) && !older("26.1.5", 23) && !older("", 23) && !older("v-next", 23));
    }

    #[test]
    fn what_is_wrong_on_purpose_must_go_wrong() {
        let sample: Sample = serde_yaml::from_str("{file: a.sh, test: wrong-as-said, how: script}").unwrap();
        let expect = Outcome { error_contains: Some("denied".into()), ..Outcome::default() };
        assert!(printed(&sample, &expect, Some(1), "", "permission denied").is_empty());
        assert_eq!(printed(&sample, &expect, Some(0), "", "denied")[0].key, "not-wrong");
        assert_eq!(printed(&sample, &expect, Some(1), "", "no such file")[0].key, "other-error");
    }

    #[test]
    fn what_is_right_must_go_right() {
        let sample: Sample = serde_yaml::from_str("{file: a.sh, test: here, how: script}").unwrap();
        let expect = Outcome { stdout_contains: Some("namaste".into()), ..Outcome::default() };
        assert!(printed(&sample, &expect, Some(0), "namaste\n", "").is_empty());
        assert_eq!(printed(&sample, &expect, Some(2), "namaste", "oh")[0].key, "other-exit");
        assert_eq!(printed(&sample, &expect, Some(0), "hello", "")[0].key, "other-output");
    }
}
