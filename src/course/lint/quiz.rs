//! Quiz questions: each has an answer, and says what it rests on.

use super::{Linter, is_date};
use crate::course::source::{
    finding::Finding,
    format::{Proof, Question, QuestionKind},
    lang::{Lang, Text},
};
use std::{collections::BTreeSet, ops::RangeInclusive};

pub(super) fn lint(linter: &mut Linter) {
    let source = linter.source;
    for module in &source.modules {
        let path = format!("lessons/{}/quiz.yaml", module.dir);
        for question in source.quiz.get(&module.id).into_iter().flatten() {
            let mut say = |code: &'static str, why: &str| {
                let finding = Finding::lint(code, &path).arg("id", &question.id).arg("why", why);
                linter.at_word(finding, &question.id);
            };
            for fault in faults(question) {
                say("question", fault);
            }
            match &question.proof {
                None => say("question-proof", ""),
                Some(Proof::Source(text)) if !text.split([' ', ',', '(', ')']).any(is_date) => {
                    say("question-source", "")
                }
                _ => {}
            }
            for (lang, words) in question.answer.iter().flat_map(|answer| lengths(answer, &SPOKEN)) {
                say("question-answer", &format!("answer, {lang}: {words} ({}-{})", SPOKEN.start(), SPOKEN.end()));
            }
            for (lang, words) in question.then.iter().flat_map(|then| lengths(&then.answer, &SPOKEN_THEN)) {
                say(
                    "question-answer",
                    &format!("then, {lang}: {words} ({}-{})", SPOKEN_THEN.start(), SPOKEN_THEN.end()),
                );
            }
            if question.in_interviews() && question.kind == QuestionKind::Free {
                let asked = question.followups.len() + question.then.len();
                if asked < 2 {
                    say("question-interview", "followups, then");
                }
                if question.answer.is_none() {
                    say("question-interview", "answer");
                }
            }
            if !(1..=5).contains(&question.weight) {
                say("question", "weight: 1-5");
            }
        }
    }
}

/// Words of a spoken answer: at some 140 words a minute, 30 to 90 seconds.
const SPOKEN: RangeInclusive<usize> = 70..=220;
/// Words of the answer to a follow-up.
const SPOKEN_THEN: RangeInclusive<usize> = 10..=90;

/// The languages in which a text is shorter or longer than it may be, and how many words it has.
fn lengths(text: &Text, range: &RangeInclusive<usize>) -> Vec<(Lang, usize)> {
    let words = text.0.iter().map(|(lang, text)| (lang.clone(), text.split_whitespace().count()));
    words.filter(|(_, words)| !range.contains(words)).collect()
}

/// What keeps a question from having an answer, in the words of the format.
fn faults(question: &Question) -> Vec<&'static str> {
    use QuestionKind::{Bug, Choice, Choices, Fill, Free, Order, Predict};
    let right = question.options.iter().filter(|o| o.right).count();
    let (options, answers) = (question.options.len(), question.answers.len());
    let code_lines = question.code.as_deref().map_or(0, |c| c.lines().count());
    let ids: BTreeSet<_> = question.options.iter().map(|o| &o.id).collect();
    let explained = question.options.iter().all(|o| !o.why.0.is_empty());
    let kind = question.kind;
    [
        (ids.len() != options, "options: id twice"),
        (matches!(kind, Choice | Choices) && options < 2, "options: 2 or more"),
        (kind == Choice && right != 1, "options: exactly one right: true"),
        (kind == Choices && (right == 0 || right == options), "options: some right: true, some not"),
        (matches!(kind, Choice | Choices) && !explained, "options: why for each"),
        (kind == Order && (options < 3 || right > 0), "options: 3 or more in the right order, none with right"),
        (kind == Fill && (answers == 0 || options > 0), "answers: 1 or more, no options"),
        (kind == Predict && code_lines == 0, "code: what is predicted"),
        (kind == Predict && (options > 0) == (answers > 0), "either answers, or options"),
        (kind == Predict && options > 0 && right != 1, "options: exactly one right: true"),
        (kind == Bug && code_lines == 0, "code: what has the bug"),
        (kind == Bug && question.lines.is_empty(), "lines: 1 or more"),
        (question.lines.iter().any(|l| *l == 0 || *l as usize > code_lines), "lines: within code"),
        (kind != Bug && !question.lines.is_empty(), "lines: only for kind: bug"),
        (kind == Free && question.points.len() < 2, "points: 2 or more"),
        (kind != Free && !question.points.is_empty(), "points: only for kind: free"),
        (!matches!(kind, Fill | Predict) && answers > 0, "answers: only for kind: fill, predict"),
        (kind != Free && question.answer.is_some(), "answer: only for kind: free"),
        (kind != Free && question.seconds.is_some(), "seconds: only for kind: free"),
        (kind != Free && !question.roles.is_empty(), "roles: only for kind: free"),
        (kind != Free && !question.then.is_empty(), "then: only for kind: free"),
        (question.seconds.is_some_and(|s| !(20..=120).contains(&s)), "seconds: 20-120"),
        (question.roles.iter().collect::<BTreeSet<_>>().len() != question.roles.len(), "roles: one twice"),
        (matches!(kind, Bug | Free) && options > 0, "options: not for kind: bug, free"),
        (question.answers.iter().any(|a| a.trim().is_empty()), "answers: none empty"),
    ]
    .into_iter()
    .filter_map(|(wrong, why)| wrong.then_some(why))
    .collect()
}
