//! Each compose goal on evidence that a daemon would give, and on each way in which it can fail.

use crate::{
    engine::compose::{EndFact, Moment, ServiceState, Up},
    evidence::{Blocked, ComposeFacts, ComposeFile, ComposeSecretFact, DataFact, Evidence, Leak, ProfileFact},
    goal,
    spec::{Goal, Kind},
    verdict::{Diagnosis, Verdict, codes},
};
use rstest::rstest;
use serde_json::{Value, json};

const TEXT: &str = "services:
  api:
    build: ./api
    ports:
      - \"127.0.0.1:3000:3000\"
      - \"9000:9000\"
    depends_on: [db]
    networks: [street, kitchen]
  db:
    image: postgres:17
    healthcheck:
      test: [\"CMD\", \"pg_isready\"]
    networks: [kitchen]
secrets:
  pw:
    file: ./pw.txt
";

fn document() -> Value {
    let port = |ip: &str, port: u16| {
        let mut made = json!({"target": port, "published": port.to_string(), "protocol": "tcp"});
        if !ip.is_empty() {
            made["host_ip"] = json!(ip);
        }
        made
    };
    json!({
        "services": {
            "api": {"build": {"context": "./api"}, "ports": [port("127.0.0.1", 3000), port("", 9000)],
                    "secrets": [{"source": "pw"}]},
            "db": {"image": "postgres:17"},
        },
        "secrets": {"pw": {"file": "./pw.txt"}},
    })
}

fn running(service: &str, networks: &[&str]) -> ServiceState {
    let networks = networks.iter().map(|n| (*n).to_owned()).collect();
    ServiceState { service: service.into(), running: true, started: true, networks, ..ServiceState::default() }
}

fn moment(at: f64, service: &str, action: &str) -> Moment {
    Moment { at, service: service.into(), action: action.into() }
}

/// Everything went well.
fn facts() -> ComposeFacts {
    let none = Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON));
    let db = ServiceState {
        health: Some("healthy".into()),
        test: vec!["CMD".into(), "pg_isready".into()],
        ..running("db", &["kitchen"])
    };
    let services = vec![running("api", &["kitchen", "street"]), db];
    ComposeFacts {
        file: Ok(ComposeFile { name: "compose.yaml".into(), text: TEXT.into() }),
        document: Ok(document()),
        up: Ok(Up { services, millis: 4_000, ..Up::default() }),
        moments: vec![
            moment(0.0, "db", "start"),
            moment(2.0, "db", "health_status: healthy"),
            moment(2.1, "api", "start"),
        ],
        probes: [("db".to_owned(), Some(2))].into(),
        secrets: [(
            "pw.txt".to_owned(),
            ComposeSecretFact { names: vec!["pw".into()], ..ComposeSecretFact::default() },
        )]
        .into(),
        ..ComposeFacts::none(&none)
    }
}

