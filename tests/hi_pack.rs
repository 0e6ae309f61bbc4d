//! A third language is data alone: a pack in Hindi (Devanagari) and a folder of UI strings, with not one line of Rust for it.

use std::{path::PathBuf, process::Command};

fn pack() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/packs/hi")
}

fn run(args: &[&str]) -> (String, Option<i32>) {
    let (pack, locales) = (pack(), pack().join("assets/locales"));
    let output = Command::new(env!("CARGO_BIN_EXE_dockshala"))
        .args(["--lang", "hi", "--locales"])
        .arg(locales)
        .arg("--course")
        .arg(pack)
        .args(args)
        .env_remove("DOCKSHALA_LANG")
        .env_remove("DOCKSHALA_LOCALES")
        .output()
        .unwrap();
    let both = [output.stdout, output.stderr].concat();
    (String::from_utf8(both).unwrap(), output.status.code())
}

#[test]
fn the_pack_passes_the_static_gate_and_says_so_in_hindi() {
    let (said, code) = run(&["course", "lint"]);
    assert_eq!((said.trim(), code), ("सुधारने को कुछ नहीं। पाठ: 1, अभ्यास: 1, प्रश्न: 1, दावे: 0।", Some(0)));
}

#[test]
fn its_lesson_is_read_in_hindi() {
    let (said, code) = run(&["read", "one-layer-in-hindi"]);
    assert_eq!(code, Some(0), "{said}");
    for text in ["एक परत वाली इमेज", "काँच की पारदर्शी चादरें", "FROM scratch", "COPY namaste.txt /"]
    {
        assert!(said.contains(text), "{text} is missing in\n{said}");
    }
}

#[test]
fn what_is_not_translated_is_english_key_by_key() {
    let (said, code) = run(&["course", "status"]);
    assert_eq!(code, Some(0));
    assert!(said.contains("परतों की कहानी") && said.contains("Exercises"), "{said}");
}

#[test]
fn a_language_that_nobody_speaks_is_refused_with_those_there_are() {
    let output = Command::new(env!("CARGO_BIN_EXE_dockshala")).args(["--lang", "tlh", "commands"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("tlh") && said.contains("hi-Latn"), "{said}");
}
