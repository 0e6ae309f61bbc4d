//! Finding in the whole course: titles by a few of their letters, and every word of the lessons' text.
//!
//! The texts are read once for a language and kept as plain words by section, about a megabyte for the whole course; a
//! question then is a search through that, which takes less time than any index would be worth. Matching of letters is our
//! own: the one well-kept crate for it is under a licence that a static MIT binary cannot carry.

use super::{Course, Lang, markdown_options};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// Where something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A lesson, at a section.
    Lesson(String, Option<String>),
    /// An exercise.
    Exercise(String),
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Where.
    pub at: Found,
    /// The lesson's or exercise's title, with its number.
    pub title: String,
    /// The section's heading, where it was found in a section.
    pub section: String,
    /// Some words around it; empty where the title itself was found.
    pub around: String,
}

struct Part {
    at: Found,
    title: String,
    section: String,
    text: String,
    /// The same in small letters, byte for byte: only ASCII has two sizes here.
    small: String,
}

struct Title {
    at: Found,
    title: String,
    keywords: String,
}

/// The words of a course in one language.
pub struct Index {
    lang: Lang,
    titles: Vec<Title>,
    parts: Vec<Part>,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Index({}, {} parts)", self.lang, self.parts.len())
    }
}

/// How many bytes of text are shown on each side of what was found.
const AROUND: usize = 70;

impl Index {
    /// Reads every text of `course` in `lang`.
    pub fn of(course: &Course, lang: &Lang) -> Self {
        let mut out = Self { lang: lang.clone(), titles: Vec::new(), parts: Vec::new() };
        for lesson in course.lessons() {
            let number = course.number(lesson).map(|n| format!("{n} ")).unwrap_or_default();
            let title = format!("{number}{}", lesson.title.get(lang));
            let at = |section: Option<String>| Found::Lesson(lesson.id.clone(), section);
            let keywords = lesson.keywords.join(" ").to_lowercase();
            out.titles.push(Title { at: at(None), title: title.clone(), keywords });
            let Some((text, _)) = course.lesson_text(&lesson.id, lang) else { continue };
            for (section, heading, text) in sections(&text.document.markdown) {
                out.part(at(section), &title, heading, text);
            }
        }
        for exercise in course.exercises() {
            let title = exercise.title.get(lang).to_owned();
            let at = Found::Exercise(exercise.id.clone());
            out.titles.push(Title { at: at.clone(), title: title.clone(), keywords: String::new() });
            let Some((text, _)) = course.exercise_text(&exercise.id, lang) else { continue };
            for (_, heading, text) in sections(&text.brief.markdown) {
                out.part(at.clone(), &title, heading, text);
            }
        }
        out
    }

    fn part(&mut self, at: Found, title: &str, section: String, text: String) {
        let small = text.to_ascii_lowercase();
        self.parts.push(Part { at, title: title.to_owned(), section, text, small });
    }

    /// The language that it was made in.
    pub fn lang(&self) -> &Lang {
        &self.lang
    }

    /// What fits `asked`, best first, at most `most`.
    pub fn find(&self, asked: &str, most: usize) -> Vec<Hit> {
        let asked = asked.trim().to_ascii_lowercase();
        let words: Vec<&str> = asked.split_whitespace().collect();
        if words.is_empty() {
            return Vec::new();
        }
        let mut hits: Vec<(i64, usize, Hit)> = Vec::new();
        let mut order = 0;
        let mut put = |score: i64, hit: Hit| {
            order += 1;
            hits.push((score, order, hit));
        };
        for title in &self.titles {
            let keyed = words.iter().all(|w| title.keywords.contains(w));
            let score = fuzzy(&asked, &title.title).max(if keyed { Some(60) } else { None });
            if let Some(score) = score {
                // A title with the words in it is what was meant, however often they stand under a heading elsewhere.
                let holds = if title.title.to_lowercase().contains(&asked) { 40 } else { 0 };
                let (at, title) = (title.at.clone(), title.title.clone());
                put(i64::from(score) + 40 + holds, Hit { at, title, section: String::new(), around: String::new() });
            }
        }
        for part in &self.parts {
            let heading = part.section.to_ascii_lowercase();
            let whole = part.small.find(&asked);
            if whole.is_none() && !words.iter().all(|w| part.small.contains(w) || heading.contains(w)) {
                continue;
            }
            let in_heading = words.iter().all(|w| heading.contains(w));
            let first = whole.or_else(|| words.iter().filter_map(|w| part.small.find(w)).min()).unwrap_or(0);
            let often = words.iter().map(|w| part.small.matches(w).take(9).count()).min().unwrap_or(0);
            let score = i64::from(in_heading) * 70 + i64::from(whole.is_some()) * 30 + often as i64 * 4;
            put(
                score,
                Hit {
                    at: part.at.clone(),
                    title: part.title.clone(),
                    section: part.section.clone(),
                    around: around(&part.text, first, asked.len()),
                },
            );
        }
        hits.sort_by_key(|(score, order, _)| (-score, *order));
        hits.into_iter().take(most).map(|(.., hit)| hit).collect()
    }
}

