//! `compose-http`: what a service answers once everything is up.

use super::{gathered, line, needs, needs_up, running};
use crate::{
    evidence::{ComposeNeeds, Evidence, HttpQuery, Needs, key},
    goal::{Judged, compare, facts, fail, lost, shown, stream, tail},
    spec::ComposeHttp,
    verdict::{Diagnosis, Fact, codes},
};

fn query(ask: &ComposeHttp) -> HttpQuery {
    let within = ask.within.map_or(20_000, |s| s.0.as_millis() as u64);
    HttpQuery { service: ask.service.clone(), port: ask.port, path: ask.path.clone(), within }
}

pub(in crate::goal) fn plan(ask: &ComposeHttp) -> Needs {
    needs(ComposeNeeds { asks: [query(ask)].into(), ..needs_up() })
}

pub(in crate::goal) fn judge(ask: &ComposeHttp, evidence: &Evidence) -> Judged {
    let state = running(evidence, &ask.service)?;
    let answer = gathered(evidence)?.asked.get(&key(&query(ask))).ok_or_else(|| lost("answer"))?;
    let at = line(evidence, &["services", &ask.service]);
    let Some((status, body)) = answer.as_ref().map_err(Clone::clone)? else {
        let diagnosis = Diagnosis::new(codes::COMPOSE_NO_ANSWER)
            .fact("service", shown(&ask.service))
            .fact("port", Fact::Count(u64::from(ask.port)))
            .fact("stderr", tail(&state.log));
        return fail(diagnosis.at(at));
    };
    if *status != ask.status {
        return fail(
            Diagnosis::new(codes::STATUS_WRONG)
                .fact("status", Fact::Count(u64::from(*status)))
                .fact("want", Fact::Count(u64::from(ask.status)))
                .fact("body", stream(body))
                .at(at),
        );
    }
    if let Some(want) = ask.body.as_ref().and_then(|expect| compare(body, expect).err()) {
        let diagnosis = Diagnosis::new(codes::BODY_WRONG).fact("got", stream(body)).fact("want", Fact::Text(want));
        return fail(diagnosis.at(at));
    }
    Ok(facts([("status", Fact::Count(u64::from(*status))), ("body", stream(body))]))
}
