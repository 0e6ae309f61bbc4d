//! `absent`, `present`, `user`.

use super::*;

fn found(path: &str, layer: usize) -> Found {
    let example = Place { path: path.into(), size: 10, layer };
    Found { count: 1, bytes: 10, layers: [(layer, 1)].into(), examples: vec![example] }
}

const ABSENT: &str = r#"["builds", {"absent": {"paths": ["**/*.ts"], "tools": ["gcc"]}}]"#;

#[test]
fn what_a_line_brought_and_what_the_base_brought() {
    let mut evidence = node();
    let image = image_of(&mut evidence);
    image.paths.insert("**/*.ts".into(), Found::default());
    image.tools.insert("gcc".into(), vec![]);
    passes(ABSENT, &evidence);
    image_of(&mut evidence).paths.insert("**/*.ts".into(), found("app/a.ts", 2));
    fails(ABSENT, &evidence, codes::PATH_PRESENT, &[3]);
    let gcc = Place { path: "usr/bin/gcc".into(), size: 1, layer: 3 };
    image_of(&mut evidence).paths.insert("**/*.ts".into(), found("usr/a.ts", 0));
    image_of(&mut evidence).tools.insert("gcc".into(), vec![gcc.clone()]);
    fails(ABSENT, &evidence, codes::TOOL_PRESENT, &[4]);
    image_of(&mut evidence).tools.insert("gcc".into(), vec![Place { layer: 0, ..gcc }]);
    fails(ABSENT, &evidence, codes::TOOL_FROM_BASE, &[1]);
    image_of(&mut evidence).tools.insert("gcc".into(), vec![]);
    fails(ABSENT, &evidence, codes::PATH_FROM_BASE, &[1]);
}

#[test]
fn a_missing_path_is_looked_for_elsewhere() {
    let present = r#"["builds", {"present": {"paths": ["app/dist/main.js"]}}]"#;
    let mut evidence = node();
    image_of(&mut evidence).paths.insert("app/dist/main.js".into(), Found::default());
    let astray = Place { path: "app/main.js".into(), size: 1, layer: 2 };
    let of_base = Place { path: "usr/lib/main.js".into(), size: 1, layer: 0 };
    image_of(&mut evidence).names.insert("main.js".into(), vec![of_base, astray]);
    let diagnosis = fails(present, &evidence, codes::PATH_MISSING, &[3]);
    assert_eq!(text(&diagnosis, "nearby"), "/app/main.js");
}

#[test]
fn users_by_name_by_number_and_back_again() {
    let goal = r#"["builds", {"user": {"not-root": true}}]"#;
    let with = |file: &str, user: &str| {
        let mut evidence = case(file, &[]);
        image_of(&mut evidence).config.user = user.into();
        evidence
    };
    for user in ["node", "1000", "1000:1000", "node:node", "65532"] {
        passes(goal, &with("FROM a\nUSER x\n", user));
    }
    fails(goal, &with("FROM a\nRUN x\n", ""), codes::USER_ROOT, &[1]);
    fails(goal, &with("FROM a\nUSER 0\n", "0"), codes::USER_ROOT, &[2]);
    fails(goal, &with("FROM a\nUSER root:root\n", "root:root"), codes::USER_ROOT, &[2]);
    fails(goal, &with("FROM a\nUSER node\nRUN x\nUSER root\n", "root"), codes::USER_BACK_TO_ROOT, &[4]);
    fails(goal, &with("FROM a\nUSER nobody-here\n", "nobody-here"), codes::USER_UNKNOWN, &[2]);
    // The base brings a user of its own.
    passes(goal, &with("FROM gcr.io/distroless/static:nonroot\nCOPY a /a\n", "65532"));
    let exact = r#"["builds", {"user": {"uid": 10001}}]"#;
    fails(exact, &with("FROM a\nUSER node\n", "node"), codes::USER_WRONG, &[2]);
    passes(exact, &with("FROM a\nUSER 10001\n", "10001"));
}