/// The text of each section: its id, its heading, its words.
fn sections(markdown: &str) -> Vec<(Option<String>, String, String)> {
    let mut out: Vec<(Option<String>, String, String)> = vec![(None, String::new(), String::new())];
    let mut heading = false;
    for event in Parser::new_ext(markdown, markdown_options()) {
        let last = out.last_mut().expect("never empty");
        match event {
            Event::Start(Tag::Heading { id, .. }) => {
                heading = true;
                // A heading without an id belongs to the section above.
                let id = id.map(String::from).or_else(|| last.0.clone());
                out.push((id, String::new(), String::new()));
            }
            Event::End(TagEnd::Heading(_)) => heading = false,
            Event::Text(text) | Event::Code(text) if heading => last.1.push_str(&text),
            // Where a claim goes; its words are the claim's own.
            Event::Text(text) if text.starts_with("{{") => {}
            Event::Text(text) | Event::Code(text) => last.2.push_str(&text.replace('\n', " ")),
            Event::SoftBreak | Event::HardBreak | Event::End(_) if !last.2.ends_with(' ') => last.2.push(' '),
            _ => {}
        }
    }
    out.retain(|(_, heading, text)| !heading.is_empty() || !text.trim().is_empty());
    out
}

/// Some words before and after a place in a text, cut between words.
fn around(text: &str, at: usize, len: usize) -> String {
    let floor = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let from = floor(at.saturating_sub(AROUND / 2));
    let from = if from == 0 { 0 } else { text[from..at].find(' ').map_or(from, |blank| from + blank + 1) };
    let end = floor((at + len + AROUND).min(text.len()));
    let end = if end == text.len() { end } else { text[at..end].rfind(' ').map_or(end, |blank| at + blank) };
    let (before, after) = (if from > 0 { "… " } else { "" }, if end < text.len() { " …" } else { "" });
    format!("{before}{}{after}", text[from..end.max(from)].trim())
}

/// How well the letters of `asked` stand in `text` in their order, small or capital; none if they do not. Letters that follow
/// each other and those that begin a word count for more.
pub fn fuzzy(asked: &str, text: &str) -> Option<i32> {
    let mut score = 0;
    let mut letters = text.chars().flat_map(char::to_lowercase);
    let (mut before, mut run) = (' ', 0);
    for wanted in asked.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase) {
        loop {
            let letter = letters.next()?;
            let begins = !before.is_alphanumeric();
            before = letter;
            if letter == wanted {
                run += 1;
                score += if begins { 8 } else { 0 } + run.min(6);
                break;
            }
            run = 0;
        }
    }
    // A phrase that stands there as it was typed is what was meant.
    let exact = text.to_lowercase().find(&asked.trim().to_lowercase());
    let bonus = exact.map_or(0, |at| if at == 0 { 60 } else { 40 });
    // Scattered letters in a long title mean nothing.
    let least = 3 * i32::try_from(asked.chars().filter(|c| !c.is_whitespace()).count()).unwrap_or(0);
    (bonus > 0 || score >= least).then_some(score + bonus - i32::try_from(text.len() / 20).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course() -> Course {
        Course::open(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/packs/small").as_ref()).unwrap()
    }

    #[test]
    fn a_title_is_found_by_a_few_letters_and_the_best_comes_first() {
        assert!(fuzzy("msb", "Multi-stage builds").is_some());
        assert!(fuzzy("zzz", "Multi-stage builds").is_none());
        assert!(fuzzy("stage", "Multi-stage builds") > fuzzy("stage", "Some tales of ages gone by the eel"));
        assert!(fuzzy("क्या", "क्या है").is_some());
    }

    #[test]
    fn words_of_the_text_are_found_with_their_section() {
        let index = Index::of(&course(), &Lang::en());
        let hits = index.find("Builder go", 20);
        let named = Found::Lesson("multi-stage-idea".into(), Some("where-builder-goes".into()));
        assert!(hits.iter().any(|h| h.at == named), "{hits:?}");
        let first = &index.find("where", 5)[0];
        assert_eq!(
            first.at,
            Found::Lesson("multi-stage-idea".into(), None),
            "a title before a heading that has the word, too"
        );
        assert!(index.find("   ", 5).is_empty() && index.find("qqqqqq", 5).is_empty());
        assert!(index.find("a", 3).len() <= 3);
        for hit in index.find("e", 200) {
            assert!(!hit.around.contains('\n'));
        }
    }

    #[test]
    fn what_is_cut_is_cut_between_letters() {
        let text = "नमस्ते ".repeat(40) + "docker";
        for at in 0..text.len() {
            if text.is_char_boundary(at) {
                around(&text, at, 3);
            }
        }
        assert_eq!(around("one two three", 4, 3), "one two three");
    }
}
