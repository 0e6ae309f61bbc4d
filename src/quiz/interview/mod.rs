//! A mock interview: questions drawn for a role, asked against the clock, each followed by what an interviewer asks then; at
//! the end, what to study.
//!
//! A pure machine. It is told how many seconds went by and what was said; who shows it, and by which clock, is the business of
//! the command line and of the screen.

mod report;

pub use report::{Line, Study, lines, markdown, score, study};

use super::{deck::Deck, schedule::Rating};
use crate::{
    course::{Question, QuestionKind, Role, Text},
    progress::{EventKind, Interview as Held, InterviewAnswer},
};
use dockshala_checkers::viva;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// One thing that is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A question of the course.
    Course(Box<Question>),
    /// What is asked after one: its id and lesson, the question, a good answer.
    Then {
        /// The question that it follows.
        after: String,
        /// That question's lesson.
        lesson: String,
        /// What is asked.
        ask: Text,
        /// A good answer.
        answer: Text,
    },
    /// About the learner's own image.
    Viva {
        /// The exercise whose image it is.
        exercise: String,
        /// The question.
        question: Box<viva::Question>,
    },
}

impl Item {
    /// Seconds that its answer may take.
    pub fn seconds(&self) -> u32 {
        match self {
            Self::Course(question) if question.kind == QuestionKind::Free => question.spoken(),
            Self::Course(_) | Self::Then { .. } => 30,
            Self::Viva { .. } => 40,
        }
    }

    /// How many points it can give.
    pub fn points(&self) -> u32 {
        match self {
            Self::Course(question) if question.kind == QuestionKind::Free => question.points.len() as u32,
            _ => 1,
        }
    }
}

/// After an answer the points are ticked and the model answer is read, which takes so long, seconds.
const READING: u32 = 30;

/// How long an interview may be, minutes.
pub const MINUTES: std::ops::RangeInclusive<u32> = 5..=60;

/// What somebody made of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// The points that were said, from 0. Of an item with one point, point 0 is that it was right.
    Points(Vec<u32>),
    /// It was passed over.
    PassedOver,
}

/// An interview that goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct Interview {
    /// Its number.
    pub number: u32,
    /// For whom.
    pub role: Role,
    /// Minutes that were chosen.
    pub minutes: u32,
    items: Vec<Item>,
    at: usize,
    /// Seconds that went by, the current question left out.
    gone: u32,
    answers: Vec<InterviewAnswer>,
}

