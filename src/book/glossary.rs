//! The course's words in the book: a page that explains all of them, and in each lesson a link at the first place where one
//! stands, whose meaning the script shows where it is pointed at. Without the script the link leads to the page.
//!
//! A word is linked where it can only be meant as the course means it. `node`, `stack` and `task` are everyday words until the
//! module that explains them, so a plain word is linked from that module on, and `Node` the language never is `node`; names and
//! terms of several words are linked everywhere. A lesson does not link what it explains itself.

use super::{
    Book,
    html::{escape, inline},
};
use crate::course::{Course, Lang, Term};
use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
};

/// The words of a course, by the first word of each of their forms.
pub(super) struct Glossary {
    pub(super) terms: Vec<Term>,
    /// First word → forms that begin with it, each with its term, longest first.
    forms: HashMap<String, Vec<(String, usize)>>,
    /// The module of each term's lesson, by number; none where no lesson explains it yet.
    modules: Vec<Option<usize>>,
}

impl Glossary {
    pub(super) fn of(course: &Course, lang: &Lang) -> Self {
        let mut terms = course.glossary();
        terms.sort_by_key(|term| term.word.get(lang).to_lowercase());
        let mut forms: HashMap<String, Vec<(String, usize)>> = HashMap::new();
        for (nth, term) in terms.iter().enumerate() {
            for form in std::iter::once(term.word.get(lang)).chain(term.also.iter().map(String::as_str)) {
                if let Some(first) = words(form).next() {
                    forms.entry(form[first.0..first.1].to_owned()).or_default().push((form.to_owned(), nth));
                }
            }
        }
        for list in forms.values_mut() {
            list.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
        }
        let modules = terms.iter().map(|term| module(course, term.lesson.as_deref()?)).collect();
        Self { terms, forms, modules }
    }

    /// Whether a term is one in a lesson.
    fn holds(&self, nth: usize, form: &str, lesson: &str, here: Option<usize>) -> bool {
        let plain = form.chars().all(|c| c.is_lowercase());
        let known = || self.modules[nth].is_some_and(|from| here.is_some_and(|here| here >= from));
        self.terms[nth].lesson.as_deref() != Some(lesson) && (!plain || known())
    }
}

fn module(course: &Course, lesson: &str) -> Option<usize> {
    course.modules().iter().position(|module| module.lessons.iter().any(|id| id == lesson))
}

/// Where the words of a text begin and end.
fn words(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let from = rest + text[rest..].find(char::is_alphanumeric)?;
        let end = text[from..].find(|c: char| !c.is_alphanumeric()).map_or(text.len(), |len| from + len);
        rest = end;
        Some((from, end))
    })
}

/// The links of one lesson.
pub(super) struct Links<'a> {
    glossary: &'a Glossary,
    lang: &'a Lang,
    lesson: &'a str,
    module: Option<usize>,
    linked: HashSet<usize>,
}

impl<'a> Links<'a> {
    pub(super) fn new(book: &'a Book, lesson: &'a str) -> Self {
        let module = module(book.course, lesson);
        Self { glossary: &book.glossary, lang: &book.lang, lesson, module, linked: HashSet::new() }
    }

    /// A stretch of running text as HTML, words that were not linked yet on this page linked; none where there is none.
    pub(super) fn html(&mut self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut done = 0;
        for (from, end) in words(text) {
            if from < done {
                continue;
            }
            let Some((form, nth)) = self.at(text, from, end) else { continue };
            out.push_str(&escape(&text[done..from]));
            let term = &self.glossary.terms[nth];
            let _ = write!(
                out,
                "<a class=\"term\" href=\"glossary.html#term-{}\" data-means=\"{}\">{}</a>",
                escape(&term.id),
                escape(&inline(term.means.get(self.lang))),
                escape(&text[from..from + form])
            );
            done = from + form;
            self.linked.insert(nth);
        }
        (done > 0).then(|| out + &escape(&text[done..]))
    }

    /// The longest term that stands here and is to be linked: its bytes and its number.
    fn at(&self, text: &str, from: usize, end: usize) -> Option<(usize, usize)> {
        let joined = |c: char| c.is_alphanumeric() || "-_/:.@$".contains(c);
        if text[..from].chars().next_back().is_some_and(joined) {
            return None;
        }
        let whole = |form: &str| text[from..].strip_prefix(form).is_some_and(ends);
        let forms = self.glossary.forms.get(&text[from..end])?;
        let (form, nth) = forms.iter().find(|(form, _)| whole(form))?;
        let wanted = !self.linked.contains(nth) && self.glossary.holds(*nth, form, self.lesson, self.module);
        wanted.then_some((form.len(), *nth))
    }
}

