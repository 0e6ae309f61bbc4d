//! Goals in words: what a submission must show, as a learner reads it on the screen, in `check` and in the book.
//!
//! The words are made from the goal's own data, never written by an author beside it: two statements of one bound would
//! sooner or later disagree.

use crate::{course::Lang, i18n};
use dockshala_checkers::spec::{
    Ask, Expect, Goal, Health, InStage, Instruction, Runs, Signal, Size, Span, StepMatch, Then, Truth,
};
use std::{collections::BTreeMap, fmt::Display};

/// One goal, as one sentence without a full stop. Markdown: names and commands are code.
pub fn goal(lang: &Lang, goal: &Goal) -> String {
    let say = |key: &str, args: &[(&str, &dyn Display)]| i18n::text(lang, &format!("goal.{key}"), args);
    let parts = match &goal.ask {
        Ask::Builds(ask) => match &ask.target {
            Some(target) => vec![say("builds-target", &[("target", target)])],
            None => vec![say("builds", &[])],
        },
        Ask::Stages(ask) => {
            let mut parts = match (ask.at_least, ask.at_most) {
                (Some(least), Some(most)) if least == most => vec![say("stages-exactly", &[("count", &least)])],
                (least, most) => least
                    .map(|n| say("stages-at-least", &[("count", &n)]))
                    .into_iter()
                    .chain(most.map(|n| say("stages-at-most", &[("count", &n)])))
                    .collect(),
            };
            if !ask.named.is_empty() {
                parts.push(say("stages-named", &[("names", &codes(&ask.named))]));
            }
            parts
        }
        Ask::FinalBase(ask) => {
            let mut parts = Vec::new();
            if !ask.one_of.is_empty() {
                parts.push(say("final-base-one-of", &[("images", &codes(&ask.one_of))]));
            }
            if !ask.none_of.is_empty() {
                parts.push(say("final-base-none-of", &[("images", &codes(&ask.none_of))]));
            }
            parts
        }
        Ask::Added(ask) => vec![say("added", &[("size", &ask.at_most)])],
        Ask::Total(ask) => vec![say("total", &[("size", &ask.at_most)])],
        Ask::Waste(ask) => {
            let mut parts = Vec::new();
            parts.extend(ask.at_most.map(|size| say("waste-bytes", &[("size", &size)])));
            parts.extend(ask.percent.map(|percent| say("waste-percent", &[("percent", &percent)])));
            if parts.is_empty() {
                parts.push(say("waste-none", &[]));
            }
            parts
        }
        Ask::LayerShares(ask) => {
            vec![say("layer-shares", &[("stage", &code(&ask.with)), ("count", &ask.all_but)])]
        }
        Ask::NoSecret(ask) => {
            let mut parts = vec![say("no-secret", &[("secret", &ask.secret)])];
            parts.extend(ask.proof.as_ref().map(|path| say("no-secret-proof", &[("path", &code(path))])));
            parts
        }
        Ask::SmallerThanStarter(ask) => vec![say("smaller-than-starter", &[("times", &ask.times)])],
        Ask::Absent(ask) => {
            let mut parts = Vec::new();
            if !ask.paths.is_empty() {
                parts.push(say("absent-paths", &[("paths", &codes(&ask.paths))]));
            }
            if !ask.tools.is_empty() {
                parts.push(say("absent-tools", &[("tools", &codes(&ask.tools))]));
            }
            parts
        }
        Ask::Present(ask) => vec![say("present", &[("paths", &codes(&ask.paths))])],
        Ask::WithFile(ask) => {
            let asked = self::goal(lang, &ask.meets);
            vec![say("with-file", &[("file", &code(&ask.file)), ("asked", &asked)])]
        }
        Ask::User(ask) => match ask.uid {
            Some(uid) => vec![say("user-uid", &[("uid", &uid)])],
            None => vec![say("user-not-root", &[])],
        },
        Ask::Runs(ask) => runs(&say, ask),
        Ask::Http(ask) => {
            let mut parts =
                vec![say("http", &[("port", &ask.port), ("path", &code(&ask.path)), ("status", &ask.status)])];
            parts.extend(ask.body.as_ref().map(|body| expect(&say, "http-body", body)));
            parts.extend(environment(&say, &ask.env));
            parts
        }
        Ask::CachedAfterEdit(ask) => {
            let step = step(&ask.still_cached);
            vec![say("cached-after-edit", &[("file", &code(&ask.edit.file)), ("step", &step)])]
        }
        Ask::Instruction(ask) => vec![instruction(&say, ask)],
        Ask::Health(ask) => health(&say, ask),
        Ask::Signal(ask) => vec![signal(&say, ask)],
        Ask::Logs(ask) => {
            let stdout = ask.stdout.as_ref().map(|e| expect(&say, "logs-stdout", e));
            let stderr = ask.stderr.as_ref().map(|e| expect(&say, "logs-stderr", e));
            stdout.into_iter().chain(stderr).collect()
        }
        Ask::Answer(ask) => {
            let key = match &ask.is {
                Truth::Fixed(_) => "answer-fixed",
                Truth::Machine(_) => "answer-machine",
                Truth::Image(_) => "answer-image",
            };
            vec![say(key, &[("name", &code(&goal.id))])]
        }
        Ask::Survives(ask) => vec![say("survives", &[("job", &code(&ask.job))])],
        Ask::JobOutput(ask) => vec![say("job-output", &[("job", &code(&ask.job)), ("file", &code(&ask.file))])],
        Ask::OffTerminal(ask) => {
            let streams = ask.streams.iter().map(|s| code(s.name())).collect::<Vec<_>>().join(", ");
            vec![say("off-terminal", &[("job", &code(&ask.job)), ("streams", &streams)])]
        }
        Ask::Deploys(ask) => {
            let mut parts = vec![say("deploys", &[("file", &code(&ask.file))])];
            if ask.nodes > 1 {
                parts.push(say("deploys-nodes", &[("nodes", &ask.nodes)]));
            }
            parts
        }
        Ask::Replicas(ask) => vec![say("replicas", &[("service", &code(&ask.service)), ("count", &ask.at_least)])],
        Ask::Heals(ask) => {
            let within = ask.within.map_or_else(|| "30s".to_owned(), |span| span.to_string());
            vec![say("heals", &[("service", &code(&ask.service)), ("within", &within)])]
        }
        Ask::RollingUpdate(ask) => {
            let args: [(&str, &dyn Display); 3] =
                [("service", &code(&ask.service)), ("image", &code(&ask.to)), ("count", &ask.at_most_down)];
            vec![say("rolling-update", &args)]
        }
        Ask::RollsBack(ask) => {
            vec![say("rolls-back", &[("service", &code(&ask.service)), ("image", &code(&ask.to))])]
        }
        Ask::ServiceSecret(ask) => {
            let path = code(&format!("/run/secrets/{}", ask.name));
            vec![say(
                "service-secret",
                &[("service", &code(&ask.service)), ("path", &path), ("file", &code(&ask.file))],
            )]
        }
        Ask::ServiceConfig(ask) => {
            let args: [(&str, &dyn Display); 3] =
                [("service", &code(&ask.service)), ("path", &code(&ask.path)), ("file", &code(&ask.file))];
            vec![say("service-config", &args)]
        }
        Ask::ServiceReaches(ask) => {
            let url = code(&format!("http://{}:{}{}", ask.to, ask.port, ask.path));
            vec![say("service-reaches", &[("from", &code(&ask.from)), ("url", &url)])]
        }
        Ask::Drains(ask) => vec![say("drains", &[("service", &code(&ask.service))])],
        ask @ (Ask::ComposeConfig(_)
        | Ask::ComposeUp(_)
        | Ask::ComposePublished(_)
        | Ask::ComposeOrder(_)
        | Ask::ComposeSecret(_)
        | Ask::ComposeHttp(_)
        | Ask::ComposeData(_)
        | Ask::ComposeNetwork(_)
        | Ask::ComposeRestart(_)
        | Ask::ComposeProfiles(_)) => compose(&say, ask),
        Ask::LintClean(ask) => vec![match (ask.rules.is_empty(), ask.ignore.is_empty()) {
            (false, _) => say("lint-clean-rules", &[("rules", &codes(&ask.rules))]),
            (true, false) => say("lint-clean-but", &[("rules", &codes(&ask.ignore))]),
            (true, true) => say("lint-clean", &[]),
        }],
        Ask::Context(ask) => vec![say("context", &[("size", &ask.at_most)])],
        Ask::FailsWhenBroken(ask) => {
            vec![say("fails-when-broken", &[("file", &code(&ask.edit.file)), ("step", &step(&ask.step))])]
        }
        Ask::ReusesCache(ask) => {
            vec![say("reuses-cache", &[("file", &code(&ask.edit.file)), ("step", &step(&ask.step))])]
        }
        Ask::Container(ask) => {
            let state = ask.state.name();
            let mut parts = vec![say("container", &[("name", &code(&ask.name)), ("state", &state)])];
            parts.extend(ask.exit.map(|exit| say("container-exit", &[("exit", &exit)])));
            parts.extend(ask.image.as_ref().map(|image| say("container-image", &[("image", &code(image))])));
            parts.extend(ask.alone.then(|| say("container-alone", &[])));
            parts
        }
        Ask::Limits(ask) => {
            let name = code(&ask.container);
            let mib = |size: Size| format!("{} MiB", size.0 as f64 / f64::from(1 << 20));
            let memory = ask.memory.map(|m| say("limits-memory", &[("container", &name), ("memory", &mib(m))]));
            let cpus = ask.cpus.map(|c| say("limits-cpus", &[("container", &name), ("cpus", &c)]));
            let pids = ask.pids.map(|p| say("limits-pids", &[("container", &name), ("pids", &p)]));
            memory.into_iter().chain(cpus).chain(pids).collect()
        }
        Ask::Restart(ask) => {
            let limit = ask.within.unwrap_or(Span(std::time::Duration::from_secs(15)));
            let (name, policies) = (code(&ask.container), codes(&ask.one_of));
            vec![say("restart", &[("container", &name), ("limit", &limit), ("policies", &policies)])]
        }
        Ask::Published(ask) => {
            let (name, addresses) = (code(&ask.container), codes(&ask.host_ip));
            vec![say("published", &[("container", &name), ("port", &ask.port), ("addresses", &addresses)])]
        }
        Ask::Volume(ask) => {
            let mut parts = vec![say("volume", &[("volume", &code(&ask.name)), ("file", &code(&ask.file))])];
            parts.extend(ask.text.as_ref().map(|text| expect(&say, "volume-text", text)));
            parts.extend(ask.lines.map(|lines| say("volume-lines", &[("lines", &lines)])));
            parts.extend(ask.mounted_in.as_ref().map(|c| say("volume-mounted", &[("container", &code(c))])));
            parts
        }
        Ask::SameFiles(ask) => vec![say("same-files", &[("from", &code(&ask.from)), ("to", &code(&ask.to))])],
        Ask::ContainerLogs(ask) => {
            let stdout = ask.stdout.as_ref().map(|e| expect(&say, "container-logs-stdout", e));
            let stderr = ask.stderr.as_ref().map(|e| expect(&say, "container-logs-stderr", e));
            let about = say("container-logs", &[("container", &code(&ask.container))]);
            [Some(about), stdout, stderr].into_iter().flatten().collect()
        }
        Ask::CopiedOut(ask) => {
            let args: [(&str, &dyn Display); 3] =
                [("container", &code(&ask.container)), ("path", &code(&ask.path)), ("file", &code(&ask.file))];
            vec![say("copied-out", &args)]
        }
        Ask::FreeSpace(_) => vec![say("free-space", &[])],
        Ask::Registry(ask) => {
            let name = code(&format!("{}:{}", ask.repository, ask.tag));
            vec![say("registry", &[("name", &name), ("image", &code(&ask.same_as))])]
        }
        Ask::ByDigest(ask) => {
            let name = code(&format!("{}:{}", ask.repository, ask.tag));
            vec![say("by-digest", &[("container", &code(&ask.container)), ("name", &name)])]
        }
        Ask::Reaches(ask) => {
            let key = if ask.there { "reaches" } else { "reaches-not" };
            vec![say(key, &[("from", &code(&ask.from)), ("to", &code(&ask.to)), ("port", &ask.port)])]
        }
    };
    let joined = parts.join("; ");
    if joined.is_empty() { say("nothing", &[]) } else { joined }
}

