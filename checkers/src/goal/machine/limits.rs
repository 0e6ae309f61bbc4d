//! `limits`: what a container may use, as `docker inspect` shows it.

use super::*;
use crate::spec::Limits;

pub(in crate::goal) fn plan(_: &Limits) -> Needs {
    needs(MachineNeeds::default())
}

pub(in crate::goal) fn judge(ask: &Limits, evidence: &Evidence) -> Judged {
    let machine = machine(evidence)?;
    let there = container(machine, &ask.container)?;
    let at = lines(machine, &ask.container);
    let (cpus, want_cpus) = (there.nano_cpus, ask.cpus.map(|cpus| (cpus * 1e9).round() as i64));
    let wrong = |limit: &str, missing: bool, have: Fact, want: Fact| {
        let code = if missing { codes::LIMIT_MISSING } else { codes::LIMIT_WRONG };
        let diagnosis = Diagnosis::new(code).fact("container", shown(&ask.container)).fact("limit", shown(limit));
        fail(if missing { diagnosis } else { diagnosis.fact("have", have) }.fact("want", want).at(at.clone()))
    };
    let bytes = |n: i64| Fact::Text(format!("{n} B ({})", in_mib(n.unsigned_abs())));
    if let Some(want) = ask.memory.filter(|want| there.memory.unsigned_abs() != want.0) {
        return wrong("memory", there.memory == 0, bytes(there.memory), bytes(want.0 as i64));
    }
    let in_cpus = |nano: i64| Fact::Text(format!("{}", nano as f64 / 1e9));
    if let Some(want) = want_cpus.filter(|want| *want != cpus) {
        return wrong("cpus", cpus == 0, in_cpus(cpus), in_cpus(want));
    }
    if let Some(most) = ask.pids.filter(|most| there.pids == 0 || there.pids.unsigned_abs() > *most) {
        return wrong("pids", there.pids == 0, Fact::Count(there.pids.unsigned_abs()), Fact::Count(most));
    }
    Ok(facts([("memory", bytes(there.memory)), ("cpus", in_cpus(cpus))]))
}

/// Docker's own unit: 64m are 64 MiB.
fn in_mib(bytes: u64) -> String {
    let mib = bytes as f64 / f64::from(1 << 20);
    if mib.fract() == 0.0 { format!("{mib} MiB") } else { format!("{mib:.1} MiB") }
}
