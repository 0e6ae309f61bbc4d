//! Quiz questions of all seven kinds.

use super::super::lang::Text;
use serde::{Deserialize, Serialize};

/// `lessons/MODULE/quiz.yaml`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct QuizFile {
    /// In no order that matters.
    pub questions: Vec<Question>,
}

/// What kind of answer a question takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuestionKind {
    /// One option is right.
    Choice,
    /// Every right option must be chosen, and no other.
    Choices,
    /// The options are written in the right order; the learner gets them shuffled.
    Order,
    /// A word or command to type: any of `answers`.
    Fill,
    /// What will this print? `code` is shown; any of `answers`, or one of the options.
    Predict,
    /// Which line is wrong? `code` is shown; `lines` are right.
    Bug,
    /// An answer in the learner's own words, judged by themselves against `points`.
    Free,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Question {
    /// Immutable: a learner's history names it.
    pub id: String,
    /// What kind of answer it takes.
    pub kind: QuestionKind,
    /// The lesson that has the answer.
    pub lesson: String,
    /// How often it should come, 1 being usual.
    #[serde(default = "one")]
    pub weight: u32,
    /// Words to choose questions by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The question.
    pub ask: Text,
    /// Code that is shown with it, the same in every language.
    #[serde(default)]
    pub code: Option<String>,
    /// What `code` is written in, for colours: `dockerfile`, `sh`.
    #[serde(default)]
    pub code_language: Option<String>,
    /// What can be chosen.
    #[serde(default)]
    pub options: Vec<Choice>,
    /// Answers to type, each as good as the others. Compared without case and without the space around.
    #[serde(default)]
    pub answers: Vec<String>,
    /// The right lines of `code`, from 1.
    #[serde(default)]
    pub lines: Vec<u32>,
    /// What a good answer in one's own words has.
    #[serde(default)]
    pub points: Vec<Text>,
    /// Shown after the answer, right or wrong.
    pub explain: Text,
    /// How to see it on one's own machine: a command, a claim's id, or a source with its date.
    #[serde(default)]
    pub proof: Option<Proof>,
    /// Ids of questions that an interviewer would ask next.
    #[serde(default)]
    pub followups: Vec<String>,
    /// Only for `kind: free`: a good answer as one would say it aloud, in every language; 70 to 220 words each, which is 30 to 90
    /// seconds.
    #[serde(default)]
    pub answer: Option<Text>,
    /// Only for `kind: free`: how long a spoken answer may take, seconds; 20 to 120, 60 where nothing is said.
    #[serde(default)]
    pub seconds: Option<u32>,
    /// Only for `kind: free`: whom an interviewer would ask this. Nobody named: everybody.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// Only for `kind: free`: what an interviewer asks then, where no question of its own has it.
    #[serde(default)]
    pub then: Vec<Then>,
}

impl Question {
    /// The tag of the questions of a mock interview.
    pub const INTERVIEW: &'static str = "interview";

    /// It belongs in a mock interview.
    pub fn in_interviews(&self) -> bool {
        self.tags.iter().any(|tag| tag == Self::INTERVIEW)
    }

    /// Seconds that a spoken answer may take.
    pub fn spoken(&self) -> u32 {
        self.seconds.unwrap_or(60)
    }
}

/// Who is interviewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A first job: words, commands, how the pieces fit.
    Fresher,
    /// Writes applications and their Dockerfiles.
    Developer,
    /// Runs them: networks, storage, swarms, pipelines.
    Devops,
}

/// A follow-up that is no question of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Then {
    /// What the interviewer asks.
    pub ask: Text,
    /// A good answer as one would say it aloud, 10 to 90 words.
    pub answer: Text,
}

fn one() -> u32 {
    1
}

/// Something to choose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Choice {
    /// Unique in the question.
    pub id: String,
    /// What it says.
    pub text: Text,
    /// It is right.
    #[serde(default)]
    pub right: bool,
    /// Why it is right, or what makes it tempting and wrong.
    #[serde(default)]
    pub why: Text,
}

/// What the answer rests on. Exactly one field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Proof {
    /// A command to try.
    Command(String),
    /// A claim of the course.
    Claim(String),
    /// An exercise of the course.
    Exercise(String),
    /// A section of a lesson: `LESSON#SECTION`.
    Section(String),
    /// A page, with the date when it was read.
    Source(String),
}
