//! `logs`: what the container prints while it goes on running.

use super::{Judged, command_lines, compare, fail, image, live, shown, start, stream};
use crate::{
    evidence::{Evidence, LiveAsk, Needs},
    spec::Logs,
    verdict::{Diagnosis, Fact, codes},
};

pub(super) fn plan(ask: &Logs) -> Needs {
    live::plan(LiveAsk::Logs(ask.clone()))
}

/// The first stream that is not as asked, with what was wanted of it.
pub(crate) fn missing(ask: &Logs, stdout: &str, stderr: &str, nonce: &str) -> Option<(&'static str, String)> {
    [("stdout", stdout, &ask.stdout), ("stderr", stderr, &ask.stderr)].into_iter().find_map(|(name, got, expect)| {
        let want = compare(got, &expect.as_ref()?.with_nonce(nonce)).err()?;
        Some((name, want))
    })
}

pub(super) fn judge(ask: &Logs, evidence: &Evidence) -> Judged {
    let blame = image(evidence)?;
    let asked = LiveAsk::Logs(ask.clone());
    let outcome = live::outcome(evidence, &asked)?;
    let run = &outcome.run;
    let Some((name, want)) = missing(ask, &run.stdout, &run.stderr, &evidence.nonce) else {
        return Ok(start::measured(run));
    };
    if let Some(blocked) = live::died(&blame, &ask.args, outcome) {
        return Err(blocked);
    }
    let (got, other) = if name == "stdout" { (&run.stdout, &run.stderr) } else { (&run.stderr, &run.stdout) };
    let expect = if name == "stdout" { &ask.stdout } else { &ask.stderr };
    if expect.as_ref().is_some_and(|e| compare(other, &e.with_nonce(&evidence.nonce)).is_ok()) {
        let wrong = Diagnosis::new(codes::LOGS_OTHER_STREAM).fact("want", Fact::Text(want));
        return fail(wrong.fact("stream", shown(name)).at(command_lines(&blame)));
    }
    fail(
        Diagnosis::new(codes::LOGS_MISSING)
            .fact("stream", shown(name))
            .fact("got", stream(got))
            .fact("want", Fact::Text(want))
            .fact("limit", live::millis(live::limits(&asked).0))
            .at(command_lines(&blame)),
    )
}
