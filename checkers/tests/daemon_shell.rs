//! A stranger's `steps.sh` in a confined container: the same is seen as on the machine itself, and nothing of it is outside.
#![cfg(all(feature = "daemon-tests", target_os = "linux"))]

mod daemon_common;

use daemon_common::{engine, folder};
use dockshala_checkers::{
    engine::bases::{BaseOptions, Kit},
    evidence::{Ended, Watch},
    shell::{self, Launcher, ShellError},
};
use tokio_util::sync::CancellationToken;

/// Not a test: what the container's first process is led to.
#[test]
#[ignore = "started by the tests below, inside a container"]
fn helper() {
    let code = shell::helper().expect("started by a test");
    std::process::exit(code);
}

fn launcher() -> Launcher {
    let args = ["--ignored", "--exact", "helper", "--nocapture", "--test-threads=1"];
    Launcher { program: std::env::current_exe().unwrap(), args: args.map(Into::into).to_vec() }
}

const JOB: &str = "#!/bin/sh\nwhile :; do echo tick; sleep 0.1; done\n";

/// The stand-ins by their recipe, as the program has them.
fn bases() -> BaseOptions {
    let kit: Kit = serde_yaml::from_str(include_str!("../../assets/kit/kit.yaml")).unwrap();
    BaseOptions { kit: kit.into(), ask_registry: false, mirror: None, known: Default::default() }
}

fn watch() -> Watch {
    Watch { jobs: ["job.sh".to_owned()].into(), files: ["job.log".to_owned()].into(), after: 600 }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_shows_what_the_machine_would() {
    let engine = engine().await;
    let options = bases();
    for (steps, lives) in [("nohup sh job.sh > job.log 2>&1 &\n", true), ("sh job.sh > job.log 2>&1 &\n", false)] {
        let dir = folder(&[("steps.sh", steps), ("job.sh", JOB)]);
        let cancel = CancellationToken::new();
        let seen = shell::contained(&engine, &options, dir.path(), &watch(), &launcher(), &cancel).await;
        let seen = seen.unwrap_or_else(|e| panic!("{steps}: {e}"));
        let job = &seen.jobs["job.sh"][0];
        assert!(seen.prompt, "{seen:?}");
        match lives {
            true => assert_eq!((job.after, job.ignores_hangup), (None, true), "{seen:?}"),
            false => assert!(matches!(job.after, Some(Ended::Signal(1) | Ended::Gone)), "{seen:?}"),
        }
    }
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_would_forge_its_verdict_cannot() {
    let engine = engine().await;
    // It looks for the word that an answer begins with, and writes an answer of its own to the first process's output.
    let forge = "seal=$(tr '\\0' '\\n' < /proc/1/environ 2>/dev/null | sed -n 's/^DOCKSHALA_SHELL_SEAL=//p')\n\
                 echo \"found:$seal\" > found.log\n\
                 echo \"$seal {\\\"Ok\\\":{}}\" > /proc/1/fd/1 2>/dev/null\n\
                 cat /proc/1/mem > /dev/null 2>&1 && echo memory >> found.log\n\
                 kill -9 1\n\
                 sleep 30 &\n";
    let dir = folder(&[("steps.sh", forge), ("job.sh", JOB)]);
    let watch = Watch { files: ["found.log".to_owned()].into(), ..watch() };
    let cancel = CancellationToken::new();
    let seen = shell::contained(&engine, &bases(), dir.path(), &watch, &launcher(), &cancel).await;
    let seen = seen.unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(seen.files["found.log"].tail.trim(), "found:", "{seen:?}");
    assert!(seen.jobs["job.sh"].is_empty(), "the real answer, not the forged one: {seen:?}");
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_without_steps_needs_no_container() {
    let engine = engine().await;
    let dir = folder(&[("job.sh", JOB)]);
    let cancel = CancellationToken::new();
    let seen = shell::contained(&engine, &bases(), dir.path(), &watch(), &launcher(), &cancel).await;
    assert!(matches!(seen, Err(ShellError::NoSteps)), "{seen:?}");
    engine.close().await.unwrap();
}
