//! Questions of a lesson, to be answered on the page. What is right travels with the page: it is a book, nobody is graded.

use super::{
    Book, html,
    html::escape,
    text::{self, sentence},
};
use crate::course::{Proof, Question, QuestionKind};

/// The questions of a lesson, with all that the script needs to judge an answer.
pub(super) fn section(book: &Book, lesson: &str) -> String {
    let module = book.course.lesson(lesson).map(|l| l.module.clone()).unwrap_or_default();
    let all = book.shared.quiz.get(&module).map_or(&[][..], Vec::as_slice);
    let questions: Vec<&Question> = all.iter().filter(|q| q.lesson == lesson).collect();
    if questions.is_empty() {
        return String::new();
    }
    let mut out = format!("<section class=\"quiz\"><h2 id=\"quiz\">{}</h2>", escape(&book.say("book.quiz")));
    for question in questions {
        out.push_str(&one(book, question));
    }
    out + "</section>"
}

fn one(book: &Book, question: &Question) -> String {
    let say = |key: &str| escape(&book.say(key));
    let kind = name(question.kind);
    // With options, what is predicted is chosen; without, it is typed.
    let typed = question.options.is_empty() && matches!(question.kind, QuestionKind::Fill | QuestionKind::Predict);
    let mut data = serde_json::json!({ "kind": if typed { "fill" } else { kind } });
    if typed {
        data["answers"] = question.answers.clone().into();
    }
    if question.kind == QuestionKind::Bug {
        data["lines"] = question.lines.clone().into();
    }
    let mut out = format!(
        "<form class=\"question\" id=\"{}\" data-question=\"{}\" data-right=\"{}\" data-wrong=\"{}\"><p class=\"ask\">{}</p>",
        question.id,
        escape(&html::json(&data)),
        say("book.right"),
        say("book.wrong"),
        sentence(question.ask.get(&book.lang))
    );
    if let Some(code) = question.code.as_deref().filter(|_| question.kind != QuestionKind::Bug) {
        let language = question.code_language.as_deref().unwrap_or("text");
        out.push_str(&text::code(book, language, code, Some(&book.colours(language, code))));
    }
    out.push_str(&answers(book, question, typed));
    out.push_str(&format!("<p class=\"act\"><button type=\"submit\">{}</button></p>", say("book.check")));
    out.push_str("<div class=\"answer\"><p class=\"result\" role=\"status\"></p>");
    if question.kind == QuestionKind::Free {
        out.push_str(&model(book, question));
    }
    if typed || question.kind == QuestionKind::Predict {
        let all: Vec<String> = question.answers.iter().map(|a| format!("<code>{}</code>", escape(a))).collect();
        if !all.is_empty() {
            out.push_str(&format!("<p>{} {}</p>", say("book.answers"), all.join(", ")));
        }
    }
    if question.kind == QuestionKind::Order {
        let list: String =
            question.options.iter().map(|o| format!("<li>{}</li>", sentence(o.text.get(&book.lang)))).collect();
        out.push_str(&format!("<ol>{list}</ol>"));
    }
    out.push_str(&format!("<p>{}</p>", sentence(question.explain.get(&book.lang))));
    out.push_str(&proof(book, question));
    out + "</div></form>"
}

