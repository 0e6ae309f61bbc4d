//! What the search looks through: every section of every lesson, every exercise. The script folds spellings, so that `nahin`
//! finds `nahi`, and writes Devanagari in Latin letters; here is only the text.

use super::{Book, html, text};

/// The index of a language, as a script: a page opened from a file may load scripts, but no data.
pub(super) fn index(book: &Book) -> String {
    let mut entries = Vec::new();
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for lesson in book.course.lessons() {
        let title = book.lesson_title(lesson);
        let Some((content, _)) = book.course.lesson_text(&lesson.id, &book.lang) else { continue };
        for section in text::sections(&content.document.markdown) {
            let (target, words) = if section.id.is_empty() {
                (format!("{}.html", lesson.id), format!("{} {}", lesson.keywords.join(" "), section.words))
            } else {
                (format!("{}.html#{}", lesson.id, section.id), section.words)
            };
            entries.push(serde_json::json!([target, title, section.title, squeeze(&words)]));
        }
    }
    for term in &book.glossary.terms {
        let words = format!("{} {}", term.also.join(" "), term.means.get(&book.lang));
        let target = format!("glossary.html#term-{}", term.id);
        entries.push(serde_json::json!([
            target,
            term.word.get(&book.lang),
            book.say("book.glossary"),
            squeeze(&words)
        ]));
    }
    for exercise in book.course.exercises() {
        let Some((texts, _)) = book.course.exercise_text(&exercise.id, &book.lang) else { continue };
        let words: String =
            text::sections(&texts.brief.markdown).into_iter().map(|s| format!("{} {} ", s.title, s.words)).collect();
        let title = exercise.title.get(&book.lang);
        entries.push(serde_json::json!([
            format!("{}.html", exercise.id),
            title,
            book.say("book.exercise"),
            squeeze(&words)
        ]));
    }
    format!("window.dockshalaIndex={};\n", html::json(&serde_json::Value::Array(entries)))
}
