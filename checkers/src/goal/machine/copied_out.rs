//! `copied-out`: a file of a container lies outside it, byte for byte.

use super::*;
use crate::{evidence::key, spec::CopiedOut};

pub(in crate::goal) fn plan(ask: &CopiedOut) -> Needs {
    needs(MachineNeeds { copies: [ask.clone()].into(), ..MachineNeeds::default() })
}

pub(in crate::goal) fn judge(ask: &CopiedOut, evidence: &Evidence) -> Judged {
    let machine = machine(evidence)?;
    container(machine, &ask.container)?;
    let copy = machine.copies.get(&key(ask)).ok_or_else(|| lost("copy"))?;
    let about = |code| {
        let diagnosis = Diagnosis::new(code).fact("container", shown(&ask.container)).fact("path", shown(&ask.path));
        diagnosis.fact("file", shown(&ask.file))
    };
    match (&copy.inside, &copy.outside) {
        (None, _) => fail(about(codes::FILE_GONE_INSIDE)),
        (Some(_), None) => fail(with_step(machine, about(codes::FILE_NOT_OUTSIDE))),
        (Some(inside), Some(outside)) if inside != outside => fail(with_step(machine, about(codes::FILE_OTHER))),
        _ => Ok(facts([])),
    }
}
