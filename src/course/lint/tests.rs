//! Each rule, broken once in the template of `course new`: it must say its own code, at the right place, and nothing panics.

use super::lint;
use crate::course::{
    source::{
        files::{Files, Memory},
        finding::{CODES, Severity},
        read,
    },
    template,
};
use std::collections::BTreeSet;

fn change(path: &str, from: &str, to: &str) -> Memory {
    let mut files = template::files();
    let text = String::from_utf8(files.read(path).unwrap()).unwrap();
    assert!(text.contains(from), "{path} has no `{from}`");
    files.put(path, text.replacen(from, to, 1));
    files
}

const EN: &str = "lessons/01-first/01-hello/en.md";
const HI: &str = "lessons/01-first/01-hello/hi-Latn.md";
const SAMPLES: &str = "lessons/01-first/01-hello/code/samples.yaml";
const QUIZ: &str = "lessons/01-first/quiz.yaml";
const CLAIMS: &str = "lessons/01-first/claims.yaml";
const MODULE: &str = "lessons/01-first/module.yaml";
const COURSE: &str = "lessons/course.yaml";
const SHEET: &str = "exercises/01-first/01-hello/exercise.yaml";
const HINTS: &str = "exercises/01-first/01-hello/hints.en.md";
const BAD: &str = "exercises/01-first/01-hello/bad/renamed/specimen.yaml";
const BAD_FILE: &str = "exercises/01-first/01-hello/bad/renamed/Dockerfile";

