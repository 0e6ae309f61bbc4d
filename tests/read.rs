//! `read` against the real binary: in a pipe, in colour, in both languages, and for what does not exist.

use std::process::{Command, Output};

fn read(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dockshala"))
        .args(["--course", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/packs/small")])
        .args(args)
        .env_clear()
        .env("TERM", "xterm-256color")
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn into_a_pipe_goes_text_without_escapes_or_frames_and_code_as_it_was_written() {
    let text = text(&read(&["read", "multi-stage-idea"]));
    assert!(!text.contains('\x1b') && !text.contains('╭'), "{text}");
    assert!(text.starts_with("The idea, and where the builder goes\n\n"), "{text}");
    let code = "    docker buildx du --filter type=regular --format '{{.ID}} {{.Size}}' | sort -k2 -h | tail -5\n";
    assert!(text.contains(code), "a command is one line, however long: {text}");
    assert!(text.lines().filter(|l| !l.starts_with("    ")).all(|l| l.chars().count() <= 80), "{text}");
}

#[test]
fn a_lesson_is_found_by_number_and_by_the_beginning_of_its_id() {
    let whole = text(&read(&["read", "multi-stage-idea"]));
    assert_eq!(text(&read(&["read", "7.1"])), whole);
    assert_eq!(text(&read(&["read", "multi-stage-i"])), whole);
    assert_eq!(read(&["read", "multi-stage"]).status.code(), Some(2), "two lessons begin like this");
}

#[test]
fn it_speaks_the_language_that_was_asked_for() {
    let text = text(&read(&["--lang", "hi-Latn", "read", "7.1"]));
    assert!(text.contains("INTERVIEW MEIN AISE BOLO") && text.contains("Maan mat lo."), "{text}");
}

#[test]
fn colour_and_ascii_on_demand() {
    let colored = text(&read(&["--color", "always", "read", "7.1"]));
    assert!(colored.contains("\x1b[1;36mThe idea"), "{colored}");
    let plain = text(&read(&["--ascii", "read", "7.1"]));
    assert!(plain.is_ascii(), "{plain}");
}

#[test]
fn what_is_not_there_is_named_with_what_is() {
    let output = read(&["read", "nope"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("`nope`") && said.contains("multi-stage-idea"), "{said}");
}
