//! `compose-data`: what was written is still there after `docker compose down` and `up`.

use super::{gathered, line, needs, needs_up, of, running, started, up};
use crate::{
    engine::compose::{ServiceState, Up},
    evidence::{Answer, ComposeNeeds, DataAsk, Evidence, Gathered, Needs, key},
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
            None => silent(ask, state),
        };
        return fail(diagnosis.at(at));
    }
    if data.after.is_none()
        && let Some(again) = &data.again
    {
        return fail(second_start(ask, evidence, again)?);
    }
    if !holds(&data.after) {
        let diagnosis = Diagnosis::new(codes::COMPOSE_DATA_LOST)
            .fact("store", shown(&ask.store))
            .fact("service", shown(&ask.service));
        return fail(diagnosis.at(line(evidence, &["services", &ask.store, "volumes"])));
    }
    Ok(facts([("kept", Fact::Text(data.nonce.clone()))]))
}

fn silent(ask: &ComposeData, state: &ServiceState) -> Diagnosis {
    Diagnosis::new(codes::COMPOSE_NO_ANSWER)
        .fact("service", shown(&ask.service))
        .fact("port", Fact::Count(u64::from(ask.port)))
        .fact("stderr", tail(&state.log))
}

/// Why nothing can be read any more: whether the data is still there nobody can say of a project that does not come up again.
fn second_start(ask: &ComposeData, evidence: &Evidence, again: &Up) -> Gathered<Diagnosis> {
    // What had ended well the first time, and was taken as up, is a job; the second time it is one again.
    let first = started(evidence)?.services.iter().filter(|s| s.exit == Some(0));
    let jobs: Vec<String> = first.map(|s| s.service.clone()).collect();
    let told = up::trouble(again, gathered(evidence)?, &jobs).or_else(|| {
        let state = of(again, &ask.service).into_iter().next()?;
        Some(silent(ask, state))
    });
    let diagnosis = told.unwrap_or_else(|| {
        let limit = Fact::Millis(again.millis);
        Diagnosis::new(codes::COMPOSE_UP_TIMEOUT).fact("service", shown(&ask.service)).fact("limit", limit)
    });
    let at = match diagnosis.facts.get("service") {
        Some(Fact::Text(service)) => line(evidence, &["services", service]),
        _ => None,
    };
    Ok(diagnosis.at(at))
}
