//! The Markdown of a lesson: what an author writes (`{{code …}}`, `{{fig …}}`, `{{claim …}}`), and how it is expanded to
//! plain Markdown that the screen and the book read alike.

use super::{diagram, finding::Finding};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// The one set of Markdown extensions: the same as mdBook's, so that the book and the screen read the same text alike.
pub fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_GFM
}

/// Splits a text into what stands between its first two `---` lines and the rest, with the line on which each begins.
pub fn split_front_matter(text: &str) -> Option<(&str, &str, u32)> {
    let rest = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n"))?;
    let mut at = 0;
    for (nth, line) in rest.split_inclusive('\n').enumerate() {
        if line.trim_end() == "---" {
            return Some((&rest[..at], &rest[at + line.len()..], nth as u32 + 3));
        }
        at += line.len();
    }
    None
}

/// A `## Heading {#id}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// Its words, without markup.
    pub title: String,
    /// The id it states.
    pub id: Option<String>,
    /// The line, from 1.
    pub line: u32,
}

/// A fenced or indented block of code as it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// The whole info string; none for an indented block.
    pub info: Option<String>,
    /// The code.
    pub text: String,
    /// The line of the fence, from 1.
    pub line: u32,
}

/// A link's target and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// As written.
    pub target: String,
    /// From 1.
    pub line: u32,
}

/// What a text holds, as far as the course is concerned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// Headings in order.
    pub headings: Vec<Heading>,
    /// Blocks of code in order.
    pub fences: Vec<Fence>,
    /// Links and images.
    pub links: Vec<Link>,
    /// Runs of prose with the line each begins on: no code, neither block nor inline.
    pub prose: Vec<(u32, String)>,
    /// Table cells and their lines.
    pub cells: Vec<(u32, String)>,
    /// Lines that hold raw HTML.
    pub html: Vec<u32>,
    /// How many words of prose.
    pub words: usize,
}

/// Reads what a Markdown text holds.
pub fn outline(text: &str) -> Outline {
    let lines = LineIndex::new(text);
    let mut out = Outline::default();
    let (mut heading, mut fence, mut in_cell): (Option<Heading>, Option<Fence>, bool) = (None, None, false);
    for (event, at) in Parser::new_ext(text, options()).into_offset_iter() {
        let line = lines.of(at.start);
        match event {
            Event::Start(Tag::Heading { level, id, .. }) => {
                let (title, id) = (String::new(), id.map(|i| i.to_string()));
                heading = Some(Heading { level: number(level), title, id, line });
            }
            Event::End(TagEnd::Heading(_)) => out.headings.extend(heading.take()),
            Event::Start(Tag::CodeBlock(kind)) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => Some(info.to_string()),
                    CodeBlockKind::Indented => None,
                };
                fence = Some(Fence { info, text: String::new(), line });
            }
            Event::End(TagEnd::CodeBlock) => out.fences.extend(fence.take()),
            Event::Start(Tag::TableCell) => in_cell = true,
            Event::End(TagEnd::TableCell) => in_cell = false,
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                out.links.push(Link { target: dest_url.to_string(), line });
            }
            Event::Text(piece) => {
                if let Some(fence) = &mut fence {
                    fence.text.push_str(&piece);
                    continue;
                }
                if let Some(heading) = &mut heading {
                    heading.title.push_str(&piece);
                }
                out.words += piece.split_whitespace().filter(|w| w.chars().any(char::is_alphanumeric)).count();
                if in_cell {
                    out.cells.push((line, piece.to_string()));
                }
                out.prose.push((line, piece.into_string()));
            }
            Event::Code(code) => {
                out.words += 1;
                if let Some(heading) = &mut heading {
                    heading.title.push_str(&code);
                }
                if in_cell {
                    out.cells.push((line, code.into_string()));
                }
            }
            Event::SoftBreak | Event::HardBreak => {
                if let Some(heading) = &mut heading {
                    heading.title.push(' ');
                }
            }
            Event::Html(_) | Event::InlineHtml(_) => out.html.push(line),
            _ => {}
        }
    }
    out
}

fn number(level: HeadingLevel) -> u8 {
    level as u8
}

struct LineIndex(Vec<usize>);

impl LineIndex {
    fn new(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    fn of(&self, at: usize) -> u32 {
        self.0.partition_point(|end| *end < at) as u32 + 1
    }
}

/// What stands between `{{` and `}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Directive {
    /// `{{code code/FILE}}` or `{{code code/FILE lines=3-9}}`.
    Code {
        /// The file as written, with its `code/`.
        file: String,
        /// First and last line, from 1, both included.
        lines: Option<(usize, usize)>,
    },
    /// `{{fig KEY}}`.
    Figure(String),
    /// `{{claim ID}}`.
    Claim(String),
}

/// Where a directive stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// What it says, or what is wrong with it.
    pub directive: Result<Directive, &'static str>,
    /// Its bytes in the text.
    pub at: Range<usize>,
    /// Its line, from 1.
    pub line: u32,
    /// Nothing else stands on its line.
    pub alone: bool,
}

