//! Viva: questions with known answers, made from what a learner handed in and what was measured of it.
//!
//! Pure. The right answer is a measured fact, the wrong ones are drawn from the same Dockerfile and the same image: other
//! lines, other sizes, other stages. A template for which a submission has too little yields nothing: a question with
//! made-up answers can be seen through without looking at the image at all.

mod templates;

use crate::{
    evidence::{Blame, Evidence},
    verdict::{Facts, GoalResult},
};
use serde::{Deserialize, Serialize};

/// A question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Which template: the program has its words.
    pub template: String,
    /// The diagnosis that it was made from; none where it needs no failure.
    pub code: Option<String>,
    /// What its words name.
    pub about: Facts,
    /// What can be answered, in the order of the file or of size; exactly one is right.
    pub options: Vec<Choice>,
    /// A change of the Dockerfile that shows the answer.
    pub change: Option<Change>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// What it says.
    pub answer: Answer,
    /// It is so.
    pub right: bool,
}

/// What an answer says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// A line of the Dockerfile.
    Line {
        /// Its number, from 1.
        number: u32,
        /// What stands there, on one line, cleaned.
        text: String,
    },
    /// Bytes.
    Bytes(u64),
    /// A number.
    Count(u64),
    /// A name: a user, a stage, an image.
    Name(String),
}

/// A change that shows an answer when the image is built again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The line to change, from 1; an instruction of several lines goes as a whole.
    pub line: u32,
    /// What to put there; nothing: the instruction is taken out.
    pub with: Option<String>,
    /// What is seen then.
    pub shows: Shows,
}

/// What a second build shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shows {
    /// The paths or tools that were asked about are gone.
    Gone,
    /// The image has so many bytes less in all its layers.
    Less(u64),
    /// The container runs as somebody else.
    OtherUser,
    /// The image has as many layers as before.
    SameLayers,
}

/// At most so many answers to one question.
const OPTIONS: usize = 4;

/// Every template's name, in the order in which they are asked.
pub const TEMPLATES: &[&str] = &[
    "rebuilt-cause",
    "first-again",
    "path-line",
    "tool-line",
    "path-base",
    "tool-base",
    "hidden-by",
    "still-holds",
    "saves",
    "heaviest",
    "brought",
    "base-share",
    "runs-as",
    "user-line",
    "unused-stage",
    "final-base",
    "cache-left",
    "dev-line",
    "no-layer",
    "own-layers",
    "command-line",
];

/// Every question that a submission gives, at most one of each template.
pub fn questions(evidence: &Evidence, goals: &[GoalResult]) -> Vec<Question> {
    let Ok((model, target)) = evidence.model() else { return Vec::new() };
    let blame = evidence.image.as_ref().ok().map(|image| Blame::new(model, target, image));
    let seen = templates::Seen { evidence, model, target, blame, goals };
    let mut found = seen.all();
    found.retain(|q| q.options.len() >= 2 && q.options.iter().filter(|o| o.right).count() == 1);
    found.sort_by_key(|q| TEMPLATES.iter().position(|t| *t == q.template));
    found.dedup_by(|a, b| a.template == b.template);
    found
}

/// The right answer and those of the others that are nearest to it, in their natural order.
fn choices(right: Answer, others: impl IntoIterator<Item = Answer>) -> Vec<Choice> {
    let mut wrong: Vec<Answer> = others.into_iter().filter(|other| *other != right).collect();
    wrong.sort();
    wrong.dedup();
    let at = wrong.partition_point(|other| *other < right);
    // Neighbours on both sides, so that the right one stands neither always first nor always last.
    let from = at.saturating_sub(OPTIONS / 2).min(wrong.len().saturating_sub(OPTIONS - 1));
    let mut all: Vec<Choice> =
        wrong.into_iter().skip(from).take(OPTIONS - 1).map(|answer| Choice { answer, right: false }).collect();
    all.push(Choice { answer: right, right: true });
    all.sort_by(|a, b| a.answer.cmp(&b.answer));
    all
}

/// A Dockerfile's text with a change made in it; the number of lines stays, so that lines keep their numbers.
pub fn changed(text: &str, first: u32, last: u32, with: Option<&str>) -> String {
    let lines = text.lines().enumerate().map(|(at, line)| {
        let number = at as u32 + 1;
        match number {
            n if n == first => with.unwrap_or_default(),
            n if n > first && n <= last => "",
            _ => line,
        }
    });
    lines.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_answer_is_among_its_neighbours_once() {
        let line = |number| Answer::Line { number, text: String::new() };
        let all = choices(line(7), [1, 3, 5, 7, 9, 11].map(line));
        assert_eq!(all.len(), 4);
        assert_eq!(all.iter().filter(|c| c.right).map(|c| &c.answer).collect::<Vec<_>>(), [&line(7)]);
        assert!(all.iter().any(|c| c.answer == line(5)) && all.iter().any(|c| c.answer == line(9)), "{all:?}");
        assert_eq!(choices(line(1), []).len(), 1);
        assert_eq!(choices(Answer::Bytes(5), [Answer::Bytes(5), Answer::Bytes(6)]).len(), 2);
    }

    #[test]
    fn a_change_leaves_the_other_lines_where_they_are() {
        let text = "FROM a\nRUN x \\\n  && y\nCMD z\n";
        assert_eq!(changed(text, 2, 3, None), "FROM a\n\n\nCMD z\n");
        assert_eq!(changed(text, 4, 4, Some("CMD w")), "FROM a\nRUN x \\\n  && y\nCMD w\n");
    }
}
