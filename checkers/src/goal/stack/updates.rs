//! `rolling-update` and `rolls-back`: what an update does to the tasks, and what becomes of a release that fails.

use super::{
    super::{Judged, facts, fail, shown},
    acted, complaint, lines, millis, running,
};
use crate::{
    evidence::{ActFact, Evidence, Needs, ServiceFact, StackAct, StackFacts, most_down},
    spec::{RollingUpdate, RollsBack},
    verdict::{Diagnosis, Fact, codes},
};

fn update(ask: &RollingUpdate) -> StackAct {
    StackAct::Update { service: ask.service.clone(), image: ask.to.clone(), within: millis(ask.within, 90) }
}

fn bad(ask: &RollsBack) -> StackAct {
    StackAct::Break { service: ask.service.clone(), image: ask.to.clone(), within: millis(ask.within, 90) }
}

pub(in super::super) fn plan(ask: &RollingUpdate) -> Needs {
    Needs { stack: true, acts: [update(ask)].into(), ..Needs::default() }
}

pub(in super::super) fn plan_bad(ask: &RollsBack) -> Needs {
    Needs { stack: true, acts: [bad(ask)].into(), ..Needs::default() }
}

pub(in super::super) fn judge(ask: &RollingUpdate, evidence: &Evidence) -> Judged {
    let (service, fact) = acted(evidence, &ask.service, &update(ask))?;
    let new = StackFacts::running(&fact.tasks, &ask.service).filter(|task| task.image == ask.to).count() as u64;
    let done = fact.status == "completed" && new >= service.replicas;
    // Before the first task of the new release nothing is the update's doing.
    let of_new = || fact.tasks.iter().filter(|task| task.service == ask.service && task.image == ask.to);
    let from = of_new().map(|task| task.made).min().unwrap_or(fact.at);
    let down = most_down(&fact.tasks, &ask.service, service.replicas, from, u64::MAX);
    if done && down <= ask.at_most_down {
        let last = of_new().filter_map(|task| task.ran).max().unwrap_or(from);
        return Ok(facts([("down", Fact::Count(down)), ("time", Fact::Millis(last.saturating_sub(from)))]));
    }
    let config: &[&[&str]] = &[&["deploy", "update_config", "parallelism"], &["deploy", "update_config"], &["deploy"]];
    let diagnosis = Diagnosis::new(if done { codes::TOO_MANY_DOWN } else { codes::UPDATE_NOT_DONE });
    fail(
        told(diagnosis, &ask.service, service, fact)
            .fact("down", Fact::Count(down))
            .fact("limit", Fact::Count(ask.at_most_down))
            .fact("parallelism", Fact::Count(service.parallelism))
            .at(lines(evidence, &ask.service, config)),
    )
}

pub(in super::super) fn judge_bad(ask: &RollsBack, evidence: &Evidence) -> Judged {
    let (service, fact) = acted(evidence, &ask.service, &bad(ask))?;
    let good = StackFacts::running(&fact.tasks, &ask.service).filter(|task| task.image != ask.to).count() as u64;
    if fact.status == "rollback_completed" && good >= service.replicas {
        let failed = fact.tasks.iter().filter(|task| task.service == ask.service && task.image == ask.to);
        return Ok(facts([("tries", Fact::Count(failed.count() as u64)), ("time", Fact::Millis(fact.took))]));
    }
    let code = match fact.status.as_str() {
        "paused" => codes::UPDATE_PAUSED,
        "completed" => codes::BAD_RELEASE_KEPT,
        // It goes on and on: told that failures do not matter, or not to look at them for long enough.
        "updating" if service.on_failure == "continue" => codes::BAD_RELEASE_KEPT,
        _ => codes::ROLLBACK_NOT_DONE,
    };
    let paths: &[&[&str]] =
        &[&["deploy", "update_config", "failure_action"], &["deploy", "update_config"], &["deploy"]];
    let diagnosis = told(Diagnosis::new(code), &ask.service, service, fact);
    fail(diagnosis.at(lines(evidence, &ask.service, paths)))
}

fn told(diagnosis: Diagnosis, name: &str, service: &ServiceFact, fact: &ActFact) -> Diagnosis {
    let words = complaint(&fact.tasks, name).map_or("", |task| task.error.as_str());
    let said = if fact.said.is_empty() { words } else { &fact.said };
    diagnosis
        .fact("service", shown(name))
        .fact("status", shown(&fact.status))
        .fact("message", shown(said))
        .fact("action", shown(&service.on_failure))
        .fact("have", Fact::Count(running(&fact.tasks, name)))
        .fact("want", Fact::Count(service.replicas))
        .fact("time", Fact::Millis(fact.took))
}
