//! `service-secret` and `service-config`: what a service's tasks find in their files, and a secret nowhere else.

use super::{
    super::{Judged, facts, fail, list, shown},
    acted, lines, no_task,
};
use crate::{
    evidence::{ActFact, Evidence, Needs, StackAct},
    spec::{ServiceConfig, ServiceSecret},
    verdict::{Diagnosis, Fact, codes},
};

fn secret(ask: &ServiceSecret) -> StackAct {
    let (service, path, file) = (ask.service.clone(), format!("/run/secrets/{}", ask.name), ask.file.clone());
    StackAct::Read { service, path, file, secret: true }
}

fn config(ask: &ServiceConfig) -> StackAct {
    let (service, path, file) = (ask.service.clone(), ask.path.clone(), ask.file.clone());
    StackAct::Read { service, path, file, secret: false }
}

pub(in super::super) fn plan(ask: &ServiceSecret) -> Needs {
    Needs { stack: true, acts: [secret(ask)].into(), ..Needs::default() }
}

pub(in super::super) fn plan_config(ask: &ServiceConfig) -> Needs {
    Needs { stack: true, acts: [config(ask)].into(), ..Needs::default() }
}

pub(in super::super) fn judge(ask: &ServiceSecret, evidence: &Evidence) -> Judged {
    let (service, fact) = acted(evidence, &ask.service, &secret(ask))?;
    let path = format!("/run/secrets/{}", ask.name);
    if !fact.seen_in.is_empty() {
        // That others can read it weighs more than that it is also, or not, where it belongs.
        let seen: Vec<&str> = fact.seen_in.iter().map(String::as_str).collect();
        let paths: &[&[&str]] = match seen.as_slice() {
            // Nothing that the stack file says put it there.
            ["image"] => &[&["image"]],
            seen if seen.contains(&"config") => &[&["configs"], &["environment"]],
            _ => &[&["environment"], &["env_file"], &["command"], &["labels"], &["deploy", "labels"]],
        };
        return fail(
            Diagnosis::new(codes::SECRET_SEEN)
                .fact("service", shown(&ask.service))
                .fact("path", shown(&path))
                .fact("places", list(&fact.seen_in))
                .at(lines(evidence, &ask.service, paths)),
        );
    }
    file(evidence, &ask.service, &path, &ask.file, &service.secrets, fact, &["secrets"])
}

pub(in super::super) fn judge_config(ask: &ServiceConfig, evidence: &Evidence) -> Judged {
    let (service, fact) = acted(evidence, &ask.service, &config(ask))?;
    file(evidence, &ask.service, &ask.path, &ask.file, &service.configs, fact, &["configs"])
}

fn file(
    evidence: &Evidence,
    service: &str,
    path: &str,
    from: &str,
    have: &[String],
    fact: &ActFact,
    section: &[&str],
) -> Judged {
    if fact.target.is_empty() {
        return Err(no_task(service));
    }
    if fact.matches {
        return Ok(facts([("path", shown(path))]));
    }
    let code = if fact.found { codes::SERVICE_FILE_OTHER } else { codes::SERVICE_FILE_MISSING };
    let diagnosis = Diagnosis::new(code).fact("service", shown(service)).fact("path", shown(path));
    let have = if have.is_empty() { Fact::List(vec!["-".to_owned()]) } else { list(have) };
    fail(diagnosis.fact("file", shown(from)).fact("have", have).at(lines(evidence, service, &[section])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        evidence::{Blocked, ServiceFact, StackFacts, key},
        verdict::Verdict,
    };

    #[test]
    fn a_secret_in_the_image_alone_is_blamed_on_the_image() {
        let ask: ServiceSecret =
            serde_json::from_str(r#"{"service": "web", "name": "key", "file": "key.txt"}"#).unwrap();
        let no_more = Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON));
        let mut evidence = Evidence::of_text(Err(no_more.clone()), no_more);
        evidence.stack_file =
            Ok("services:\n  web:\n    environment: {A: b}\n    image: x\n    configs: [c]\n".to_owned());
        for (places, line) in [(&["image"][..], 4), (&["service", "image"], 3), (&["config"], 5)] {
            let seen_in = places.iter().map(|place| (*place).to_owned()).collect();
            let fact = ActFact { target: "t".into(), found: true, matches: true, seen_in, ..ActFact::default() };
            evidence.stack = Ok(StackFacts {
                services: [("web".to_owned(), ServiceFact::default())].into(),
                acts: [(key(&secret(&ask)), Ok(fact))].into(),
                ..StackFacts::default()
            });
            let blocked = judge(&ask, &evidence).unwrap_err();
            assert_eq!((blocked.verdict, blocked.diagnosis.lines), (Verdict::Failed, vec![line]), "{places:?}");
        }
    }
}
