//! The static gate: everything about a course that can be judged without a daemon.
//!
//! Rules are grouped by the file they read; each is a function from the course to findings. A finding names the file and
//! line, quotes it, and its text says what to do: an author who is new to the format learns it from here.

mod claims;
mod exercises;
mod figures;
mod glossary;
mod lessons;
mod quiz;
mod samples;
mod style;
#[cfg(test)]
mod tests;

use super::source::{
    files::Files,
    finding::Finding,
    model::Source,
    read::{self, Read},
};
use std::collections::BTreeMap;

/// Reads a course and judges it by every rule.
pub fn lint(files: &dyn Files) -> Read {
    let Read { source, mut findings } = read::read(files);
    let mut linter = Linter { files, source: &source, texts: BTreeMap::new(), findings: Vec::new() };
    linter.load();
    lessons::lint(&mut linter);
    style::lint(&mut linter);
    samples::lint(&mut linter);
    exercises::lint(&mut linter);
    quiz::lint(&mut linter);
    claims::lint(&mut linter);
    figures::lint(&mut linter);
    glossary::lint(&mut linter);
    findings.append(&mut linter.findings);
    findings.sort_by(|a, b| (&a.file, a.line, a.column, a.code).cmp(&(&b.file, b.line, b.column, b.code)));
    findings.dedup();
    Read { source, findings }
}

struct Linter<'a> {
    files: &'a dyn Files,
    source: &'a Source,
    texts: BTreeMap<String, String>,
    findings: Vec<Finding>,
}

impl Linter<'_> {
    /// Every file that is text, once: rules look things up in them.
    fn load(&mut self) {
        for path in self.files.list().keys() {
            let name = path.rsplit('/').next().unwrap_or(path);
            let text = name.ends_with(".md") || name.ends_with(".yaml");
            if text && let Some(text) = self.files.read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
                self.texts.insert(path.clone(), text);
            }
        }
    }

    fn text(&self, path: &str) -> &str {
        self.texts.get(path).map_or("", String::as_str)
    }

    /// A finding where `word` stands in its file.
    fn at_word(&mut self, finding: Finding, word: &str) {
        self.at_nth(finding, word, 0);
    }

    /// A finding where `word` stands the `nth` time in its file.
    fn at_nth(&mut self, finding: Finding, word: &str, nth: usize) {
        let text = self.texts.get(finding.file.as_str()).map_or("", String::as_str);
        self.findings.push(finding.at_word(text, word, nth));
    }

    /// A finding at a line of its file.
    fn at_line(&mut self, finding: Finding, line: u32) {
        let text = self.texts.get(finding.file.as_str()).map_or("", String::as_str);
        self.findings.push(finding.at_line(text, line));
    }
}

/// Whether a glob (`*` for anything) fits.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut rest = rest;
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    false
}

/// `2026-08-03`.
fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

#[cfg(test)]
mod helpers {
    use super::*;

    #[test]
    fn globs() {
        assert!(glob("gcr.io/distroless/static*", "gcr.io/distroless/static-debian13"));
        assert!(glob("*", "x") && glob("a*c*e", "abcde") && glob("scratch", "scratch"));
        assert!(!glob("scratch", "scratch2") && !glob("a*c", "ab") && !glob("ab*ba", "aba"));
    }

    #[test]
    fn dates() {
        assert!(is_date("2026-08-03"));
        assert!(!is_date("2026-02-30") && !is_date("August 2026") && !is_date("2026-8-3"));
    }
}