fn answers(book: &Book, question: &Question, typed: bool) -> String {
    let id = &question.id;
    if typed {
        let label = escape(&book.say("book.type"));
        return format!(
            "<p><input type=\"text\" aria-label=\"{label}\" placeholder=\"{label}\" autocomplete=\"off\" autocapitalize=\"off\" spellcheck=\"false\"></p>"
        );
    }
    let mut out = String::new();
    match question.kind {
        QuestionKind::Free => {
            out.push_str(&format!(
                "<p><textarea rows=\"4\" aria-label=\"{}\"></textarea></p>",
                escape(&book.say("book.type"))
            ));
        }
        QuestionKind::Bug => {
            out.push_str("<ol class=\"lines\">");
            for line in question.code.as_deref().unwrap_or_default().lines() {
                out.push_str(&format!(
                    "<li><label><input type=\"checkbox\" name=\"{id}\"> <code>{}</code></label></li>",
                    escape(line)
                ));
            }
            out.push_str("</ol>");
        }
        QuestionKind::Order => {
            let (up, down) = (escape(&book.say("book.up")), escape(&book.say("book.down")));
            out.push_str("<ol class=\"order\">");
            for (nth, option) in question.options.iter().enumerate() {
                out.push_str(&format!(
                    "<li data-place=\"{nth}\"><span>{}</span> <button type=\"button\" class=\"up\" aria-label=\"{up}\">↑</button><button type=\"button\" class=\"down\" aria-label=\"{down}\">↓</button></li>",
                    sentence(option.text.get(&book.lang))
                ));
            }
            out.push_str("</ol>");
        }
        kind => {
            let input = if kind == QuestionKind::Choices { "checkbox" } else { "radio" };
            out.push_str("<ul class=\"options\">");
            for option in &question.options {
                let right = if option.right { " data-right" } else { "" };
                let why = option.why.get(&book.lang);
                let why =
                    if why.is_empty() { String::new() } else { format!("<p class=\"why\">{}</p>", sentence(why)) };
                out.push_str(&format!(
                    "<li{right}><label><input type=\"{input}\" name=\"{id}\"> <span>{}</span></label>{why}</li>",
                    sentence(option.text.get(&book.lang))
                ));
            }
            out.push_str("</ul>");
        }
    }
    out
}

/// What a good answer in one's own words has, to be ticked, and how it would be said.
fn model(book: &Book, question: &Question) -> String {
    let mut out = format!("<p>{}</p><ul class=\"points\">", escape(&book.say("book.points")));
    for point in &question.points {
        out.push_str(&format!(
            "<li><label><input type=\"checkbox\"> <span>{}</span></label></li>",
            sentence(point.get(&book.lang))
        ));
    }
    out.push_str("</ul>");
    if let Some(answer) = &question.answer {
        out.push_str(&format!("<p class=\"said\">{}</p>", sentence(answer.get(&book.lang))));
    }
    for then in &question.then {
        let (ask, answer) = (sentence(then.ask.get(&book.lang)), sentence(then.answer.get(&book.lang)));
        out.push_str(&format!("<details><summary>{ask}</summary><p>{answer}</p></details>"));
    }
    out
}

fn proof(book: &Book, question: &Question) -> String {
    let link = |target: &str, words: &str| {
        let place = text::Place { lesson: &question.lesson, ..text::Place::default() };
        format!("<a href=\"{}\">{}</a>", escape(&text::target(book, target, place)), escape(words))
    };
    let shown = match &question.proof {
        None => return String::new(),
        Some(Proof::Command(command)) => format!("<code>{}</code>", escape(command)),
        Some(Proof::Claim(id)) => link(id, id),
        Some(Proof::Exercise(id)) => {
            link(id, book.course.exercise(id).map_or(id.as_str(), |e| e.title.get(&book.lang)))
        }
        Some(Proof::Section(target)) => {
            let id = target.split('#').next().unwrap_or_default();
            let title = book.course.lesson(id).map_or_else(|| target.clone(), |l| book.lesson_title(l));
            link(target, &title)
        }
        Some(Proof::Source(source)) => escape(source),
    };
    format!("<p class=\"proof\">{} {shown}</p>", escape(&book.say("book.proof")))
}

fn name(kind: QuestionKind) -> &'static str {
    match kind {
        QuestionKind::Choice | QuestionKind::Predict => "choice",
        QuestionKind::Choices => "choices",
        QuestionKind::Order => "order",
        QuestionKind::Fill => "fill",
        QuestionKind::Bug => "bug",
        QuestionKind::Free => "free",
    }
}
