//! `restart`: a container comes back after a crash and stays down after `docker stop`.

use super::*;
use crate::{
    engine::machine::RestartAsk,
    evidence::key,
    spec::{Restart, Span},
};
use std::time::Duration;

fn asked(ask: &Restart) -> RestartAsk {
    let within = ask.within.unwrap_or(Span(Duration::from_secs(15))).0.as_millis() as u64;
    RestartAsk { container: ask.container.clone(), crash: ask.crash.clone(), within }
}

pub(in crate::goal) fn plan(ask: &Restart) -> Needs {
    needs(MachineNeeds { restarts: [asked(ask)].into(), ..MachineNeeds::default() })
}

pub(in crate::goal) fn judge(ask: &Restart, evidence: &Evidence) -> Judged {
    let machine = machine(evidence)?;
    let there = running(machine, &ask.container)?;
    // Nobody's own container is made to crash.
    only_of_steps(machine)?;
    let asked = asked(ask);
    let tried = machine.restarts.get(&key(&asked)).ok_or_else(|| lost("restart"))?;
    let about = |code| Diagnosis::new(code).fact("container", shown(&ask.container)).at(lines(machine, &ask.container));
    let policy = |diagnosis: Diagnosis| diagnosis.fact("policy", shown(&there.restart));
    if !tried.crashed {
        let said = tried.crash.as_ref().map_or("", |c| c.output.as_str());
        return fail(
            about(codes::RESTART_NO_CRASH).fact("command", shown(&ask.crash.join(" "))).fact("said", stream(said)),
        );
    }
    let Some(back) = tried.back else {
        return fail(policy(about(codes::RESTART_NOT_BACK)).fact("limit", Fact::Millis(asked.within)));
    };
    if tried.after_stop != State::Exited.name() {
        return fail(policy(about(codes::RESTART_NOT_DOWN)).fact("state", shown(&tried.after_stop)));
    }
    if !ask.one_of.contains(&there.restart) {
        return fail(policy(about(codes::RESTART_POLICY)).fact("want", list(&ask.one_of)));
    }
    Ok(facts([("policy", shown(&there.restart)), ("back", Fact::Millis(back))]))
}