/// Finds every `{{…}}` outside of code. In diagrams too.
pub fn directives(text: &str) -> Vec<Placed> {
    let mut found = Vec::new();
    let (mut start, mut fence) = (0, None::<&str>);
    // A diagram is data of ours and no code: its figures are filled in, and nothing else.
    let mut diagram = false;
    for (nth, line) in text.split_inclusive('\n').enumerate() {
        let bare = line.trim();
        let tick = ["```", "~~~"].into_iter().find(|t| bare.starts_with(t));
        match (fence, tick) {
            (None, Some(tick)) => {
                fence = Some(tick);
                let info = bare.trim_start_matches(&tick[..1]).split_whitespace().next();
                diagram = info.is_some_and(|word| diagram::KINDS.contains(&word));
            }
            (Some(open), Some(tick)) if open == tick && bare.trim_start_matches(&tick[..1]).is_empty() => {
                (fence, diagram) = (None, false);
            }
            _ if fence.is_none() || diagram => {
                let mut from = 0;
                while let Some(open) = line[from..].find("{{").map(|at| at + from) {
                    // An even number of backticks before it: not inside inline code.
                    let quoted = !diagram && line[..open].matches('`').count() % 2 == 1;
                    let Some(close) = line[open..].find("}}").map(|at| at + open + 2) else { break };
                    from = close;
                    if !quoted {
                        let directive = directive(&line[open + 2..close - 2]);
                        let alone = bare.len() == close - open;
                        found.push(Placed { directive, at: start + open..start + close, line: nth as u32 + 1, alone });
                    }
                }
            }
            _ => {}
        }
        start += line.len();
    }
    found
}

fn directive(inner: &str) -> Result<Directive, &'static str> {
    let words: Vec<&str> = inner.split_whitespace().collect();
    match words[..] {
        ["code", file] => Ok(Directive::Code { file: file.to_owned(), lines: None }),
        ["code", file, range] => {
            let range = range.strip_prefix("lines=").ok_or("after the file only `lines=3-9` may follow")?;
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            match (first.parse(), last.parse()) {
                (Ok(first), Ok(last)) if 1 <= first && first <= last => {
                    Ok(Directive::Code { file: file.to_owned(), lines: Some((first, last)) })
                }
                _ => Err("write the lines as `lines=3-9`, the first being 1"),
            }
        }
        ["fig", key] => Ok(Directive::Figure(key.to_owned())),
        ["claim", id] => Ok(Directive::Claim(id.to_owned())),
        _ => Err("only `{{code code/FILE}}`, `{{fig KEY}}` and `{{claim ID}}` are known"),
    }
}

/// Where an expansion gets what it inserts.
pub trait Inserts {
    /// The text of a file of the lesson's folder.
    fn code(&self, file: &str) -> Option<&str>;
    /// A figure with its unit.
    fn figure(&self, key: &str) -> Option<String>;
    /// Whether the claim exists.
    fn claim(&self, id: &str) -> bool;
}

/// Replaces every directive. A claim stays, as a paragraph of its own that says `{{claim ID}}`: who draws it knows how.
///
/// `first_line` is the line of `file` on which `text` begins, for the findings.
pub fn expand(
    text: &str,
    file: &str,
    whole: &str,
    first_line: u32,
    inserts: &dyn Inserts,
    findings: &mut Vec<Finding>,
) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut done = 0;
    for placed in directives(text) {
        let line = placed.line + first_line - 1;
        let mut complain = |code, name: &'static str, value: &str| {
            findings.push(Finding::error(code, file).at_line(whole, line).arg(name, value));
        };
        out.push_str(&text[done..placed.at.start]);
        done = placed.at.end;
        match placed.directive {
            Err(why) => complain("directive", "why", why),
            Ok(Directive::Code { file: name, lines }) => match inserts.code(&name) {
                None => complain("code-missing", "name", &name),
                Some(_) if !placed.alone => complain("directive-not-alone", "name", &name),
                Some(code) => match cut(code, lines) {
                    Some(code) => out.push_str(&fenced(&name, lines, code)),
                    None => complain("code-lines", "count", &code.lines().count().to_string()),
                },
            },
            Ok(Directive::Figure(key)) => match inserts.figure(&key) {
                // A number and its unit stay on one line.
                Some(shown) => out.push_str(&shown.replace(' ', "\u{a0}")),
                None => complain("figure-missing", "name", &key),
            },
            Ok(Directive::Claim(id)) => {
                if !inserts.claim(&id) {
                    complain("claim-missing", "name", &id);
                } else if !placed.alone {
                    complain("directive-not-alone", "name", &id);
                }
                out.push_str(&text[placed.at]);
            }
        }
    }
    out.push_str(&text[done..]);
    if out.contains("```stepper") { diagram::stepper::insert(&out, inserts) } else { out }
}

fn cut(code: &str, lines: Option<(usize, usize)>) -> Option<&str> {
    let Some((first, last)) = lines else { return Some(code) };
    let mut ends = vec![0];
    ends.extend(code.split_inclusive('\n').scan(0, |at, line| {
        *at += line.len();
        Some(*at)
    }));
    code.get(*ends.get(first - 1)?..*ends.get(last)?)
}

