//! What is wrong with a course, where, and what to do about it: data, so that each language can say it in its own words.

use serde::Serialize;
use std::collections::BTreeMap;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The course cannot be used like this.
    Error,
    /// It can, but it breaks a rule of the gate.
    Lint,
}

/// Every code of a finding, in order.
pub const CODES: &[&str] = &[
    "bad-must-fail",
    "bare-block",
    "callout",
    "claim",
    "claim-command",
    "claim-flag",
    "claim-flag-unknown",
    "claim-missing",
    "claim-name",
    "claim-not-own",
    "claim-not-placed",
    "claim-shows",
    "claim-unknown",
    "code-language",
    "code-lines",
    "code-missing",
    "code-too-wide",
    "code-unknown",
    "delete-unknown",
    "devanagari",
    "diagram",
    "diagram-caption",
    "diagram-id-twice",
    "diagram-id-unknown",
    "diagram-size",
    "diagram-time",
    "directive",
    "directive-not-alone",
    "directive-not-here",
    "dockerfile",
    "edit-file",
    "exercise-unknown",
    "figure",
    "figure-missing",
    "figure-unused",
    "file-missing",
    "file-unreadable",
    "flag-not-code",
    "folder-empty",
    "folder-name",
    "format-unknown",
    "front-matter",
    "front-matter-differs",
    "glossary",
    "goal-empty",
    "goal-id-twice",
    "goal-unknown",
    "good-must-not-fail",
    "heading-level",
    "hint-empty",
    "hint-heading",
    "hints-differ",
    "html",
    "id-form",
    "id-twice",
    "image-not-listed",
    "keyword-not-latin",
    "language-unknown",
    "languages",
    "languages-differ",
    "lesson-length",
    "lesson-not-planned",
    "lesson-unknown",
    "link",
    "need-not-earlier",
    "no-goals",
    "no-solution",
    "not-utf8",
    "output-too-long",
    "path-outside",
    "question",
    "question-answer",
    "question-interview",
    "question-proof",
    "question-source",
    "question-unknown",
    "regex",
    "sample-context",
    "sample-file-missing",
    "sample-not-shown",
    "sample-output-of",
    "sample-run",
    "sample-since",
    "sample-source",
    "sample-twice",
    "sample-undeclared",
    "sample-uses",
    "sample-wrong-how",
    "section-id",
    "section-unknown",
    "section-without-id",
    "specimen-line",
    "specimen-note",
    "spelling",
    "stepper-recording",
    "stray-file",
    "teaches-nothing",
    "text-missing",
    "text-too-short",
    "title-too-long",
    "too-few-hints",
    "too-few-specimens",
    "unsteady-character",
    "yaml",
];

/// One thing wrong with a course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// Stable, kebab-case. Its text is the UI string `lint.CODE`, what to do about it `lint.CODE.next`.
    pub code: &'static str,
    /// The file, relative to the course's folder.
    pub file: String,
    /// The line, from 1; 0 when the whole file is meant.
    pub line: u32,
    /// The column in characters, from 1; 0 when the whole line is meant.
    pub column: u32,
    /// The line itself, at most 120 characters of it.
    pub snippet: String,
    /// What the code's text may name.
    pub args: BTreeMap<&'static str, String>,
}

impl Finding {
    /// A finding about a whole file.
    pub fn new(severity: Severity, code: &'static str, file: impl Into<String>) -> Self {
        debug_assert!(CODES.binary_search(&code).is_ok(), "`{code}` is not in CODES");
        Self { severity, code, file: file.into(), line: 0, column: 0, snippet: String::new(), args: BTreeMap::new() }
    }

    /// That the course cannot be used.
    pub fn error(code: &'static str, file: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, file)
    }

    /// That a rule is broken.
    pub fn lint(code: &'static str, file: impl Into<String>) -> Self {
        Self::new(Severity::Lint, code, file)
    }

    /// The same with one more argument for its text.
    #[must_use]
    pub fn arg(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.insert(name, value.to_string());
        self
    }

    /// The same at a line (from 1) of `text`, which it quotes.
    #[must_use]
    pub fn at_line(mut self, text: &str, line: u32) -> Self {
        self.line = line;
        let quoted = line.checked_sub(1).and_then(|nth| text.lines().nth(nth as usize)).unwrap_or_default();
        self.snippet = quoted.chars().filter(|c| !c.is_control()).take(120).collect();
        self
    }

    /// The same at a line and a column (in characters, from 1) of `text`.
    #[must_use]
    pub fn at(mut self, text: &str, line: u32, column: u32) -> Self {
        self = self.at_line(text, line);
        self.column = column;
        self
    }

    /// The same where `needle` stands as a word of its own in `text`, the `nth` time from 0; the whole file if nowhere.
    ///
    /// Searching beats carrying a span beside every value: the data stay plain, and what is quoted is what is meant.
    #[must_use]
    pub fn at_word(self, text: &str, needle: &str, nth: usize) -> Self {
        match find_word(text, needle, nth) {
            Some((line, column)) => self.at(text, line, column),
            None => self,
        }
    }
}

/// Line and column, from 1, of the `nth` (from 0) place in which `needle` stands with no word character beside it.
pub fn find_word(text: &str, needle: &str, nth: usize) -> Option<(u32, u32)> {
    let first = needle.lines().next().filter(|l| !l.is_empty())?;
    let wordy = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let mut left = nth;
    for (number, line) in text.lines().enumerate() {
        for (at, found) in line.match_indices(first) {
            let before = line[..at].chars().next_back().is_some_and(wordy);
            let after = line[at + found.len()..].chars().next().is_some_and(wordy);
            if before || after {
                continue;
            }
            if left == 0 {
                return Some((number as u32 + 1, line[..at].chars().count() as u32 + 1));
            }
            left -= 1;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_only_as_a_word() {
        let text = "id: two-stages\nneeds: [two]\nother: two\n";
        assert_eq!(find_word(text, "two", 0), Some((2, 9)));
        assert_eq!(find_word(text, "two", 1), Some((3, 8)));
        assert_eq!(find_word(text, "two", 2), None);
    }

    #[test]
    fn the_line_is_quoted_without_control_characters() {
        let finding = Finding::lint("html", "f").at_line("a\n\u{1b}[31mred\n", 2);
        assert_eq!(finding.snippet, "[31mred");
    }
}
