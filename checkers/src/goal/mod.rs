//! Goals: evidence in, verdict out. One file per kind, each a pure function.
//!
//! `plan` says what a goal needs, `judge` what the evidence comes to. A verdict that only says no teaches nothing: each
//! judge looks for the line that is to blame and measures what it cost.

mod absent;
mod added;
mod answer;
mod builds;
mod cached_after_edit;
mod compose;
mod context;
mod fails_when_broken;
mod final_base;
mod glob;
mod health;
mod http;
mod instruction;
mod job;
mod layer_shares;
mod lint_clean;
mod live;
mod logs;
mod machine;
mod no_secret;
mod present;
mod reuses_cache;
mod runs;
mod signal;
mod smaller_than_starter;
mod stack;
mod stages;
mod start;
#[cfg(test)]
mod tests;
mod total;
mod user;
mod waste;
mod with_file;

pub(crate) use builds::{context as explain_context, explain as explain_build, unknown_stage};
pub(crate) use cached_after_edit::missed_without_cause;
pub(crate) use final_base::spellings;
pub use glob::Globs;
pub(crate) use lint_clean::findings as lint_findings;
pub(crate) use live::limits;
pub(crate) use logs::missing as missing_in_logs;
pub use with_file::OF_FILE;
pub(crate) use with_file::asked_of;

use crate::{
    dockerfile::Instruction as Line,
    engine::clean,
    evidence::{Blame, Blocked, Evidence, Gathered, Needs},
    spec::{Ask, Expect, Goal, Kind},
    verdict::{Diagnosis, Fact, Facts, GoalResult, Verdict, codes},
};

/// What a judge says: passed with what was measured, or why not.
type Judged = Result<Facts, Blocked>;

/// What a goal needs.
pub fn plan(goal: &Goal) -> Needs {
    match &goal.ask {
        Ask::Builds(ask) => builds::plan(ask),
        Ask::Stages(ask) => stages::plan(ask),
        Ask::FinalBase(ask) => final_base::plan(ask),
        Ask::Added(ask) => added::plan(ask),
        Ask::Total(ask) => total::plan(ask),
        Ask::Waste(ask) => waste::plan(ask),
        Ask::LayerShares(ask) => layer_shares::plan(ask),
        Ask::NoSecret(ask) => no_secret::plan(ask),
        Ask::SmallerThanStarter(ask) => smaller_than_starter::plan(ask),
        Ask::Absent(ask) => absent::plan(ask),
        Ask::Present(ask) => present::plan(ask),
        Ask::User(ask) => user::plan(ask),
        Ask::WithFile(ask) => with_file::plan(ask),
        Ask::Runs(ask) => runs::plan(ask),
        Ask::Http(ask) => http::plan(ask),
        Ask::CachedAfterEdit(ask) => cached_after_edit::plan(ask),
        Ask::Instruction(ask) => instruction::plan(ask),
        Ask::Health(ask) => health::plan(ask),
        Ask::Signal(ask) => signal::plan(ask),
        Ask::Logs(ask) => logs::plan(ask),
        Ask::Deploys(ask) => stack::deploys::plan(ask),
        Ask::Replicas(ask) => stack::replicas::plan(ask),
        Ask::Heals(ask) => stack::heals::plan(ask),
        Ask::RollingUpdate(ask) => stack::updates::plan(ask),
        Ask::RollsBack(ask) => stack::updates::plan_bad(ask),
        Ask::ServiceSecret(ask) => stack::files::plan(ask),
        Ask::ServiceConfig(ask) => stack::files::plan_config(ask),
        Ask::ServiceReaches(ask) => stack::reaches::plan(ask),
        Ask::Drains(ask) => stack::drains::plan(ask),
        Ask::ComposeConfig(ask) => compose::config::plan(ask),
        Ask::ComposeUp(ask) => compose::up::plan(ask),
        Ask::ComposePublished(ask) => compose::published::plan(ask),
        Ask::ComposeOrder(ask) => compose::order::plan(ask),
        Ask::ComposeSecret(ask) => compose::secret::plan(ask),
        Ask::ComposeHttp(ask) => compose::http::plan(ask),
        Ask::ComposeData(ask) => compose::data::plan(ask),
        Ask::ComposeNetwork(ask) => compose::network::plan(ask),
        Ask::ComposeRestart(ask) => compose::restart::plan(ask),
        Ask::ComposeProfiles(ask) => compose::profiles::plan(ask),
        Ask::LintClean(ask) => lint_clean::plan(ask),
        Ask::Context(ask) => context::plan(ask),
        Ask::FailsWhenBroken(ask) => fails_when_broken::plan(ask),
        Ask::ReusesCache(ask) => reuses_cache::plan(ask),
        Ask::Answer(ask) => answer::plan(ask),
        Ask::Survives(ask) => job::plan_survives(ask),
        Ask::JobOutput(ask) => job::plan_output(ask),
        Ask::OffTerminal(ask) => job::plan_off_terminal(ask),
        Ask::Reaches(ask) => machine::reaches::plan(ask),
        Ask::ContainerLogs(ask) => machine::container_logs::plan(ask),
        Ask::CopiedOut(ask) => machine::copied_out::plan(ask),
        Ask::FreeSpace(ask) => machine::free_space::plan(ask),
        Ask::Registry(ask) => machine::registry::plan(ask),
        Ask::ByDigest(ask) => machine::by_digest::plan(ask),
        Ask::SameFiles(ask) => machine::same_files::plan(ask),
        Ask::Volume(ask) => machine::volume::plan(ask),
        Ask::Published(ask) => machine::published::plan(ask),
        Ask::Restart(ask) => machine::restart::plan(ask),
        Ask::Limits(ask) => machine::limits::plan(ask),
        Ask::Container(ask) => machine::container::plan(ask),
    }
}

