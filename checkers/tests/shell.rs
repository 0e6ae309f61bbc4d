//! A terminal that is closed, with real jobs in it: who survives, who is hung up, and that nothing is left.
#![cfg(target_os = "linux")]

use dockshala_checkers::{
    evidence::{Ended, JobFact, ShellFacts, Watch},
    shell::{self, Launcher, ShellError},
    spec::StdStream,
};
use std::{fs, path::Path, time::Duration};
use tokio_util::sync::CancellationToken;

/// Not a test: what the helper processes of the others are led to.
#[test]
#[ignore = "started by the tests below, as a process of its own"]
fn helper() {
    let code = shell::helper().expect("started by a test");
    std::process::exit(code);
}

fn launcher() -> Launcher {
    let args = ["--ignored", "--exact", "helper", "--nocapture", "--test-threads=1"];
    Launcher { program: std::env::current_exe().unwrap(), args: args.map(Into::into).to_vec() }
}

/// A job with a name that no other test has, so that what is left of it can be looked for.
fn folder(name: &str, steps: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let job = format!("#!/bin/sh\necho start\nwhile :; do echo tick; sleep 0.1; done # {name}\n");
    fs::write(dir.path().join(format!("{name}.sh")), job).unwrap();
    fs::write(dir.path().join("steps.sh"), steps.replace("JOB", &format!("sh {name}.sh"))).unwrap();
    dir
}

fn watch(name: &str, file: &str) -> Watch {
    Watch { jobs: [format!("{name}.sh")].into(), files: [file.to_owned()].into(), after: 600 }
}

async fn seen(name: &str, steps: &str) -> ShellFacts {
    let dir = folder(name, steps);
    let facts = shell::run(dir.path(), &watch(name, "job.log"), &launcher(), &CancellationToken::new()).await;
    let facts = facts.unwrap_or_else(|e| panic!("{name}: {e}"));
    assert!(left(name).is_empty(), "{name}: {:?}", left(name));
    assert!(!dir.path().join("job.log").exists(), "the learner's own folder is not touched");
    facts
}

fn job<'a>(facts: &'a ShellFacts, name: &str) -> &'a JobFact {
    facts.jobs[&format!("{name}.sh")].first().unwrap_or_else(|| panic!("{name}: {facts:?}"))
}

/// Processes of a job that are still there.
fn left(name: &str) -> Vec<i32> {
    let named = |pid: &i32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let zombie = state.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('Z'));
        String::from_utf8_lossy(&line).contains(&format!("{name}.sh")) && !zombie
    };
    let pids = fs::read_dir("/proc").unwrap().flatten().filter_map(|e| e.file_name().to_str()?.parse().ok());
    pids.filter(named).collect()
}

#[tokio::test]
async fn a_plain_ampersand_is_hung_up_with_the_terminal() {
    let facts = seen("plain", "JOB > job.log 2>&1 &\n").await;
    assert!(facts.prompt && !facts.shell_ended, "{facts:?}");
    let job = job(&facts, "plain");
    assert!(!job.ignores_hangup && !job.left_session, "{facts:?}");
    assert_eq!(job.before, None);
    assert!(matches!(job.after, Some(Ended::Signal(1) | Ended::Gone)), "{facts:?}");
}

#[tokio::test]
async fn what_this_program_itself_was_started_to_ignore_saves_no_job() {
    // As by `nohup dockshala check`, a daemoniser, or a CI that has no terminal.
    let trap = "trap '' HUP INT QUIT TERM CHLD TSTP; exec \"$@\"";
    let own = launcher();
    let args = ["-c", trap, "sh"].map(Into::into).into_iter().chain([own.program.into()]).chain(own.args);
    let deaf = Launcher { program: "sh".into(), args: args.collect() };
    let dir = folder("deaf", "JOB > job.log 2>&1 &\n");
    let facts = shell::run(dir.path(), &watch("deaf", "job.log"), &deaf, &CancellationToken::new()).await.unwrap();
    let job = job(&facts, "deaf");
    assert!(!job.ignores_hangup, "{facts:?}");
    assert!(matches!(job.after, Some(Ended::Signal(1) | Ended::Gone)), "{facts:?}");
    assert!(left("deaf").is_empty());
}

