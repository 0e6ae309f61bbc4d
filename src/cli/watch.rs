//! `watch [EXERCISE]`: checks at every save. A save during a check ends that one and begins another; none is lost.

use super::{Context, Entry, Exit, Group, consent, job, live::Live, out::Style, target, verdict::Printer};
use crate::{
    course::{Course, Exercise},
    lab::{self, LabError, Source, Watch},
    report::{self, Report},
};
use clap::{Arg, ArgAction, ArgMatches};
use std::{io::BufRead, path::Path};
use tokio::sync::mpsc;

/// `watch [EXERCISE]`.
pub(super) static ENTRY: Entry = Entry {
    name: "watch",
    group: Group::Learn,
    args: || {
        vec![
            Arg::new("exercise").value_name("EXERCISE"),
            Arg::new("poll").long("poll").action(ArgAction::SetTrue),
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
    let say = |error: &LabError| report::lab(&context.lang, error);
    let dir = target.dir.ok_or_else(|| say(&LabError::NotStarted { id: exercise.id.clone() }))?;
    consent::agree(context, course, matches.get_flag("yes"))?;
    let watch = Watch::begin(&dir, matches.get_flag("poll")).map_err(|e| say(&e))?;
    context.wait_for(watching(context, course, exercise, &dir, watch))
}

/// What the learner typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Typed {
    Check,
    Quit,
}

/// Lines from standard input. Its end is no wish to quit: with `< /dev/null` there is nobody to type.
fn keys() -> mpsc::Receiver<Typed> {
    let (tell, told) = mpsc::channel(4);
    // Ends with the process: nothing can wake a thread that reads a terminal.
    let read = move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let typed = if line.trim().eq_ignore_ascii_case("q") { Typed::Quit } else { Typed::Check };
            if tell.blocking_send(typed).is_err() {
                break;
            }
        }
    };
    let _ = std::thread::Builder::new().name("keys".to_owned()).spawn(read);
    told
}

enum Why {
    Saved,
    Typed(Option<Typed>),
    Stopped,
}

async fn watching(
    context: &Context,
    course: &Course,
    exercise: &Exercise,
    dir: &Path,
    mut watch: Watch,
) -> Result<Exit, Report> {
    let mut stop = job::Stop::listen();
    let mut keys = keys();
    let mut last = Exit::SKIPPED;
    loop {
        // The check hears of a save, a key or a signal by the same token; which one it was is known here.
        let (end_check, mut ended) = (tokio_util::sync::CancellationToken::new(), false);
        let mut inner = job::Stop::by(end_check.clone());
        let mut live = Live::new(context, false);
        let done = {
            let check = job::check(context, course, exercise, dir, &mut live, &mut inner);
            tokio::pin!(check);
            loop {
                tokio::select! {
                    done = &mut check => break done,
                    () = watch.changed(), if !ended => {
                        ended = true;
                        end_check.cancel();
                    }
                    () = stop.asked() => {
                        end_check.cancel();
                        let _ = check.await;
                        return Ok(last);
                    }
                }
            }
        };
        let Some(done) = settled(ended, done)? else {
            context.out.line(&context.out.paint(Style::Dim, &context.text("watch.saved-meanwhile", &[])));
            continue;
        };
        lab::remember(context.store(), &done.result);
        Printer::new(context, exercise, dir).print(&done.result);
        super::check::after(context, &done.result);
        last = Exit(done.result.exit_code());
        wait_line(context, dir, &watch);
        let why = tokio::select! {
            () = watch.changed() => Why::Saved,
            typed = typed(&mut keys) => Why::Typed(typed),
            () = stop.asked() => Why::Stopped,
        };
        match why {
            Why::Saved => {
                if watch.events_never_arrive() {
                    context.out.prose("", 0, &context.text("watch.no-events", &[]));
                }
            }
            Why::Typed(Some(Typed::Check)) => {}
            Why::Typed(_) | Why::Stopped => return Ok(last),
        }
        context.out.gap();
    }
}

/// What a check came to; nothing where a save ended it. A check that took too long to end, or that met the working copy in the
/// middle of a save, has then nothing to say either: what lasts is said by the check that follows.
fn settled<T>(saved: bool, done: Result<T, Report>) -> Result<Option<T>, Report> {
    if saved { Ok(None) } else { done.map(Some) }
}

/// The next key; never, once standard input has ended.
async fn typed(keys: &mut mpsc::Receiver<Typed>) -> Option<Typed> {
    match keys.recv().await {
        Some(typed) => Some(typed),
        None => std::future::pending().await,
    }
}

fn wait_line(context: &Context, dir: &Path, watch: &Watch) {
    let how = match watch.source() {
        Source::Events => "watch.waiting",
        Source::Polling => "watch.waiting-polling",
    };
    context.out.gap();
    context.out.prose("", 0, &context.text(how, &[("dir", &dir.display())]));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{course::Lang, report::Fault};

    #[test]
    fn a_save_never_ends_the_watch() {
        let hard = || Err::<(), _>(Report::new(&Lang::en(), Fault::Machine, "check.stopped-hard", &[]));
        assert!(
            matches!(settled(true, hard()), Ok(None)),
            "the daemon took too long to let go: go on with what was saved"
        );
        assert!(matches!(settled(true, Ok(())), Ok(None)), "half a result is none");
        assert!(settled(false, hard()).is_err() && matches!(settled(false, Ok(())), Ok(Some(()))));
    }
}
