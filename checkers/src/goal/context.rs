//! `context`: how many bytes of the folder a build may be sent.
//!
//! BuildKit asks for the files that COPY and ADD name and for no others, so a folder of a gigabyte costs nothing until a line
//! says `COPY . .`. What is measured is what such a line is sent: everything that `.dockerignore` does not leave out.

use super::{Judged, facts, fail, list, lost};
use crate::{
    evidence::{Evidence, Needs},
    spec::{Context, Size},
    verdict::{Diagnosis, Fact, codes},
};

pub(super) fn plan(_: &Context) -> Needs {
    Needs::default()
}

pub(super) fn judge(ask: &Context, evidence: &Evidence) -> Judged {
    evidence.model()?;
    let sent = evidence.context.as_ref().ok_or_else(|| lost("context"))?.as_ref().map_err(Clone::clone)?;
    if sent.bytes > ask.at_most.0 {
        let biggest = sent.biggest.iter().map(|(path, bytes)| format!("{path} {}", Size(*bytes)));
        return fail(
            Diagnosis::new(codes::CONTEXT_TOO_HEAVY)
                .fact("size", Fact::Bytes(sent.bytes))
                .fact("limit", Fact::Bytes(ask.at_most.0))
                .fact("biggest", list(biggest)),
        );
    }
    Ok(facts([("size", Fact::Bytes(sent.bytes)), ("files", Fact::Count(sent.files))]))
}