type Say<'a> = dyn Fn(&str, &[(&str, &dyn Display)]) -> String + 'a;

fn runs(say: &Say<'_>, ask: &Runs) -> Vec<String> {
    let mut parts = Vec::new();
    parts.extend(ask.stdout.as_ref().map(|e| expect(say, "runs-stdout", e)));
    parts.extend(ask.stderr.as_ref().map(|e| expect(say, "runs-stderr", e)));
    match ask.exit {
        Some(0) => parts.push(say("runs-ok", &[])),
        Some(exit) => parts.push(say("runs-exit", &[("exit", &exit)])),
        None if parts.is_empty() => parts.push(say("runs", &[])),
        None => {}
    }
    if !ask.args.is_empty() {
        parts.push(say("runs-args", &[("args", &code(&ask.args.join(" ")))]));
    }
    parts.extend(environment(say, &ask.env));
    parts
}

/// What the container finds in its environment: without it, `it ends with exit code 3` says nothing about when.
fn environment(say: &Say<'_>, env: &BTreeMap<String, String>) -> Option<String> {
    let pairs: Vec<String> = env.iter().map(|(name, value)| format!("{name}={value}")).collect();
    (!pairs.is_empty()).then(|| say("runs-env", &[("env", &codes(&pairs))]))
}

