//! Jobs on hand-written evidence: each way in which a job can fail to outlive its terminal.

use super::*;
use crate::{
    evidence::{Ended, FileFact, JobFact, ShellFacts, StreamFact},
    spec::{Kind, StdStream},
};

const GOALS: &str = r#"[{"survives": {"job": "settle.sh"}},
    {"job-output": {"job": "settle.sh", "file": "settle.log", "contains": "settled"}},
    {"off-terminal": {"job": "settle.sh", "streams": ["stdin", "stdout", "stderr"]}}]"#;

/// Only the first `count` goals, so that the helpers, which judge the last, judge that one.
fn up_to(count: usize) -> String {
    let all: serde_json::Value = serde_json::from_str(GOALS).unwrap();
    serde_json::to_string(&all.as_array().unwrap()[..count]).unwrap()
}

fn to(path: &str) -> StreamFact {
    StreamFact { to: path.to_owned(), terminal: path.starts_with("/dev/pts") }
}

fn job() -> JobFact {
    JobFact {
        pid: 7,
        left_session: false,
        ignores_hangup: true,
        streams: [
            (StdStream::Stdin, to("/dev/null")),
            (StdStream::Stdout, to("settle.log")),
            (StdStream::Stderr, to("settle.log")),
        ]
        .into(),
        before: None,
        after: None,
    }
}

fn seen(jobs: Vec<JobFact>) -> ShellFacts {
    let log = FileFact { first: 10, last: 50, tail: "payment 1 settled\n".into() };
    ShellFacts {
        prompt: true,
        limit: 6_000,
        jobs: [("settle.sh".to_owned(), jobs)].into(),
        files: [("settle.log".to_owned(), log)].into(),
        screen: "bash: nohop: command not found".into(),
        ..ShellFacts::default()
    }
}

fn case(facts: ShellFacts) -> Evidence {
    let none = Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON));
    let mut evidence = Evidence::of_text(Err(none.clone()), none);
    evidence.kind = Kind::Shell;
    evidence.shell = Some(Ok(facts));
    evidence
}

#[test]
fn each_right_way_passes() {
    for (ignores_hangup, left_session) in [(true, false), (false, true), (false, false), (true, true)] {
        let evidence = case(seen(vec![JobFact { ignores_hangup, left_session, ..job() }]));
        for count in 1..=3 {
            passes(&up_to(count), &evidence);
        }
    }
    // A wrapper that handed over to another process of the same name.
    passes(&up_to(1), &case(seen(vec![JobFact { after: Some(Ended::Exit(0)), ..job() }, job()])));
}

#[test]
fn why_a_job_did_not_survive() {
    let after = |after, ignores_hangup| JobFact { after: Some(after), ignores_hangup, ..job() };
    for (ended, ignores) in [(Ended::Signal(1), false), (Ended::Gone, false)] {
        fails(&up_to(1), &case(seen(vec![after(ended, ignores)])), codes::JOB_HUNG_UP, &[]);
    }
    for ended in [Ended::Exit(1), Ended::Signal(13)] {
        fails(&up_to(1), &case(seen(vec![after(ended, true)])), codes::JOB_ENDED_AFTER, &[]);
    }
    let early = JobFact { before: Some(Ended::Exit(2)), ..job() };
    fails(&up_to(1), &case(seen(vec![early])), codes::JOB_ENDED_EARLY, &[]);
    fails(&up_to(1), &case(seen(vec![])), codes::JOB_NOT_STARTED, &[]);
    fails(&up_to(1), &case(ShellFacts { prompt: false, ..seen(vec![job()]) }), codes::JOB_IN_FOREGROUND, &[]);
    fails(&up_to(1), &case(ShellFacts { shell_ended: true, ..seen(vec![job()]) }), codes::STEPS_EXIT, &[]);
}

#[test]
fn what_is_told_once_is_not_told_again() {
    let evidence = case(seen(vec![]));
    for count in 2..=3 {
        let waits = blocked(&up_to(count), &evidence, Verdict::Skipped, codes::NEEDS_GOAL, &[]);
        assert_eq!(text(&waits, "goal"), "survives");
    }
}

#[test]
fn where_the_output_went() {
    let with = |stdout: &str, stderr: &str| JobFact {
        streams: [
            (StdStream::Stdin, to("/dev/null")),
            (StdStream::Stdout, to(stdout)),
            (StdStream::Stderr, to(stderr)),
        ]
        .into(),
        ..job()
    };
    let empty = |job| ShellFacts { files: Default::default(), ..seen(vec![job]) };
    fails(&up_to(2), &case(empty(with("nohup.out", "nohup.out"))), codes::OUTPUT_IN_NOHUP, &[]);
    fails(&up_to(2), &case(empty(with("/dev/pts/3", "/dev/pts/3"))), codes::OUTPUT_ON_TERMINAL, &[]);
    let half = fails(&up_to(2), &case(seen(vec![with("settle.log", "/dev/pts/3")])), codes::OUTPUT_ON_TERMINAL, &[]);
    assert_eq!(text(&half, "stream"), "stderr");
    fails(&up_to(2), &case(empty(with("other.log", "other.log"))), codes::OUTPUT_NO_FILE, &[]);
    let mut still = seen(vec![job()]);
    still.files.get_mut("settle.log").unwrap().first = 50;
    fails(&up_to(2), &case(still), codes::OUTPUT_STOPPED, &[]);
    let mut other = seen(vec![job()]);
    other.files.get_mut("settle.log").unwrap().tail = "no such file".into();
    fails(&up_to(2), &case(other), codes::OUTPUT_LACKS, &[]);
    let mut input = job();
    input.streams.insert(StdStream::Stdin, to("/dev/pts/3"));
    let on = fails(&up_to(3), &case(seen(vec![input])), codes::STREAM_ON_TERMINAL, &[]);
    assert_eq!(text(&on, "stream"), "stdin");
}