/// File, what to replace, by what, the code it must give.
const BROKEN: &[(&str, &str, &str, &str)] = &[
    (COURSE, "format: 1", "format: 9", "format-unknown"),
    (COURSE, "modules: [01-first]", "modules: [../x]", "folder-name"),
    (COURSE, "[en, hi-Latn]", "[]", "languages"),
    (COURSE, "hi-Latn: Mera course", "hi: Mera course", "text-missing"),
    (COURSE, "hi-Latn: Mera course", "hi-Latn: M, hi: M", "language-unknown"),
    (COURSE, "id: my-course", "id: My Course", "id-form"),
    (COURSE, "id: my-course", "id: hello-scratch", "id-twice"),
    (COURSE, "title:", "titel:", "yaml"),
    (MODULE, "exercises: [01-hello]", "exercises: [01-hello]\ncapstone: nope", "exercise-unknown"),
    (MODULE, "lessons: [01-hello]", "lessons: [02-none]", "file-missing"),
    (EN, "---\nid", "id", "front-matter"),
    (EN, "minutes: 4", "minutes: 5", "front-matter-differs"),
    (EN, "needs: []", "needs: [nowhere]", "need-not-earlier"),
    (EN, "{#empty}", "{#Empty}", "section-id"),
    (EN, " {#empty}", "", "section-without-id"),
    (EN, "{{code code/Dockerfile}}", "{{code code/None}}", "code-missing"),
    (EN, "{{code code/Dockerfile}}", "{{code code/Dockerfile lines=2-99}}", "code-lines"),
    (EN, "{{code code/Dockerfile}}", "See {{code code/Dockerfile}}", "directive-not-alone"),
    (EN, "{{code code/Dockerfile}}", "{{cod code/Dockerfile}}", "directive"),
    (EN, "{{code code/Dockerfile}}", "{{fig none}}", "figure-missing"),
    (EN, "{{claim scratch-is-empty}}", "{{claim none}}", "claim-missing"),
    (EN, "{{claim scratch-is-empty}}", "", "claim-not-placed"),
    (EN, "{{code code/Dockerfile}}", "", "languages-differ"),
    (EN, "{{code code/Dockerfile}}", "```sh\nls\n```", "bare-block"),
    (EN, "{{code code/Dockerfile}}", "```text\n1\n2\n3\n4\n5\n6\n7\n8\n9\n1\n2\n3\n4\n5\n6\n7\n```", "output-too-long"),
    (
        EN,
        "{{code code/Dockerfile}}",
        "```text\n0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345\n```",
        "code-too-wide",
    ),
    (EN, "size: 8 B", "size: 8", "diagram"),
    (EN, "caption: The", "caption: '' # The", "diagram-caption"),
    (EN, "size: 8 B", "size: 99 B", "languages-differ"),
    (EN, "{{claim scratch", "```layers\ncaption: C\nrows: []\n```\n\n{{claim scratch", "diagram-size"),
    (
        EN,
        "{{claim scratch",
        "```timeline\n{caption: C, unit: s, rows: [{label: a, start: 2, end: 1}]}\n```\n\n{{claim scratch",
        "diagram-time",
    ),
    (
        EN,
        "{{claim scratch",
        "```topology\n{caption: C, boxes: [{id: a}, {id: a}]}\n```\n\n{{claim scratch",
        "diagram-id-twice",
    ),
    (
        EN,
        "{{claim scratch",
        "```topology\n{caption: C, boxes: [{id: a}], links: [{from: a, to: b}]}\n```\n\n{{claim scratch",
        "diagram-id-unknown",
    ),
    (
        EN,
        "{{claim scratch",
        "```stepper\ncaption: C\nrecording: code/none.json\n```\n\n{{claim scratch",
        "stepper-recording",
    ),
    (EN, "## The empty", "# The empty", "heading-level"),
    (EN, "[!TIP]", "[!CAUTION]", "callout"),
    (EN, "`docker run`", "[docker](nowhere)", "link"),
    (EN, "`docker run`", "[docker](#nowhere)", "link"),
    (EN, "`docker run`", "<b>docker</b>", "html"),
    (EN, "`docker run`", "docker run --rm", "flag-not-code"),
    (EN, "`docker run`", "\n\n| a |\n|---|\n| नमस्ते |\n\n", "devanagari"),
    (EN, "`docker run`", "run \u{26a0}\u{fe0f}", "unsteady-character"),
    (EN, "keywords: [scratch", "keywords: [\"खाली\"", "keyword-not-latin"),
    (EN, "minutes: 4", "minutes: 60", "lesson-length"),
    (HI, "Maan mat lo", "Ye nahin maano", "spelling"),
    (HI, "Maan mat lo", "Aap mat maano", "spelling"),
    (SAMPLES, "file: hello.txt", "file: nope.txt", "sample-file-missing"),
    (SAMPLES, "file: hello.txt", "file: nope.txt", "sample-undeclared"),
    (SAMPLES, "file: hello.txt", "file: Dockerfile", "sample-twice"),
    (
        SAMPLES,
        "file: hello.txt, test: here, how: include",
        "file: hello.txt, test: here, how: config",
        "sample-not-shown",
    ),
    (SAMPLES, "test: here, how: build", "test: registry, how: build", "sample-source"),
    (SAMPLES, "test: here, how: build", "test: wrong-as-said, how: build", "sample-wrong-how"),
    (SAMPLES, "how: build", "how: build, context: nowhere", "sample-context"),
    (SAMPLES, "how: build", "how: output-of, of: x", "sample-output-of"),
    (SAMPLES, "how: include", "how: include, run: []", "sample-run"),
    (SAMPLES, "how: include", "how: include, since: 23", "sample-since"),
    ("lessons/01-first/01-hello/code/Dockerfile", "FROM scratch", "FROM alpine", "sample-uses"),
    ("lessons/01-first/01-hello/code/Dockerfile", "FROM scratch", "FORM scratch", "dockerfile"),
    (QUIZ, "lesson: hello-scratch", "lesson: nope", "lesson-unknown"),
    (QUIZ, "right: true", "right: false", "question"),
    (QUIZ, "answers: [COPY, ADD]", "answers: []", "question"),
    (QUIZ, "proof: {claim: scratch-is-empty}", "proof: {claim: nope}", "claim-unknown"),
    (QUIZ, "    proof: {claim: scratch-is-empty}\n", "", "question-proof"),
    (QUIZ, "proof: {claim: scratch-is-empty}", "proof: {source: somewhere}", "question-source"),
    (QUIZ, "proof: {section: \"hello-scratch#empty\"}", "proof: {section: \"hello-scratch#nope\"}", "section-unknown"),
    (
        QUIZ,
        "proof: {claim: scratch-is-empty}",
        "proof: {claim: scratch-is-empty}\n    followups: [nope]",
        "question-unknown",
    ),
    (QUIZ, "    kind: fill", "    kind: fill\n    tags: [interview]\n    seconds: 30", "question"),
    (
        QUIZ,
        "    kind: fill",
        "    kind: fill\n    then: [{ask: {en: A?, hi-Latn: A?}, answer: {en: a, hi-Latn: a}}]",
        "question",
    ),
    (QUIZ, "    kind: fill", "    kind: fill\n    answer: {en: Too short}", "text-missing"),
    (QUIZ, "    kind: fill", "    kind: fill\n    answer: {en: Too short, hi-Latn: Chhota}", "question-answer"),
    (
        QUIZ,
        "    kind: fill",
        "    kind: fill\n    then: [{ask: {en: A?, hi-Latn: A?}, answer: {en: a, hi-Latn: a}}]",
        "question-answer",
    ),
    (
        QUIZ,
        "kind: fill\n    lesson: hello-scratch",
        "kind: free\n    tags: [interview]\n    lesson: hello-scratch",
        "question-interview",
    ),
    (CLAIMS, "[docker, build, -t, \"{tag}:a\", .]", "[sh, -c, id]", "claim-command"),
    (CLAIMS, "[docker, build, -t, \"{tag}:a\", .]", "[docker, run, --privileged, x]", "claim-flag"),
    (CLAIMS, "[docker, build, -t, \"{tag}:a\", .]", "[docker, run, --newest, x]", "claim-flag-unknown"),
    (CLAIMS, "[docker, build, -t, \"{tag}:a\", .]", "[docker, build, -t, nginx, .]", "claim-not-own"),
    (CLAIMS, "shows: layers == 1", "shows: layers = 1", "claim-shows"),
    (CLAIMS, "shows: layers == 1", "shows: sheets == 1", "claim-name"),
    (CLAIMS, "right: true", "right: false", "claim"),
    (CLAIMS, "files: empty", "files: ../..", "path-outside"),
    (CLAIMS, "files: empty", "files: nothing", "folder-empty"),
    (CLAIMS, "keep: layers", "keep: layers, take: '('", "regex"),
    (SHEET, "- present: {paths: [hello.txt]}", "- absent: {paths: [x]}", "goal-id-twice"),
    (SHEET, "{paths: [hello.txt]}", "{paths: []}", "goal-empty"),
    (SHEET, "teaches: [hello-scratch]", "teaches: []", "teaches-nothing"),
    (SHEET, "images: [scratch]", "images: [alpine]", "image-not-listed"),
    (
        SHEET,
        "One file and nothing else",
        "One file and nothing else at all whatever anybody else may say of it",
        "title-too-long",
    ),
    (
        SHEET,
        "  - builds",
        "  - builds\n  - cached-after-edit: {edit: {file: x.js, append: x}, still-cached: {command: a}}",
        "edit-file",
    ),
    (
        SHEET,
        "\n  - builds\n  - final-base: {one-of: [scratch]}\n  - present: {paths: [hello.txt]}\n  - absent: {paths: [notes.txt]}\n",
        " []\n",
        "no-goals",
    ),
    (HINTS, "## 2", "## Two", "hint-heading"),
    (
        HINTS,
        "## 3\n\n`COPY hello.txt /` is the whole answer. A `.dockerignore` with `notes.txt` in it is another.\n",
        "",
        "too-few-hints",
    ),
    (HINTS, "## 3\n", "## 3\n\nx\n\n## 4\n\n", "hints-differ"),
    (HINTS, "Look at what the dot in `COPY . /` means.", "", "hint-empty"),
    ("exercises/01-first/01-hello/brief.en.md", "You start with", "{{fig x}}", "directive-not-here"),
    ("exercises/01-first/01-hello/debrief.en.md", "The other", "```klingon\nx\n```\n\nThe other", "code-language"),
    (BAD, "note: COPY gave the file another name.\n", "", "specimen-note"),
    (BAD, "present: path-missing", "presents: path-missing", "goal-unknown"),
    (BAD, "path-missing", "path-gone", "code-unknown"),
    (BAD, "fails: {present: path-missing}", "delete: [nope]\nfails: {present: path-missing}", "delete-unknown"),
    (BAD, "fails: {present: path-missing}\n", "", "bad-must-fail"),
    (BAD, "note", "lines: [9]\nnote", "specimen-line"),
    (BAD_FILE, "FROM scratch", "FROM alpine", "image-not-listed"),
    (BAD_FILE, "FROM scratch", "FORM scratch", "dockerfile"),
];

