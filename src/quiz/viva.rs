//! Questions about the learner's own images, in words.

use crate::{course::Lang, i18n};
use dockshala_checkers::{
    spec::Size,
    viva::{Answer, Question},
};
use std::fmt::Display;

/// The question.
pub fn ask(lang: &Lang, question: &Question) -> String {
    text(lang, question, "")
}

/// What is to be said of its answer.
pub fn why(lang: &Lang, question: &Question) -> String {
    text(lang, question, ".why")
}

fn text(lang: &Lang, question: &Question, part: &str) -> String {
    let shown: Vec<(&str, String)> =
        question.about.iter().map(|(name, fact)| (name.as_str(), i18n::fact(lang, fact))).collect();
    let args: Vec<(&str, &dyn Display)> = shown.iter().map(|(name, text)| (*name, text as &dyn Display)).collect();
    i18n::text(lang, &format!("viva.ask.{}{part}", question.template), &args)
}

/// An answer.
pub fn answer(lang: &Lang, answer: &Answer) -> String {
    match answer {
        Answer::Line { number, text } => i18n::text(lang, "viva.line", &[("number", number), ("text", text)]),
        Answer::Bytes(bytes) => Size(*bytes).to_string(),
        Answer::Count(count) => count.to_string(),
        Answer::Name(name) => name.clone(),
    }
}
