//! From bytes to logical lines: directives, comments, continuations, here-documents.
//!
//! This follows BuildKit's own reader line for line, because a line that we join differently would put the blame on a wrong
//! line of the learner's file. The crate parse-dockerfile was tried first and is the oracle of our tests: it refuses
//! here-documents that are not the first word of a RUN, and stops at files that BuildKit builds, so that a checker on top of
//! it would reject what works.

use super::words;
use regex::Regex;
use std::{ops::Range, sync::LazyLock};

/// A piece of a logical line and where it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// Offset in the logical text.
    pub(super) at: usize,
    /// Offset in the file.
    pub(super) file: usize,
    /// Length in bytes, the same in both.
    pub(super) len: usize,
}

/// One instruction's text with its continuation lines joined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Logical {
    pub(super) text: String,
    pub(super) pieces: Vec<Piece>,
    /// First and last line in the file, from 1, here-documents included.
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) heredocs: Vec<Heredoc>,
    /// The delimiter of a here-document that never ends.
    pub(super) open_heredoc: Option<String>,
    /// Lines between its first and its last that are empty, which BuildKit takes today and says that it will not.
    pub(super) blank: Vec<u32>,
}

/// A here-document of a RUN, COPY or ADD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc {
    /// The delimiter, quotes removed: for COPY the name of the file.
    pub name: String,
    /// `<<-`: leading tabs are dropped.
    pub strip_tabs: bool,
    /// Variables are expanded: the delimiter is not quoted.
    pub expand: bool,
    /// What stands between, line ends as in the file.
    pub body: String,
    /// The first line of that, from 1.
    pub line: u32,
}

/// A parser directive (`# syntax=…`) at the file's top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// Lower case: `syntax`, `escape`, `check`.
    pub name: String,
    /// What stands behind the `=`.
    pub value: String,
    /// Its line, from 1.
    pub line: u32,
    /// The line's bytes in the file, without its end.
    pub(super) span: Range<usize>,
}

static DIRECTIVE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*$").expect("a constant pattern"));
static HEREDOC: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^\d*<<(-?)\s*([^<]*)$").expect("a constant pattern"));

struct Physical<'a> {
    text: &'a str,
    start: usize,
    /// With its line end.
    whole: &'a str,
}

fn physical(text: &str) -> Vec<Physical<'_>> {
    let mut start = 0;
    text.split_inclusive('\n')
        .map(|whole| {
            let line = Physical { text: whole.trim_end_matches(['\r', '\n']), start, whole };
            start += whole.len();
            line
        })
        .collect()
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// `Some(without)` where the line ends in an escape that is not itself escaped and goes on below.
fn continues(line: &str, escape: char) -> Option<&str> {
    let cut = line.trim_end_matches([' ', '\t']);
    let before = cut.strip_suffix(escape)?;
    if before.ends_with(escape) { None } else { Some(before) }
}

/// The parser directives at the top of `text`, which BuildKit reads before anything else.
pub(super) fn directives(text: &str) -> Vec<Directive> {
    let mut found = Vec::new();
    for (number, line) in physical(text).into_iter().enumerate() {
        let Some(parts) = DIRECTIVE.captures(line.text.trim_start()) else { break };
        let name = parts[1].to_ascii_lowercase();
        if matches!(name.as_str(), "syntax" | "escape" | "check") {
            let span = line.start..line.start + line.text.len();
            found.push(Directive { name, value: parts[2].to_owned(), line: number as u32 + 1, span });
        }
    }
    found
}

/// All logical lines of `text` (which has no byte order mark).
pub(super) fn logical(text: &str, escape: char) -> Vec<Logical> {
    let lines = physical(text);
    let mut found = Vec::new();
    let mut i = 0;
    while i < lines.len() {
        let head = lines[i].text.trim_start();
        if head.is_empty() || head.starts_with('#') {
            i += 1;
            continue;
        }
        let mut now = Logical { first: i as u32 + 1, last: i as u32 + 1, ..Logical::default() };
        let push = |now: &mut Logical, part: &str, file: usize| {
            now.pieces.push(Piece { at: now.text.len(), file, len: part.len() });
            now.text.push_str(part);
        };
        let start = lines[i].start + (lines[i].text.len() - head.len());
        let mut open = match continues(head, escape) {
            Some(part) => {
                push(&mut now, part, start);
                true
            }
            None => {
                push(&mut now, head, start);
                false
            }
        };
        i += 1;
        let mut blank = Vec::new();
        while open && i < lines.len() {
            let line = &lines[i];
            i += 1;
            // Comments and empty lines inside an instruction are left out, and the instruction goes on.
            if is_comment(line.text) {
                continue;
            }
            if line.text.trim().is_empty() {
                blank.push(i as u32);
                continue;
            }
            now.blank.append(&mut blank);
            now.last = i as u32;
            match continues(line.text, escape) {
                Some(part) => push(&mut now, part, line.start),
                None => {
                    push(&mut now, line.text, line.start);
                    open = false;
                }
            }
        }
        if now.text.trim().is_empty() {
            continue;
        }
        for (name, strip_tabs, expand) in heredocs_of(&now.text, escape) {
            let mut body = String::new();
            let mut ended = false;
            let line = i as u32 + 1;
            while i < lines.len() {
                let line = &lines[i];
                i += 1;
                now.last = i as u32;
                let bare = if strip_tabs { line.text.trim_start_matches('\t') } else { line.text };
                if bare == name {
                    ended = true;
                    break;
                }
                body.push_str(if strip_tabs { line.whole.trim_start_matches('\t') } else { line.whole });
            }
            if !ended {
                now.open_heredoc.get_or_insert_with(|| name.clone());
            }
            now.heredocs.push(Heredoc { name, strip_tabs, expand, body, line });
        }
        found.push(now);
    }
    found
}