/// Goals of a compose project.
fn compose(say: &Say<'_>, ask: &Ask) -> Vec<String> {
    match ask {
        Ask::ComposeConfig(ask) => {
            let mut parts = vec![say("compose-config", &[])];
            if !ask.services.is_empty() {
                parts.push(say("compose-config-services", &[("services", &codes(&ask.services))]));
            }
            for (service, images) in &ask.images {
                parts.push(say("compose-config-image", &[("service", &code(service)), ("images", &codes(images))]));
            }
            parts
        }
        Ask::ComposeUp(_) => vec![say("compose-up", &[])],
        Ask::ComposePublished(ask) => {
            let service: (&str, &dyn Display) = ("service", &code(&ask.service));
            vec![match ask.port {
                None => say("compose-published-none", &[service]),
                Some(port) if ask.only_localhost => say("compose-published-local", &[service, ("port", &port)]),
                Some(port) => say("compose-published", &[service, ("port", &port)]),
            }]
        }
        Ask::ComposeOrder(ask) => {
            vec![say("compose-order", &[("service", &code(&ask.service)), ("after", &code(&ask.after))])]
        }
        Ask::ComposeSecret(ask) => {
            let args: [(&str, &dyn Display); 2] = [("file", &code(&ask.file)), ("services", &codes(&ask.services))];
            vec![say("compose-secret", &args)]
        }
        Ask::ComposeHttp(ask) => {
            let (service, path) = (code(&ask.service), code(&ask.path));
            let args: [(&str, &dyn Display); 4] =
                [("service", &service), ("port", &ask.port), ("path", &path), ("status", &ask.status)];
            let mut parts = vec![say("compose-http", &args)];
            parts.extend(ask.body.as_ref().map(|body| expect(say, "http-body", body)));
            parts
        }
        Ask::ComposeData(ask) => {
            vec![say("compose-data", &[("store", &code(&ask.store)), ("read", &code(&ask.read))])]
        }
        Ask::ComposeNetwork(ask) => {
            let key = if ask.reach { "compose-network" } else { "compose-network-not" };
            vec![say(key, &[("from", &code(&ask.from)), ("to", &code(&ask.to))])]
        }
        Ask::ComposeRestart(ask) => {
            let key = match (ask.crash.is_empty(), ask.comes_back) {
                (false, true) => "compose-restart-crash-back",
                (false, false) => "compose-restart-crash-down",
                (true, true) => "compose-restart-end-back",
                (true, false) => "compose-restart-end-down",
            };
            vec![say(key, &[("service", &code(&ask.service))])]
        }
        Ask::ComposeProfiles(ask) => {
            let (profiles, services) = (codes(&ask.profiles), codes(&ask.services));
            let key = if ask.profiles.is_empty() { "compose-profiles-none" } else { "compose-profiles" };
            vec![say(key, &[("profiles", &profiles), ("services", &services)])]
        }
        _ => Vec::new(),
    }
}