impl Interview {
    /// Draws the questions; none where the course has no interview questions for this role.
    pub fn begin(deck: &Deck, role: Role, minutes: u32, number: u32) -> Option<Self> {
        let minutes = minutes.clamp(*MINUTES.start(), *MINUTES.end());
        let fits = |q: &Question| q.in_interviews() && (q.roles.is_empty() || q.roles.contains(&role));
        let pool: Vec<_> = deck.cards().iter().filter(|c| fits(&c.question)).collect();
        // Weighted, without replacement: the weakest and the most asked come most likely, and nothing is certain.
        let mut drawn: Vec<(f64, &super::Card)> = pool
            .into_iter()
            .map(|card| {
                let weight = f64::from(card.question.weight) * (1.1 - card.known());
                (-chance(number, &card.question.id).ln() / weight.max(0.01), card)
            })
            .collect();
        drawn.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.question.id.cmp(&b.1.question.id)));
        let mut budget = minutes * 60;
        let mut of_lesson: BTreeMap<&str, u32> = BTreeMap::new();
        let mut items = Vec::new();
        for (_, card) in drawn {
            let item = Item::Course(Box::new(card.question.clone()));
            // A follow-up for each second question is counted in.
            let takes = item.seconds() + READING + READING / 2;
            let seen = of_lesson.entry(&card.question.lesson).or_default();
            if takes > budget || *seen >= 2 {
                continue;
            }
            *seen += 1;
            budget -= takes;
            items.push(item);
        }
        if items.is_empty() {
            return None;
        }
        Some(Self { number: number.max(1), role, minutes, items, at: 0, gone: 0, answers: Vec::new() })
    }

    /// Mixes in questions about the learner's own image: one after every second question that is still to come, three at most.
    pub fn mix(&mut self, exercise: &str, questions: Vec<viva::Question>) {
        let mut ranked: Vec<viva::Question> = questions;
        ranked.sort_by(|a, b| chance(self.number, &a.template).total_cmp(&chance(self.number, &b.template)));
        let mut place = (self.at + 2).min(self.items.len());
        for question in ranked.into_iter().take(3) {
            if place > self.items.len() {
                break;
            }
            self.items.insert(place, Item::Viva { exercise: exercise.to_owned(), question: Box::new(question) });
            place += 3;
        }
    }

    /// What is asked now; nothing when it is over.
    pub fn current(&self) -> Option<&Item> {
        self.items.get(self.at)
    }

    /// Which question this is, from 1, and how many there are as things stand.
    pub fn place(&self) -> (usize, usize) {
        (self.at + 1, self.items.len())
    }

    /// Seconds that are left of the whole.
    pub fn left(&self) -> u32 {
        (self.minutes * 60).saturating_sub(self.gone)
    }

    /// The current question was answered, all in all in so many seconds. What is to be remembered comes back.
    pub fn answered(&mut self, said: &Said, seconds: u32, deck: &Deck, lang: &str) -> Option<EventKind> {
        let item = self.items.get(self.at)?.clone();
        self.at += 1;
        self.gone = self.gone.saturating_add(seconds);
        let of = item.points();
        let (points, passed_over) = match said {
            Said::Points(points) => (points.iter().copied().filter(|p| *p < of).collect::<Vec<_>>(), false),
            Said::PassedOver => (Vec::new(), true),
        };
        let (question, lesson, exercise) = match &item {
            Item::Course(q) => (q.id.clone(), Some(q.lesson.clone()), None),
            Item::Then { after, lesson, .. } => (format!("{after}+"), Some(lesson.clone()), None),
            Item::Viva { exercise, question } => (format!("viva:{}", question.template), None, Some(exercise.clone())),
        };
        let count = points.len() as u32;
        self.answers.push(InterviewAnswer {
            question,
            lesson,
            exercise,
            said: count,
            of,
            seconds,
            passed_over,
            missing: (0..of).filter(|p| !points.contains(p)).collect(),
        });
        if self.left() == 0 {
            // Time is up: what was not asked is not held against anybody.
            self.items.truncate(self.at);
        } else if !passed_over {
            self.follow_up(&item, deck);
        }
        let Item::Course(question) = &item else { return None };
        let right = count * 3 >= of * 2;
        let rating = match (right, count == of) {
            (false, _) => Rating::Again,
            (true, false) => Rating::Hard,
            (true, true) => Rating::Good,
        };
        Some(EventKind::CardReviewed {
            card: question.id.clone(),
            source: "interview".to_owned(),
            rating: rating.number(),
            right,
            answer: points.iter().map(u32::to_string).collect::<Vec<_>>().join(","),
            ms: u64::from(seconds) * 1000,
            lang: lang.to_owned(),
            session: self.number,
        })
    }

    /// Puts what is asked then behind a question, where time allows: one thing after each, two where much time is left.
    fn follow_up(&mut self, item: &Item, deck: &Deck) {
        let Item::Course(question) = item else { return };
        let need: u32 = self.items[self.at..].iter().map(|i| i.seconds() + READING).sum();
        let spare = self.left().saturating_sub(need);
        let room = (spare / (30 + READING)).min(2) as usize;
        let own = question.then.iter().map(|then| Item::Then {
            after: question.id.clone(),
            lesson: question.lesson.clone(),
            ask: then.ask.clone(),
            answer: then.answer.clone(),
        });
        let asked = |id: &str| self.items.iter().any(|i| matches!(i, Item::Course(q) if q.id == id));
        // A choice to click is no follow-up to something that was said aloud; a question to be answered aloud is.
        let others = question
            .followups
            .iter()
            .filter(|id| !asked(id))
            .filter_map(|id| deck.card(id))
            .filter(|c| c.question.kind == QuestionKind::Free);
        let mut all: Vec<Item> = own.chain(others.map(|c| Item::Course(Box::new(c.question.clone())))).collect();
        if all.len() > 1 && chance(self.number, &question.id) < 0.5 {
            all.rotate_left(1);
        }
        for (nth, item) in all.into_iter().take(room).enumerate() {
            self.items.insert(self.at + nth, item);
        }
    }

    /// Time went by in which nothing was answered: points were ticked, a model answer was read.
    pub fn pause(&mut self, seconds: u32) {
        self.gone = self.gone.saturating_add(seconds);
    }

    /// It was ended early.
    pub fn end(&mut self) {
        self.items.truncate(self.at);
    }

    /// What came of it; none where nothing was answered.
    pub fn held(&self) -> Option<Held> {
        let role = match self.role {
            Role::Fresher => "fresher",
            Role::Developer => "developer",
            Role::Devops => "devops",
        };
        (!self.answers.is_empty()).then(|| Held {
            session: self.number,
            role: role.to_owned(),
            minutes: self.minutes,
            seconds: self.gone,
            answers: self.answers.clone(),
        })
    }
}

