//! Lessons: the same in every language, of a length that one reads in one sitting, drawn right in eighty columns.

use super::Linter;
use crate::course::source::{
    diagram,
    finding::Finding,
    lang::Lang,
    markdown::{self, Directive, Outline},
    model::LessonSource,
};
use std::collections::BTreeSet;

/// Words of prose of a whole lesson.
const MOST_WORDS: u32 = 1300;
const LEAST_WORDS: u32 = 600;
/// A lesson that says it is shorter may be: a reader who also tries things gets through 60 words a minute.
const WORDS_A_MINUTE: u32 = 60;
/// Columns of a line of code: what a laptop's terminal shows without panning.
const WIDEST: usize = 100;
/// Lines of a bare `text` block; longer output belongs in a recorded file.
const LONGEST_OUTPUT: usize = 15;

pub(super) fn lint(linter: &mut Linter) {
    for lesson in &linter.source.lessons {
        let mut first: Option<(&Lang, Shape)> = None;
        for (lang, text) in &lesson.texts {
            let path = format!("{}/{lang}.md", lesson.head.dir);
            length(linter, &path, lesson.head.minutes, text.words);
            let Some((_, body, first_line)) = markdown::split_front_matter(linter.text(&path)) else {
                continue;
            };
            let body = body.to_owned();
            let outline = markdown::outline(&body);
            markup(linter, lesson, &path, first_line, &outline, &body);
            let shape = Shape::of(&body, &outline, &text.document.markdown);
            match &first {
                None => first = Some((lang, shape)),
                Some((other, like)) => shape.compare(like, &path, other, linter),
            }
        }
        planned(linter, lesson);
        for word in &lesson.head.keywords {
            if !word.is_ascii() {
                let path = format!("{}/{}.md", lesson.head.dir, lesson.texts.keys().next().map_or("en", Lang::as_str));
                linter.at_word(Finding::lint("keyword-not-latin", path).arg("word", word), word);
            }
        }
    }
}

fn length(linter: &mut Linter, path: &str, minutes: u32, words: u32) {
    let least = LEAST_WORDS.min(minutes * WORDS_A_MINUTE);
    if words < least || words > MOST_WORDS {
        let finding = Finding::lint("lesson-length", path).arg("words", words).arg("least", least);
        linter.at_line(finding.arg("most", MOST_WORDS), 1);
    }
}

fn planned(linter: &mut Linter, lesson: &LessonSource) {
    let source = linter.source;
    if !source.curriculum.is_empty() && !source.curriculum.iter().any(|p| p.id == lesson.head.id) {
        let path = format!("{}/{}.md", lesson.head.dir, source.languages.first().map_or("en", Lang::as_str));
        linter.at_word(Finding::lint("lesson-not-planned", path).arg("id", &lesson.head.id), &lesson.head.id);
    }
}

/// What must be the same in every language.
#[derive(Default)]
struct Shape {
    sections: Vec<String>,
    code: Vec<String>,
    figures: BTreeSet<String>,
    claims: Vec<String>,
    callouts: Vec<String>,
    blocks: usize,
    diagrams: Vec<String>,
}

impl Shape {
    fn of(body: &str, outline: &Outline, expanded: &str) -> Self {
        let mut shape = Self { blocks: outline.fences.len(), ..Self::default() };
        shape.sections = outline.headings.iter().filter_map(|h| h.id.clone()).collect();
        for placed in markdown::directives(body) {
            match placed.directive {
                Ok(Directive::Code { .. }) => shape.code.push(body[placed.at].to_owned()),
                Ok(Directive::Figure(key)) => {
                    shape.figures.insert(key);
                }
                Ok(Directive::Claim(id)) => shape.claims.push(id),
                Err(_) => {}
            }
        }
        shape.diagrams = diagram::all(expanded).into_iter().filter_map(|d| Some(d.read.ok()?.skeleton())).collect();
        shape.callouts = callouts(body).map(|(_, kind)| kind.to_owned()).collect();
        shape
    }

    fn compare(&self, other: &Self, path: &str, lang: &Lang, linter: &mut Linter) {
        let list = |items: &[String]| items.join(", ");
        let figures = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(", ");
        for (what, here, there) in [
            ("sections", list(&self.sections), list(&other.sections)),
            ("code", list(&self.code), list(&other.code)),
            ("figures", figures(&self.figures), figures(&other.figures)),
            ("claims", list(&self.claims), list(&other.claims)),
            ("callouts", list(&self.callouts), list(&other.callouts)),
            ("diagrams", list(&self.diagrams), list(&other.diagrams)),
            ("text blocks", self.blocks.to_string(), other.blocks.to_string()),
        ] {
            if here != there {
                let finding = Finding::lint("languages-differ", path).arg("what", what).arg("other", lang);
                linter.at_line(finding.arg("here", here).arg("there", there), 1);
            }
        }
    }
}

