//! Reads and checks the built-in course when the program is built, so that the program starts without parsing any of it and
//! a fault in a lesson stops the build with its file and line instead of a learner.

#[path = "src/course/source/mod.rs"]
// The program uses more of it than the build does.
#[allow(dead_code, unreachable_pub)]
mod source;

use source::{blob, files::Folder, finding::Finding, read};
use std::{collections::BTreeMap, env, fs, path::Path, process::ExitCode};

fn main() -> ExitCode {
    for input in ["lessons", "exercises", "assets", "src/course/source"] {
        println!("cargo::rerun-if-changed={input}");
    }
    fixed_place();
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// A release for Linux is linked to a fixed address. A program that can be loaded anywhere has a megabyte of addresses to be
/// written anew at each start, page by page, before its first line runs: a fifth of the time to the first frame. What it gives up
/// is a guess that an attacker on memory would have to make; the code here has no unsafe to begin with, and heap, stack and
/// libraries lie at random places as before.
fn fixed_place() {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|v| v == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && is("PROFILE", "release") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}

fn build() -> Result<(), String> {
    let root = env::var("CARGO_MANIFEST_DIR").map_err(|e| e.to_string())?;
    let out = env::var("OUT_DIR").map_err(|e| e.to_string())?;
    let source = if Path::new(&root).join("lessons/course.yaml").exists() {
        let files = Folder::open(Path::new(&root)).map_err(|e| e.to_string())?;
        read::read(&files).sound().map_err(|findings| told(Path::new(&root), &findings))?
    } else {
        source::model::Source::default()
    };
    // While the program is being worked on, a changed lesson is built often and its size is nobody's concern.
    let release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let stored = if release { blob::Stored::Packed } else { blob::Stored::Coloured };
    let blob = blob::encode(&source, stored).map_err(|e| e.to_string())?;
    // Anew and not over the old one: in a target folder that was copied by hard links the old one is somebody else's too.
    let to = Path::new(&out).join("course.blob");
    let _ = fs::remove_file(&to);
    fs::write(&to, blob).map_err(|e| e.to_string())?;
    let lessons =
        fs::read_to_string(Path::new(&root).join("assets/diagnosis-lessons.yaml")).map_err(|e| e.to_string())?;
    let lessons: BTreeMap<String, String> = serde_yaml::from_str(&lessons).map_err(|e| e.to_string())?;
    let table: String = lessons.iter().map(|(code, lesson)| format!("({code:?}, {lesson:?}),\n")).collect();
    let to = Path::new(&out).join("diagnosis_lessons.rs");
    let _ = fs::remove_file(&to);
    fs::write(&to, format!("&[{table}]")).map_err(|e| e.to_string())
}

/// The findings in the words of the program's own UI strings.
fn told(root: &Path, findings: &[Finding]) -> String {
    type Strings = BTreeMap<String, serde_json::Value>;
    let file = fs::read_to_string(root.join("assets/locales/course.yaml")).unwrap_or_default();
    let strings: Strings = serde_yaml::from_str(&file).unwrap_or_default();
    let say = |key: String, finding: &Finding| {
        let mut text = strings.get(&key).and_then(|t| t.get("en")).and_then(|t| t.as_str()).unwrap_or(&key).to_owned();
        for (name, value) in &finding.args {
            text = text.replace(&format!("%{{{name}}}"), value);
        }
        text
    };
    let mut message = format!("the course has {} faults that keep it from being used\n", findings.len());
    for finding in findings {
        let (what, next) =
            (say(format!("lint.{}", finding.code), finding), say(format!("lint.{}.next", finding.code), finding));
        let Finding { file, line, column, snippet, code, .. } = finding;
        message += &format!("\n{file}:{line}:{column}: {code}: {what}\n    {snippet}\n    {next}\n");
    }
    message
}