/// A number above 0 and up to 1, the same for the same seed and word.
fn chance(seed: u32, word: &str) -> f64 {
    let digest = Sha256::digest(format!("{seed} {word}"));
    let number = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    (f64::from(number) + 1.0) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        progress::{EPOCH, Summary},
        quiz::{Fsrs, testing},
    };

    fn deck() -> Deck {
        Deck::new(testing(), &Summary::default(), &Fsrs::default(), EPOCH + 1)
    }

    fn begin(minutes: u32, number: u32) -> Interview {
        Interview::begin(&deck(), Role::Developer, minutes, number).expect("the course has interview questions")
    }

    #[test]
    fn a_role_is_asked_what_concerns_it() {
        let asked = |role| {
            let interview = Interview::begin(&deck(), role, 60, 4).unwrap();
            interview.items.iter().filter(|i| matches!(i, Item::Course(_))).count()
        };
        assert_eq!((asked(Role::Fresher), asked(Role::Devops)), (1, 2));
    }

    #[test]
    fn an_interview_fits_its_minutes_and_is_the_same_for_the_same_number() {
        for minutes in [5, 15, 30] {
            let interview = begin(minutes, 4);
            let takes: u32 = interview.items.iter().map(|i| i.seconds() + READING).sum();
            assert!(takes <= minutes * 60, "{minutes}: {takes}");
            assert_eq!(interview, begin(minutes, 4));
        }
    }

    #[test]
    fn said_points_count_and_what_was_missed_is_kept() {
        let deck = deck();
        let mut interview = begin(10, 4);
        let of = interview.current().unwrap().points();
        let event = interview.answered(&Said::Points(vec![0, 1, 99]), 50, &deck, "en");
        assert!(matches!(event, Some(EventKind::CardReviewed { ref source, .. }) if source == "interview"));
        let held = interview.held().unwrap();
        let answer = &held.answers[0];
        assert_eq!((answer.said, answer.of, answer.seconds), (2, 3, 50));
        assert_eq!(of, 3);
        assert_eq!(answer.missing, (2..of).collect::<Vec<_>>());
        assert_eq!(interview.left(), 550);
    }

    #[test]
    fn follow_ups_come_right_behind_while_there_is_time() {
        let deck = deck();
        let mut interview = begin(30, 4);
        let before = interview.place().1;
        interview.answered(&Said::Points(vec![0]), 10, &deck, "en");
        assert!(interview.place().1 > before);
        let mut late = begin(10, 4);
        late.answered(&Said::Points(vec![0]), 3600, &deck, "en");
        assert_eq!(late.current(), None, "time is up");
        let mut passed = begin(30, 4);
        passed.answered(&Said::PassedOver, 5, &deck, "en");
        assert_eq!(passed.place().1, before, "nobody asks on where nothing was said");
        assert!(passed.held().unwrap().answers[0].passed_over);
    }

    #[test]
    fn the_learners_own_image_is_asked_about_in_between() {
        let viva = |template: &str| viva::Question {
            template: template.into(),
            code: None,
            about: Default::default(),
            options: vec![],
            change: None,
        };
        let mut interview = begin(30, 4);
        interview.mix("two-stages", ["heaviest", "runs-as", "saves", "brought"].map(viva).into());
        let at: Vec<usize> =
            (0..interview.items.len()).filter(|i| matches!(interview.items[*i], Item::Viva { .. })).collect();
        assert_eq!(at, [1], "behind what there is");
        assert!(begin(30, 4).held().is_none());
    }
}
