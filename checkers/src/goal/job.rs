//! `survives`, `job-output`, `off-terminal`: what became of a job when its terminal was closed.
//!
//! Judged by what happened and never by the words of `steps.sh`: there are at least four right ways (nohup, setsid, disown,
//! a trap in the job itself), and which of them was taken is only told.

use super::{Judged, facts, fail, lost, shown, tail};
use crate::{
    evidence::{Ended, Evidence, JobFact, Needs, ShellFacts, Watch},
    spec::{JobOutput, OffTerminal, StdStream, Survives},
    verdict::{Diagnosis, Fact, Verdict, codes},
};
use std::time::Duration;

/// SIGHUP.
const HANGUP: i32 = 1;
/// A file that is written to is seen to grow within, in milliseconds.
const GROWS: u64 = 1_500;

fn needs(job: &str, file: Option<&str>, after: u64) -> Needs {
    let files = file.into_iter().map(str::to_owned).collect();
    Needs { watch: Watch { jobs: [job.to_owned()].into(), files, after }, ..Needs::default() }
}

pub(super) fn plan_survives(ask: &Survives) -> Needs {
    let after = ask.after.map_or(Duration::from_secs(1), |span| span.0);
    needs(&ask.job, None, after.as_millis() as u64)
}

pub(super) fn plan_output(ask: &JobOutput) -> Needs {
    needs(&ask.job, Some(&ask.file), GROWS)
}

pub(super) fn plan_off_terminal(ask: &OffTerminal) -> Needs {
    needs(&ask.job, None, 0)
}

/// The facts, and the job in them, which was there when the terminal was closed.
fn job<'a>(name: &str, evidence: &'a Evidence) -> Result<(&'a ShellFacts, &'a JobFact), crate::evidence::Blocked> {
    let seen = evidence.shell.as_ref().ok_or_else(|| lost("shell"))?.as_ref().map_err(Clone::clone)?;
    let blocked = |diagnosis| crate::evidence::Blocked::failed(diagnosis);
    let about = |code: &str| Diagnosis::new(code).fact("job", shown(name));
    if seen.shell_ended {
        return Err(blocked(Diagnosis::new(codes::STEPS_EXIT).fact("screen", tail(&seen.screen))));
    }
    let jobs = seen.jobs.get(name).map(Vec::as_slice).unwrap_or_default();
    // Of several, one that lives speaks for the job: a wrapper may have handed over to it.
    let alive = jobs.iter().find(|job| job.before.is_none() && job.after.is_none());
    let Some(job) = alive.or_else(|| jobs.iter().find(|job| job.before.is_none())).or_else(|| jobs.first()) else {
        if !seen.prompt {
            return Err(blocked(about(codes::JOB_IN_FOREGROUND).fact("limit", Fact::Millis(seen.limit))));
        }
        return Err(blocked(about(codes::JOB_NOT_STARTED).fact("screen", tail(&seen.screen))));
    };
    if let Some(ended) = job.before {
        let diagnosis = about(codes::JOB_ENDED_EARLY).fact("how", how(ended)).fact("screen", tail(&seen.screen));
        return Err(blocked(diagnosis));
    }
    if !seen.prompt {
        return Err(blocked(about(codes::JOB_IN_FOREGROUND).fact("limit", Fact::Millis(seen.limit))));
    }
    Ok((seen, job))
}

/// Nothing can be said of a job but why there was none to look at.
pub(super) fn never_ran(ask: &Survives, evidence: &Evidence) -> bool {
    job(&ask.job, evidence).is_err_and(|blocked| blocked.verdict == Verdict::Failed)
}

fn how(ended: Ended) -> Fact {
    Fact::Text(match ended {
        Ended::Exit(code) => format!("exit {code}"),
        Ended::Signal(number) => format!("signal {number}"),
        Ended::Gone => "?".to_owned(),
    })
}

pub(super) fn survives(ask: &Survives, evidence: &Evidence) -> Judged {
    let (_, job) = job(&ask.job, evidence)?;
    let about = |code: &str| Diagnosis::new(code).fact("job", shown(&ask.job));
    match job.after {
        None => {
            let way = match (job.ignores_hangup, job.left_session) {
                (true, _) => "ignores SIGHUP",
                (false, true) => "another session",
                (false, false) => "not among the shell's jobs",
            };
            Ok(facts([("way", shown(way))]))
        }
        Some(Ended::Signal(HANGUP)) => fail(about(codes::JOB_HUNG_UP)),
        // The shell took its status before it went itself. What could be hung up was: nothing else happened to it.
        Some(Ended::Gone) if !job.ignores_hangup && !job.left_session => fail(about(codes::JOB_HUNG_UP)),
        Some(ended) => {
            let lost = job.streams.iter().find(|(stream, to)| **stream != StdStream::Stdin && to.terminal);
            let stream = lost.map_or(String::new(), |(stream, _)| stream.name().to_owned());
            fail(about(codes::JOB_ENDED_AFTER).fact("how", how(ended)).fact("stream", Fact::Text(stream)))
        }
    }
}

pub(super) fn output(ask: &JobOutput, evidence: &Evidence) -> Judged {
    let (seen, job) = job(&ask.job, evidence)?;
    let about = |code: &str| Diagnosis::new(code).fact("job", shown(&ask.job)).fact("file", shown(&ask.file));
    let leads = |stream: StdStream| job.streams.get(&stream);
    let written = seen.files.get(&ask.file).filter(|file| file.last > 0);
    if written.is_none() || leads(StdStream::Stdout).is_some_and(|to| to.terminal) {
        let nohup = [StdStream::Stdout, StdStream::Stderr]
            .iter()
            .any(|s| leads(*s).is_some_and(|to| to.to.rsplit('/').next() == Some("nohup.out")));
        if nohup && ask.file != "nohup.out" {
            return fail(about(codes::OUTPUT_IN_NOHUP));
        }
    }
    for stream in [StdStream::Stdout, StdStream::Stderr] {
        if leads(stream).is_some_and(|to| to.terminal) {
            return fail(about(codes::OUTPUT_ON_TERMINAL).fact("stream", shown(stream.name())));
        }
    }
    let Some(file) = written else {
        let to = leads(StdStream::Stdout).map_or(String::new(), |to| to.to.clone());
        return fail(about(codes::OUTPUT_NO_FILE).fact("to", shown(&to)));
    };
    if file.last <= file.first && job.after.is_none() {
        return fail(about(codes::OUTPUT_STOPPED));
    }
    if let Some(want) = ask.contains.as_ref().filter(|want| !file.tail.contains(want.as_str())) {
        return fail(about(codes::OUTPUT_LACKS).fact("want", shown(want)));
    }
    Ok(facts([("bytes", Fact::Bytes(file.last))]))
}

pub(super) fn off_terminal(ask: &OffTerminal, evidence: &Evidence) -> Judged {
    let (_, job) = job(&ask.job, evidence)?;
    for stream in &ask.streams {
        if job.streams.get(stream).is_some_and(|to| to.terminal) {
            let diagnosis = Diagnosis::new(codes::STREAM_ON_TERMINAL).fact("job", shown(&ask.job));
            return fail(diagnosis.fact("stream", shown(stream.name())));
        }
    }
    Ok(facts([("streams", Fact::Count(ask.streams.len() as u64))]))
}
