//! `replicas`: so many tasks of a service run.

use super::{
    super::{Judged, facts, fail, shown},
    lines, running, service, stack,
};
use crate::{
    evidence::{Evidence, Needs},
    spec::Replicas,
    verdict::{Diagnosis, Fact, codes},
};

pub(in super::super) fn plan(_: &Replicas) -> Needs {
    Needs { stack: true, ..Needs::default() }
}

pub(in super::super) fn judge(ask: &Replicas, evidence: &Evidence) -> Judged {
    let stack = stack(evidence)?;
    service(evidence, stack, &ask.service)?;
    let have = running(&stack.tasks, &ask.service);
    if have >= ask.at_least {
        return Ok(facts([("tasks", Fact::Count(have))]));
    }
    fail(
        Diagnosis::new(codes::REPLICAS_TOO_FEW)
            .fact("service", shown(&ask.service))
            .fact("have", Fact::Count(have))
            .fact("want", Fact::Count(ask.at_least))
            .at(lines(evidence, &ask.service, &[&["deploy", "replicas"], &["deploy", "mode"], &["deploy"]])),
    )
}
