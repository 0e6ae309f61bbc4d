//! `container`: a container is there, in that state.

use super::*;
use crate::spec::Container;

pub(in crate::goal) fn plan(_: &Container) -> Needs {
    needs(MachineNeeds::default())
}

pub(in crate::goal) fn judge(ask: &Container, evidence: &Evidence) -> Judged {
    let machine = machine(evidence)?;
    if ask.state == State::Gone {
        return match machine.containers.get(&ask.name) {
            Some(there) => fail(other_state(machine, &ask.name, there, ask.state)),
            None => Ok(facts([])),
        };
    }
    let there = container(machine, &ask.name)?;
    if there.state != ask.state.name() {
        return fail(other_state(machine, &ask.name, there, ask.state));
    }
    if let Some(want) = ask.exit.filter(|want| *want != there.exit) {
        let said = if there.stderr.trim().is_empty() { &there.stdout } else { &there.stderr };
        let diagnosis = Diagnosis::new(codes::CONTAINER_EXIT)
            .fact("name", shown(&ask.name))
            .fact("exit", Fact::Count(there.exit.unsigned_abs()))
            .fact("want", Fact::Count(want.unsigned_abs()))
            .fact("printed", stream(said));
        return fail(diagnosis.at(lines(machine, &ask.name)));
    }
    if let Some(want) = ask.image.as_ref().filter(|want| **want != there.image) {
        let diagnosis = Diagnosis::new(codes::CONTAINER_IMAGE).fact("name", shown(&ask.name));
        let diagnosis = diagnosis.fact("image", shown(&there.image)).fact("want", shown(want));
        return fail(diagnosis.at(lines(machine, &ask.name)));
    }
    let others: Vec<&String> = machine.containers.keys().filter(|name| **name != ask.name).collect();
    if ask.alone && !others.is_empty() {
        let at: Vec<u32> = others.iter().flat_map(|name| lines(machine, name)).collect();
        return fail(Diagnosis::new(codes::CONTAINERS_MORE).fact("others", list(others)).at(at));
    }
    Ok(facts([("state", shown(&there.state))]))
}
