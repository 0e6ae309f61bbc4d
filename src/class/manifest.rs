//! What a bundle says it holds, and the rules that it must keep before any of it is looked at.
//!
//! Only regular files stand in the archive; links and empty folders are said here and made by us. An archive's own links and
//! folders are where unpackers are fooled, and a list that is judged whole, before a byte is written, is not.

use super::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The number of this format.
pub const FORMAT: u32 = 1;
/// The manifest's name in the archive; it comes first.
pub const MANIFEST: &str = "manifest.json";
/// The events' name; they come second.
pub const EVENTS: &str = "events.jsonl";
/// The folder in which the sources stand, each exercise in a folder of its id.
pub const WORK: &str = "work";

/// What a bundle may hold. A course's working copies are some kilobytes each; the bounds leave a hundredfold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of the bundle's file.
    pub file: u64,
    /// Bytes of all sources.
    pub sources: u64,
    /// Bytes of one source.
    pub source: u64,
    /// Sources.
    pub count: usize,
    /// Bytes of the manifest.
    pub manifest: u64,
    /// Bytes of the events.
    pub events: u64,
}

impl Limits {
    /// The usual ones.
    pub const USUAL: Self = Self {
        file: 256_000_000,
        sources: 512_000_000,
        source: 128_000_000,
        count: 20_000,
        manifest: 8_000_000,
        events: 16_000_000,
    };
}

/// Parts of a path, and bytes of it. Longer ones fit into no plain tar header.
const DEPTH: usize = 32;
const PATH: usize = 200;
const EXERCISES: usize = 500;
/// Characters of a learner's name.
pub const NAME: usize = 100;

/// A bundle's table of contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of the program that wrote it.
    pub program: String,
    /// The learner's name as she states it.
    pub learner: String,
    /// The device that wrote it.
    pub device: Uuid,
    /// When, by that device's clock: RFC 3339.
    pub made: String,
    /// The course.
    pub course: CourseName,
    /// Its working copies.
    pub exercises: Vec<Work>,
    /// Its events.
    pub events: Events,
}

/// A course by name and content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourseName {
    /// Its id.
    pub id: String,
    /// Its content's hash.
    pub hash: String,
}

/// The learner's history of these exercises.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Events {
    /// How many.
    pub count: usize,
    /// Bytes of their file.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
}

/// One working copy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// The exercise's id.
    pub exercise: String,
    /// Its regular files, sorted.
    pub files: Vec<Source>,
    /// Links that stay within it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Folders with nothing in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub empty: Vec<String>,
    /// What was left out, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// Over files, links and empty folders: what a verdict is remembered by.
    pub hash: String,
}

/// A regular file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Relative to the working copy, with `/`.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// It may be executed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub executable: bool,
    /// Its SHA-256.
    pub sha256: String,
}

/// A symbolic link within the working copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Relative to the working copy.
    pub path: String,
    /// Relative to the link's folder.
    pub target: String,
}

/// Something that is not in the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Relative to the working copy.
    pub path: String,
    /// Why.
    pub why: Why,
    /// How many files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Why something was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// A folder that a tool can make again, which `.dockerignore` keeps out of every build.
    Ignored,
    /// A link that leads out of the working copy.
    LinkOut,
    /// Neither file, folder nor link.
    Special,
}

/// A rule that a manifest breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Its name: `path`, `link`, `twice`, `too-many`, `too-big`, `exercise`, `hash`.
    pub rule: &'static str,
    /// What breaks it.
    pub what: String,
}

fn broken(rule: &'static str, what: impl Into<String>) -> Broken {
    Broken { rule, what: what.into() }
}

