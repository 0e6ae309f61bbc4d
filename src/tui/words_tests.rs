//! No English of our own stands in the code of the screen and the command line: a reader of another language would meet it.
//! What a user sees comes from `assets/locales/`, where tests hold the languages to each other.

use std::{fs, path::Path};

/// Two words or more between quotes that read like a sentence and that something shows. Texts of errors for us
/// (`expect`, `assert`), of attributes and of comments are not shown to anybody.
fn sentences(code: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    for (nth, line) in code.lines().enumerate() {
        let bare = line.trim_start();
        if bare == "#[cfg(test)]" {
            // What follows is for us.
            break;
        }
        let ours = ["//", "#[", "#!["].iter().any(|s| bare.starts_with(s))
            || [".expect(", "assert", "panic!(", "unreachable!(", "reason = \""].iter().any(|s| line.contains(s));
        if ours {
            continue;
        }
        for (at, piece) in line.split('"').enumerate().filter(|(at, _)| at % 2 == 1) {
            let words: Vec<&str> = piece.split(' ').collect();
            let word = |w: &&str| w.len() > 1 && w.trim_end_matches(['.', ',', ':']).chars().all(char::is_alphabetic);
            if at > 0 && words.iter().filter(|w| word(w)).count() >= 2 {
                out.push((nth + 1, piece.to_owned()));
            }
        }
    }
    out
}

fn each(dir: &Path, see: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            each(&path, see);
        } else if name.ends_with(".rs") && !name.contains("tests") {
            see(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}

/// What is the same in every language: commands to type, formats, names.
const SAME: &[&str] = &[
    // Commands as they are typed.
    "$ dockshala ",
    "dockshala ",
    "$ docker ",
    "docker exec ",
    "docker kill ",
    "docker node ",
    "docker service ",
];

#[test]
fn a_sentence_in_the_code_is_found() {
    let code = "say(\"Nothing was found here\");\n// \"a comment that speaks\"\nx.expect(\"never empty here\");\n";
    assert_eq!(sentences(code), [(1, "Nothing was found here".to_owned())]);
}

#[test]
fn no_sentence_of_ours_stands_in_the_code() {
    let mut found = Vec::new();
    for part in ["src/tui", "src/cli", "src/report"] {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(part);
        each(&dir, &mut |path, code| {
            for (line, text) in sentences(code) {
                if !SAME.iter().any(|same| text.starts_with(same)) {
                    found.push(format!("{}:{line}: {text}", path.display()));
                }
            }
        });
    }
    assert!(found.is_empty(), "put these into assets/locales/, in every language:\n{}", found.join("\n"));
}