#[test]
fn each_rule_is_found_broken() {
    for (path, from, to, code) in BROKEN {
        let read = lint(&change(path, from, to));
        let found: Vec<_> = read.findings.iter().map(|f| f.code).collect();
        assert!(found.contains(code), "{path}: `{from}` -> `{to}` gave {found:?}, not {code}");
    }
}

#[test]
fn what_files_alone_show() {
    let files = |put: &[(&str, &str)], take: &[&str]| {
        let mut files = template::files();
        put.iter().for_each(|(path, text)| files.put(path, *text));
        take.iter().for_each(|path| files.take(path));
        lint(&files).findings.into_iter().map(|f| f.code).collect::<BTreeSet<_>>()
    };
    let figure = "x: {value: '3', unit: MB, source: somewhere, date: yesterday}\n";
    for (put, take, code) in [
        (vec![("exercises/01-first/01-hello/good/loose", "x")], vec![], "stray-file"),
        (vec![("lessons/glossary.yaml", "terms: [{id: x, word: {en: x}, means: {en: ''}}]")], vec![], "glossary"),
        (vec![("assets/figures.yaml", figure)], vec![], "figure"),
        (vec![("assets/figures.yaml", figure)], vec![], "figure-unused"),
        (
            vec![("assets/curriculum.yaml", "lessons: [{id: other, number: '1', title: {en: x}}]")],
            vec![],
            "lesson-not-planned",
        ),
        (vec![], vec!["exercises/01-first/01-hello/good/solution/Dockerfile"], "no-solution"),
        (vec![], vec!["exercises/01-first/01-hello/good/with-ignore/.dockerignore"], "too-few-specimens"),
        (
            vec![("exercises/01-first/01-hello/good/solution/specimen.yaml", "fails: {builds: syntax}")],
            vec![],
            "good-must-not-fail",
        ),
        (vec![("exercises/01-first/01-hello/debrief.en.md", "Done.")], vec![], "text-too-short"),
    ] {
        let found = files(&put, &take);
        assert!(found.contains(code), "{put:?} {take:?} gave {found:?}, not {code}");
    }
    let mut files = template::files();
    files.put(EN, b"---\nid: \xff\n---\n".to_vec());
    assert!(lint(&files).findings.iter().any(|f| f.code == "not-utf8"));
}

