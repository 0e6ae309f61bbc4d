//! One check from the command line: the daemon found, the check run, its progress shown, signals heeded, the end clean.

use super::{Context, live::Live};
use crate::{
    course::{Course, Exercise},
    kit, lab,
    report::{self, Fault, Report},
};
use dockshala_checkers::{
    check::Options,
    engine::{ConnectOptions, Engine, EngineError, reap_this_process},
    spec::Feature,
    verdict::CheckResult,
    viva::{self, Question},
};
use std::{future::Future, path::Path, time::Duration};
use tokio::{sync::mpsc, time::Instant};
use tokio_util::sync::CancellationToken;

/// After a signal, everything is cleaned up and gone within this.
const GRACE: Duration = Duration::from_secs(2);

/// Removes what this process's runs have made, whichever way the work ends.
struct Reap;

impl Drop for Reap {
    fn drop(&mut self) {
        reap_this_process(GRACE);
    }
}

fn to_the_end<T>(runtime: tokio::runtime::Runtime, work: impl Future<Output = T>) -> T {
    // A panic reaps too, on its way out.
    let reap = Reap;
    let done = runtime.block_on(work);
    // A thread that waits for a dead daemon must not hold the program.
    runtime.shutdown_timeout(Duration::from_millis(100));
    drop(reap);
    done
}

impl Context {
    /// Runs asynchronous work. A command that talks to a daemon makes one runtime; the others need none.
    pub(super) fn wait_for<T>(&self, work: impl Future<Output = Result<T, Report>>) -> Result<T, Report> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime
            .map_err(|error| Report::new(&self.lang, Fault::Machine, "cli.error.runtime", &[("message", &error)]))?;
        to_the_end(runtime, work)
    }

    /// The daemon, as the flags and the environment say.
    pub(super) async fn engine(&self, compose: bool) -> Result<Engine, EngineError> {
        Engine::connect(ConnectOptions { host: self.docker_host.clone(), compose, ..ConnectOptions::default() }).await
    }

    /// How checks are made here.
    pub(super) fn check_options(&self) -> Options {
        let mut options = Options::new(kit::options(super::images::mirror(&self.settings(), None)));
        options.scripts = lab::scripts_here();
        options.cache = self.dirs.as_ref().map(|d| d.cache.clone());
        options
    }
}

/// What came of it.
pub(super) struct Done {
    /// The result.
    pub(super) result: CheckResult,
    /// Questions about the submission.
    pub(super) questions: Vec<Question>,
    /// A signal ended it.
    pub(super) stopped: bool,
}

/// Checks a submission and leaves nothing behind. `stop` ends it early.
pub(super) async fn check(
    context: &Context,
    course: &Course,
    exercise: &Exercise,
    dir: &Path,
    live: &mut Live<'_>,
    stop: &mut Stop,
) -> Result<Done, Report> {
    let compose = exercise.needs.contains(&Feature::ComposeV2);
    let engine = tokio::select! {
        engine = context.engine(compose) => engine,
        () = stop.asked() => Err(EngineError::Cancelled),
    };
    let (tell, mut told) = mpsc::channel(256);
    let cancel = CancellationToken::new();
    let options = context.check_options();
    let work = lab::gather(course, exercise, dir, engine.as_ref(), &options, tell, cancel.clone());
    tokio::pin!(work);
    let mut tick = tokio::time::interval(Duration::from_millis(250));
    let mut until: Option<Instant> = None;
    let ended = loop {
        let limit = until.unwrap_or_else(|| Instant::now() + Duration::from_secs(3600));
        tokio::select! {
            biased;
            result = &mut work => break Some(result),
            Some(event) = told.recv() => live.event(&event),
            () = stop.asked(), if until.is_none() => {
                cancel.cancel();
                until = Some(Instant::now() + GRACE);
            }
            () = tokio::time::sleep_until(limit), if until.is_some() => break None,
            _ = tick.tick() => live.tick(),
        }
    };
    live.end();
    if let Ok(engine) = &engine {
        // What a daemon that went away still holds is reaped at the next start.
        let _ = tokio::time::timeout(GRACE, engine.close()).await;
    }
    let (evidence, result) = match ended {
        Some(result) => result.map_err(|error| report::lab(&context.lang, &error))?,
        None => return Err(Report::new(&context.lang, Fault::Machine, "check.stopped-hard", &[])),
    };
    let questions = viva::questions(&evidence, &result.goals);
    Ok(Done { result, questions, stopped: until.is_some() || matches!(engine, Err(EngineError::Cancelled)) })
}

