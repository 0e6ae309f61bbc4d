//! `http`: start the container as the image says, wait for the port, ask, and look at the answer.

use super::{Judged, command_lines, compare, facts, fail, image, list, lost, start, stream};
use crate::{
    evidence::{Evidence, HttpAsk, Needs, key},
    spec::Http,
    verdict::{Diagnosis, Fact, codes},
};

pub(super) fn plan(ask: &Http) -> Needs {
    Needs { build: true, image: true, https: [HttpAsk::from(ask)].into(), ..Needs::default() }
}

pub(super) fn judge(ask: &Http, evidence: &Evidence) -> Judged {
    let blame = image(evidence)?;
    let outcome = evidence.https.get(&key(&HttpAsk::from(ask))).ok_or_else(|| lost("http"))?;
    let outcome = outcome.as_ref().map_err(Clone::clone)?;
    let lines = command_lines(&blame);
    let Some((status, body)) = &outcome.answer else {
        if let Some(blocked) = start::explain(&blame, &[], &outcome.run) {
            return Err(blocked);
        }
        if let Some(exit) = outcome.run.exit {
            return fail(
                Diagnosis::new(codes::SERVER_DIED)
                    .fact("exit", Fact::Count(exit.unsigned_abs()))
                    .fact(
                        "stderr",
                        stream(if outcome.run.stderr.trim().is_empty() {
                            &outcome.run.stdout
                        } else {
                            &outcome.run.stderr
                        }),
                    )
                    .at(lines),
            );
        }
        let listening = outcome.listening.as_deref().unwrap_or_default();
        let port = Fact::Count(u64::from(ask.port));
        if listening.iter().any(|(p, reachable)| *p == ask.port && !reachable) {
            return fail(Diagnosis::new(codes::PORT_LOOPBACK).fact("port", port).at(lines));
        }
        let others = listening.iter().map(|(p, _)| p.to_string());
        return fail(Diagnosis::new(codes::PORT_CLOSED).fact("port", port).fact("listening", list(others)).at(lines));
    };
    if *status != ask.status {
        return fail(
            Diagnosis::new(codes::STATUS_WRONG)
                .fact("status", Fact::Count(u64::from(*status)))
                .fact("want", Fact::Count(u64::from(ask.status)))
                .fact("body", stream(body))
                .at(lines),
        );
    }
    if let Some(want) = ask.body.as_ref().and_then(|expect| compare(body, expect).err()) {
        let diagnosis = Diagnosis::new(codes::BODY_WRONG).fact("got", stream(body)).fact("want", Fact::Text(want));
        return fail(diagnosis.at(lines));
    }
    Ok(facts([
        ("status", Fact::Count(u64::from(*status))),
        ("body", stream(body)),
        ("time", Fact::Millis(outcome.duration.as_millis() as u64)),
    ]))
}
