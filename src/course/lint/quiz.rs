//! Quiz questions: each has an answer, and says what it rests on.

use super::{Linter, is_date};
use crate::course::source::{
    finding::Finding,
    format::{Proof, Question, QuestionKind},
};
use std::collections::BTreeSet;

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
            if !(1..=5).contains(&question.weight) {
                say("question", "weight: 1-5");
            }
        }
    }
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
        (matches!(kind, Bug | Free) && options > 0, "options: not for kind: bug, free"),
        (question.answers.iter().any(|a| a.trim().is_empty()), "answers: none empty"),
    ]
    .into_iter()
    .filter_map(|(wrong, why)| wrong.then_some(why))
    .collect()
}
