//! Goals of a compose project. All stand on one evidence ([`ComposeFacts`]): the file, what it resolves to, and what its
//! containers did.

pub(super) mod config;
pub(super) mod data;
pub(super) mod http;
pub(super) mod network;
pub(super) mod order;
pub(super) mod profiles;
pub(super) mod published;
pub(super) mod restart;
pub(super) mod secret;
#[cfg(test)]
mod tests;
pub(super) mod up;

use crate::{
    compose::tree::Tree,
    engine::compose::{ServiceState, Up},
    evidence::{Blocked, ComposeFacts, ComposeNeeds, Evidence, Gathered, Needs},
    spec::{Ask, Goal},
    verdict::{Diagnosis, Fact, Verdict, codes},
};
use serde_json::Value;

/// How long a project may take to come up, in milliseconds, where no goal says.
const UP: u64 = 90_000;

fn needs(compose: ComposeNeeds) -> Needs {
    Needs { compose, ..Needs::default() }
}

/// Needs of a goal that looks at running containers.
fn needs_up() -> ComposeNeeds {
    ComposeNeeds { up: Some(UP), ..ComposeNeeds::default() }
}

fn gathered(evidence: &Evidence) -> Gathered<&ComposeFacts> {
    evidence.compose.as_deref().ok_or_else(|| super::lost("compose"))
}

/// The resolved document.
fn document(evidence: &Evidence) -> Gathered<&Value> {
    gathered(evidence)?.document.as_ref().map_err(Clone::clone)
}

/// What starting it came to.
fn started(evidence: &Evidence) -> Gathered<&Up> {
    gathered(evidence)?.up.as_ref().map_err(Clone::clone)
}

/// The compose file's lines.
fn tree(evidence: &Evidence) -> Tree {
    let file = gathered(evidence).ok().and_then(|facts| facts.file.as_ref().ok());
    file.and_then(|file| Tree::read(&file.text).ok()).unwrap_or_default()
}

fn line(evidence: &Evidence, path: &[&str]) -> Option<u32> {
    tree(evidence).line_of(path)
}

/// The containers of a service.
fn of<'a>(up: &'a Up, service: &str) -> Vec<&'a ServiceState> {
    up.services.iter().filter(|s| s.service == service).collect()
}

/// A container of a service that runs; else why the goal must wait for one.
fn running<'a>(evidence: &'a Evidence, service: &str) -> Gathered<&'a ServiceState> {
    let found = of(started(evidence)?, service).into_iter().find(|s| s.running);
    found.ok_or_else(|| waits("compose-up"))
}

/// A goal that cannot be judged before another one is met. The id is put right by [`unmet`].
fn waits(goal: &str) -> Blocked {
    Blocked::skipped(Diagnosis::new(codes::NEEDS_GOAL).fact("goal", Fact::Text(goal.to_owned())))
}

/// The services that end when their work is done.
fn jobs(all: &[Goal]) -> &[String] {
    all.iter()
        .find_map(|g| if let Ask::ComposeUp(up) = &g.ask { Some(up.jobs.as_slice()) } else { None })
        .unwrap_or(&[])
}

/// Goals that a project which is not up says nothing about.
fn follows(ask: &Ask) -> bool {
    match ask {
        Ask::ComposeHttp(_) | Ask::ComposeData(_) => true,
        Ask::ComposeRestart(ask) => !ask.crash.is_empty(),
        Ask::ComposeProfiles(ask) => !ask.profiles.is_empty(),
        _ => false,
    }
}

/// Why a goal cannot be judged before another one is met: the same trouble is told once, by the goal that it belongs to.
pub(super) fn unmet(goal: &Goal, all: &[Goal], evidence: &Evidence) -> Option<Blocked> {
    let facts = evidence.compose.as_deref()?;
    let (blocked, teller): (Blocked, fn(&Ask) -> bool) = match &goal.ask {
        Ask::ComposeConfig(_) => return None,
        Ask::ComposeUp(_) => (facts.document.as_ref().err()?.clone(), |ask| matches!(ask, Ask::ComposeConfig(_))),
        ask if super::plan(goal).compose.up.is_some() => match (&facts.document, &facts.up) {
            (Err(blocked), _) => (blocked.clone(), |ask| matches!(ask, Ask::ComposeConfig(_))),
            (Ok(_), Err(blocked)) => (blocked.clone(), |ask| matches!(ask, Ask::ComposeUp(_))),
            // Who runs into another goal's trouble is told in that goal's words; the order of starts is judged even so, as it
            // may be the trouble.
            (Ok(_), Ok(up)) => match (ask, up::trouble(up, facts, jobs(all))) {
                (ask, Some(diagnosis)) if follows(ask) => {
                    (Blocked::failed(diagnosis), |ask| matches!(ask, Ask::ComposeUp(_)))
                }
                _ => return None,
            },
        },
        _ => (facts.document.as_ref().err()?.clone(), |ask| matches!(ask, Ask::ComposeConfig(_))),
    };
    match all.iter().find(|g| teller(&g.ask) && g.id != goal.id) {
        Some(teller) if blocked.verdict != Verdict::Skipped => Some(waits(&teller.id)),
        _ => Some(blocked),
    }
}
