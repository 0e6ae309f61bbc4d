//! What the quiz and the interview ask of the daemon: a claim measured on the spot, questions made of the learner's own image.

use super::app::Msg;
use crate::{
    course::{Course, Lang, PlacedClaim},
    i18n,
    lab::{self, claims},
    report,
};
use dockshala_checkers::{
    check::Options,
    engine::{ConnectOptions, Engine, bases::BaseOptions, clean},
    spec::Feature,
    viva,
};
use std::{fs, io::Write, path::PathBuf};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What came of a measurement.
#[derive(Debug, Clone, PartialEq)]
pub enum Measured {
    /// It goes on.
    Running,
    /// The commands that were run, and the claim's explanation with the values that came out.
    Done {
        /// As a learner can type them.
        commands: Vec<String>,
        /// What they show.
        text: String,
    },
    /// It could not be measured, and why.
    Failed(String),
}

/// News for the quiz and the interview.
#[derive(Debug)]
pub enum QuizNews {
    /// Of the measurement of this claim.
    Measured(String, Measured),
    /// Questions about the learner's own image of this exercise.
    Viva(String, Vec<viva::Question>),
    /// The report was written here, or it was not and why.
    Exported(Result<PathBuf, String>),
}

/// Measures a claim, then tells.
pub(super) async fn measure(
    placed: PlacedClaim,
    host: Option<String>,
    options: BaseOptions,
    lang: Lang,
    cancel: CancellationToken,
    news: mpsc::Sender<Msg>,
) {
    let id = placed.claim.id.clone();
    let done = match Engine::connect(ConnectOptions { host, ..ConnectOptions::default() }).await {
        Err(error) => Measured::Failed(report::engine(&lang, &error).what),
        Ok(engine) => {
            let ended = claims::run(&engine, &options, &placed, &|_: &str| {}, &cancel).await;
            // What a daemon that went away still holds is reaped at the next start.
            let _ = engine.close().await;
            match ended {
                Ok(shown) => {
                    let commands = shown.commands.iter().map(|c| clean::line(c)).collect();
                    let mut text = claims::explained(placed.claim.explain.get(&lang), &shown.kept);
                    if shown.stand_ins {
                        text = format!("{text} {}", i18n::text(&lang, "claim.stand-in", &[]));
                    }
                    Measured::Done { commands, text }
                }
                Err(error) => Measured::Failed(i18n::text(
                    &lang,
                    "claim.stopped",
                    &[("message", &clean::line(&error.to_string()))],
                )),
            }
        }
    };
    let _ = news.send(Msg::Quiz(QuizNews::Measured(id, done))).await;
}

/// Builds a submission once and makes questions of it; silent where that cannot be done, as the interview goes on without.
pub(super) async fn ask_about(
    course: &'static Course,
    exercise: String,
    dir: PathBuf,
    host: Option<String>,
    options: Options,
    cancel: CancellationToken,
    news: mpsc::Sender<Msg>,
) {
    let Some(known) = course.exercise(&exercise) else { return };
    let compose = known.needs.contains(&Feature::ComposeV2);
    let Ok(engine) = Engine::connect(ConnectOptions { host, compose, ..ConnectOptions::default() }).await else {
        return;
    };
    // Nobody looks at the build: what it says is taken and dropped.
    let (events, mut happened) = mpsc::channel(256);
    let drain = tokio::spawn(async move { while happened.recv().await.is_some() {} });
    let gathered = lab::gather(course, known, &dir, Ok(&engine), &options, events, cancel).await;
    let _ = engine.close().await;
    drain.abort();
    if let Ok((evidence, result)) = gathered {
        let questions = viva::questions(&evidence, &result.goals);
        let _ = news.send(Msg::Quiz(QuizNews::Viva(exercise, questions))).await;
    }
}

/// Writes a report into the folder that the program was started in, never over a file that is there.
pub(super) fn export(markdown: &str, lang: &Lang) -> Result<PathBuf, String> {
    let day = jiff::Zoned::now().date();
    let mut failed = None;
    for nth in 1..100 {
        let name = if nth == 1 { format!("interview-{day}.md") } else { format!("interview-{day}-{nth}.md") };
        let file = PathBuf::from(name);
        match fs::File::create_new(&file).and_then(|mut out| out.write_all(markdown.as_bytes())) {
            Ok(()) => return Ok(file),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                failed = Some((file, error));
                break;
            }
        }
    }
    let (file, message) = failed.map_or_else(Default::default, |(f, e)| (f.display().to_string(), e.to_string()));
    Err(i18n::text(lang, "interview.not-written", &[("file", &file), ("message", &message)]))
}
