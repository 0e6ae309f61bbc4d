//! `health`: a HEALTHCHECK that turns healthy, and unhealthy when the container is ill.

use super::{Judged, command_lines, facts, fail, image, last_of, live, shown, shown_line, stream};
use crate::{
    engine::LiveOutcome,
    evidence::{Blame, Blocked, Evidence, LiveAsk, Needs},
    image,
    spec::{Health, Then},
    verdict::{Diagnosis, Fact, codes},
};
use std::time::Duration;

/// What Docker takes where HEALTHCHECK does not say.
const INTERVAL: Duration = Duration::from_secs(30);
const RETRIES: u32 = 3;

pub(super) fn plan(ask: &Health) -> Needs {
    live::plan(LiveAsk::Health(ask.clone()))
}

pub(super) fn judge(ask: &Health, evidence: &Evidence) -> Judged {
    let blame = image(evidence)?;
    let asked = LiveAsk::Health(ask.clone());
    let outcome = live::outcome(evidence, &asked)?;
    let line = last_of(&blame, "HEALTHCHECK");
    let config = blame.image.config.health.as_ref();
    let Some(config) = config.filter(|h| h.test.first().is_some_and(|word| word != "NONE")) else {
        let lines = line.map_or_else(|| command_lines(&blame), |l| vec![l.first]);
        let have = line.map_or_else(String::new, |l| l.one_line());
        return fail(Diagnosis::new(codes::HEALTH_NONE).fact("have", shown(&have)).at(lines));
    };
    let (healthy, unhealthy) = live::limits(&asked);
    let at = |code: &str| Diagnosis::new(code).at(line.map(|l| l.first)).fact("test", shown(&test(config)));
    if outcome.healthy.is_none() {
        return Err(live::died(&blame, &[], outcome).unwrap_or_else(|| never(outcome, config, healthy, &at)));
    }
    let Some(then) = &ask.then else {
        return Ok(facts([("healthy", Fact::Millis(outcome.healthy.unwrap_or(0)))]));
    };
    let done = match then {
        Then::Exec(argv) => argv.join(" "),
        Then::Signal(signal) => format!("kill -s {signal} 1"),
    };
    if let Some(words) = &outcome.refused {
        let message = format!("{done}: {words}");
        return Err(Blocked::broken(Diagnosis::new(codes::DAEMON_ERROR).fact("message", shown(&message))));
    }
    if let Some(ended) = outcome.shock.as_ref().filter(|ended| ended.exit != 0) {
        let diagnosis = Diagnosis::new(codes::HEALTH_NOT_SHAKEN).fact("command", shown(&done));
        return fail(diagnosis.fact("output", stream(&ended.output)).at(command_lines(&blame)));
    }
    match outcome.unhealthy {
        Some(unhealthy) => {
            Ok(facts([("healthy", Fact::Millis(outcome.healthy.unwrap_or(0))), ("unhealthy", Fact::Millis(unhealthy))]))
        }
        None => Err(blind(&blame, outcome, config, unhealthy, &at(codes::HEALTH_BLIND).fact("command", shown(&done)))),
    }
}

/// Why it never turned healthy.
fn never(outcome: &LiveOutcome, config: &image::Health, limit: Duration, at: &impl Fn(&str) -> Diagnosis) -> Blocked {
    let Some(last) = outcome.tests.last() else {
        let interval = live::millis(config.interval.unwrap_or(INTERVAL));
        let late = at(codes::HEALTH_FIRST_LATE).fact("interval", interval);
        return Blocked::failed(late.fact("limit", live::millis(limit)));
    };
    let words = last.output.to_lowercase();
    let missing = last.exit == 127
        || [": not found", "command not found", "executable file not found"].iter().any(|sign| words.contains(sign));
    let tool = config.test.get(1).and_then(|t| t.split_whitespace().next()).unwrap_or_default();
    // The shell's or the daemon's own words, and about this tool: a tool that ran may also say that it found nothing.
    let names_tool = words.contains(&tool.to_lowercase()) && !tool.is_empty();
    if missing && names_tool {
        let diagnosis = at(codes::HEALTH_TOOL_MISSING).fact("tool", shown(tool));
        return Blocked::failed(diagnosis.fact("output", stream(&last.output)));
    }
    Blocked::failed(
        at(codes::HEALTH_NEVER)
            .fact("exit", Fact::Count(last.exit.unsigned_abs()))
            .fact("output", stream(&last.output))
            .fact("limit", live::millis(limit)),
    )
}

/// Why it did not turn unhealthy in time.
fn blind(
    blame: &Blame<'_>,
    outcome: &LiveOutcome,
    config: &image::Health,
    limit: Duration,
    blind: &Diagnosis,
) -> Blocked {
    let (interval, retries) =
        (config.interval.unwrap_or(INTERVAL), config.retries.filter(|n| *n > 0).unwrap_or(RETRIES));
    let noticed = outcome.tests.last().is_some_and(|last| last.exit != 0);
    if noticed || interval.saturating_mul(retries) >= limit {
        let late = Diagnosis { code: codes::HEALTH_NOTICED_LATE.to_owned(), ..blind.clone() };
        return Blocked::failed(
            late.fact("interval", live::millis(interval))
                .fact("retries", Fact::Count(u64::from(retries)))
                .fact("limit", live::millis(limit)),
        );
    }
    let line = last_of(blame, "HEALTHCHECK").map(shown_line).unwrap_or_else(|| shown(""));
    Blocked::failed(blind.clone().fact("line", line).fact("limit", live::millis(limit)))
}

fn test(config: &image::Health) -> String {
    match config.test.split_first() {
        Some((_, words)) => words.join(" "),
        None => String::new(),
    }
}