fn expect(say: &Say<'_>, key: &str, expect: &Expect) -> String {
    match expect {
        Expect::Equals(text) => say(key, &[("text", &code(text))]),
        Expect::Detailed { contains, matches } => {
            let contains = contains.as_ref().map(|c| say(&format!("{key}-contains"), &[("text", &code(c))]));
            let matches = matches.as_ref().map(|m| say(&format!("{key}-matches"), &[("text", &code(m))]));
            contains.into_iter().chain(matches).collect::<Vec<_>>().join("; ")
        }
    }
}

fn health(say: &Say<'_>, ask: &Health) -> Vec<String> {
    let or_30_s = |span: Option<Span>| span.unwrap_or(Span(std::time::Duration::from_secs(30)));
    let mut parts = vec![say("health", &[("healthy", &or_30_s(ask.healthy_within))])];
    let unhealthy = or_30_s(ask.unhealthy_within);
    parts.extend(ask.then.as_ref().map(|then| match then {
        Then::Exec(argv) => say("health-exec", &[("unhealthy", &unhealthy), ("command", &code(&argv.join(" ")))]),
        Then::Signal(signal) => say("health-signal", &[("unhealthy", &unhealthy), ("signal", &code(signal))]),
    }));
    parts
}

fn signal(say: &Say<'_>, ask: &Signal) -> String {
    let limit = ask.within.unwrap_or(Span(std::time::Duration::from_secs(2)));
    match &ask.send {
        Some(signal) => say("signal", &[("signal", &code(signal)), ("limit", &limit), ("exit", &ask.exit)]),
        None => say("signal-stop", &[("limit", &limit), ("exit", &ask.exit)]),
    }
}