/// Nothing that follows makes another word, a name or a path of it: a full stop does only where more follows at once.
fn ends(after: &str) -> bool {
    let mut after = after.chars();
    match after.next() {
        Some('.' | ':') => !after.next().is_some_and(char::is_alphanumeric),
        Some(next) => !(next.is_alphanumeric() || "-_/@=(".contains(next)),
        None => true,
    }
}

/// The page of all words; none for a course without any.
pub(super) fn page(book: &Book) -> Option<String> {
    if book.glossary.terms.is_empty() {
        return None;
    }
    let mut out = format!(
        "<h1>{}</h1><p class=\"lead\">{}</p><dl class=\"glossary\">",
        escape(&book.say("book.glossary")),
        escape(&book.say("book.glossary-about"))
    );
    for term in &book.glossary.terms {
        let _ = write!(
            out,
            "<div id=\"term-{}\"><dt>{}</dt><dd>{}",
            escape(&term.id),
            escape(term.word.get(&book.lang)),
            inline(term.means.get(&book.lang))
        );
        // Short forms of command line flags read better as code; they are how somebody looks a word up.
        if !term.also.is_empty() {
            let also: Vec<String> = term.also.iter().map(|form| escape(form)).collect();
            let _ = write!(
                out,
                " <span class=\"also\">{}: {}</span>",
                escape(&book.say("book.glossary-also")),
                also.join(", ")
            );
        }
        if let Some(lesson) = term.lesson.as_deref().and_then(|id| book.course.lesson(id)) {
            let title = escape(&book.lesson_title(lesson));
            let _ = write!(out, " <a class=\"lesson\" href=\"{}.html\">{title}</a>", lesson.id);
        }
        out.push_str("</dd></div>");
    }
    out.push_str("</dl>");
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::Shared;

    fn linked(lesson: &str, text: &str) -> String {
        let course = Course::built_in();
        let shared = Shared::of(course);
        let book = Book::new(course, &shared, Lang::en());
        let html = Links::new(&book, lesson).html(text).unwrap_or_else(|| text.to_owned());
        // Only which words are linked and where to.
        let mut out = String::new();
        for (nth, part) in html.split("<a class=\"term\" href=\"glossary.html#").enumerate() {
            match part.split_once("\" data-means=\"") {
                Some((id, rest)) if nth > 0 => {
                    let word = rest.split_once("\">").unwrap().1.replacen("</a>", "]", 1);
                    let _ = write!(out, "[{id}: {word}");
                }
                _ => out.push_str(part),
            }
        }
        out
    }

    #[test]
    fn a_word_is_linked_once_and_the_longest_term_wins() {
        assert_eq!(
            linked("multi-stage-idea", "A base image is an image; the base image again."),
            "A [term-base-image: base image] is an [term-image: image]; the base image again."
        );
        assert_eq!(linked("multi-stage-idea", "Two layers & a layer."), "Two [term-layer: layers] &amp; a layer.");
    }

    #[test]
    fn a_word_that_means_something_else_is_left_alone() {
        // Names, paths and flags that have a term in them; the language Node; everyday words before their module.
        for text in
            ["docker-image, image-x, image:1, /image/ and image.tar", "Node and node.js", "a stack of plates, a task"]
        {
            assert_eq!(linked("multi-stage-idea", text), text);
        }
        assert_eq!(linked("multi-stage-idea", "An image."), "An [term-image: image].");
        assert_eq!(linked("multi-stage-idea", "With BuildKit: fast."), "With [term-buildkit: BuildKit]: fast.");
    }

    #[test]
    fn what_a_lesson_explains_itself_it_does_not_link() {
        assert_eq!(linked("image-container-registry", "An image."), "An image.");
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_lost(text in "[a-zA-Z &<.:-]{0,40}(image|layers|base image|BuildKit)?[a-z <.]{0,20}") {
            let html = linked("multi-stage-idea", &text);
            let plain = html.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">");
            let bare: String = plain.split('[').enumerate().map(|(n, p)| if n > 0 { p.split_once(": ").unwrap().1.replacen(']', "", 1) } else { p.to_owned() }).collect();
            proptest::prop_assert_eq!(bare, text);
        }
    }
}