/// The signals that mean "stop": Ctrl-C, SIGTERM, a closed terminal.
pub(super) struct Stop {
    signals: mpsc::Receiver<()>,
    seen: bool,
}

impl Stop {
    /// Begins to listen. Must be called in a runtime.
    pub(super) fn listen() -> Self {
        let (tell, signals) = mpsc::channel(4);
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
                let tell = tell.clone();
                if let Ok(mut on) = signal(kind) {
                    tokio::spawn(async move {
                        while on.recv().await.is_some() {
                            let _ = tell.send(()).await;
                        }
                    });
                }
            }
        }
        #[cfg(not(unix))]
        tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                let _ = tell.send(()).await;
            }
        });
        Self { signals, seen: false }
    }

    /// One that a token stops instead of a signal.
    pub(super) fn by(token: CancellationToken) -> Self {
        let (tell, signals) = mpsc::channel(1);
        tokio::spawn(async move {
            token.cancelled().await;
            let _ = tell.send(()).await;
        });
        Self { signals, seen: false }
    }

    /// Waits until one comes; at once when one has come before.
    pub(super) async fn asked(&mut self) {
        if !self.seen && self.signals.recv().await.is_none() {
            // No signal can be had here: wait for ever, the work will end by itself.
            std::future::pending::<()>().await;
        }
        self.seen = true;
    }
}

#[cfg(all(test, feature = "daemon-tests", unix))]
mod tests {
    use super::*;
    use dockshala_checkers::engine::{RunRequest, labels};
    use std::process::Command;

    fn docker(args: &[&str]) -> String {
        let said = Command::new("docker").args(args).output().unwrap();
        assert!(said.status.success(), "docker {args:?}: {}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8(said.stdout).unwrap().trim().to_owned()
    }

    /// Containers and networks of a process, by the label `PID.START`.
    fn left_by(pid: u32) -> Vec<String> {
        let format = format!("{{{{.ID}}}} {{{{.Label \"{}\"}}}}", labels::PID);
        let all =
            [["ps", "-a"].as_slice(), &["network", "ls"]].map(|list| docker(&[list, &["--format", &format]].concat()));
        let of = format!(" {pid}.");
        all.iter().flat_map(|said| said.lines()).filter(|line| line.contains(&of)).map(str::to_owned).collect()
    }

    /// Not a test of its own: what [`a_panic_leaves_nothing_on_the_daemon`] runs.
    #[test]
    #[ignore = "run as a process of its own by another test"]
    fn panics_while_a_container_runs() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        to_the_end(runtime, async {
            let engine = Engine::connect(ConnectOptions::default()).await.unwrap();
            let mut request = RunRequest::new("dockshala.local/busybox:1.37");
            request.entrypoint = Some(vec!["sleep".into(), "600".into()]);
            request.deadline = Duration::from_secs(600);
            tokio::spawn(async move { engine.run(request, CancellationToken::new()).await });
            let began = Instant::now();
            while left_by(std::process::id()).is_empty() {
                assert!(began.elapsed() < Duration::from_secs(60), "it never ran");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            panic!("on purpose");
        });
    }

    #[test]
    fn a_panic_leaves_nothing_on_the_daemon() {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "--nocapture", "cli::job::tests::panics_while_a_container_runs"]);
        let child = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped()).spawn().unwrap();
        let pid = child.id();
        let said = child.wait_with_output().unwrap();
        assert!(!said.status.success());
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(said.contains("on purpose"), "it panicked with its container running, and not before: {said}");
        assert_eq!(left_by(pid), Vec::<String>::new());
    }
}