/// Verdict, code and lines of a goal, among the goals that others wait for.
fn judged(goal: &str, facts: ComposeFacts) -> (Verdict, String, Vec<u32>) {
    let mut evidence = Evidence::of_text(
        Err(Blocked::broken(Diagnosis::new(codes::INTERNAL))),
        Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON)),
    );
    evidence.kind = Kind::Compose;
    evidence.compose = Some(Box::new(facts));
    let read = |text: &str| serde_json::from_str::<Goal>(text).unwrap();
    let all = [read(r#""compose-config""#), read(r#""compose-up""#), read(goal)];
    let result = goal::judge(&all[2], &all[..], &evidence);
    let diagnosis =
        result.diagnosis.unwrap_or_else(|| Diagnosis { code: String::new(), facts: Default::default(), lines: vec![] });
    (result.verdict, diagnosis.code, diagnosis.lines)
}

fn passes(goal: &str, facts: ComposeFacts) {
    assert_eq!(judged(goal, facts).0, Verdict::Passed, "{goal}");
}

fn fails(goal: &str, facts: ComposeFacts, code: &str, lines: &[u32]) {
    assert_eq!(judged(goal, facts), (Verdict::Failed, code.to_owned(), lines.to_vec()), "{goal}");
}

#[rstest]
#[case(r#"{"compose-config": {"id": "c", "services": ["api", "db"], "images": {"db": ["postgres:*"]}}}"#, "", &[])]
#[case(r#"{"compose-config": {"id": "c", "services": ["cache"]}}"#, codes::COMPOSE_SERVICE_MISSING, &[1])]
#[case(r#"{"compose-config": {"id": "c", "images": {"db": ["mysql:*"]}}}"#, codes::COMPOSE_IMAGE_WRONG, &[10])]
#[case(r#"{"compose-published": {"service": "db"}}"#, "", &[])]
#[case(r#"{"compose-published": {"service": "api"}}"#, codes::COMPOSE_PUBLISHED, &[5, 6])]
#[case(r#"{"compose-published": {"service": "api", "port": 3000, "only-localhost": true}}"#, "", &[])]
#[case(r#"{"compose-published": {"service": "api", "port": 9000}}"#, "", &[])]
#[case(r#"{"compose-published": {"service": "api", "port": 9000, "only-localhost": true}}"#, codes::COMPOSE_PUBLISHED_WIDE, &[6])]
#[case(r#"{"compose-published": {"service": "db", "port": 5432}}"#, codes::COMPOSE_NOT_PUBLISHED, &[9])]
#[case(r#"{"compose-published": {"service": "web"}}"#, codes::COMPOSE_SERVICE_MISSING, &[1])]
#[case(r#"{"compose-network": {"from": "api", "to": "db"}}"#, "", &[])]
#[case(r#"{"compose-network": {"from": "api", "to": "db", "reach": false}}"#, codes::COMPOSE_REACHABLE, &[8, 13])]
#[case(r#"{"compose-secret": {"file": "pw.txt", "services": ["api"]}}"#, "", &[])]
#[case(r#"{"compose-secret": {"file": "pw.txt", "services": ["api", "db"]}}"#, codes::COMPOSE_SECRET_NOT_GIVEN, &[9])]
#[case(r#"{"compose-order": {"service": "api", "after": "db"}}"#, "", &[])]
fn goals_on_a_project_that_is_up(#[case] goal: &str, #[case] code: &str, #[case] lines: &[u32]) {
    if code.is_empty() { passes(goal, facts()) } else { fails(goal, facts(), code, lines) }
}

#[test]
fn the_version_key_is_found_in_the_text() {
    let mut with = facts();
    with.file = Ok(ComposeFile { name: "compose.yaml".into(), text: format!("version: '3'\n{TEXT}") });
    fails(r#"{"compose-config": {"id": "c"}}"#, with, codes::COMPOSE_VERSION_KEY, &[1]);
}

#[test]
fn services_that_share_no_network_cannot_reach_each_other() {
    let mut apart = facts();
    apart.up.as_mut().unwrap().services[0].networks = vec!["street".into()];
    passes(r#"{"compose-network": {"from": "api", "to": "db", "reach": false}}"#, apart.clone());
    fails(r#"{"compose-network": {"from": "api", "to": "db"}}"#, apart, codes::COMPOSE_UNREACHABLE, &[8, 13]);
}

#[test]
fn who_lives_in_anothers_network_reaches_it_and_who_has_none_reaches_nobody() {
    let reach = r#"{"compose-network": {"from": "api", "to": "db"}}"#;
    let apart = r#"{"compose-network": {"from": "api", "to": "db", "reach": false}}"#;
    let mut within = facts();
    within.up.as_mut().unwrap().services[0].networks = vec![];
    within.document.as_mut().unwrap()["services"]["api"]["network_mode"] = json!("service:db");
    passes(reach, within.clone());
    fails(apart, within.clone(), codes::COMPOSE_REACHABLE, &[2, 13]);
    // Through a third one.
    within.document.as_mut().unwrap()["services"]["api"]["network_mode"] = json!("service:side");
    within.document.as_mut().unwrap()["services"]["side"] = json!({"network_mode": "service:db"});
    passes(reach, within);
    let mut alone = facts();
    alone.up.as_mut().unwrap().services.iter_mut().for_each(|s| s.networks = vec!["none".into()]);
    passes(apart, alone.clone());
    fails(reach, alone, codes::COMPOSE_UNREACHABLE, &[8, 13]);
}

#[test]
fn the_order_of_starts_is_read_from_what_happened() {
    let order = r#"{"compose-order": {"service": "api", "after": "db"}}"#;
    let mut early = facts();
    early.moments[2].at = 0.4;
    fails(order, early.clone(), codes::COMPOSE_STARTED_EARLY, &[7]);
    // Started again later, which does not make the first start any later.
    early.moments.push(moment(3.0, "api", "start"));
    fails(order, early, codes::COMPOSE_STARTED_EARLY, &[7]);
    let mut never_healthy = facts();
    never_healthy.moments.remove(1);
    fails(order, never_healthy, codes::COMPOSE_STARTED_EARLY, &[7]);
    let mut never_started = facts();
    never_started.moments.pop();
    assert_eq!(judged(order, never_started).0, Verdict::Skipped);
    let mut no_check = facts();
    no_check.up.as_mut().unwrap().services[1].test.clear();
    fails(order, no_check, codes::COMPOSE_NO_HEALTH_CHECK, &[11]);
    let mut always = facts();
    always.probes.insert("db".into(), Some(0));
    fails(order, always, codes::COMPOSE_HEALTH_ALWAYS, &[12]);
    let mut unknown = facts();
    unknown.probes.insert("db".into(), None);
    passes(order, unknown);
}

#[test]
fn a_secret_must_be_a_file_and_stand_nowhere_else() {
    let secret = r#"{"compose-secret": {"file": "pw.txt", "services": ["api"]}}"#;
    let mut leaked = facts();
    let leak = Leak { service: "db".into(), place: "environment".into() };
    leaked.secrets.get_mut("pw.txt").unwrap().leaks.push(leak);
    fails(secret, leaked.clone(), codes::COMPOSE_SECRET_LEAKED, &[9]);
    leaked.secrets.get_mut("pw.txt").unwrap().lines.push(10);
    fails(secret, leaked, codes::COMPOSE_SECRET_LEAKED, &[10]);
    let mut other = facts();
    other.secrets.get_mut("pw.txt").unwrap().names.clear();
    fails(secret, other, codes::COMPOSE_SECRET_NOT_FILE, &[14]);
}

#[test]
fn what_keeps_services_from_coming_up_is_told_by_its_cause() {
    let up = r#"{"compose-up": {"id": "u"}}"#;
    passes(up, facts());
    let with = |change: &dyn Fn(&mut Up)| {
        let mut facts = facts();
        change(facts.up.as_mut().unwrap());
        facts
    };
    let ended = with(&|up| {
        up.failed = Some("dependency failed to start".into());
        up.services[1] = ServiceState {
            service: "db".into(),
            exit: Some(1),
            log: "no password\n".into(),
            ..ServiceState::default()
        };
    });
    fails(up, ended.clone(), codes::COMPOSE_SERVICE_EXITED, &[9]);
    // Told once: who asks a service of a project that is not up waits for the goal that says why.
    let http = r#"{"compose-http": {"service": "api", "port": 80}}"#;
    assert_eq!(judged(http, ended).1, codes::NEEDS_GOAL);
    let ill = with(&|up| up.services[1].health = Some("unhealthy".into()));
    fails(up, ill, codes::COMPOSE_UNHEALTHY, &[9]);
    let slow = with(&|up| up.services[1].health = Some("starting".into()));
    fails(up, slow, codes::COMPOSE_UP_TIMEOUT, &[9]);
    let killed = with(&|up| {
        up.services[0] =
            ServiceState { oom_killed: true, exit: Some(137), service: "api".into(), ..ServiceState::default() };
    });
    fails(up, killed, codes::OUT_OF_MEMORY, &[2]);
    let refused = with(&|up| {
        up.failed = Some("no such network".into());
        up.services.clear();
    });
    fails(up, refused, codes::COMPOSE_UP_FAILED, &[]);
    let missing = with(&|up| drop(up.services.pop()));
    fails(up, missing, codes::COMPOSE_UP_TIMEOUT, &[9]);
    // A migration that others wait for ends, and that is well.
    let mut done = with(&|up| {
        up.services[1] = ServiceState { service: "db".into(), exit: Some(0), ..ServiceState::default() };
    });
    fails(up, done.clone(), codes::COMPOSE_SERVICE_EXITED, &[9]);
    done.document.as_mut().unwrap()["services"]["api"]["depends_on"] =
        json!({"db": {"condition": "service_completed_successfully"}});
    passes(up, done);
}

#[test]
fn answers_are_compared_and_silence_is_told() {
    let goal = r#"{"compose-http": {"service": "api", "port": 3000, "path": "/x", "body": "ok"}}"#;
    let key = r#"{"service":"api","port":3000,"path":"/x","within":20000}"#;
    let with = |answer: Option<(u16, &str)>| {
        let mut facts = facts();
        facts.asked.insert(key.into(), Ok(answer.map(|(status, body)| (status, body.to_owned()))));
        facts
    };
    passes(goal, with(Some((200, "ok\n"))));
    fails(goal, with(Some((500, "ok"))), codes::STATUS_WRONG, &[2]);
    fails(goal, with(Some((200, "no"))), codes::BODY_WRONG, &[2]);
    fails(goal, with(None), codes::COMPOSE_NO_ANSWER, &[2]);
    assert_eq!(judged(goal, facts()).0, Verdict::Broken, "evidence that was not gathered is our mistake");
}

#[test]
fn data_is_lost_only_when_it_had_been_there() {
    let goal = r#"{"compose-data": {"service": "api", "port": 80, "write": "/w", "read": "/r", "store": "db"}}"#;
    let key = r#"{"service":"api","port":80,"write":"/w","read":"/r"}"#;
    let with = |before: Option<&str>, after: Option<&str>| {
        let answer = |text: Option<&str>| text.map(|t| (200, t.to_owned()));
        let (written, before, after) = (answer(Some("noted")), answer(before), answer(after));
        let mut facts = facts();
        facts.data.insert(key.into(), Ok(DataFact { nonce: "123456".into(), written, before, after, again: None }));
        facts
    };
    passes(goal, with(Some("a 123456 b"), Some("123456")));
    fails(goal, with(Some("123456"), Some("")), codes::COMPOSE_DATA_LOST, &[9]);
    fails(goal, with(Some("123456"), None), codes::COMPOSE_DATA_LOST, &[9]);
    fails(goal, with(Some("error"), None), codes::BODY_WRONG, &[2]);
    // Nothing can be read of what does not come up again, and that is another trouble than lost data.
    let again = |change: &dyn Fn(&mut Up)| {
        let mut up = facts().up.unwrap();
        change(&mut up);
        let mut facts = with(Some("123456"), None);
        facts.data.get_mut(key).unwrap().as_mut().unwrap().again = Some(Box::new(up));
        facts
    };
    fails(goal, again(&|_| ()), codes::COMPOSE_NO_ANSWER, &[2]);
    let ended = ServiceState { service: "db".into(), started: true, exit: Some(1), ..ServiceState::default() };
    fails(goal, again(&|up| up.services[1] = ended.clone()), codes::COMPOSE_SERVICE_EXITED, &[9]);
    let refused = |up: &mut Up| (up.failed, up.services) = (Some("port is already allocated".into()), vec![]);
    fails(goal, again(&refused), codes::COMPOSE_UP_FAILED, &[]);
    // A migration had ended well the first time too.
    let mut job = again(&|up| up.services[1] = ServiceState { exit: Some(0), ..ended.clone() });
    job.up.as_mut().unwrap().services[1] = ServiceState { exit: Some(0), ..ended.clone() };
    job.document.as_mut().unwrap()["services"]["api"]["depends_on"] =
        json!({"db": {"condition": "service_completed_successfully"}});
    fails(goal, job, codes::COMPOSE_NO_ANSWER, &[2]);
}

#[test]
fn a_file_that_is_refused_is_told_once() {
    let mut refused = facts();
    let why = Blocked::failed(Diagnosis::new(codes::COMPOSE_POWER).at([3]));
    refused.document = Err(why.clone());
    refused.up = Err(why);
    fails(r#"{"compose-config": {"id": "c"}}"#, refused.clone(), codes::COMPOSE_POWER, &[3]);
    for goal in [
        r#"{"compose-published": {"service": "db"}}"#,
        r#"{"compose-up": {"id": "u"}}"#,
        r#"{"compose-order": {"service": "api", "after": "db"}}"#,
    ] {
        assert_eq!(judged(goal, refused.clone()).1, codes::NEEDS_GOAL, "{goal}");
    }
    let mut old = facts();
    old.document = Err(Blocked::skipped(Diagnosis::new(codes::NEEDS_COMPOSE_V2)));
    assert_eq!(judged(r#"{"compose-published": {"service": "db"}}"#, old).1, codes::NEEDS_COMPOSE_V2);
}

#[test]
fn a_service_that_ended_is_judged_by_what_became_of_it() {
    let crash = r#"{"compose-restart": {"service": "api", "crash": ["rm", "/x"]}}"#;
    let stays = r#"{"compose-restart": {"service": "api", "crash": ["rm", "/x"], "comes-back": false}}"#;
    let with = |goal: &str, fact: EndFact| {
        let mut facts = facts();
        let back = !goal.contains("comes-back");
        let crash = if goal.contains("crash") { r#"["rm","/x"]"# } else { "[]" };
        let key = format!(r#"{{"service":"api","crash":{crash},"comes_back":{back},"within":15000}}"#);
        facts.ends.insert(key, Ok(fact));
        facts
    };
    let ended = EndFact { ended: true, exit: Some(1), policy: "no".into(), ..EndFact::default() };
    let back = EndFact { back: Some(400), policy: "unless-stopped".into(), ..ended.clone() };
    passes(crash, with(crash, back.clone()));
    fails(crash, with(crash, ended.clone()), codes::COMPOSE_NOT_BACK, &[2]);
    passes(stays, with(stays, ended.clone()));
    fails(stays, with(stays, back.clone()), codes::COMPOSE_CAME_BACK, &[2]);
    fails(crash, with(crash, EndFact::default()), codes::RESTART_NO_CRASH, &[2]);
    let job = r#"{"compose-restart": {"service": "api", "comes-back": false}}"#;
    passes(job, with(job, ended));
    fails(job, with(job, back), codes::COMPOSE_CAME_BACK, &[2]);
    fails(job, with(job, EndFact::default()), codes::COMPOSE_JOB_RUNS_ON, &[2]);
    // One that does not run cannot be made to crash: why it does not run is another goal's to tell.
    let mut down = with(crash, EndFact::default());
    down.up.as_mut().unwrap().services[0].running = false;
    assert_eq!(judged(crash, down).0, Verdict::Skipped);
    assert_eq!(judged(crash, facts()).0, Verdict::Broken, "evidence that was not gathered is our mistake");
}

#[test]
fn exactly_the_services_that_were_asked_for_may_start() {
    let plain = r#"{"compose-profiles": {"services": ["api", "db"]}}"#;
    passes(plain, facts());
    fails(r#"{"compose-profiles": {"services": ["api"]}}"#, facts(), codes::COMPOSE_STARTED_UNASKED, &[9]);
    let more = r#"{"compose-profiles": {"services": ["api", "db", "report"]}}"#;
    fails(more, facts(), codes::COMPOSE_SERVICE_MISSING, &[1]);
    let asked = r#"{"compose-profiles": {"profiles": ["tools"], "services": ["api", "db", "report"]}}"#;
    let with = |listed: &[&str], report: Option<ServiceState>| {
        let mut facts = facts();
        facts.file = Ok(ComposeFile {
            name: "compose.yaml".into(),
            text: TEXT.replace("  db:", "  report:\n    profiles: [tools]\n  db:"),
        });
        let mut up = facts.up.clone().unwrap();
        up.services.extend(report);
        let services = listed.iter().map(|s| (*s).to_owned()).collect();
        facts.profiles.insert(r#"["tools"]"#.into(), Ok(ProfileFact { services, up }));
        facts
    };
    let all = ["api", "db", "report"];
    passes(asked, with(&all, Some(running("report", &[]))));
    // A tool that does its work and ends was started as well.
    let done = ServiceState { service: "report".into(), started: true, exit: Some(0), ..ServiceState::default() };
    passes(asked, with(&all, Some(done.clone())));
    let ill = ServiceState { exit: Some(2), ..done.clone() };
    fails(asked, with(&all, Some(ill)), codes::COMPOSE_SERVICE_EXITED, &[9]);
    fails(asked, with(&["api", "db"], None), codes::COMPOSE_NOT_STARTED, &[10]);
    // Listed, made, and never started.
    let made = ServiceState { started: false, ..done };
    assert_ne!(judged(asked, with(&all, Some(made))).0, Verdict::Passed);
    let refused = Blocked::failed(Diagnosis::new(codes::COMPOSE_POWER));
    let mut power = facts();
    power.profiles.insert(r#"["tools"]"#.into(), Err(refused));
    fails(asked, power, codes::COMPOSE_POWER, &[]);
}

#[test]
fn a_job_may_end_well_and_only_a_job() {
    let mut done = facts();
    let api = ServiceState { service: "api".into(), started: true, exit: Some(0), ..ServiceState::default() };
    done.up.as_mut().unwrap().services[0] = api;
    fails(r#"{"compose-up": {"id": "u"}}"#, done.clone(), codes::COMPOSE_SERVICE_EXITED, &[2]);
    passes(r#"{"compose-up": {"id": "u", "jobs": ["api"]}}"#, done.clone());
    done.up.as_mut().unwrap().services[0].exit = Some(1);
    fails(r#"{"compose-up": {"id": "u", "jobs": ["api"]}}"#, done, codes::COMPOSE_SERVICE_EXITED, &[2]);
}
