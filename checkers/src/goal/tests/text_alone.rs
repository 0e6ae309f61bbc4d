//! `stages`, `final-base`, `instruction`: what the text alone shows.

use super::*;

const TWO: &str = "FROM golang:1.26 AS build\nRUN go build\nFROM alpine AS unused\nFROM scratch\nCOPY --from=0 /a /a\n";

fn of(text: &str) -> Evidence {
    Evidence::of_text(Ok(text.into()), Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON)))
}

#[test]
fn stages_count_when_the_target_needs_them() {
    passes(r#"[{"stages": {"at-least": 2}}]"#, &of(TWO));
    passes(r#"[{"stages": {"named": ["BUILD"]}}]"#, &of(TWO));
    let diagnosis = fails(r#"[{"stages": {"at-least": 3}}]"#, &of(TWO), codes::STAGES_TOO_FEW, &[3]);
    assert_eq!(text(&diagnosis, "unreachable"), "unused");
    fails(r#"[{"stages": {"at-most": 1}}]"#, &of(TWO), codes::STAGES_TOO_MANY, &[1, 4]);
    fails(r#"[{"stages": {"named": ["unused"]}}]"#, &of(TWO), codes::STAGE_UNREACHABLE, &[3]);
    fails(r#"[{"stages": {"named": ["test"]}}]"#, &of(TWO), codes::STAGE_MISSING, &[]);
    fails(r#"[{"stages": {"at-least": 2}}]"#, &of("FROM a\nRUN x\n"), codes::STAGES_TOO_FEW, &[1]);
}

#[test]
fn the_final_base_through_args_stages_and_spellings() {
    let base =
        |one_of: &str, text: &str| judged(&format!(r#"[{{"final-base": {{"one-of": {one_of}}}}}]"#), &of(text)).verdict;
    assert_eq!(base(r#"["scratch"]"#, TWO), Verdict::Passed);
    assert_eq!(base(r#"["node:24*"]"#, "ARG V=24-slim\nFROM node:${V} AS b\nFROM b\n"), Verdict::Passed);
    assert_eq!(base(r#"["node:24"]"#, "FROM docker.io/library/node:24@sha256:abc\n"), Verdict::Passed);
    fails(
        r#"[{"final-base": {"one-of": ["scratch"]}}]"#,
        &of("FROM a AS x\n\nFROM x\n"),
        codes::FINAL_BASE_WRONG,
        &[1],
    );
    fails(r#"[{"final-base": {"none-of": ["*:latest"]}}]"#, &of("FROM node\n"), codes::FINAL_BASE_WRONG, &[1]);
}

#[test]
fn instructions_that_must_or_must_not_be_there() {
    let file = "FROM node:24 AS a\nRUN --mount=target=/root/.npm,type=cache \\\n  npm ci --omit dev\nADD x /x\nFROM node:24\nCOPY --from=a /x /opt/venv\nENTRYPOINT [\"node\"]\n";
    for goal in [
        r#"[{"instruction": {"name": "RUN", "command": "npm ci --omit=dev", "flag": "--mount=type=cache"}}]"#,
        r#"[{"instruction": {"name": "copy", "flag": "--from=A", "argument": "* /opt/*"}}]"#,
        r#"[{"instruction": {"name": "CMD|ENTRYPOINT", "command": "node", "stage": "last"}}]"#,
        r#"[{"instruction": {"name": "ADD", "stage": "last", "there": false}}]"#,
    ] {
        passes(goal, &of(file));
    }
    fails(r#"[{"instruction": {"name": "ADD", "there": false}}]"#, &of(file), codes::INSTRUCTION_PRESENT, &[4]);
    let diagnosis =
        fails(r#"[{"instruction": {"name": "COPY", "flag": "--chown"}}]"#, &of(file), codes::INSTRUCTION_MISSING, &[6]);
    assert_eq!(text(&diagnosis, "instruction"), "COPY --chown");
    fails(r#"[{"instruction": {"name": "HEALTHCHECK"}}]"#, &of(file), codes::INSTRUCTION_MISSING, &[]);
}

#[test]
fn a_file_that_does_not_parse_skips_the_rest() {
    let broken = Blocked::failed(Diagnosis::new(codes::DOCKERFILE_EMPTY));
    let evidence = Evidence::of_text(Err(broken), Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON)));
    fails(r#"["builds"]"#, &evidence, codes::DOCKERFILE_EMPTY, &[]);
    blocked(r#"["builds", {"stages": {"at-least": 1}}]"#, &evidence, Verdict::Skipped, codes::NEEDS_GOAL, &[]);
}