/// The here-documents that a logical line opens, by BuildKit's rule: words of RUN, COPY and ADD (also behind ONBUILD) of the
/// form `<<NAME`, unless the instruction is in JSON form.
fn heredocs_of(line: &str, escape: char) -> Vec<(String, bool, bool)> {
    if !line.contains("<<") {
        return Vec::new();
    }
    let mut rest = line.trim_start();
    let mut keyword = rest.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    if keyword == "ONBUILD" {
        rest = rest[keyword.len()..].trim_start();
        keyword = rest.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    }
    if !matches!(keyword.as_str(), "RUN" | "COPY" | "ADD") {
        return Vec::new();
    }
    let arguments = &rest[keyword.len()..];
    if words::json_array(&arguments[words::flags(arguments).1..]).is_some() {
        return Vec::new();
    }
    words::raw_words(arguments, escape)
        .into_iter()
        .filter_map(|word| {
            let parts = HEREDOC.captures(word)?;
            let rest = parts.get(2).map_or("", |m| m.as_str());
            if rest.is_empty() || words::raw_words(rest, '\\').len() != 1 {
                return None;
            }
            let name = words::unquote(rest);
            let expand = name == rest;
            (!name.is_empty()).then(|| (name, &parts[1] == "-", expand))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(String, u32, u32)> {
        logical(text, '\\').into_iter().map(|l| (l.text, l.first, l.last)).collect()
    }

    #[test]
    fn comments_and_blank_lines_inside_an_instruction_are_skipped() {
        let text = "FROM a\n\n# c\nRUN one && \\\n  # why\n\n  two\nCMD x\n";
        assert_eq!(lines(text), [("FROM a".into(), 1, 1), ("RUN one &&   two".into(), 4, 7), ("CMD x".into(), 8, 8)]);
    }

    #[test]
    fn an_escaped_escape_does_not_continue() {
        assert_eq!(lines("RUN echo \\\\\nCMD x"), [("RUN echo \\\\".into(), 1, 1), ("CMD x".into(), 2, 2)]);
    }

    #[test]
    fn here_documents_anywhere_in_run_are_lifted_out() {
        let text = "RUN cat <<EOF > /x && python3 - <<'PY'\nFROM b\nEOF\nprint($x)\nPY\nCMD y\n";
        let found = logical(text, '\\');
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].last, 5);
        assert_eq!(found[0].heredocs[0].body, "FROM b\n");
        assert!(found[0].heredocs[0].expand);
        assert_eq!((found[0].heredocs[1].body.as_str(), found[0].heredocs[1].expand), ("print($x)\n", false));
        assert_eq!(found[1].first, 6);
    }

    #[test]
    fn quoted_and_json_words_open_no_here_document() {
        assert!(logical("RUN echo \"<<EOF\"\nCMD x\n", '\\')[0].heredocs.is_empty());
        assert!(logical("RUN [\"echo\", \"<<EOF\"]\nCMD x\n", '\\')[0].heredocs.is_empty());
        assert!(logical("RUN echo $((1<<3))\nCMD x\n", '\\')[0].heredocs.is_empty());
        assert!(logical("RUN cat <<< hello\nCMD x\n", '\\')[0].heredocs.is_empty());
        assert!(logical("CMD cat <<EOF\nRUN x\n", '\\')[0].heredocs.is_empty());
    }

    #[test]
    fn an_open_here_document_takes_the_rest_and_says_so() {
        let found = logical("RUN <<EOF\necho\nCMD x\n", '\\');
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].open_heredoc.as_deref(), Some("EOF"));
    }

    #[test]
    fn windows_line_ends_and_another_escape() {
        let found = logical("RUN a `\r\n  b\r\nCMD C:\\x\r\n", '`');
        assert_eq!(found[0].text, "RUN a   b");
        assert_eq!(found[1].text, "CMD C:\\x");
    }

    #[test]
    fn directives_end_at_the_first_other_line() {
        let found = directives("# syntax=docker/dockerfile:1\n# Escape = `\n\n# check=skip=all\nFROM a");
        assert_eq!(found.len(), 2);
        assert_eq!((found[1].name.as_str(), found[1].value.as_str(), found[1].line), ("escape", "`", 2));
    }
}
