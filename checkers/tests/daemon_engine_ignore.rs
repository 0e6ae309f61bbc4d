//! `.dockerignore` as ours against Docker's own: generated folders and patterns, both sides' files compared.
//!
//! The oracle is `docker buildx build`, which sends the context file by file and leaves the choice to BuildKit.
//! DOCKSHALA_IGNORE_CASES sets how many cases are tried (20), DOCKSHALA_IGNORE_SEED where to begin.
#![cfg(feature = "daemon-tests")]

use dockshala_checkers::engine::listing;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A small generator of our own: a case must be the same wherever it is repeated by its number.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.next(choices.len())]
    }
}

const NAMES: [&str; 10] = ["a", "b", "ab", "a.log", "b.md", "src", "x y", ".env", "a[b]", "नाम"];
const PIECES: [&str; 26] = [
    "a",
    "b",
    "ab",
    "*",
    "**",
    "?",
    "*.log",
    "*.md",
    "src",
    ".",
    "..",
    "[ab]",
    "[^a]",
    "a*",
    "*b",
    "**b",
    "a**",
    ".env",
    "x y",
    "a\\*",
    "a\\[b\\]",
    "नाम",
    "न*",
    "?b",
    "*.*",
    "[a-c]*",
];

fn tree(random: &mut Random, dir: &Path, depth: usize) {
    for _ in 0..1 + random.next(4) {
        let path = dir.join(random.of(&NAMES));
        if path.exists() {
            continue;
        }
        if depth < 3 && random.next(2) == 0 {
            fs::create_dir(&path).unwrap();
            if random.next(6) > 0 {
                tree(random, &path, depth + 1);
            }
        } else {
            fs::write(&path, "x").unwrap();
        }
    }
}

/// A pattern: mostly a path of the folder with some of its parts made looser, so that it has something to match.
fn pattern(random: &mut Random, all: &[String]) -> String {
    if random.next(25) == 0 {
        return random.of(&["!", "[", "a[]", "b\\", "[a-]", "!/"]).to_owned();
    }
    let mut text = String::new();
    if random.next(8) == 0 {
        text.push_str(random.of(&["# ", " ", "./", "/", "//"]));
    }
    if random.next(4) == 0 {
        text.insert_str(0, random.of(&["!", "!", "! ", "!/"]));
    }
    if random.next(4) == 0 || all.is_empty() {
        let parts: Vec<&str> = (0..1 + random.next(3)).map(|_| random.of(&PIECES)).collect();
        text.push_str(&parts.join("/"));
    } else {
        let path = all[random.next(all.len())].clone();
        let parts: Vec<String> = path
            .split('/')
            .map(|part| match random.next(6) {
                0 => random.of(&["*", "**", "?*", "*?", "[^b]*"]).to_owned(),
                1 => format!("{}*", part.chars().next().unwrap_or('a')),
                2 => random.of(&PIECES).to_owned(),
                _ => part.replace('[', "\\[").replace(']', "\\]"),
            })
            .collect();
        let keep = 1 + random.next(parts.len());
        text.push_str(&parts[..keep].join("/"));
    }
    if random.next(8) == 0 {
        text.push_str(random.of(&["/", " ", "/.", "\r", "/**", "//"]));
    }
    text
}

fn files(dir: &Path) -> BTreeSet<String> {
    fn walk(root: &Path, dir: &Path, into: &mut BTreeSet<String>) {
        for entry in fs::read_dir(dir).unwrap().flatten() {
            into.insert(entry.path().strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            if entry.file_type().unwrap().is_dir() {
                walk(root, &entry.path(), into);
            }
        }
    }
    let mut all = BTreeSet::new();
    walk(dir, dir, &mut all);
    all
}

/// What Docker would send: None when it refuses the patterns.
fn oracle(context: &Path, work: &Path) -> Option<BTreeSet<String>> {
    let out: PathBuf = work.join("out");
    fs::write(work.join("Only.Dockerfile"), "FROM scratch\nCOPY . /\n").unwrap();
    let mut again = 5;
    let output = loop {
        let output = Command::new("docker")
            .args(["buildx", "build", "--builder", "default", "-q", "-f"])
            .arg(work.join("Only.Dockerfile"))
            .arg("-o")
            .arg(format!("type=local,dest={}", out.display()))
            .arg(context)
            .output()
            .expect("a docker command");
        // Now and then BuildKit ends a build as cancelled that nobody cancelled: that says nothing about the patterns.
        if again == 0 || !String::from_utf8_lossy(&output.stderr).contains("context canceled") {
            break output;
        }
        again -= 1;
        let _ = fs::remove_dir_all(&out);
    };
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        // Other errors would be the oracle's own (a tab within a pattern cannot be sent in its headers, for one).
        let refused = error.contains("syntax error in pattern") || error.contains("illegal exclusion pattern");
        assert!(refused, "{error}");
        return None;
    }
    Some(files(&out))
}

#[test]
fn what_is_sent_is_what_docker_sends() {
    let setting =
        |name: &str, default: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (cases, seed) = (setting("DOCKSHALA_IGNORE_CASES", 20), setting("DOCKSHALA_IGNORE_SEED", 1));
    let (mut refused, mut left_out) = (0, 0);
    for case in seed..seed + cases {
        let mut random = Random(case.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let work = tempfile::tempdir().unwrap();
        let context = work.path().join("context");
        fs::create_dir(&context).unwrap();
        tree(&mut random, &context, 0);
        let some: Vec<String> = files(&context).into_iter().collect();
        let patterns: Vec<String> = (0..1 + random.next(5)).map(|_| pattern(&mut random, &some)).collect();
        fs::write(context.join(".dockerignore"), patterns.join("\n")).unwrap();
        let all = files(&context);
        let ours = listing(&context).ok().map(|paths| paths.into_iter().collect::<BTreeSet<_>>());
        let docker = oracle(&context, work.path());
        assert_eq!(ours, docker, "case {case}: {patterns:?} over {all:?}");
        match ours {
            None => refused += 1,
            Some(ours) if ours.len() < all.len() => left_out += 1,
            Some(_) => {}
        }
    }
    // The generator must not have come to test nothing.
    assert!(left_out * 3 >= cases, "only {left_out} of {cases} cases left anything out; {refused} were refused");
}
