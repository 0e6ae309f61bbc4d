//! An exercise in the book: the brief, the goals in words, what one starts with, hints one after the other, what to think about
//! afterwards. Solutions are not in it: they come with the pass.

use super::{Book, html::escape, text, text::Place};
use crate::{course::Exercise, words};

pub(super) fn html(book: &Book, exercise: &Exercise) -> String {
    let say = |key: &str| escape(&book.say(key));
    let mut out = format!("<h1>{}</h1>", escape(exercise.title.get(&book.lang)));
    out.push_str(&format!(
        "<p class=\"meta\">{} · {} · <code>dockshala start {}</code></p>",
        say("book.exercise"),
        escape(&crate::i18n::text(&book.lang, "book.minutes", &[("count", &exercise.minutes)])),
        exercise.id
    ));
    let Some((texts, _)) = book.course.exercise_text(&exercise.id, &book.lang) else { return out };
    let place = Place::default();
    out.push_str(&text::html(book, &texts.brief, place));
    out.push_str(&format!("<h2 id=\"goals\">{}</h2><ul class=\"goals\">", say("book.goals")));
    for goal in &exercise.goals {
        out.push_str(&format!("<li>{}</li>", text::sentence(&words::goal(&book.lang, goal))));
    }
    out.push_str("</ul>");
    let starter = book.course.exercise_files(&exercise.id).unwrap_or_default().starter;
    if !starter.is_empty() {
        out.push_str(&format!("<h2 id=\"starter\">{}</h2>", say("book.starter")));
    }
    for file in &starter {
        let name = escape(&file.path);
        match std::str::from_utf8(&file.bytes) {
            Ok(code) if code.len() < 20_000 && !code.contains('\0') => {
                let language = crate::course::language_of(&file.path);
                let colours = book.colours(language, code);
                let shown = text::code(book, language, code, Some(&colours));
                out.push_str(&format!("<details><summary><code>{name}</code></summary>{shown}</details>"));
            }
            _ => out.push_str(&format!("<p><code>{name}</code> ({} B)</p>", file.bytes.len())),
        }
    }
    if !texts.hints.is_empty() {
        out.push_str(&format!("<h2 id=\"hints\">{}</h2>", say("book.hints")));
    }
    for (nth, hint) in texts.hints.iter().enumerate() {
        let label = crate::i18n::text(&book.lang, "book.hint", &[("nth", &(nth + 1))]);
        let body = text::html(book, hint, place);
        out.push_str(&format!("<details class=\"hint\"><summary>{}</summary>{body}</details>", escape(&label)));
    }
    out.push_str(&format!("<h2 id=\"afterwards\">{}</h2>", say("book.afterwards")));
    let body = text::html(book, &texts.debrief, place);
    out.push_str(&format!("<details><summary>{}</summary>{body}</details>", say("book.debrief")));
    let taught = exercise.teaches.iter().filter_map(|id| book.course.lesson(id));
    let links: Vec<String> =
        taught.map(|l| format!("<a href=\"{}.html\">{}</a>", l.id, escape(&book.lesson_title(l)))).collect();
    if !links.is_empty() {
        out.push_str(&format!("<p class=\"meta\">{} {}</p>", say("book.teaches"), links.join(" · ")));
    }
    out
}
