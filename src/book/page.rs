//! What stands around a text: head, contents, links to the other language, to the page before and the one after.

use super::{Book, glossary, html::escape, quiz, text, text::Place};
use crate::{
    course::{Course, Exercise, Lang, Lesson},
    i18n,
};
use std::fmt::Write;

/// In the place of a lesson's id, which never has a dot.
const GLOSSARY: &str = "glossary.html";

/// What differs from page to page.
struct Page<'a> {
    /// Its file's name, the same in every language.
    name: &'a str,
    title: &'a str,
    body: String,
    /// Before and after it in the book: file and title.
    around: [Option<(String, String)>; 2],
    /// The lesson or exercise that is open in the contents.
    open: &'a str,
}

fn page(book: &Book, page: &Page) -> String {
    let say = |key: &str| escape(&book.say(key));
    let course = escape(book.course.title().get(&book.lang));
    let mut out = head(&book.lang, &format!("{} · {course}", escape(page.title)), "../");
    let _ = write!(
        out,
        "<body><a class=\"skip\" href=\"#main\">{}</a><header><button type=\"button\" id=\"menu\" aria-expanded=\"false\" aria-controls=\"contents\"><span aria-hidden=\"true\">☰</span> <span class=\"word\">{}</span></button><a class=\"home\" href=\"index.html\">{course}</a>",
        say("book.skip"),
        say("book.contents")
    );
    let _ = write!(
        out,
        "<div class=\"search\" data-none=\"{}\"><input id=\"search\" type=\"search\" placeholder=\"{1}\" aria-label=\"{1}\" autocomplete=\"off\" spellcheck=\"false\"><div id=\"found\" hidden></div></div>",
        say("book.none"),
        say("book.search")
    );
    for lang in book.course.languages().iter().filter(|l| **l != book.lang) {
        let _ = write!(
            out,
            "<a class=\"lang\" lang=\"{lang}\" hreflang=\"{lang}\" data-lang=\"{lang}\" href=\"../{lang}/{}\">{}</a>",
            page.name,
            escape(&i18n::text(lang, "book.language", &[]))
        );
    }
    let _ = write!(
        out,
        "<button type=\"button\" id=\"theme\" data-auto=\"{}\" data-light=\"{}\" data-dark=\"{}\"></button></header>",
        say("book.theme-auto"),
        say("book.theme-light"),
        say("book.theme-dark")
    );
    let _ = write!(
        out,
        "<div class=\"frame\"><nav id=\"contents\" aria-label=\"{}\">{}</nav>",
        say("book.contents"),
        tree(book, page.open)
    );
    let _ = write!(out, "<main id=\"main\" tabindex=\"-1\" data-terms=\"{}\">{}", say("book.glossary-all"), page.body);
    out.push_str("<nav class=\"around\">");
    for (slot, (class, key)) in page.around.iter().zip([("before", "book.before"), ("after", "book.after")]) {
        if let Some((file, title)) = slot {
            let _ = write!(
                out,
                "<a class=\"{class}\" rel=\"{}\" href=\"{file}\"><span>{}</span> {}</a>",
                if class == "before" { "prev" } else { "next" },
                say(key),
                escape(title)
            );
        }
    }
    out.push_str("</nav></main></div></body></html>\n");
    out
}

// The theme is set before anything is painted, or a dark page would flash white.
fn head(lang: &Lang, title: &str, up: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\"><meta name=\"referrer\" content=\"no-referrer\"><title>{title}</title><link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"{up}style.css\"><script src=\"{up}book.js\"></script></head>\n"
    )
}