/// Judges one goal among all goals of its exercise.
pub fn judge(goal: &Goal, all: &[Goal], evidence: &Evidence) -> GoalResult {
    let judged = match unmet(goal, all, evidence) {
        Some(blocked) => Err(blocked),
        None => match &goal.ask {
            Ask::Builds(ask) => builds::judge(ask, evidence),
            Ask::Stages(ask) => stages::judge(ask, evidence),
            Ask::FinalBase(ask) => final_base::judge(ask, evidence),
            Ask::Added(ask) => added::judge(ask, evidence),
            Ask::Total(ask) => total::judge(ask, evidence),
            Ask::Waste(ask) => waste::judge(ask, evidence),
            Ask::LayerShares(ask) => layer_shares::judge(ask, evidence),
            Ask::NoSecret(ask) => no_secret::judge(ask, evidence),
            Ask::SmallerThanStarter(ask) => smaller_than_starter::judge(ask, evidence),
            Ask::Absent(ask) => absent::judge(ask, evidence),
            Ask::Present(ask) => present::judge(ask, evidence),
            Ask::User(ask) => user::judge(ask, evidence),
            Ask::WithFile(ask) => with_file::judge(&goal.id, ask, all, evidence),
            Ask::Runs(ask) => runs::judge(ask, evidence),
            Ask::Http(ask) => http::judge(ask, evidence),
            Ask::CachedAfterEdit(ask) => cached_after_edit::judge(ask, evidence),
            Ask::Instruction(ask) => instruction::judge(ask, evidence),
            Ask::Health(ask) => health::judge(ask, evidence),
            Ask::Signal(ask) => signal::judge(ask, evidence),
            Ask::Logs(ask) => logs::judge(ask, evidence),
            Ask::Deploys(ask) => stack::deploys::judge(ask, evidence),
            Ask::Replicas(ask) => stack::replicas::judge(ask, evidence),
            Ask::Heals(ask) => stack::heals::judge(ask, evidence),
            Ask::RollingUpdate(ask) => stack::updates::judge(ask, evidence),
            Ask::RollsBack(ask) => stack::updates::judge_bad(ask, evidence),
            Ask::ServiceSecret(ask) => stack::files::judge(ask, evidence),
            Ask::ServiceConfig(ask) => stack::files::judge_config(ask, evidence),
            Ask::ServiceReaches(ask) => stack::reaches::judge(ask, evidence),
            Ask::Drains(ask) => stack::drains::judge(ask, evidence),
            Ask::ComposeConfig(ask) => compose::config::judge(ask, evidence),
            Ask::ComposeUp(ask) => compose::up::judge(ask, evidence),
            Ask::ComposePublished(ask) => compose::published::judge(ask, evidence),
            Ask::ComposeOrder(ask) => compose::order::judge(ask, evidence),
            Ask::ComposeSecret(ask) => compose::secret::judge(ask, evidence),
            Ask::ComposeHttp(ask) => compose::http::judge(ask, evidence),
            Ask::ComposeData(ask) => compose::data::judge(ask, evidence),
            Ask::ComposeNetwork(ask) => compose::network::judge(ask, evidence),
            Ask::ComposeRestart(ask) => compose::restart::judge(ask, evidence),
            Ask::ComposeProfiles(ask) => compose::profiles::judge(ask, evidence),
            Ask::LintClean(ask) => lint_clean::judge(ask, evidence),
            Ask::Context(ask) => context::judge(ask, evidence),
            Ask::FailsWhenBroken(ask) => fails_when_broken::judge(ask, evidence),
            Ask::ReusesCache(ask) => reuses_cache::judge(ask, evidence),
            Ask::Answer(ask) => answer::judge(&goal.id, ask, evidence),
            Ask::Survives(ask) => job::survives(ask, evidence),
            Ask::JobOutput(ask) => job::output(ask, evidence),
            Ask::OffTerminal(ask) => job::off_terminal(ask, evidence),
            Ask::Reaches(ask) => machine::reaches::judge(ask, evidence),
            Ask::ContainerLogs(ask) => machine::container_logs::judge(ask, evidence),
            Ask::CopiedOut(ask) => machine::copied_out::judge(ask, evidence),
            Ask::FreeSpace(ask) => machine::free_space::judge(ask, evidence),
            Ask::Registry(ask) => machine::registry::judge(ask, evidence),
            Ask::ByDigest(ask) => machine::by_digest::judge(ask, evidence),
            Ask::SameFiles(ask) => machine::same_files::judge(ask, evidence),
            Ask::Volume(ask) => machine::volume::judge(ask, evidence),
            Ask::Published(ask) => machine::published::judge(ask, evidence),
            Ask::Restart(ask) => machine::restart::judge(ask, evidence),
            Ask::Limits(ask) => machine::limits::judge(ask, evidence),
            Ask::Container(ask) => machine::container::judge(ask, evidence),
        },
    };
    let (verdict, diagnosis, measured) = match judged {
        Ok(measured) => (Verdict::Passed, None, measured),
        Err(blocked) => (blocked.verdict, Some(blocked.diagnosis), Facts::new()),
    };
    GoalResult { id: goal.id.clone(), kind: goal.ask.kind().to_owned(), verdict, diagnosis, measured }
}

