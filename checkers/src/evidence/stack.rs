//! What a stack did in a swarm: which services there are, and when each task was made, ran and ended.
//!
//! Swarm says no more of a task than its present state and since when. Put together over a whole check, that is a time line
//! from which every goal can be judged again later: how many tasks were down at once, which task took the place of which,
//! on which node. Times are milliseconds since the first service was made, by the swarm's own clock.

use super::Gathered;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Something that is done to a running stack, to see what becomes of it. They are done in the order of this list: what
/// leaves least behind comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StackAct {
    /// Read a file in a task of a service, and look where else its content can be seen.
    Read {
        /// The service, by its name in the stack file.
        service: String,
        /// The path in the container.
        path: String,
        /// The submission's file whose content it should have. A secret's is made anew for each check.
        file: String,
        /// It is a secret.
        secret: bool,
    },
    /// Ask one service from a task of another.
    Reach {
        /// Who asks.
        from: String,
        /// Who is asked.
        to: String,
        /// The port.
        port: u16,
        /// The path of the URL.
        path: String,
    },
    /// Kill the process of one task.
    Kill {
        /// The service.
        service: String,
        /// How long it may take until all is well again, in milliseconds.
        within: u64,
    },
    /// Update to another image that works.
    Update {
        /// The service.
        service: String,
        /// The image.
        image: String,
        /// How long it may take, in milliseconds.
        within: u64,
    },
    /// Take all tasks off a node on which the service runs.
    Drain {
        /// The service.
        service: String,
        /// How long it may take, in milliseconds.
        within: u64,
    },
    /// Update to an image that does not work.
    Break {
        /// The service.
        service: String,
        /// The image.
        image: String,
        /// How long it may take, in milliseconds.
        within: u64,
    },
}

/// A task of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskFact {
    /// Its id, shortened.
    pub id: String,
    /// The service, by its name in the stack file.
    pub service: String,
    /// The replica's number; 0 in a global service.
    #[serde(default)]
    pub slot: u64,
    /// The node, where it was given one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// The image.
    pub image: String,
    /// Its state when it was last looked at.
    pub state: String,
    /// What the swarm wants of it.
    pub desired: String,
    /// Why it ended or waits.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// Made at.
    pub made: u64,
    /// Ran from, where it was seen to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ran: Option<u64>,
    /// Ended at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<u64>,
}

impl TaskFact {
    /// It runs and shall.
    pub fn runs(&self) -> bool {
        self.state == "running" && self.desired == "running"
    }

    /// It has ended without being asked to.
    pub fn failed(&self) -> bool {
        matches!(self.state.as_str(), "failed" | "rejected" | "orphaned") || (self.state == "complete")
    }
}

/// A service as the swarm has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceFact {
    /// The image.
    pub image: String,
    /// How many tasks there shall be: the replicas, or the nodes where it is global.
    pub replicas: u64,
    /// One on each node.
    #[serde(default)]
    pub global: bool,
    /// When tasks are started again (`any`, `on-failure`, `none`).
    pub restart: String,
    /// How many at once are updated; 0 is all of them.
    pub parallelism: u64,
    /// What happens when an update fails (`pause`, `continue`, `rollback`).
    pub on_failure: String,
    /// Which comes first in an update (`stop-first`, `start-first`).
    pub order: String,
    /// Its networks, by their names in the stack file.
    pub networks: Vec<String>,
    /// Names of its secrets as files below /run/secrets.
    pub secrets: Vec<String>,
    /// Paths of its configs.
    pub configs: Vec<String>,
    /// How its name is resolved (`vip`, `dnsrr`).
    pub endpoint: String,
}

/// What became of a deployed stack.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StackFacts {
    /// The nodes, the manager first.
    pub nodes: Vec<String>,
    /// Service addresses and the mesh's ports work.
    pub ip_vs: bool,
    /// Services by their names in the stack file.
    pub services: BTreeMap<String, ServiceFact>,
    /// All services came to run all their tasks.
    pub settled: bool,
    /// How long that took, or how long it was waited for, in milliseconds.
    pub took: u64,
    /// The tasks at that moment.
    pub tasks: Vec<TaskFact>,
    /// What came of each act, by [`super::key`].
    pub acts: BTreeMap<String, Gathered<ActFact>>,
}

