//! `waste`, `no-secret`, `layer-shares`, and the findings that fail nobody.

use super::*;
use crate::{
    evidence::{Exposed, SecretAsk, SecretFact, Sibling},
    image::{Left, Leftover, SecretKind, Sighting},
    verdict::Finding,
};

const FILE: &str = "FROM node:24\nARG KEY\nCOPY . /app\nRUN rm -rf /app/big\nRUN chown -R node /usr/local\n";

fn wasteful() -> Evidence {
    let rows = [
        ("COPY . /app # buildkit", 50_000_000),
        ("RUN /bin/sh -c rm -rf /app/big # buildkit", 0),
        ("RUN /bin/sh -c chown -R node /usr/local # buildkit", 21_000_000),
    ];
    let mut evidence = case(FILE, &rows);
    let waste = |put_by, hidden_by, how, bytes| {
        let examples = vec!["app/big/x".to_owned()];
        Waste { put_by, hidden_by, how, tally: Tally { files: 3, bytes }, examples }
    };
    image_of(&mut evidence).waste = vec![
        waste(0, 0, How::Removed, 90_000_000),
        waste(0, 2, How::Removed, 80_000_000),
        waste(1, 2, How::Removed, 40_000_000),
        waste(0, 3, How::Owner, 21_000_000),
    ];
    evidence
}