#[tokio::test]
async fn nohup_disown_and_setsid_survive_each_in_its_way() {
    let nohup = seen("kept", "nohup JOB > job.log 2>&1 &\n").await;
    assert_eq!((job(&nohup, "kept").after, job(&nohup, "kept").ignores_hangup), (None, true), "{nohup:?}");
    assert!(!job(&nohup, "kept").left_session);
    assert!(!job(&nohup, "kept").streams[&StdStream::Stdin].terminal, "nohup takes its standard input away too");
    let log = &nohup.files["job.log"];
    assert!(log.last > log.first && log.tail.contains("tick"), "{log:?}");
    assert!(nohup.ended_by_us >= 1, "{nohup:?}");

    let setsid = seen("parted", "setsid JOB > job.log 2>&1 < /dev/null &\n").await;
    assert_eq!((job(&setsid, "parted").after, job(&setsid, "parted").left_session), (None, true), "{setsid:?}");

    let disown = seen("disowned", "JOB > job.log 2>&1 &\ndisown\n").await;
    let job = job(&disown, "disowned");
    assert_eq!((job.after, job.ignores_hangup, job.left_session), (None, false, false), "{disown:?}");
    assert!(job.streams[&StdStream::Stdin].terminal, "disown leaves the streams as they are");
}

#[tokio::test]
async fn a_job_started_by_a_script_of_its_own_is_no_job_of_the_terminals_shell() {
    // What a shell that is not interactive starts is on nobody's list when the terminal goes.
    let facts = seen("nested", "sh -c 'JOB > job.log 2>&1 &'\n").await;
    let job = job(&facts, "nested");
    assert_eq!((job.after, job.ignores_hangup, job.left_session), (None, false, false), "{facts:?}");
}

#[tokio::test]
async fn without_a_redirection_nohup_writes_nohup_out() {
    let facts = seen("careless", "nohup JOB &\n").await;
    assert!(facts.files["nohup.out"].last > 0, "{facts:?}");
    assert!(job(&facts, "careless").streams[&StdStream::Stdout].to.ends_with("nohup.out"), "{facts:?}");
    let facts = seen("loud", "JOB &\ndisown\n").await;
    assert!(job(&facts, "loud").streams[&StdStream::Stdout].terminal, "{facts:?}");
}

#[tokio::test]
async fn what_holds_the_prompt_and_what_ends_the_shell_is_told() {
    let facts = seen("front", "nohup JOB > job.log 2>&1\n").await;
    assert!(!facts.prompt && !facts.shell_ended, "{facts:?}");
    let facts = seen("leaving", "JOB > job.log 2>&1 &\nexit 0\n").await;
    assert!(facts.shell_ended, "{facts:?}");
    let facts = seen("wrong", "nohop JOB &\n").await;
    assert!(facts.jobs["wrong.sh"].is_empty() && facts.screen.contains("nohop"), "{facts:?}");
}

#[tokio::test]
async fn nothing_gets_away_however_hard_it_tries() {
    // Two forks and a session of its own, a cleared environment, and a brood of others.
    let steps = "setsid sh -c 'setsid env -i /bin/sh stray.sh > /dev/null 2>&1 &'\n\
                 for i in 1 2 3 4 5 6 7 8; do nohup JOB > job.log 2>&1 & done\n";
    let facts = seen("stray", steps).await;
    assert!(facts.ended_by_us >= 9, "{facts:?}");
}

#[tokio::test]
async fn a_cancelled_and_a_dropped_run_leave_nothing() {
    let steps = "setsid JOB > job.log 2>&1 &\n";
    let dir = folder("halted", steps);
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    let (watch, launcher) = (watch("halted", "job.log"), launcher());
    let run = shell::run(dir.path(), &watch, &launcher, &cancel);
    let halt = async {
        until(|| !left("halted").is_empty()).await;
        stop.cancel();
    };
    let (ended, ()) = tokio::join!(run, halt);
    assert!(matches!(ended, Err(ShellError::Cancelled)), "{ended:?}");
    assert!(left("halted").is_empty());

    let dir = folder("dropped", steps);
    let watch = Watch { after: 20_000, ..self::watch("dropped", "job.log") };
    let none = CancellationToken::new();
    {
        let run = shell::run(dir.path(), &watch, &launcher, &none);
        tokio::select! {
            _ = run => panic!("it waits 20 s"),
            () = until(|| !left("dropped").is_empty()) => {}
        }
    }
    until(|| left("dropped").is_empty()).await;
}

async fn until(so: impl Fn() -> bool) {
    for _ in 0..600 {
        if so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not within 30 s");
}

#[tokio::test]
async fn a_folder_without_steps_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let watch = watch("none", "job.log");
    let ended = shell::run(dir.path(), &watch, &launcher(), &CancellationToken::new()).await;
    assert!(matches!(ended, Err(ShellError::NoSteps)), "{ended:?}");
    fs::create_dir(dir.path().join("steps.sh")).unwrap();
    let ended = shell::run(Path::new(dir.path()), &watch, &launcher(), &CancellationToken::new()).await;
    assert!(matches!(ended, Err(ShellError::NoSteps)), "{ended:?}");
}