/// What came of an act.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ActFact {
    /// When it was done.
    pub at: u64,
    /// How long it took until nothing more was to be expected, in milliseconds.
    pub took: u64,
    /// The task that was killed, read or asked from; the node that was drained.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// The state of an update as the swarm names it (`completed`, `paused`, `rollback_completed`).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// The swarm's or a program's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub said: String,
    /// A file was there, a service answered.
    #[serde(default)]
    pub found: bool,
    /// The content was the one that it should be.
    #[serde(default)]
    pub matches: bool,
    /// Where else the content could be seen (`process`, `service`, `config`, `image`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen_in: Vec<String>,
    /// Who asks and who is asked were on different nodes.
    #[serde(default)]
    pub across: bool,
    /// All tasks that there were from the act on, those before it included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<TaskFact>,
}

impl StackFacts {
    /// Tasks of a service that run.
    pub fn running<'a>(tasks: &'a [TaskFact], service: &'a str) -> impl Iterator<Item = &'a TaskFact> {
        tasks.iter().filter(move |task| task.service == service && task.runs())
    }
}

/// How many of `want` tasks of a service were missing at the worst moment between two times.
pub fn most_down(tasks: &[TaskFact], service: &str, want: u64, from: u64, to: u64) -> u64 {
    let spans: Vec<(u64, u64)> = tasks
        .iter()
        .filter(|task| task.service == service)
        .filter_map(|task| Some((task.ran?, task.ended.unwrap_or(u64::MAX))))
        .collect();
    // The count changes only where a task starts or ends.
    let changes = spans.iter().flat_map(|(ran, ended)| [*ran, *ended]).filter(|at| *at < u64::MAX);
    let moments = changes.chain([from]).filter(|at| (from..=to).contains(at));
    let up = |at: u64| spans.iter().filter(|(ran, ended)| *ran <= at && at < *ended).count() as u64;
    moments.map(|at| want.saturating_sub(up(at))).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn task(slot: u64, ran: u64, ended: Option<u64>) -> TaskFact {
        TaskFact {
            id: format!("t{slot}-{ran}"),
            service: "web".into(),
            slot,
            node: Some("node1".into()),
            image: "i".into(),
            state: if ended.is_some() { "shutdown" } else { "running" }.into(),
            desired: if ended.is_some() { "shutdown" } else { "running" }.into(),
            error: String::new(),
            made: ran,
            ran: Some(ran),
            ended,
        }
    }

    #[test]
    fn one_after_another_is_one_down_and_all_at_once_is_all() {
        let rolling = [
            task(1, 10, Some(100)),
            task(2, 10, Some(200)),
            task(3, 10, Some(300)),
            task(1, 150, None),
            task(2, 250, None),
            task(3, 350, None),
        ];
        assert_eq!(most_down(&rolling, "web", 3, 50, 400), 1);
        assert_eq!(most_down(&rolling, "web", 3, 50, u64::MAX), 1, "what still runs does not end at the end of time");
        assert_eq!(most_down(&rolling, "other", 3, 50, 400), 3, "another service's tasks do not count");
        let at_once = [task(1, 10, Some(100)), task(2, 10, Some(101)), task(1, 150, None), task(2, 150, None)];
        assert_eq!(most_down(&at_once, "web", 2, 50, 400), 2);
        assert_eq!(most_down(&at_once, "web", 2, 160, 400), 0, "what was before does not count");
        let start_first = [task(1, 10, Some(100)), task(1, 90, None)];
        assert_eq!(most_down(&start_first, "web", 1, 50, 400), 0);
    }

    proptest! {
        #[test]
        fn the_worst_moment_is_the_worst_of_all_moments(spans in proptest::collection::vec((0u64..60, 1u64..40), 0..12), want in 0u64..5) {
            let tasks: Vec<_> = spans.iter().map(|(ran, long)| task(1, *ran, Some(ran + long))).collect();
            let up = |at: u64| spans.iter().filter(|(ran, long)| *ran <= at && at < ran + long).count() as u64;
            let slow = (10..=80).map(|at| want.saturating_sub(up(at))).max().unwrap();
            prop_assert_eq!(most_down(&tasks, "web", want, 10, 80), slow);
        }
    }
}