/// Why a goal cannot be judged before another one is met: the same trouble is told once, by the goal that it belongs to.
fn unmet(goal: &Goal, all: &[Goal], evidence: &Evidence) -> Option<Blocked> {
    if evidence.kind == Kind::Stack {
        return undeployed(goal, all, evidence);
    }
    if evidence.kind == Kind::Compose {
        return compose::unmet(goal, all, evidence);
    }
    // A job that holds the prompt or never ran is told of once, by the goal that it should survive.
    if matches!(goal.ask, Ask::JobOutput(_) | Ask::OffTerminal(_)) {
        let survives = all.iter().find(|g| matches!(g.ask, Ask::Survives(_)))?;
        let Ask::Survives(ask) = &survives.ask else { return None };
        return job::never_ran(ask, evidence).then(|| {
            Blocked::skipped(Diagnosis::new(codes::NEEDS_GOAL).fact("goal", Fact::Text(survives.id.clone())))
        });
    }
    // What another kind's goals stand on is in their own evidence.
    if matches!(goal.ask, Ask::Builds(_) | Ask::WithFile(_)) || evidence.kind != Kind::Dockerfile {
        return None;
    }
    let needs = plan(goal);
    let gathered = if needs.build { builds::built(evidence).map(|_| ()) } else { evidence.model().map(|_| ()) };
    let blocked = gathered.err()?;
    let builds = all.iter().find(|g| matches!(g.ask, Ask::Builds(_)));
    match builds {
        Some(builds) if blocked.verdict != Verdict::Skipped => {
            let diagnosis = Diagnosis::new(codes::NEEDS_GOAL).fact("goal", Fact::Text(builds.id.clone()));
            Some(Blocked::skipped(diagnosis))
        }
        _ => Some(blocked),
    }
}

