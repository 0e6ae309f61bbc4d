//! `compose-published`: what a service publishes on the machine, as the file resolves.

use super::{document, line, needs, tree};
use crate::{
    evidence::{ComposeNeeds, Evidence, Needs},
    goal::{Judged, facts, fail, list, shown},
    spec::ComposePublished,
    verdict::{Diagnosis, Fact, codes},
};
use serde_json::Value;

pub(in crate::goal) fn plan(_: &ComposePublished) -> Needs {
    needs(ComposeNeeds::default())
}

pub(in crate::goal) fn judge(ask: &ComposePublished, evidence: &Evidence) -> Judged {
    let document = document(evidence)?;
    let service = &document["services"][&ask.service];
    if service.is_null() {
        let names = document["services"].as_object().into_iter().flat_map(|s| s.keys());
        let diagnosis = Diagnosis::new(codes::COMPOSE_SERVICE_MISSING).fact("service", shown(&ask.service));
        return fail(diagnosis.fact("have", list(names)).at(line(evidence, &["services"])));
    }
    let none = Vec::new();
    let ports = service["ports"].as_array().unwrap_or(&none);
    let lines = |wanted: &dyn Fn(&Value) -> bool| lines(evidence, &ask.service, ports, wanted);
    let Some(port) = ask.port else {
        if ports.is_empty() {
            return Ok(facts([("ports", list::<&str>([]))]));
        }
        let diagnosis = Diagnosis::new(codes::COMPOSE_PUBLISHED)
            .fact("service", shown(&ask.service))
            .fact("ports", list(ports.iter().map(written)));
        return fail(diagnosis.at(lines(&|_| true)));
    };
    let of_port = |p: &Value| p["target"].as_u64() == Some(u64::from(port));
    let fact = Fact::Count(u64::from(port));
    if !ports.iter().any(of_port) {
        let diagnosis = Diagnosis::new(codes::COMPOSE_NOT_PUBLISHED).fact("service", shown(&ask.service));
        let at = line(evidence, &["services", &ask.service, "ports"]);
        return fail(diagnosis.fact("port", fact).at(at));
    }
    let wide = |p: &Value| of_port(p) && !is_local(p);
    if ask.only_localhost && ports.iter().any(wide) {
        let diagnosis = Diagnosis::new(codes::COMPOSE_PUBLISHED_WIDE).fact("service", shown(&ask.service));
        return fail(diagnosis.fact("port", fact).at(lines(&wide)));
    }
    Ok(facts([("ports", list(ports.iter().map(written)))]))
}

fn is_local(port: &Value) -> bool {
    port["host_ip"].as_str().is_some_and(|ip| ip == "::1" || ip.starts_with("127."))
}

/// A port as `ports:` would have it.
fn written(port: &Value) -> String {
    let text = |key: &str| match &port[key] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let parts: Vec<String> =
        [text("host_ip"), text("published"), text("target")].into_iter().filter(|p| !p.is_empty()).collect();
    parts.join(":")
}

/// The lines of those items of `ports:`; of the key itself where a range in it makes several of one item.
fn lines(evidence: &Evidence, service: &str, ports: &[Value], wanted: &dyn Fn(&Value) -> bool) -> Vec<u32> {
    let tree = tree(evidence);
    let key = ["services", service, "ports"];
    let items = key.iter().try_fold(tree.root(), |at, part| Some(Some(tree.get(at?, part)?.1))).flatten();
    let count = items.map_or(0, |items| tree.items(items).len());
    if count != ports.len() {
        return tree.line_of(&key).into_iter().collect();
    }
    let at = ports.iter().enumerate().filter(|(_, p)| wanted(p));
    at.filter_map(|(at, _)| tree.line_of(&[key[0], key[1], key[2], &at.to_string()])).collect()
}
