//! What the goals on a container that goes on running share: their limits, their evidence, and why it did not go on.

use super::{Gathered, command_lines, lost, start, stream};
use crate::{
    engine::LiveOutcome,
    evidence::{Blame, Blocked, Evidence, LiveAsk, Needs, key},
    spec::Span,
    verdict::{Diagnosis, Fact, codes},
};
use std::time::Duration;

pub(super) fn plan(ask: LiveAsk) -> Needs {
    Needs { build: true, image: true, lives: vec![ask], ..Needs::default() }
}

/// How long the goal gives: for the first thing that it asks, and for what comes after.
pub(crate) fn limits(ask: &LiveAsk) -> (Duration, Duration) {
    let or = |span: Option<Span>, seconds| span.map_or(Duration::from_secs(seconds), |s| s.0);
    match ask {
        LiveAsk::Health(ask) => (or(ask.healthy_within, 30), or(ask.unhealthy_within, 30)),
        LiveAsk::Signal(ask) => (or(ask.within, 2), Duration::ZERO),
        LiveAsk::Logs(ask) => (or(ask.within, 10), Duration::ZERO),
    }
}

pub(super) fn outcome<'a>(evidence: &'a Evidence, ask: &LiveAsk) -> Gathered<&'a LiveOutcome> {
    evidence.lives.get(&key(ask)).ok_or_else(|| lost("a running container"))?.as_ref().map_err(Clone::clone)
}

/// Why a container that should have gone on running did not.
pub(super) fn died(blame: &Blame<'_>, args: &[String], outcome: &LiveOutcome) -> Option<Blocked> {
    let run = &outcome.run;
    if let Some(blocked) = start::explain(blame, args, run) {
        return Some(blocked);
    }
    let exit = run.exit.filter(|_| outcome.early)?;
    let said = if run.stderr.trim().is_empty() { &run.stdout } else { &run.stderr };
    let died = Diagnosis::new(codes::ENDED_EARLY).fact("exit", Fact::Count(exit.unsigned_abs()));
    Some(Blocked::failed(died.fact("stderr", stream(said)).at(command_lines(blame))))
}

pub(super) fn millis(duration: Duration) -> Fact {
    Fact::Millis(duration.as_millis() as u64)
}
