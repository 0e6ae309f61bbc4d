//! What `docker compose config` would open for a compose file, found before it may: files that it includes, extends, and
//! takes environment or labels from. All of them must lie in the submission.
//!
//! Any map with such a key counts, wherever it stands: merge keys and aliases could put it below a service, and a reader
//! that is stricter than compose about where a key may stand would be the one that is fooled.

use super::tree::{BIGGEST, Id, Tree};
use std::{
    collections::BTreeSet,
    fs,
    io::Read,
    path::{Component, Path, PathBuf},
};

/// How many files may be included, in all.
const FILES: usize = 32;
/// Keys whose value names files to open.
const KEYS: [&str; 4] = ["include", "extends", "env_file", "label_file"];

/// A file that must not be opened for a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// The key that names it.
    pub key: &'static str,
    /// As written.
    pub path: String,
    /// The line in the submission's own compose file; none where an included file names it.
    pub line: Option<u32>,
    /// It holds a variable, so that what it would be cannot be said.
    pub variable: bool,
}

/// Where a path leads, from a folder, without asking whether it is there: `..` and `.` taken away.
fn plain(base: &Path, path: &str) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in base.join(path).components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

/// Whether a path, links followed as far as it is there, stays below `root` (which is canonical).
pub fn is_inside(root: &Path, base: &Path, path: &str) -> bool {
    let path = plain(base, path);
    // A folder above a missing file may still be a link that leads out.
    path.ancestors().find_map(|part| part.canonicalize().ok()).is_some_and(|real| real.starts_with(root))
        && path.starts_with(root)
}

/// Reads a regular file of the submission that is not too big.
pub fn text(path: &Path) -> Option<String> {
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(BIGGEST as u64 + 1).read_to_end(&mut bytes).ok()?;
    String::from_utf8(bytes).ok()
}

/// The first file outside of `root` (canonical) that reading these compose files would open.
pub fn outside(root: &Path, files: &[PathBuf]) -> Option<Outside> {
    let mut seen: BTreeSet<PathBuf> = files.iter().cloned().collect();
    let mut todo: Vec<(PathBuf, bool)> = files.iter().map(|f| (f.clone(), true)).collect();
    while let Some((file, own)) = todo.pop() {
        let Some(tree) = text(&file).and_then(|text| Tree::read(&text).ok()) else { continue };
        let base = file.parent().unwrap_or(root).to_owned();
        for (key, line, path) in named(&tree) {
            let path = path.to_owned();
            let variable = path.contains('$');
            let remote = path.contains("://") || path.starts_with("git@") || path.starts_with("oci:");
            if variable || remote || seen.len() >= FILES || !is_inside(root, &base, &path) {
                return Some(Outside { key, path, line: own.then_some(line), variable });
            }
            let further = plain(&base, &path);
            if matches!(key, "include" | "extends") && further.is_file() && seen.insert(further.clone()) {
                todo.push((further, false));
            }
        }
    }
    None
}

/// Every path that one of [`KEYS`] names, with the key and the line.
fn named(tree: &Tree) -> Vec<(&'static str, u32, &str)> {
    let mut found = Vec::new();
    for id in tree.all() {
        for (name, line, value) in tree.entries(id) {
            let Some(key) = KEYS.iter().find(|k| **k == name) else { continue };
            paths(tree, value, &mut |path| found.push((*key, line, path)));
        }
    }
    found
}

fn paths<'a>(tree: &'a Tree, value: Id, found: &mut impl FnMut(&'a str)) {
    let many = tree.items(value);
    for item in if many.is_empty() { std::slice::from_ref(&value) } else { many } {
        if let Some(path) = tree.text(*item) {
            found(path);
        }
        for key in ["path", "file", "project_directory"] {
            let Some((_, inner)) = tree.get(*item, key) else { continue };
            for path in std::iter::once(inner).chain(tree.items(inner).iter().copied()).filter_map(|i| tree.text(i)) {
                found(path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn judged(text: &str) -> Option<(String, Option<u32>)> {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::create_dir(root.join("more")).unwrap();
        fs::write(root.join("more/part.yaml"), "services: {a: {env_file: ../../away.env}}\n").unwrap();
        fs::write(root.join("more/fine.yaml"), "services: {a: {env_file: ../a.env}}\n").unwrap();
        std::os::unix::fs::symlink("/etc", root.join("link")).unwrap();
        let file = root.join("compose.yaml");
        fs::write(&file, text).unwrap();
        outside(&root, &[file]).map(|o| (o.path, o.line))
    }

    #[rstest]
    #[case::absolute("services:\n  a:\n    env_file: /etc/passwd\n", "/etc/passwd", Some(3))]
    #[case::above("services:\n  a:\n    env_file:\n      - path: ../x.env\n", "../x.env", Some(3))]
    #[case::through_a_link("services: {a: {env_file: [link/passwd]}}\n", "link/passwd", Some(1))]
    #[case::variable("services: {a: {env_file: '${HOME}/x'}}\n", "${HOME}/x", Some(1))]
    #[case::include("include: [../other.yaml]\n", "../other.yaml", Some(1))]
    #[case::include_remote("include:\n  - oci://registry.invalid/x\n", "oci://registry.invalid/x", Some(2 - 1))]
    #[case::include_long("include:\n  - path: [a.yaml, /etc/x.yaml]\n", "/etc/x.yaml", Some(1))]
    #[case::included_file_names_it("include: [more/part.yaml]\n", "../../away.env", None)]
    #[case::extends("services: {a: {extends: {file: ../b.yaml, service: b}}}\n", "../b.yaml", Some(1))]
    #[case::merged_in("x: &x {env_file: /etc/passwd}\nservices: {a: {<<: *x}}\n", "/etc/passwd", Some(1))]
    #[case::labels("services: {a: {label_file: /etc/os-release}}\n", "/etc/os-release", Some(1))]
    fn files_outside_are_found_before_they_are_opened(
        #[case] text: &str,
        #[case] path: &str,
        #[case] line: Option<u32>,
    ) {
        assert_eq!(judged(text), Some((path.to_owned(), line)));
    }

    #[rstest]
    #[case("services: {a: {env_file: [a.env, ./more/../b.env]}}\n")]
    #[case("include: [more/fine.yaml]\n")]
    #[case("services: {a: {extends: {file: compose.yaml, service: b}}, b: {image: x}}\n")]
    #[case("services: {a: {extends: b}}\n")]
    #[case("not: [a compose file")]
    fn what_stays_inside_may_be_read(#[case] text: &str) {
        assert_eq!(judged(text), None);
    }
}