/// All modules with their lessons and exercises; the open one with its sections.
fn tree(book: &Book, open: &str) -> String {
    let mut out = String::new();
    for module in book.course.modules() {
        if module.lessons.is_empty() && module.exercises.is_empty() {
            continue;
        }
        let number = module.dir.split('-').next().and_then(|n| n.parse::<u32>().ok());
        let title = module.title.get(&book.lang);
        let title = number.map_or_else(|| title.to_owned(), |n| format!("{n} {title}"));
        let here = module.lessons.iter().chain(&module.exercises).any(|id| id == open);
        let _ = write!(out, "<details{}><summary>{}</summary><ul>", if here { " open" } else { "" }, escape(&title));
        for id in &module.lessons {
            let Some(lesson) = book.course.lesson(id) else { continue };
            let current = if id == open { " aria-current=\"page\"" } else { "" };
            let _ = write!(out, "<li><a href=\"{id}.html\"{current}>{}</a>", escape(&book.lesson_title(lesson)));
            if id == open {
                out.push_str(&sections(book, id));
            }
            out.push_str("</li>");
        }
        for id in &module.exercises {
            let Some(exercise) = book.course.exercise(id) else { continue };
            let current = if id == open { " aria-current=\"page\"" } else { "" };
            let title = escape(exercise.title.get(&book.lang));
            let _ = write!(out, "<li class=\"exercise\"><a href=\"{id}.html\"{current}>{title}</a></li>");
        }
        out.push_str("</ul></details>");
    }
    if !book.glossary.terms.is_empty() {
        let current = if open == GLOSSARY { " aria-current=\"page\"" } else { "" };
        let _ = write!(out, "<p><a href=\"glossary.html\"{current}>{}</a></p>", escape(&book.say("book.glossary")));
    }
    let _ = write!(out, "<p><a href=\"print.html\">{}</a></p>", escape(&book.say("book.print")));
    out
}

fn sections(book: &Book, lesson: &str) -> String {
    let Some((content, _)) = book.course.lesson_text(lesson, &book.lang) else { return String::new() };
    let items: String = content
        .sections
        .iter()
        .map(|s| format!("<li><a href=\"#{}\">{}</a></li>", escape(&s.id), escape(&s.title)))
        .collect();
    format!("<ul class=\"sections\">{items}</ul>")
}

/// Lessons and exercises as one reads them: each module's lessons, then its exercises.
fn order(book: &Book) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for module in book.course.modules() {
        let lessons = module.lessons.iter().filter_map(|id| book.course.lesson(id));
        all.extend(lessons.map(|l| (l.id.clone(), book.lesson_title(l))));
        let exercises = module.exercises.iter().filter_map(|id| book.course.exercise(id));
        all.extend(exercises.map(|e| (e.id.clone(), e.title.get(&book.lang).to_owned())));
    }
    all
}

fn around(book: &Book, id: &str) -> [Option<(String, String)>; 2] {
    let all = order(book);
    let at = all.iter().position(|(other, _)| other == id);
    let link =
        |nth: Option<usize>| nth.and_then(|n| all.get(n)).map(|(id, title)| (format!("{id}.html"), title.clone()));
    [link(at.and_then(|n| n.checked_sub(1))), link(at.map(|n| n + 1))]
}

/// A lesson: its text, its exercises, its questions.
pub(super) fn lesson(book: &Book, lesson: &Lesson) -> String {
    let title = book.lesson_title(lesson);
    let mut body = format!(
        "<h1>{}</h1><p class=\"meta\">{}</p>",
        escape(&title),
        escape(&i18n::text(&book.lang, "book.minutes", &[("count", &lesson.minutes)]))
    );
    if let Some((content, _)) = book.course.lesson_text(&lesson.id, &book.lang) {
        body.push_str(&text::html(
            book,
            &content.document,
            Place { lesson: &lesson.id, terms: true, ..Place::default() },
        ));
    }
    let exercises = book.course.exercises().iter().filter(|e| e.teaches.contains(&lesson.id));
    let cards: String = exercises
        .map(|e| {
            let minutes = escape(&i18n::text(&book.lang, "book.minutes", &[("count", &e.minutes)]));
            format!(
                "<li><a href=\"{}.html\">{}</a> <span class=\"meta\">{minutes}</span></li>",
                e.id,
                escape(e.title.get(&book.lang))
            )
        })
        .collect();
    if !cards.is_empty() {
        let _ = write!(
            body,
            "<section class=\"practise\"><h2 id=\"exercises\">{}</h2><ul>{cards}</ul></section>",
            escape(&book.say("book.exercises"))
        );
    }
    body.push_str(&quiz::section(book, &lesson.id));
    let name = format!("{}.html", lesson.id);
    page(book, &Page { name: &name, title: &title, body, around: around(book, &lesson.id), open: &lesson.id })
}

