//! `container-logs`: what a container printed, as `docker logs` shows it.

use super::*;
use crate::{goal::compare, spec::ContainerLogs};

pub(in crate::goal) fn plan(_: &ContainerLogs) -> Needs {
    needs(MachineNeeds::default())
}

pub(in crate::goal) fn judge(ask: &ContainerLogs, evidence: &Evidence) -> Judged {
    let machine = machine(evidence)?;
    let there = container(machine, &ask.container)?;
    let streams =
        [("stdout", &there.stdout, &there.stderr, &ask.stdout), ("stderr", &there.stderr, &there.stdout, &ask.stderr)];
    for (name, got, other, expect) in streams {
        let Some(expect) = expect else { continue };
        let Err(want) = compare(got, expect) else { continue };
        let diagnosis = Diagnosis::new(codes::CONTAINER_LOGS)
            .fact("container", shown(&ask.container))
            .fact("stream", shown(name))
            .fact("got", stream(got))
            .fact("want", Fact::Text(want))
            .at(lines(machine, &ask.container));
        let elsewhere = compare(other, expect).is_ok();
        let other = if name == "stdout" { "stderr" } else { "stdout" };
        return fail(if elsewhere { diagnosis.fact("other", shown(other)) } else { diagnosis });
    }
    Ok(facts([]))
}
