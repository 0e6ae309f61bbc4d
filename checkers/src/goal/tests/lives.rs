//! `health`, `signal`, `logs`: containers that go on running.

use super::*;
use crate::{
    engine::{HealthTest, LiveOutcome, Process},
    evidence::LiveAsk,
    image::Health as Test,
};
use std::time::Duration;

const HEALTH: &str = r#"["builds", {"health": {"healthy-within": "9s", "then": {"exec": ["rm", "/tmp/ready"]}, "unhealthy-within": "9s"}}]"#;
const SIGNAL: &str = r#"["builds", {"signal": {"ready": "open", "within": "2s"}}]"#;
const LOGS: &str = r#"["builds", {"logs": {"env": {"T": "{nonce}"}, "stdout": {"contains": "got {nonce}"}}}]"#;

fn lives(mut evidence: Evidence, json: &str, outcome: LiveOutcome) -> Evidence {
    let ask = match &goals(json).last().unwrap().ask {
        Ask::Health(ask) => LiveAsk::Health(ask.clone()),
        Ask::Signal(ask) => LiveAsk::Signal(ask.clone()),
        Ask::Logs(ask) => LiveAsk::Logs(ask.clone()),
        other => panic!("{other:?}"),
    };
    evidence.nonce = "n0nce".into();
    evidence.lives.insert(key(&ask), Ok(outcome));
    evidence
}

fn tested(test: &[&str], interval: u64, retries: u32) -> Evidence {
    let mut evidence = node();
    image_of(&mut evidence).config.health = Some(Test {
        test: test.iter().map(|w| (*w).to_owned()).collect(),
        interval: Some(Duration::from_secs(interval)),
        timeout: None,
        retries: Some(retries),
    });
    evidence
}

fn well() -> LiveOutcome {
    let shock = Some(HealthTest { exit: 0, output: String::new() });
    let tests = vec![HealthTest { exit: 0, output: String::new() }];
    LiveOutcome { tested: true, healthy: Some(2000), shock, tests, ..LiveOutcome::default() }
}

#[test]
fn health_that_notices_and_health_that_does_not() {
    let evidence = || tested(&["CMD-SHELL", "test -f /tmp/ready"], 1, 2);
    passes(HEALTH, &lives(evidence(), HEALTH, LiveOutcome { unhealthy: Some(3000), ..well() }));
    fails(HEALTH, &lives(evidence(), HEALTH, well()), codes::HEALTH_BLIND, &[]);
    let failing = LiveOutcome { tests: vec![HealthTest { exit: 1, output: String::new() }], ..well() };
    fails(HEALTH, &lives(evidence(), HEALTH, failing), codes::HEALTH_NOTICED_LATE, &[]);
    // The interval alone says that it cannot have been noticed yet; nothing may overflow on the way.
    let slow = tested(&["CMD-SHELL", "true"], u64::MAX, u32::MAX);
    fails(HEALTH, &lives(slow, HEALTH, well()), codes::HEALTH_NOTICED_LATE, &[]);
    let unshaken = LiveOutcome { shock: Some(HealthTest { exit: 1, output: "rm: no such file".into() }), ..well() };
    fails(HEALTH, &lives(evidence(), HEALTH, unshaken), codes::HEALTH_NOT_SHAKEN, &[6]);
    let refused = LiveOutcome { refused: Some("exec: rm: not found".into()), shock: None, ..well() };
    blocked(HEALTH, &lives(evidence(), HEALTH, refused), Verdict::Broken, codes::DAEMON_ERROR, &[]);
}

#[test]
fn health_that_never_comes() {
    fails(HEALTH, &lives(node(), HEALTH, LiveOutcome::default()), codes::HEALTH_NONE, &[6]);
    let none = lives(tested(&["NONE"], 1, 1), HEALTH, LiveOutcome::default());
    fails(HEALTH, &none, codes::HEALTH_NONE, &[6]);
    let ill = |exit, output: &str| LiveOutcome {
        tested: true,
        tests: vec![HealthTest { exit, output: output.into() }],
        ..LiveOutcome::default()
    };
    let curl = || tested(&["CMD-SHELL", "curl -f http://localhost || exit 1"], 1, 1);
    let diagnosis =
        fails(HEALTH, &lives(curl(), HEALTH, ill(1, "/bin/sh: curl: not found")), codes::HEALTH_TOOL_MISSING, &[]);
    assert_eq!(text(&diagnosis, "tool"), "curl");
    // A tool that ran may say the same of something else.
    fails(HEALTH, &lives(curl(), HEALTH, ill(1, "404: page: not found")), codes::HEALTH_NEVER, &[]);
    let silent = LiveOutcome { tested: true, ..LiveOutcome::default() };
    fails(HEALTH, &lives(curl(), HEALTH, silent), codes::HEALTH_FIRST_LATE, &[]);
    let died = RunOutcome { exit: Some(3), stderr: "boom".into(), ..RunOutcome::default() };
    let died = LiveOutcome { tested: true, early: true, run: died, ..LiveOutcome::default() };
    fails(HEALTH, &lives(curl(), HEALTH, died), codes::ENDED_EARLY, &[6]);
}

