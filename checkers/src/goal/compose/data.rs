//! `compose-data`: what was written is still there after `docker compose down` and `up`.

use super::{gathered, line, needs, needs_up, running};
use crate::{
    evidence::{Answer, ComposeNeeds, DataAsk, Evidence, Needs, key},
    goal::{Judged, facts, fail, lost, shown, stream, tail},
    spec::ComposeData,
    verdict::{Diagnosis, Fact, codes},
};

fn query(ask: &ComposeData) -> DataAsk {
    let (write, read) = (ask.write.clone(), ask.read.clone());
    DataAsk { service: ask.service.clone(), port: ask.port, write, read }
}

pub(in crate::goal) fn plan(ask: &ComposeData) -> Needs {
    needs(ComposeNeeds { data: [query(ask)].into(), ..needs_up() })
}

pub(in crate::goal) fn judge(ask: &ComposeData, evidence: &Evidence) -> Judged {
    let state = running(evidence, &ask.service)?;
    let data = gathered(evidence)?.data.get(&key(&query(ask))).ok_or_else(|| lost("data"))?;
    let data = data.as_ref().map_err(Clone::clone)?;
    let holds = |answer: &Answer| answer.as_ref().is_some_and(|(_, body)| body.contains(&data.nonce));
    // What could not be read at once was never written: another trouble than one that `down` brings about.
    if !holds(&data.before) {
        let at = line(evidence, &["services", &ask.service]);
        let diagnosis = match data.before.as_ref().or(data.written.as_ref()) {
            Some((_, body)) => {
                Diagnosis::new(codes::BODY_WRONG).fact("got", stream(body)).fact("want", Fact::Text(data.nonce.clone()))
            }
            None => Diagnosis::new(codes::COMPOSE_NO_ANSWER)
                .fact("service", shown(&ask.service))
                .fact("port", Fact::Count(u64::from(ask.port)))
                .fact("stderr", tail(&state.log)),
        };
        return fail(diagnosis.at(at));
    }
    if !holds(&data.after) {
        let diagnosis = Diagnosis::new(codes::COMPOSE_DATA_LOST)
            .fact("store", shown(&ask.store))
            .fact("service", shown(&ask.service));
        return fail(diagnosis.at(line(evidence, &["services", &ask.store, "volumes"])));
    }
    Ok(facts([("kept", Fact::Text(data.nonce.clone()))]))
}
