//! `with-file`: goals of a folder's other Dockerfile.

use super::*;

const GOALS: &str = r#"["builds", {"with-file": {"id": "dev-builds", "file": "Dockerfile.dev", "meets": "builds"}},
    {"with-file": {"id": "dev-user", "file": "Dockerfile.dev", "meets": {"user": {"not-root": true}}}}]"#;

fn with(other: Evidence) -> Evidence {
    let mut evidence = node();
    evidence.others.insert("Dockerfile.dev".to_owned(), other);
    evidence
}

#[test]
fn a_goal_is_asked_of_the_other_file_alone() {
    passes(GOALS, &with(node()));
    let mut root = case("FROM node:24\nCMD [\"node\", \"server.js\"]\n", &[]);
    image_of(&mut root).config.user = String::new();
    let root = with(root);
    // Lines of another file are no lines of the main one.
    let told = fails(GOALS, &root, codes::USER_ROOT, &[]);
    assert!(text(&told, OF_FILE).starts_with("Dockerfile.dev"), "{told:?}");
    // The first Dockerfile's own image is as it should be.
    passes(r#"["builds", {"user": {"not-root": true}}]"#, &root);
}

#[test]
fn a_file_that_does_not_build_is_told_once() {
    let broken = failed_build(NODE, "", 3, "RUN npm ci", Some(1), "npm error");
    let evidence = with(broken);
    assert_eq!(judged(GOALS, &evidence).diagnosis.unwrap().facts["goal"], Fact::Text("dev-builds".into()));
    let first: Vec<Goal> = goals(GOALS);
    let told = judge(&first[1], &first, &evidence);
    assert_eq!((told.verdict, told.id.as_str()), (Verdict::Failed, "dev-builds"));
    // And the other way round: what the first file lacks is not held against the second.
    let mut other_way = failed_build(NODE, "", 3, "RUN npm ci", Some(1), "npm error");
    other_way.others.insert("Dockerfile.dev".to_owned(), node());
    passes(GOALS, &other_way);
}

#[test]
fn a_file_that_is_not_there_fails_and_a_file_nobody_gathered_is_our_mistake() {
    let none = Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON));
    let missing = Evidence::of_text(Err(Blocked::failed(Diagnosis::new(codes::NO_SUCH_DOCKERFILE))), none);
    let first: Vec<Goal> = goals(GOALS);
    let told = judge(&first[1], &first, &with(missing)).diagnosis.unwrap();
    assert_eq!((told.code.as_str(), text(&told, OF_FILE).as_str()), (codes::NO_SUCH_DOCKERFILE, "Dockerfile.dev"));
    assert_eq!(judged(GOALS, &node()).verdict, Verdict::Broken);
}