/// The same for a stack that does not run: `deploys` tells why.
fn undeployed(goal: &Goal, all: &[Goal], evidence: &Evidence) -> Option<Blocked> {
    let deploys = all.iter().find_map(|g| if let Ask::Deploys(ask) = &g.ask { Some((&g.id, ask)) } else { None });
    let (id, ask) = deploys.filter(|_| !matches!(goal.ask, Ask::Deploys(_)))?;
    let blocked = stack::deploys::judge(ask, evidence).err()?;
    if blocked.verdict == Verdict::Skipped {
        return Some(blocked);
    }
    Some(Blocked::skipped(Diagnosis::new(codes::NEEDS_GOAL).fact("goal", Fact::Text(id.clone()))))
}

fn fail(diagnosis: Diagnosis) -> Judged {
    Err(Blocked::failed(diagnosis))
}

fn facts<const N: usize>(facts: [(&str, Fact); N]) -> Facts {
    facts.into_iter().map(|(name, fact)| (name.to_owned(), fact)).collect()
}

/// Text from the submission or a container, fit to be shown: one clean line, not too long.
pub(crate) fn shown(text: &str) -> Fact {
    Fact::Text(clipped(&clean::line(text), 200))
}

fn clipped(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// An instruction in one line.
fn shown_line(line: &Line) -> Fact {
    shown(&line.one_line())
}

/// The last lines of what something printed.
pub(crate) fn tail(text: &str) -> Fact {
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
    let last = lines[lines.len().saturating_sub(8)..].iter().map(|l| clipped(l, 300)).collect::<Vec<_>>();
    Fact::Text(last.join("\n"))
}

/// A list that fits on a screen.
fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> Fact {
    Fact::List(items.into_iter().take(10).map(|t| clipped(&clean::line(t.as_ref()), 200)).collect())
}

/// Evidence that was asked for by [`plan`] and is not there: our own mistake.
fn lost(what: &str) -> Blocked {
    Blocked::broken(Diagnosis::new(codes::INTERNAL).fact("message", Fact::Text(format!("no evidence: {what}"))))
}

/// Whether a stream is as asked; otherwise what was wanted, for the diagnosis.
fn compare(got: &str, expect: &Expect) -> Result<(), String> {
    let squeeze = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
    match expect {
        Expect::Equals(want) if squeeze(got) == squeeze(want) => Ok(()),
        Expect::Equals(want) => Err(want.trim().to_owned()),
        Expect::Detailed { contains, matches } => {
            if let Some(part) = contains.as_ref().filter(|part| !got.contains(part.as_str())) {
                return Err(part.clone());
            }
            match matches {
                Some(pattern) => match regex::RegexBuilder::new(pattern).multi_line(true).build() {
                    Ok(regex) if regex.is_match(got) => Ok(()),
                    _ => Err(format!("/{pattern}/")),
                },
                None => Ok(()),
            }
        }
    }
}

/// What a learner printed, for a diagnosis: line ends kept, long output cut in the middle.
fn stream(text: &str) -> Fact {
    let text = text.trim();
    let count = text.chars().count();
    if count <= 600 {
        return Fact::Text(text.to_owned());
    }
    let head: String = text.chars().take(300).collect();
    let rest: String = text.chars().skip(count - 300).collect();
    Fact::Text(format!("{head}\n…\n{rest}"))
}

/// The instruction of the target's chain of stages that decides, being the last of its kind.
fn last_of<'a>(blame: &Blame<'a>, keyword: &str) -> Option<&'a Line> {
    let chain = blame.model.chain(blame.target);
    chain.iter().rev().find_map(|stage| blame.model.of_stage(*stage).filter(|i| i.keyword == keyword).last())
}

/// The line of ENTRYPOINT and CMD, which decide what a container starts.
fn command_lines(blame: &Blame<'_>) -> Vec<u32> {
    ["ENTRYPOINT", "CMD"].iter().filter_map(|k| last_of(blame, k)).map(|i| i.first).collect()
}

/// An image that was built and read.
fn image(evidence: &Evidence) -> Gathered<Blame<'_>> {
    builds::built(evidence)?;
    evidence.blame()
}
