//! `published`: a port of a container is published, on these addresses of the host and no others.

use super::*;
use crate::spec::Published;

pub(in crate::goal) fn plan(_: &Published) -> Needs {
    needs(MachineNeeds::default())
}

pub(in crate::goal) fn judge(ask: &Published, evidence: &Evidence) -> Judged {
    let machine = machine(evidence)?;
    let there = running(machine, &ask.container)?;
    let about = |code| {
        let diagnosis = Diagnosis::new(code).fact("container", shown(&ask.container));
        diagnosis.fact("port", Fact::Count(u64::from(ask.port))).at(lines(machine, &ask.container))
    };
    let ours: Vec<&str> = there.ports.iter().filter(|p| p.port == ask.port).map(|p| p.host_ip.as_str()).collect();
    if ours.is_empty() {
        let others: Vec<String> = there.ports.iter().map(|p| p.port.to_string()).collect();
        let diagnosis = about(codes::PORT_NOT_PUBLISHED);
        return fail(if others.is_empty() { diagnosis } else { diagnosis.fact("have", list(others)) });
    }
    let everywhere = |ip: &str| matches!(ip, "" | "0.0.0.0" | "::");
    let name = |ip: &str| if everywhere(ip) { "0.0.0.0".to_owned() } else { ip.to_owned() };
    if ours.iter().any(|ip| !ask.host_ip.contains(&name(ip))) {
        let diagnosis = about(codes::PORT_ADDRESS).fact("have", list(ours.iter().map(|ip| name(ip))));
        return fail(diagnosis.fact("want", list(&ask.host_ip)));
    }
    Ok(facts([("addresses", list(ours))]))
}