fn step(step: &StepMatch) -> String {
    let all: Vec<String> = step.command.iter().chain(&step.one_of).cloned().collect();
    codes(&all)
}

fn instruction(say: &Say<'_>, ask: &Instruction) -> String {
    let mut shown = ask.name.clone();
    for part in [&ask.flag, &ask.command, &ask.argument].into_iter().flatten() {
        shown.push(' ');
        shown.push_str(part);
    }
    let key = match (ask.there, ask.stage) {
        (true, InStage::Any) => "instruction",
        (true, InStage::Last) => "instruction-last",
        (false, InStage::Any) => "instruction-not",
        (false, InStage::Last) => "instruction-not-last",
    };
    say(key, &[("instruction", &code(&shown))])
}

/// As code in Markdown, whatever backticks it holds itself.
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    match longest {
        0 => format!("`{text}`"),
        n => format!("{0} {text} {0}", "`".repeat(n + 1)),
    }
}

fn codes(texts: &[String]) -> String {
    texts.iter().map(|t| code(t)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(r#""builds""#)]
    #[case(r#"{"builds": {"target": "test"}}"#)]
    #[case(r#"{"stages": {"at-least": 2, "at-most": 3, "named": ["build"]}}"#)]
    #[case(r#"{"stages": {"at-least": 2, "at-most": 2}}"#)]
    #[case(r#"{"final-base": {"one-of": ["scratch"], "none-of": ["alpine*"]}}"#)]
    #[case(r#"{"added": {"at-most": "3 MB"}}"#)]
    #[case(r#""waste""#)]
    #[case(r#"{"waste": {"at-most": "1 MB", "percent": 5}}"#)]
    #[case(r#"{"layer-shares": {"with": "worker", "all-but": 1}}"#)]
    #[case(r#"{"no-secret": {"secret": "key", "proof": "/app/stamp"}}"#)]
    #[case(r#"{"total": {"at-most": "3 MB"}}"#)]
    #[case(r#"{"smaller-than-starter": {"times": 20}}"#)]
    #[case(r#"{"absent": {"paths": ["**/*.go"], "tools": ["go"]}}"#)]
    #[case(r#"{"present": {"paths": ["app"]}}"#)]
    #[case(r#"{"user": {"not-root": true}}"#)]
    #[case(r#"{"user": {"uid": 1000}}"#)]
    #[case(r#"{"runs": {}}"#)]
    #[case(r#"{"runs": {"exit": 3, "env": {"ROUTE": "mars"}}}"#)]
    #[case(r#"{"http": {"port": 80, "env": {"MENU": "chai"}}}"#)]
    #[case(r#"{"runs": {"stdout": "namaste", "exit": 0, "args": ["-v"]}}"#)]
    #[case(r#"{"runs": {"stdout": {"contains": "n"}, "stderr": {"matches": "^x"}, "exit": 3}}"#)]
    #[case(r#"{"http": {"port": 80, "body": "ok"}}"#)]
    #[case(r#"{"http": {"port": 80, "body": {"contains": "ok", "matches": "o"}}}"#)]
    #[case(
        r#"{"cached-after-edit": {"edit": {"file": "a", "append": "b"}, "still-cached": {"one-of": ["npm ci", "x"]}}}"#
    )]
    #[case(r#""lint-clean""#)]
    #[case(r#"{"lint-clean": {"rules": ["NoSudo"]}}"#)]
    #[case(r#"{"lint-clean": {"ignore": ["NoSudo"]}}"#)]
    #[case(r#"{"context": {"at-most": "10 kB"}}"#)]
    #[case(r#"{"fails-when-broken": {"edit": {"file": "a", "append": "b"}, "step": {"command": "x test"}}}"#)]
    #[case(r#"{"reuses-cache": {"edit": {"file": "a", "append": "b"}, "step": {"command": "go build"}, "not-again": ["runtime"]}}"#)]
    #[case(r#"{"instruction": {"name": "RUN", "flag": "--mount=type=cache"}}"#)]
    #[case(r#"{"instruction": {"name": "RUN", "command": "rm", "there": false}}"#)]
    #[case(r#"{"instruction": {"name": "CMD", "stage": "last"}}"#)]
    #[case(r#"{"health": {"healthy-within": "9s", "then": {"exec": ["rm", "/x"]}}}"#)]
    #[case(r#"{"health": {"then": {"signal": "USR1"}, "unhealthy-within": "9s"}}"#)]
    #[case(r#"{"container": {"name": "x", "state": "exited", "exit": 0, "alone": true}}"#)]
    #[case(r#"{"limits": {"container": "x", "memory": "64 MiB", "cpus": 0.5, "pids": 50}}"#)]
    #[case(r#"{"restart": {"container": "x", "one-of": ["on-failure"], "crash": ["rm", "/x"]}}"#)]
    #[case(r#"{"published": {"container": "x", "port": 80, "host-ip": ["127.0.0.1"]}}"#)]
    #[case(r#"{"volume": {"name": "v", "file": "f", "text": "t", "lines": 2, "mounted-in": "x"}}"#)]
    #[case(r#"{"volume": {"name": "v", "file": "f", "text": {"contains": "t", "matches": "u"}}}"#)]
    #[case(r#"{"same-files": {"from": "a", "to": "b"}}"#)]
    #[case(r#"{"reaches": {"from": "a", "to": "b", "port": 80}}"#)]
    #[case(r#"{"reaches": {"from": "a", "to": "b", "port": 80, "there": false}}"#)]
    #[case(r#"{"signal": {}}"#)]
    #[case(r#"{"signal": {"send": "INT", "exit": 3, "within": "1s"}}"#)]
    #[case(r#"{"logs": {"stdout": "ready", "stderr": {"contains": "x", "matches": "y"}}}"#)]
    #[case(r#"{"logs": {"stdout": {"contains": "x", "matches": "y"}, "stderr": "z"}}"#)]
    #[case(r#"{"instruction": {"name": "USER", "argument": "root", "stage": "last", "there": false}}"#)]
    #[case(r#""compose-config""#)]
    #[case(r#"{"compose-config": {"services": ["api"], "images": {"db": ["postgres:*"]}}}"#)]
    #[case(r#""compose-up""#)]
    #[case(r#"{"compose-published": {"service": "db"}}"#)]
    #[case(r#"{"compose-published": {"service": "api", "port": 80}}"#)]
    #[case(r#"{"compose-published": {"service": "api", "port": 80, "only-localhost": true}}"#)]
    #[case(r#"{"compose-order": {"service": "api", "after": "db"}}"#)]
    #[case(r#"{"compose-secret": {"file": "pw.txt", "services": ["db"]}}"#)]
    #[case(r#"{"compose-http": {"service": "api", "port": 80, "body": "ok"}}"#)]
    #[case(r#"{"compose-data": {"service": "api", "port": 80, "write": "/w", "read": "/r", "store": "db"}}"#)]
    #[case(r#"{"compose-network": {"from": "a", "to": "b"}}"#)]
    #[case(r#"{"compose-network": {"from": "a", "to": "b", "reach": false}}"#)]
    #[case(r#"{"with-file": {"file": "Dockerfile.dev", "meets": "builds"}}"#)]
    #[case(r#"{"compose-restart": {"service": "a"}}"#)]
    #[case(r#"{"compose-restart": {"service": "a", "comes-back": false}}"#)]
    #[case(r#"{"compose-restart": {"service": "a", "crash": ["rm", "/x"]}}"#)]
    #[case(r#"{"compose-restart": {"service": "a", "crash": ["rm", "/x"], "comes-back": false}}"#)]
    #[case(r#"{"compose-profiles": {"services": ["a"]}}"#)]
    #[case(r#"{"compose-profiles": {"profiles": ["p"], "services": ["a", "b"]}}"#)]
    #[case(r#"{"answer": {"is": {"fixed": {"value": "a", "wrong": {}}}}}"#)]
    #[case(r#"{"answer": {"is": {"machine": "kernel-inside"}}}"#)]
    #[case(r#"{"answer": {"is": {"image": {"from": "x.tar", "what": "layers"}}}}"#)]
    #[case(r#"{"answer": {"is": {"image": {"from": "Dockerfile", "what": {"cache-record": "sh x.sh"}}}}}"#)]
    #[case(r#"{"survives": {"job": "settle.sh"}}"#)]
    #[case(r#"{"job-output": {"job": "settle.sh", "file": "settle.log"}}"#)]
    #[case(r#"{"off-terminal": {"job": "settle.sh"}}"#)]
    fn every_form_of_every_goal_has_words_in_every_language(#[case] json: &str) {
        let parsed: Goal = serde_json::from_str(json).unwrap();
        for lang in ["en", "hi-Latn"].map(Lang::new) {
            let words = goal(&lang, &parsed);
            assert!(!words.contains("goal.") && !words.contains("%{"), "{words}");
        }
        let [en, hi] = ["en", "hi-Latn"].map(|l| goal(&Lang::new(l), &parsed));
        assert_ne!(en, hi);
    }

    #[test]
    fn code_with_backticks_stays_one_piece() {
        assert_eq!(code("echo `date`"), "`` echo `date` ``");
    }

    #[test]
    fn what_a_container_is_given_is_said_of_it() {
        let said = |goal: &str| {
            let goal = serde_json::from_str::<Goal>(goal).unwrap();
            ["en", "hi-Latn"].map(|lang| super::goal(&Lang::new(lang), &goal))
        };
        for text in said(r#"{"runs": {"exit": 3, "env": {"ROUTE": "mars"}}}"#) {
            assert!(text.contains("`ROUTE=mars`") && text.contains("exit code 3"), "{text}");
        }
        for text in said(r#"{"http": {"port": 80, "env": {"MENU": "chai", "SEATS": "4"}}}"#) {
            assert!(text.contains("`MENU=chai`, `SEATS=4`"), "{text}");
        }
    }
}
