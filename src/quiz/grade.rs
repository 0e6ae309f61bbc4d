//! Whether an answer is right, for every kind of question.

use super::{fill::fill, schedule::Rating};
use crate::course::{Lang, Question, QuestionKind};
use std::{collections::BTreeSet, time::Duration};

/// What somebody answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Ids of options: one for `choice`, any number for `choices`.
    Options(BTreeSet<String>),
    /// Ids of options in the order that was chosen.
    Order(Vec<String>),
    /// What was typed.
    Typed(String),
    /// A line of the code, from 1.
    Line(u32),
    /// Key points that were said, from 0.
    Points(BTreeSet<usize>),
}

/// What an answer is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is right.
    Right,
    /// It is not.
    Wrong,
    /// It is not right, but not for want of knowing: ask for it once more.
    Near(Near),
}

/// What keeps an answer from being right that is known all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Near {
    /// A slip of the finger.
    Spelling,
    /// A number without its unit.
    Unit,
}

/// Judges an answer. One of another kind than the question takes is wrong.
pub fn grade(question: &Question, answer: &Answer) -> Verdict {
    use QuestionKind::{Bug, Choice, Choices, Fill, Free, Order, Predict};
    let right = match (question.kind, answer) {
        (Choice | Choices | Predict, Answer::Options(chosen)) if !question.options.is_empty() => {
            question.options.iter().filter(|o| o.right).map(|o| &o.id).eq(ordered(question, chosen))
                && chosen.iter().all(|id| question.options.iter().any(|o| o.id == *id))
        }
        (Order, Answer::Order(ids)) => question.options.iter().map(|o| &o.id).eq(ids),
        (Fill | Predict, Answer::Typed(typed)) if !question.answers.is_empty() => {
            return fill(&question.answers, typed);
        }
        (Bug, Answer::Line(line)) => question.lines.contains(line),
        // Two points of three are an answer that an interviewer takes.
        (Free, Answer::Points(said)) => {
            let said = said.iter().filter(|at| **at < question.points.len()).count();
            said * 3 >= question.points.len() * 2
        }
        _ => false,
    };
    if right { Verdict::Right } else { Verdict::Wrong }
}

fn ordered<'a>(question: &'a Question, chosen: &'a BTreeSet<String>) -> impl Iterator<Item = &'a String> {
    question.options.iter().map(|o| &o.id).filter(|id| chosen.contains(*id))
}

/// Longer than this for a right answer is known with trouble.
const SLOW: Duration = Duration::from_secs(90);

/// How well it was known, before the learner says otherwise. `tries` counts what was typed, slips included.
pub fn rating(question: &Question, answer: &Answer, right: bool, tries: u32, took: Duration) -> Rating {
    if !right {
        return Rating::Again;
    }
    match (question.kind, answer) {
        (QuestionKind::Free, Answer::Points(said)) if said.len() < question.points.len() => Rating::Hard,
        (QuestionKind::Free, _) => Rating::Good,
        _ if tries > 1 || took > SLOW => Rating::Hard,
        _ => Rating::Good,
    }
}

/// The right answer in words, for whoever got it wrong.
pub fn right_answer(question: &Question, lang: &Lang) -> Vec<String> {
    match question.kind {
        QuestionKind::Choice | QuestionKind::Choices | QuestionKind::Predict if !question.options.is_empty() => {
            question.options.iter().filter(|o| o.right).map(|o| o.text.get(lang).to_owned()).collect()
        }
        QuestionKind::Order => question.options.iter().map(|o| o.text.get(lang).to_owned()).collect(),
        QuestionKind::Fill | QuestionKind::Predict => {
            question.answers.first().map(|a| format!("`{a}`")).into_iter().collect()
        }
        QuestionKind::Bug => {
            let lines: Vec<&str> = question.code.as_deref().unwrap_or_default().lines().collect();
            let at = |line: &u32| {
                lines.get((*line as usize).saturating_sub(1)).map(|text| format!("{line}: `{}`", text.trim()))
            };
            question.lines.iter().filter_map(at).collect()
        }
        _ => question.points.iter().map(|p| p.get(lang).to_owned()).collect(),
    }
}