impl Work {
    /// The hash over what is in it.
    pub fn content(&self) -> String {
        let mut hash = Sha256::new();
        let mut line = |parts: &[&str]| {
            for part in parts {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        };
        for file in &self.files {
            line(&["file", &file.path, if file.executable { "x" } else { "-" }, &file.sha256]);
        }
        for link in &self.links {
            line(&["link", &link.path, &link.target]);
        }
        for folder in &self.empty {
            line(&["empty", folder]);
        }
        hex(hash.finalize())
    }
}

impl Manifest {
    /// Whether it keeps every rule. After this each path of it may be written below a folder of ours.
    pub fn check(&self, limits: &Limits) -> Result<(), Broken> {
        if self.exercises.len() > EXERCISES {
            return Err(broken("too-many", format!("{} exercises", self.exercises.len())));
        }
        let count: usize = self.exercises.iter().map(|w| w.files.len() + w.links.len() + w.empty.len()).sum();
        if count > limits.count {
            return Err(broken("too-many", format!("{count} files")));
        }
        let mut total = 0_u64;
        let mut seen = BTreeSet::new();
        for work in &self.exercises {
            if !is_id(&work.exercise) {
                return Err(broken("exercise", shorten(&work.exercise)));
            }
            if !seen.insert(&work.exercise) {
                return Err(broken("twice", &work.exercise));
            }
            work.check()?;
            for file in &work.files {
                total = total.saturating_add(file.bytes);
                if file.bytes > limits.source || total > limits.sources {
                    return Err(broken("too-big", format!("{}/{}", work.exercise, file.path)));
                }
            }
            if work.hash != work.content() {
                return Err(broken("hash", &work.exercise));
            }
        }
        Ok(())
    }
}

impl Work {
    fn check(&self) -> Result<(), Broken> {
        // Path → whether it is a folder that may hold others.
        let mut kinds: BTreeMap<&str, bool> = BTreeMap::new();
        let files = self.files.iter().map(|f| f.path.as_str());
        let links = self.links.iter().map(|l| l.path.as_str());
        for path in files.chain(links) {
            if !is_path(path) {
                return Err(broken("path", shorten(path)));
            }
            if kinds.insert(path, false).is_some() {
                return Err(broken("twice", shorten(path)));
            }
        }
        for path in &self.empty {
            if !is_path(path) {
                return Err(broken("path", shorten(path)));
            }
            if kinds.insert(path, true).is_some() {
                return Err(broken("twice", shorten(path)));
            }
        }
        // Nothing lies below a file or a link: what is written later would otherwise go where an earlier link leads.
        for path in kinds.keys() {
            let below = parents(path).find(|parent| kinds.get(parent) == Some(&false));
            if below.is_some() {
                return Err(broken("path", shorten(path)));
            }
        }
        match self.links.iter().find(|link| !stays_within(&link.path, &link.target)) {
            Some(link) => Err(broken("link", format!("{} -> {}", shorten(&link.path), shorten(&link.target)))),
            None => Ok(()),
        }
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(200).collect()
}

fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

/// An exercise's id: also a plain folder name on every system.
fn is_id(id: &str) -> bool {
    (1..=80).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !id.starts_with('-')
}

/// A relative path of plain names.
pub(super) fn is_path(path: &str) -> bool {
    path.len() <= PATH
        && path.split('/').count() <= DEPTH
        // A backslash or a drive would be a way out where the teacher's machine runs Windows.
        && path.split('/').all(|part| !matches!(part, "" | "." | "..") && !part.contains(['\\', ':', '\0']))
        && !path.chars().any(char::is_control)
}

/// Whether a link leads to nothing outside, whatever other links its way crosses.
///
/// Steps up stand first and are no more than the folders above the link, which are folders and no links; after them come plain
/// names. A step up *after* a name is refused, though it may be harmless: the name may be a link, and then it leads up from there.
pub(super) fn stays_within(path: &str, target: &str) -> bool {
    let above = path.split('/').count() - 1;
    let ups = target.split('/').take_while(|part| *part == "..").count();
    let mut rest = target.split('/').skip(ups).peekable();
    let names = rest.peek().is_none() || rest.all(|part| !matches!(part, "" | ".."));
    ups <= above
        && names
        && target.len() <= PATH
        && !target.is_empty()
        && !target.contains(['\\', ':', '\0'])
        && !target.chars().any(char::is_control)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    pub(in crate::class) fn work(files: &[&str], links: &[(&str, &str)]) -> Work {
        let mut work = Work { exercise: "two-stages".into(), ..Work::default() };
        work.files = files
            .iter()
            .map(|p| Source { path: (*p).into(), bytes: 1, executable: false, sha256: super::super::sha256(b"x") })
            .collect();
        work.links = links.iter().map(|(p, t)| Link { path: (*p).into(), target: (*t).into() }).collect();
        work.hash = work.content();
        work
    }

    #[rstest]
    #[case::fine(&["Dockerfile", "src/a", "src/b"], &[("src/c", "a"), ("l", "src")], None)]
    #[case::hindi(&["मेन्यू.txt"], &[], None)]
    #[case::up(&["../x"], &[], Some("path"))]
    #[case::up_inside(&["a/../../x"], &[], Some("path"))]
    #[case::absolute(&["/etc/passwd"], &[], Some("path"))]
    #[case::empty_part(&["a//b"], &[], Some("path"))]
    #[case::drive(&["C:/x"], &[], Some("path"))]
    #[case::backslash(&["a\\..\\x"], &[], Some("path"))]
    #[case::escape(&["a\x1b[31m"], &[], Some("path"))]
    #[case::twice(&["a", "a"], &[], Some("twice"))]
    #[case::file_and_link(&["a"], &[("a", "b")], Some("twice"))]
    #[case::below_a_file(&["a", "a/b"], &[], Some("path"))]
    #[case::below_a_link(&["l/x"], &[("l", "d")], Some("path"))]
    #[case::link_out(&[], &[("l", "../x")], Some("link"))]
    #[case::link_absolute(&[], &[("l", "/etc/passwd")], Some("link"))]
    #[case::link_up_and_down(&["d/x"], &[("d/l", "../y")], None)]
    #[case::link_up_after_a_name(&["a/b/c/x"], &[("a/b/c/up", "../../.."), ("a/b/c/e", "up/../..")], Some("link"))]
    fn what_a_manifest_may_name(#[case] files: &[&str], #[case] links: &[(&str, &str)], #[case] want: Option<&str>) {
        assert_eq!(work(files, links).check().err().map(|b| b.rule), want);
    }

    #[test]
    fn any_change_is_another_hash() {
        let one = work(&["a", "b"], &[("l", "a")]);
        for other in [work(&["a"], &[("l", "a")]), work(&["a", "b"], &[("l", "b")]), work(&["ab"], &[])] {
            assert_ne!(one.hash, other.hash);
        }
        let mut executable = one.clone();
        executable.files[0].executable = true;
        assert_ne!(one.hash, executable.content());
    }

    proptest! {
        /// The rule for links against the file system itself: made on disk, none that passes leads out.
        #[test]
        fn no_links_that_pass_lead_out(targets in proptest::collection::vec("(\\.\\./){0,3}(l[0-4]|d|d/e|\\.|)(/\\.\\.){0,2}(/l[0-4])?", 5)) {
            let top = tempfile::tempdir().unwrap();
            let root = top.path().join("root");
            std::fs::create_dir_all(root.join("d/e")).unwrap();
            let places = ["l0", "d/l1", "d/e/l2", "l3", "d/l4"];
            for (path, target) in places.iter().zip(&targets) {
                if stays_within(path, target) {
                    std::os::unix::fs::symlink(target, root.join(path)).unwrap();
                }
            }
            let root = root.canonicalize().unwrap();
            for path in places {
                if let Ok(real) = root.join(path).canonicalize() {
                    prop_assert!(real.starts_with(&root), "{path} leads to {}", real.display());
                }
            }
        }
    }
}
