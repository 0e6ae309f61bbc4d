//! `reaches`: asked from inside one container, another one answers by its name, or does not.

use super::*;
use crate::{
    engine::machine::{ReachAsk, ReachFact},
    evidence::key,
    spec::Reaches,
};

fn asked(ask: &Reaches) -> ReachAsk {
    ReachAsk { from: ask.from.clone(), to: ask.to.clone(), port: ask.port }
}

pub(in crate::goal) fn plan(ask: &Reaches) -> Needs {
    needs(MachineNeeds { reaches: [asked(ask)].into(), ..MachineNeeds::default() })
}

pub(in crate::goal) fn judge(ask: &Reaches, evidence: &Evidence) -> Judged {
    let machine = machine(evidence)?;
    let from = running(machine, &ask.from)?;
    // That a name is not known proves no wall where nobody bears it.
    let to = running(machine, &ask.to)?;
    let reached = machine.reaches.get(&key(&asked(ask))).ok_or_else(|| lost("reach"))?;
    let about = |code| {
        let at = lines(machine, &ask.from).into_iter().chain(lines(machine, &ask.to));
        Diagnosis::new(code)
            .fact("from", shown(&ask.from))
            .fact("to", shown(&ask.to))
            .fact("from-networks", list(&from.networks))
            .fact("to-networks", list(&to.networks))
            .at(at)
    };
    match (reached, ask.there) {
        (ReachFact::Answered, true) => Ok(facts([("networks", list(&from.networks))])),
        (ReachFact::Answered, false) => fail(about(codes::REACH_OPEN)),
        (_, false) => Ok(facts([("networks", list(&from.networks))])),
        (ReachFact::NoName, true) => fail(about(codes::REACH_NO_NAME)),
        (ReachFact::Silent(words), true) => {
            let port = Fact::Count(u64::from(ask.port));
            fail(about(codes::REACH_SILENT).fact("port", port).fact("said", stream(words)))
        }
    }
}
