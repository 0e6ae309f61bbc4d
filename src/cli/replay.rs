//! `replay`: an evening of a swarm of three nodes, recorded, told from its tasks' own time line. For machines that have no
//! room for three nodes, or may not start the containers that they are.
//!
//! What is told is evidence that `make record` wrote on a real swarm, and which the goals' tests judge: not a story that
//! somebody made up, and it cannot drift from what a check measures.

use super::{Context, Entry, Exit, Group, no_args, out::Style};
use crate::{
    i18n,
    report::{Fault, Report},
};
use clap::ArgMatches;
use dockshala_checkers::{
    evidence::{Evidence, StackAct, StackFacts, TaskFact},
    verdict::Fact,
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// `replay`.
pub(super) static ENTRY: Entry =
    Entry { name: "replay", group: Group::Learn, args: no_args, children: &[], run: Some(run) };

/// The exercise that the recording is of, as its solution was judged.
const EXERCISE: &str = "diwali-release";
const RECORDED: &str = include_str!("../../checkers/tests/evidence/diwali-release--good-solution.json");

#[derive(Deserialize)]
struct Record {
    engine: String,
    date: String,
    evidence: Evidence,
}

/// Something that is told, and when: milliseconds since the stack was deployed.
#[derive(Debug, PartialEq)]
enum Moment {
    /// Something that the check did.
    Act(StackAct),
    /// A task began to run.
    Runs(TaskFact),
    /// A task ended, because the swarm wanted it to or by itself.
    Ended(TaskFact),
    /// What the swarm said of an update in the end.
    Said(String),
}

fn run(context: &Context, _: &ArgMatches) -> Result<Exit, Report> {
    let broken = |why: &str| Report::new(&context.lang, Fault::Ours, "replay.broken", &[("message", &why)]);
    let record: Record = serde_json::from_str(RECORDED).map_err(|e| broken(&e.to_string()))?;
    let stack = record.evidence.stack.map_err(|blocked| broken(&blocked.diagnosis.code))?;
    let out = &context.out;
    let nodes = stack.nodes.join(", ");
    out.line(&out.paint(Style::Head, &context.text("replay.title", &[("exercise", &EXERCISE)])));
    out.prose(
        "",
        0,
        &context.text("replay.when", &[("date", &record.date), ("engine", &record.engine), ("nodes", &nodes)]),
    );
    if !stack.ip_vs {
        out.prose("", 0, &context.text("replay.no-ip-vs", &[]));
    }
    out.gap();
    out.line(&out.paint(Style::Code, "$ docker stack deploy -c stack.yaml railway"));
    for (at, moment) in moments(&stack) {
        match moment {
            Moment::Act(act) => {
                out.gap();
                out.line(&out.paint(Style::Code, &format!("$ {}", command(&act))));
            }
            Moment::Runs(task) => tell(context, at, &task, "replay.runs", Style::Good),
            Moment::Ended(task) if task.failed() => tell(context, at, &task, "replay.failed", Style::Bad),
            Moment::Ended(task) => tell(context, at, &task, "replay.ended", Style::Dim),
            Moment::Said(said) => out.line(&format!("{}  {said}", clock(context, at))),
        }
    }
    out.gap();
    out.prose("", 0, &context.text("replay.end", &[("exercise", &EXERCISE)]));
    Ok(Exit::OK)
}

fn tell(context: &Context, at: u64, task: &TaskFact, key: &str, style: Style) {
    let name = format!("{}.{}", task.service, task.slot);
    let node = task.node.as_deref().unwrap_or("-");
    let words = context.text(key, &[("node", &node), ("image", &task.image), ("error", &task.error)]);
    context.out.line(&format!("{}  {name:<10} {}", clock(context, at), context.out.paint(style, &words)));
}

/// A time of the evening, in nine columns.
fn clock(context: &Context, at: u64) -> String {
    format!("{:>9}", i18n::fact(&context.lang, &Fact::Millis(at)))
}

/// The command that a learner would type for it.
fn command(act: &StackAct) -> String {
    match act {
        StackAct::Read { service, path, .. } => format!("docker exec {service}.1 cat {path}"),
        StackAct::Reach { from, to, port, path } => format!("docker exec {from}.1 wget -qO- http://{to}:{port}{path}"),
        StackAct::Kill { service, .. } => format!("docker kill {service}.1"),
        StackAct::Update { service, image, .. } | StackAct::Break { service, image, .. } => {
            format!("docker service update --image {image} railway_{service}")
        }
        StackAct::Drain { .. } => "docker node update --availability drain node2".to_owned(),
    }
}

/// The evening in its order. An act's list of tasks holds what was before it too: the last word on a task is the one to tell.
fn moments(stack: &StackFacts) -> Vec<(u64, Moment)> {
    let mut acts: Vec<_> = stack
        .acts
        .iter()
        .filter_map(|(key, fact)| Some((serde_json::from_str::<StackAct>(key).ok()?, fact.as_ref().ok()?)))
        .collect();
    acts.sort_by_key(|(act, fact)| (fact.at, act.clone()));
    let mut tasks: BTreeMap<&str, &TaskFact> = stack.tasks.iter().map(|task| (task.id.as_str(), task)).collect();
    tasks.extend(acts.iter().flat_map(|(_, fact)| &fact.tasks).map(|task| (task.id.as_str(), task)));
    let mut told: Vec<(u64, Moment)> = Vec::new();
    for (act, fact) in &acts {
        told.push((fact.at, Moment::Act(act.clone())));
        if !fact.said.trim().is_empty() {
            told.extend(fact.said.trim().lines().map(|line| (fact.at + fact.took, Moment::Said(line.to_owned()))));
        }
    }
    for task in tasks.values() {
        told.extend(task.ran.map(|at| (at, Moment::Runs((*task).clone()))));
        told.extend(task.ended.map(|at| (at, Moment::Ended((*task).clone()))));
    }
    // Stable: what an act brings about at the same moment comes after it.
    told.sort_by_key(|(at, _)| *at);
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recorded_evening_has_all_that_lessons_promise() {
        let record: Record = serde_json::from_str(RECORDED).unwrap();
        let stack = record.evidence.stack.unwrap();
        assert_eq!(stack.nodes.len(), 3);
        let told = moments(&stack);
        assert!(told.is_sorted_by_key(|(at, _)| *at));
        let acts: Vec<_> = told.iter().filter(|(_, m)| matches!(m, Moment::Act(_))).collect();
        assert!(acts.len() >= 5, "{acts:?}");
        // A bad release falls over, and the swarm takes it back.
        assert!(told.iter().any(|(_, m)| matches!(m, Moment::Ended(task) if task.failed())));
        assert!(told.iter().any(|(_, m)| matches!(m, Moment::Said(said) if said.contains("rollback completed"))));
        // No task is told twice.
        let mut begun: Vec<&str> =
            told.iter().filter_map(|(_, m)| if let Moment::Runs(t) = m { Some(t.id.as_str()) } else { None }).collect();
        let count = begun.len();
        begun.sort_unstable();
        begun.dedup();
        assert_eq!(begun.len(), count);
    }
}