#[test]
fn waste_is_what_ones_own_lines_store_for_nothing() {
    // What the base hides of itself, and what is deleted of it, is no waste of the learner's: 61 MB, not 231.
    let evidence = wasteful();
    passes(r#"["builds", {"waste": {"at-most": "61 MB"}}]"#, &evidence);
    passes(r#"["builds", {"waste": {"percent": 86}}]"#, &evidence);
    let diagnosis =
        fails(r#"["builds", {"waste": {"at-most": "60.9 MB", "percent": 99}}]"#, &evidence, codes::WASTED, &[3, 4]);
    assert_eq!(diagnosis.facts["wasted"], Fact::Bytes(61_000_000));
    assert_eq!((text(&diagnosis, "how"), text(&diagnosis, "put")), ("removed".into(), "COPY . /app".into()));
    fails(r#"["builds", {"waste": {"at-most": "99 MB", "percent": 85}}]"#, &evidence, codes::WASTED, &[3, 4]);
    fails(r#"["builds", "waste"]"#, &evidence, codes::WASTED, &[3, 4]);
    passes(r#"["builds", "waste"]"#, &node());
}

const SECRET: &str = r#"["builds", {"no-secret": {"secret": "key", "arg": "KEY", "proof": "/app/stamp"}}]"#;

fn with_secret(fact: SecretFact) -> Evidence {
    let mut evidence = wasteful();
    let ask = SecretAsk { secret: "key".into(), arg: Some("KEY".into()), file: None, proof: Some("app/stamp".into()) };
    evidence.secrets = [(key(&ask), Ok(fact))].into();
    evidence
}

#[test]
fn a_secret_is_nowhere_and_was_used() {
    let fine = SecretFact { proven: Some(true), ..SecretFact::default() };
    passes(SECRET, &with_secret(fine.clone()));
    let unused = SecretFact { proven: Some(false), ..fine.clone() };
    fails(SECRET, &with_secret(unused), codes::SECRET_UNUSED, &[]);
    let file = |layer, hidden| Sighting { secret: 0, layer, path: "app/key".into(), hidden };
    let seen = SecretFact { files: vec![file(1, false)], ..fine.clone() };
    let diagnosis = fails(SECRET, &with_secret(seen), codes::SECRET_IN_LAYER, &[3]);
    assert_eq!(text(&diagnosis, "paths"), "/app/key");
    let hidden = SecretFact { files: vec![file(2, false), file(1, true)], rows: vec![1], ..fine.clone() };
    fails(SECRET, &with_secret(hidden), codes::SECRET_HIDDEN, &[3]);
    let row = SecretFact { rows: vec![2], ..fine.clone() };
    let diagnosis = fails(SECRET, &with_secret(row), codes::SECRET_IN_HISTORY, &[4]);
    assert_eq!(text(&diagnosis, "step"), "RUN rm -rf /app/big");
    let env = SecretFact { env: vec!["KEY".into()], ..fine.clone() };
    assert_eq!(text(&fails(SECRET, &with_secret(env), codes::SECRET_IN_CONFIG, &[]), "names"), "KEY");
    let label = SecretFact { elsewhere: true, ..fine };
    fails(SECRET, &with_secret(label), codes::SECRET_IN_CONFIG, &[]);
    // Evidence that was not gathered is our own mistake.
    blocked(SECRET, &wasteful(), Verdict::Broken, codes::INTERNAL, &[]);
}

#[test]
fn images_part_where_their_first_lines_differ() {
    let file = "FROM node:24 AS a\nCOPY a /x\nRUN make\nFROM node:24 AS b\nCOPY b /x\nRUN make\n";
    let mut evidence = case(file, &[("COPY a /x # buildkit", 10), ("RUN /bin/sh -c make # buildkit", 5_000_000)]);
    evidence.target = Some("a".into());
    let goal = |with: &str| format!(r#"["builds", {{"layer-shares": {{"with": "{with}", "all-but": 1}}}}]"#);
    let row = |text: &str, layer| HistoryRow { created_by: text.into(), layer: Some(layer) };
    let history = vec![row("base", 0), row("COPY b /x # buildkit", 1), row("RUN /bin/sh -c make # buildkit", 2)];
    let sibling = |shared, same| Ok(Sibling { shared, layers: 3, history: history.clone(), same });
    evidence.siblings = [("b".to_owned(), sibling(1, false))].into();
    let diagnosis = fails(&goal("b"), &evidence, codes::LAYERS_APART, &[2, 5]);
    assert_eq!((text(&diagnosis, "step"), text(&diagnosis, "other")), ("COPY a /x".into(), "COPY b /x".into()));
    evidence.siblings = [("b".to_owned(), sibling(2, false))].into();
    passes(&goal("b"), &evidence);
    evidence.siblings = [("b".to_owned(), sibling(3, true))].into();
    fails(&goal("b"), &evidence, codes::IMAGES_SAME, &[]);
    fails(&goal("c"), &evidence, codes::STAGE_MISSING, &[]);
}

#[test]
fn findings_rank_secrets_first_and_name_the_lines() {
    let mut evidence = wasteful();
    let left = |kind, tool: &str, base, path: &str, bytes, hidden, layer| Leftover {
        kind,
        tool: tool.into(),
        base,
        path: path.into(),
        files: 1,
        bytes,
        hidden,
        layers: [(layer, bytes)].into(),
    };
    let image = image_of(&mut evidence);
    image.leftovers = vec![
        left(Left::Compiler, "gcc", true, "usr/lib/gcc", 300_000_000, 0, 0),
        left(Left::Lists, "apt", false, "var/lib/apt/lists", 30_000_000, 0, 3),
        left(Left::Lists, "apt", true, "var/lib/apt/lists", 30_000_000, 0, 0),
        left(Left::Downloads, "pip", false, "root/.cache/pip", 9_000_000, 9_000_000, 1),
        left(Left::DevDependencies, "jest", false, "app/node_modules/jest", 4_000_000, 0, 1),
        left(Left::DevDependencies, "tsc", false, "app/node_modules/tsc", 3_000_000, 0, 1),
        left(Left::Tests, "", false, "app/test", 900, 0, 1),
    ];
    let secret = |kind, name: &str, layer, row, hidden| Exposed { kind, name: name.into(), layer, row, hidden };
    image.exposed = vec![
        secret(SecretKind::PrivateKey, "app/id_rsa", Some(1), None, true),
        secret(SecretKind::Value, "KEY", None, Some(2), false),
        secret(SecretKind::PrivateKey, "etc/base.key", Some(0), None, false),
    ];
    let (model, target) = evidence.model().unwrap();
    let facts = evidence.image.as_ref().unwrap();
    let found = facts.findings(Some((model, target)));
    let told: Vec<_> =
        found.iter().map(|f: &Finding| (f.diagnosis.code.as_str(), f.bytes, f.diagnosis.lines.clone())).collect();
    assert_eq!(
        told,
        [
            (codes::FOUND_SECRET_HIDDEN, 0, vec![3]),
            (codes::FOUND_SECRET_VALUE, 0, vec![4]),
            (codes::FOUND_COMPILER_BASE, 300_000_000, vec![1]),
            (codes::FOUND_REMOVED, 40_000_000, vec![3, 4]),
            (codes::FOUND_LISTS, 30_000_000, vec![5]),
            (codes::FOUND_OWNER, 21_000_000, vec![1, 5]),
            (codes::FOUND_DEV, 7_000_000, vec![3]),
        ]
    );
    let of = |code: &str| found.iter().find(|f| f.diagnosis.code == code).unwrap().diagnosis.clone();
    assert_eq!(text(&of(codes::FOUND_OWNER), "put"), "FROM node:24");
    assert_eq!(text(&of(codes::FOUND_DEV), "packages"), "jest|tsc");
    assert_eq!(of(codes::FOUND_REMOVED).facts["line"], Fact::Count(4));
    // Without a Dockerfile everything counts, and the history says which step it was.
    let found = facts.findings(None);
    assert_eq!(found.iter().filter(|f| f.diagnosis.code == codes::FOUND_LISTS).count(), 2);
    let removed = found.iter().find(|f| f.diagnosis.code == codes::FOUND_REMOVED).unwrap();
    assert_eq!(text(&removed.diagnosis, "step"), "RUN rm -rf /app/big");
    assert_eq!((removed.diagnosis.lines.len(), removed.layers.clone()), (0, vec![1, 2]));
}