/// An answer as the log keeps it.
impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let all = match self {
            Self::Options(ids) => ids.iter().cloned().collect::<Vec<_>>().join(","),
            Self::Order(ids) => ids.join(","),
            Self::Typed(text) => text.chars().take(200).collect(),
            Self::Line(line) => line.to_string(),
            Self::Points(said) => said.iter().map(usize::to_string).collect::<Vec<_>>().join(","),
        };
        f.write_str(&all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn question(yaml: &str) -> Question {
        let head = "id: q\nlesson: l\nask: {en: A?}\nexplain: {en: E}\n";
        serde_yaml::from_str(&format!("{head}{yaml}")).unwrap()
    }

    fn options(ids: &str) -> Answer {
        Answer::Options(ids.split_whitespace().map(str::to_owned).collect())
    }

    fn order(ids: &str) -> Answer {
        Answer::Order(ids.split_whitespace().map(str::to_owned).collect())
    }

    fn points(said: &[usize]) -> Answer {
        Answer::Points(said.iter().copied().collect())
    }

    fn typed(text: &str) -> Answer {
        Answer::Typed(text.to_owned())
    }

    const ONE: &str = "kind: choice\noptions: [{id: a, text: {en: A}}, {id: b, text: {en: B}, right: true}]";
    const MANY: &str = "kind: choices\noptions: [{id: a, text: {en: A}, right: true}, {id: b, text: {en: B}}, {id: c, text: {en: C}, right: true}]";
    const LINES: &str =
        "kind: order\noptions: [{id: a, text: {en: A}}, {id: b, text: {en: B}}, {id: c, text: {en: C}}]";
    const FILL: &str = "kind: fill\nanswers: [docker ps, docker container ls]";
    const PREDICT: &str = "kind: predict\ncode: x\nanswers: [hello]";
    const PREDICT_ONE: &str =
        "kind: predict\ncode: x\noptions: [{id: a, text: {en: A}, right: true}, {id: b, text: {en: B}}]";
    const BUG: &str = "kind: bug\ncode: \"a\\nb\\nc\"\nlines: [2, 3]";
    const FREE: &str = "kind: free\npoints: [{en: A}, {en: B}, {en: C}, {en: D}]";

    #[rstest]
    #[case(ONE, options("b"), Verdict::Right)]
    #[case(ONE, options("a"), Verdict::Wrong)]
    #[case(ONE, options("a b"), Verdict::Wrong)]
    #[case(ONE, options(""), Verdict::Wrong)]
    #[case(ONE, options("b nope"), Verdict::Wrong)]
    #[case(ONE, typed("B"), Verdict::Wrong)]
    #[case(MANY, options("a c"), Verdict::Right)]
    #[case(MANY, options("c a"), Verdict::Right)]
    #[case(MANY, options("a"), Verdict::Wrong)]
    #[case(MANY, options("a b c"), Verdict::Wrong)]
    #[case(LINES, order("a b c"), Verdict::Right)]
    #[case(LINES, order("a c b"), Verdict::Wrong)]
    #[case(LINES, order("a b"), Verdict::Wrong)]
    #[case(FILL, typed("docker  ps"), Verdict::Right)]
    #[case(FILL, typed("docker container ls"), Verdict::Right)]
    #[case(FILL, typed("docker contaner ls"), Verdict::Near(Near::Spelling))]
    #[case(FILL, typed("docker images"), Verdict::Wrong)]
    #[case(FILL, options("a"), Verdict::Wrong)]
    #[case(PREDICT, typed("Hello"), Verdict::Right)]
    #[case(PREDICT, typed("bye"), Verdict::Wrong)]
    #[case(PREDICT_ONE, options("a"), Verdict::Right)]
    #[case(PREDICT_ONE, options("b"), Verdict::Wrong)]
    #[case(BUG, Answer::Line(3), Verdict::Right)]
    #[case(BUG, Answer::Line(1), Verdict::Wrong)]
    #[case(BUG, Answer::Line(0), Verdict::Wrong)]
    #[case(FREE, points(&[0, 1, 2]), Verdict::Right)]
    #[case(FREE, points(&[0, 1]), Verdict::Wrong)]
    #[case(FREE, points(&[0, 7, 8, 9]), Verdict::Wrong)]
    fn every_kind(#[case] yaml: &str, #[case] answer: Answer, #[case] want: Verdict) {
        assert_eq!(grade(&question(yaml), &answer), want);
    }

    #[test]
    fn a_slip_and_a_long_thought_are_known_with_trouble() {
        let fill = question(FILL);
        let quick = Duration::from_secs(5);
        let rate = |right, tries, took| rating(&fill, &typed("x"), right, tries, took);
        assert_eq!(rate(true, 1, quick), Rating::Good);
        assert_eq!(rate(true, 2, quick), Rating::Hard);
        assert_eq!(rate(true, 1, SLOW * 2), Rating::Hard);
        assert_eq!(rate(false, 1, quick), Rating::Again);
        let free = question(FREE);
        assert_eq!(rating(&free, &points(&[0, 1, 2]), true, 1, SLOW * 2), Rating::Hard);
        assert_eq!(rating(&free, &points(&[0, 1, 2, 3]), true, 1, SLOW * 2), Rating::Good);
    }

    #[test]
    fn the_right_answer_can_be_said() {
        let say = |yaml| right_answer(&question(yaml), &Lang::en()).join(" | ");
        assert_eq!(say(MANY), "A | C");
        assert_eq!(say(LINES), "A | B | C");
        assert_eq!(say(FILL), "`docker ps`");
        assert_eq!(say(BUG), "2: `b` | 3: `c`");
        assert_eq!(say(FREE), "A | B | C | D");
    }
}