/// `> [!KIND]` lines with their number from 1.
fn callouts(body: &str) -> impl Iterator<Item = (u32, &str)> {
    body.lines().zip(1..).filter_map(|(line, number)| {
        let kind = line.trim_start().strip_prefix('>')?.trim_start().strip_prefix("[!")?;
        Some((number, kind.split(']').next().unwrap_or(kind)))
    })
}

fn markup(linter: &mut Linter, lesson: &LessonSource, path: &str, first_line: u32, outline: &Outline, body: &str) {
    let whole = |line: u32| line + first_line - 1;
    for heading in &outline.headings {
        if heading.level == 1 || heading.level > 3 {
            linter.at_line(Finding::lint("heading-level", path), whole(heading.line));
        }
    }
    for (line, kind) in callouts(body) {
        if !matches!(kind, "TIP" | "NOTE" | "WARNING" | "IMPORTANT") {
            linter.at_line(Finding::lint("callout", path).arg("kind", kind), whole(line));
        }
    }
    for fence in &outline.fences {
        let language = fence.info.as_deref().and_then(|info| info.split_whitespace().next()).unwrap_or_default();
        // A diagram is data: it is read and drawn, and its own lines are never shown.
        if diagram::KINDS.contains(&language) {
            continue;
        }
        if language != "text" {
            linter.at_line(Finding::lint("bare-block", path).arg("language", language), whole(fence.line));
        } else if fence.text.lines().count() > LONGEST_OUTPUT {
            let finding = Finding::lint("output-too-long", path).arg("most", LONGEST_OUTPUT);
            linter.at_line(finding, whole(fence.line));
        }
        for (offset, line) in fence.text.lines().enumerate().filter(|(_, l)| wide(l)) {
            let finding = Finding::lint("code-too-wide", path).arg("width", width(line)).arg("most", WIDEST);
            linter.at_line(finding, whole(fence.line + 1 + offset as u32));
        }
    }
    for link in &outline.links {
        link_resolves(linter, lesson, path, whole(link.line), &link.target);
    }
    for line in &outline.html {
        linter.at_line(Finding::lint("html", path), whole(*line));
    }
    let cells = outline.cells.iter().map(|(line, text)| (*line, text.as_str()));
    for (line, text) in cells.chain(outline.fences.iter().map(|f| (f.line, f.text.as_str()))) {
        if text.chars().any(|c| ('\u{900}'..='\u{97f}').contains(&c)) {
            linter.at_line(Finding::lint("devanagari", path), whole(line));
        }
    }
    // A dash dash that is not code becomes one long dash in some readers, and nobody can copy it.
    for (line, text) in &outline.prose {
        let flag = text
            .split_whitespace()
            .find(|w| w.strip_prefix("--").is_some_and(|r| r.starts_with(|c: char| c.is_ascii_lowercase())));
        if let Some(flag) = flag {
            linter.at_line(Finding::lint("flag-not-code", path).arg("flag", flag), whole(*line));
        }
    }
    let shown = markdown::directives(body).into_iter().filter_map(|placed| match placed.directive {
        Ok(Directive::Code { file, lines }) => Some((whole(placed.line), file, lines)),
        _ => None,
    });
    for (line, file, lines) in shown {
        let name = file.strip_prefix("code/").unwrap_or(&file);
        let Some(code) = lesson.code.files.iter().find(|f| f.path == name) else { continue };
        let text = String::from_utf8_lossy(&code.bytes);
        let (from, to) = lines.unwrap_or((1, usize::MAX));
        let too_wide = text.lines().zip(1usize..).find(|(l, nth)| (from..=to).contains(nth) && wide(l));
        if let Some((code_line, _)) = too_wide {
            let finding = Finding::lint("code-too-wide", path).arg("width", width(code_line)).arg("most", WIDEST);
            linter.at_line(finding, line);
        }
    }
}

fn width(line: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(line)
}

fn wide(line: &str) -> bool {
    width(line) > WIDEST
}

/// `https://…`, `#section`, `LESSON`, `LESSON#section`, or the id of an exercise or claim.
fn link_resolves(linter: &mut Linter, lesson: &LessonSource, path: &str, line: u32, target: &str) {
    if target.starts_with("https://") {
        return;
    }
    let source = linter.source;
    let (id, section) = target.split_once('#').unwrap_or((target, ""));
    let found = if id.is_empty() { Some(lesson) } else { source.lessons.iter().find(|l| l.head.id == id) };
    let good = match found {
        Some(lesson) => section.is_empty() || lesson.head.sections.iter().any(|s| s == section),
        None => {
            section.is_empty()
                && (source.exercises.iter().any(|e| e.head.id == id) || source.claims.iter().any(|c| c.claim.id == id))
        }
    };
    if !good {
        linter.at_line(Finding::lint("link", path).arg("target", target), line);
    }
}