fn signalled(took: Option<u64>, exit: Option<i64>, processes: &[(bool, &str)]) -> LiveOutcome {
    LiveOutcome {
        ready: true,
        sent: Some("SIGTERM".into()),
        took,
        processes: processes.iter().map(|(first, c)| Process { first: *first, command: (*c).into() }).collect(),
        run: RunOutcome { exit, stdout: "open\n".into(), ..RunOutcome::default() },
        ..LiveOutcome::default()
    }
}

#[test]
fn a_signal_that_is_heard_and_one_that_is_lost() {
    passes(SIGNAL, &lives(node(), SIGNAL, signalled(Some(400), Some(0), &[])));
    let of_it = fails(SIGNAL, &lives(node(), SIGNAL, signalled(Some(400), Some(143), &[])), codes::SIGNAL_EXIT, &[6]);
    assert_eq!(of_it.facts["number"], Fact::Count(15));
    let own = fails(SIGNAL, &lives(node(), SIGNAL, signalled(Some(400), Some(1), &[])), codes::SIGNAL_EXIT, &[6]);
    assert!(!own.facts.contains_key("number"));
    let shell: &[(bool, &str)] = &[(true, "/bin/sh -c node server.js"), (false, "node server.js")];
    let mut form = node();
    image_of(&mut form).config.cmd = ["/bin/sh", "-c", "node server.js"].map(str::to_owned).to_vec();
    fails(SIGNAL, &lives(form, SIGNAL, signalled(None, None, shell)), codes::SIGNAL_SHELL_FORM, &[6]);
    let script: &[(bool, &str)] = &[(true, "{start.sh} /bin/sh /app/start.sh"), (false, "node server.js")];
    let waits = fails(SIGNAL, &lives(node(), SIGNAL, signalled(None, None, script)), codes::SIGNAL_SHELL_WAITS, &[6]);
    assert_eq!(text(&waits, "child"), "node server.js");
    // Behind an entrypoint that starts what it is given, and with options of SHELL.
    for (entrypoint, cmd, line) in [
        (["docker-entrypoint.sh"].as_slice(), ["/bin/sh", "-c", "npm start"].as_slice(), "/bin/sh -c npm start"),
        (&[], &["/bin/bash", "-o", "pipefail", "-c", "npm start"], "/bin/bash -o pipefail -c npm start"),
    ] {
        let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let of = |first: &str| {
            let mut evidence = node();
            let config = &mut image_of(&mut evidence).config;
            (config.entrypoint, config.cmd) = (words(entrypoint), words(cmd));
            lives(evidence, SIGNAL, signalled(None, None, &[(true, first), (false, "npm start")]))
        };
        fails(SIGNAL, &of(line), codes::SIGNAL_SHELL_FORM, &[6]);
        if !entrypoint.is_empty() {
            // A script of the image's that starts it and waits.
            fails(SIGNAL, &of(&format!("/bin/sh /entry.sh {line}")), codes::SIGNAL_SHELL_WAITS, &[6]);
        }
    }
    // A shell that was asked to be replaced, or that is the program itself.
    let alone: &[(bool, &str)] = &[(true, "node server.js")];
    fails(SIGNAL, &lives(node(), SIGNAL, signalled(None, None, alone)), codes::SIGNAL_IGNORED, &[6]);
    fails(SIGNAL, &lives(node(), SIGNAL, signalled(Some(3000), Some(0), script)), codes::SIGNAL_SLOW, &[6]);
    let mute = LiveOutcome::default();
    fails(SIGNAL, &lives(node(), SIGNAL, mute), codes::NOT_READY, &[6]);
}

#[test]
fn logs_on_the_right_stream() {
    let said = |out: &str, err: &str| LiveOutcome {
        run: RunOutcome { stdout: out.into(), stderr: err.into(), ..RunOutcome::default() },
        ..LiveOutcome::default()
    };
    passes(LOGS, &lives(node(), LOGS, said("got n0nce\n", "")));
    fails(LOGS, &lives(node(), LOGS, said("", "got n0nce\n")), codes::LOGS_OTHER_STREAM, &[6]);
    let missing = fails(LOGS, &lives(node(), LOGS, said("got {nonce}", "")), codes::LOGS_MISSING, &[6]);
    assert_eq!(text(&missing, "want"), "got n0nce");
}