// The info string: the language, then `file=…` for the caption and `lines=…` where a part is shown. mdBook and every other
// reader take the first word and leave the rest alone.
fn fenced(file: &str, lines: Option<(usize, usize)>, code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let ticks = "`".repeat(longest.max(2) + 1);
    let part = lines.map_or(String::new(), |(first, last)| format!(" lines={first}-{last}"));
    let caption = file.strip_prefix("code/").unwrap_or(file);
    let end = if code.ends_with('\n') || code.is_empty() { "" } else { "\n" };
    format!("{ticks}{} file={caption}{part}\n{code}{end}{ticks}", language_of(caption))
}

/// What a file is written in, by its name.
pub fn language_of(file: &str) -> &'static str {
    let name = file.rsplit('/').next().unwrap_or(file);
    let lower = name.to_ascii_lowercase();
    if lower.contains("dockerfile") {
        return "dockerfile";
    }
    if lower.contains("compose") && (lower.ends_with(".yaml") || lower.ends_with(".yml")) {
        return "compose";
    }
    match lower.rsplit_once('.').map(|(_, end)| end) {
        Some("sh" | "bash") => "sh",
        Some("yaml" | "yml") => "yaml",
        Some("json") => "json",
        Some("js" | "mjs" | "cjs") => "js",
        Some("ts" | "tsx") => "ts",
        Some("jsx") => "jsx",
        Some("go") => "go",
        Some("mod" | "sum") => "text",
        Some("java") => "java",
        Some("py") => "python",
        Some("c" | "h") => "c",
        Some("toml") => "toml",
        Some("ini" | "cfg") => "ini",
        Some("conf") => "nginx",
        Some("xml") => "xml",
        Some("html") => "html",
        Some("css") => "css",
        Some("sql") => "sql",
        Some("md") => "markdown",
        Some("diff" | "patch") => "diff",
        Some("console") => "console",
        _ if lower == "makefile" => "makefile",
        _ => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Stock;
    impl Inserts for Stock {
        fn code(&self, file: &str) -> Option<&str> {
            (file == "code/a.sh").then_some("one\ntwo\nthree\n")
        }
        fn figure(&self, key: &str) -> Option<String> {
            (key == "node").then(|| "439.4 MB".to_owned())
        }
        fn claim(&self, id: &str) -> bool {
            id == "rm-shrinks"
        }
    }

    fn expanded(text: &str) -> (String, Vec<&'static str>) {
        let mut findings = Vec::new();
        let out = expand(text, "f.md", text, 1, &Stock, &mut findings);
        (out, findings.into_iter().map(|f| f.code).collect())
    }

    #[test]
    fn code_figures_and_claims_are_inserted() {
        let (out, findings) = expanded("It is {{fig node}}.\n\n{{code code/a.sh lines=2-3}}\n\n{{claim rm-shrinks}}\n");
        assert_eq!(out, "It is 439.4\u{a0}MB.\n\n```sh file=a.sh lines=2-3\ntwo\nthree\n```\n\n{{claim rm-shrinks}}\n");
        assert_eq!(findings, [""; 0]);
    }

    #[test]
    fn what_cannot_be_inserted_is_a_finding() {
        for (text, code) in [
            ("{{fig nope}}", "figure-missing"),
            ("{{code code/b.sh}}", "code-missing"),
            ("{{code code/a.sh lines=2-9}}", "code-lines"),
            ("see {{code code/a.sh}}", "directive-not-alone"),
            ("{{claim nope}}", "claim-missing"),
            ("{{wat}}", "directive"),
        ] {
            assert_eq!(expanded(text).1, [code], "{text}");
        }
    }

    #[test]
    fn directives_in_code_are_left_alone() {
        for text in ["```text\n{{fig x}}\n```\n", "`{{fig x}}`", "~~~\n{{wat}}\n```\n{{wat}}\n~~~\n"] {
            assert_eq!(expanded(text), (text.to_owned(), vec![]));
        }
    }

    #[test]
    fn a_fence_is_longer_than_any_in_its_code() {
        assert!(fenced("code/x.md", None, "````\na\n````\n").starts_with("`````markdown"));
    }

    #[test]
    fn front_matter_ends_at_its_own_line() {
        let (front, body, line) = split_front_matter("---\nid: a\n---\n# Hi\n").unwrap();
        assert_eq!((front, body, line), ("id: a\n", "# Hi\n", 4));
        assert!(split_front_matter("---\nid: a\n").is_none());
        assert!(split_front_matter("# Hi").is_none());
    }

    #[test]
    fn an_outline_has_headings_with_ids_and_counts_words() {
        let out = outline("## The *idea* {#idea}\n\nTwo words, `code`.\n\n| a | b |\n|---|---|\n| c | `d` |\n");
        assert_eq!(out.headings, [Heading { level: 2, title: "The idea".into(), id: Some("idea".into()), line: 1 }]);
        assert_eq!(out.cells.len(), 4);
        assert_eq!(out.words, 2 + 3 + 4);
    }
}