/// An exercise.
pub(super) fn exercise(book: &Book, exercise: &Exercise) -> String {
    let name = format!("{}.html", exercise.id);
    let title = exercise.title.get(&book.lang);
    let body = super::exercise::html(book, exercise);
    page(book, &Page { name: &name, title, body, around: around(book, &exercise.id), open: &exercise.id })
}

/// The first page of a language.
pub(super) fn contents(book: &Book) -> String {
    let title = book.course.title().get(&book.lang);
    let mut body =
        format!("<h1>{}</h1><p class=\"lead\">{}</p>", escape(title), text::sentence(&book.say("book.about")));
    for module in book.course.modules().iter().filter(|m| !m.lessons.is_empty() || !m.exercises.is_empty()) {
        let number = module.dir.split('-').next().and_then(|n| n.parse::<u32>().ok());
        let number = number.map_or(String::new(), |n| format!("<span class=\"number\">{n}</span> "));
        let _ = write!(
            body,
            "<section class=\"module\"><h2 id=\"{}\">{number}{}</h2><p>{}</p><ul>",
            module.id,
            escape(module.title.get(&book.lang)),
            escape(module.summary.get(&book.lang))
        );
        for lesson in module.lessons.iter().filter_map(|id| book.course.lesson(id)) {
            let _ = write!(body, "<li><a href=\"{}.html\">{}</a></li>", lesson.id, escape(&book.lesson_title(lesson)));
        }
        for exercise in module.exercises.iter().filter_map(|id| book.course.exercise(id)) {
            let title = escape(exercise.title.get(&book.lang));
            let _ = write!(body, "<li class=\"exercise\"><a href=\"{}.html\">{title}</a></li>", exercise.id);
        }
        body.push_str("</ul></section>");
    }
    let first = order(book).into_iter().next().map(|(id, title)| (format!("{id}.html"), title));
    page(book, &Page { name: "index.html", title, body, around: [None, first], open: "" })
}

/// What the course's words mean; none for a course that has no such list.
pub(super) fn glossary(book: &Book) -> Option<String> {
    let body = glossary::page(book)?;
    let title = book.say("book.glossary");
    Some(page(book, &Page { name: "glossary.html", title: &title, body, around: [None, None], open: GLOSSARY }))
}

/// All lessons on one page, to be printed.
pub(super) fn print(book: &Book) -> String {
    let title = book.say("book.print");
    let mut body = format!("<h1>{}</h1>", escape(book.course.title().get(&book.lang)));
    for module in book.course.modules().iter().filter(|m| !m.lessons.is_empty()) {
        let _ = write!(body, "<h1 class=\"module\" id=\"{}\">{}</h1>", module.id, escape(module.title.get(&book.lang)));
        for lesson in module.lessons.iter().filter_map(|id| book.course.lesson(id)) {
            let _ = write!(body, "<article id=\"{}\"><h1>{}</h1>", lesson.id, escape(&book.lesson_title(lesson)));
            if let Some((content, _)) = book.course.lesson_text(&lesson.id, &book.lang) {
                body.push_str(&text::html(
                    book,
                    &content.document,
                    Place { lesson: &lesson.id, print: true, ..Place::default() },
                ));
            }
            body.push_str("</article>");
        }
    }
    page(book, &Page { name: "print.html", title: &title, body, around: [None, None], open: "" })
}

/// The page that only leads to a language: the one read last, else the browser's.
pub(super) fn entrance(course: &Course) -> String {
    let first = course.languages().first().cloned().unwrap_or_else(Lang::en);
    let mut out = head(&first, &escape(course.title().get(&first)), "");
    out.push_str("<body class=\"entrance\"><main><h1>");
    out.push_str(&escape(course.title().get(&first)));
    out.push_str("</h1><p>");
    for lang in course.languages() {
        let _ = write!(
            out,
            "<a class=\"enter\" lang=\"{lang}\" data-enter=\"{lang}\" href=\"{lang}/index.html\">{}</a> ",
            escape(&i18n::text(lang, "book.language", &[]))
        );
    }
    out.push_str("</p></main></body></html>\n");
    out
}