/// What no file in memory can bring about.
const UNTESTED: &[&str] = &["file-unreadable"];

#[test]
fn every_code_is_tested() {
    let source = include_str!("tests.rs");
    for code in CODES {
        let tested = source.contains(&format!("\"{code}\"")) || UNTESTED.contains(code);
        assert!(tested, "{code} is in no test");
    }
}

#[test]
fn a_finding_has_its_line_and_quotes_it() {
    let read = lint(&change(HI, "Maan mat lo", "Ye nahin maano"));
    let [finding] = &read.findings[..] else { panic!("{:?}", read.findings) };
    assert_eq!((finding.file.as_str(), finding.line, finding.severity), (HI, 28, Severity::Lint));
    assert!(finding.snippet.contains("Ye nahin maano"));
    let read = lint(&change(QUIZ, "kind: choice", "kind: chioce"));
    let finding = read.findings.iter().find(|f| f.code == "yaml").unwrap();
    assert_eq!((finding.line, finding.column), (3, 11), "{finding:?}");
    assert!(finding.args["message"].contains("chioce"), "{finding:?}");
}

/// A pack is hostile: whatever is cut off, doubled or damaged gives findings, never a panic.
#[test]
fn no_damage_panics() {
    let paths: Vec<String> = template::files().list().keys().cloned().collect();
    for path in &paths {
        let bytes = template::files().read(path).unwrap();
        for cut in [0, 1, bytes.len() / 3, bytes.len() / 2, bytes.len() - 1] {
            let mut files = template::files();
            files.put(path, bytes[..cut].to_vec());
            let read = lint(&files);
            if let Ok(source) = read::read(&files).sound() {
                crate::course::Course::from_source(&source);
            }
            drop(read);
        }
        let mut files = template::files();
        files.put(path, bytes.iter().map(|b| b ^ 0x15).collect::<Vec<_>>());
        lint(&files);
        files.put(path, [&bytes[..], &bytes[..]].concat());
        lint(&files);
        files.take(path);
        lint(&files);
    }
    lint(&Memory::default());
}

mod fuzzed {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_text_in_any_file_is_only_a_finding(which in 0usize..30, text in "[ -~\n{}#\\[\\]`:>|*-]{0,200}", at in 0usize..2000) {
            let mut files = template::files();
            let path = files.list().keys().nth(which % files.list().len()).unwrap().clone();
            let mut bytes = files.read(&path).unwrap();
            let at = at.min(bytes.len());
            bytes.splice(at..at, text.bytes());
            files.put(&path, bytes);
            lint(&files);
        }
    }
}
