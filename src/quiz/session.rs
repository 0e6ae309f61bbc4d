//! A sitting: some questions, asked one after the other, what went wrong once more at the end.
//!
//! A session is nothing but its number, its questions, and the answers that carry its number in the log. So it can be gone on
//! with after a power cut, or on another machine, without a file of its own.

use super::{
    deck::{Deck, Filter},
    schedule::Rating,
};
use crate::{
    course::{Choice, Question, QuestionKind},
    progress::{EventKind, Summary},
};
use sha2::{Digest, Sha256};

/// A session that was left longer ago is not gone on with, milliseconds.
const STALE: i64 = 12 * 3600 * 1000;

/// Some questions and how far one is.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// Its number, never 0.
    pub number: u32,
    cards: Vec<Question>,
    /// The ratings that each card got in it.
    ratings: Vec<Vec<Rating>>,
    /// It was begun earlier.
    pub resumed: bool,
}

impl Session {
    /// Begins one; none where there is nothing to ask. The event makes it one that can be gone on with.
    pub fn begin(deck: &Deck, filter: &Filter, number: u32) -> Option<(Self, EventKind)> {
        let ids = deck.pick(filter);
        if ids.is_empty() {
            return None;
        }
        let number = number.max(1);
        let session = Self::of(deck, number, &ids, false);
        Some((session, EventKind::QuizBegan { session: number, cards: ids }))
    }

    fn of(deck: &Deck, number: u32, ids: &[String], resumed: bool) -> Self {
        // A question that is no longer in the course is left out.
        let cards: Vec<Question> = ids.iter().filter_map(|id| deck.card(id)).map(|c| c.question.clone()).collect();
        let ratings = vec![Vec::new(); cards.len()];
        Self { number, cards, ratings, resumed }
    }

    /// The session that was left unfinished, if it is not stale.
    pub fn resume(deck: &Deck, summary: &Summary, now: i64) -> Option<Self> {
        let began = summary.cards.began()?;
        if began.at > now || now - began.at > STALE {
            return None;
        }
        let mut session = Self::of(deck, began.session, &began.cards, true);
        for (card, ratings) in session.cards.iter().zip(&mut session.ratings) {
            ratings.extend(summary.cards.in_session(&card.id, began.session).into_iter().map(Rating::of));
        }
        let begun = session.ratings.iter().any(|r| !r.is_empty());
        (begun && session.current().is_some()).then_some(session)
    }

    /// The question to ask now: those never asked in their order, then each that was not known, once more.
    pub fn current(&self) -> Option<&Question> {
        self.at().map(|at| &self.cards[at])
    }

    fn at(&self) -> Option<usize> {
        let first = self.ratings.iter().position(Vec::is_empty);
        first.or_else(|| self.ratings.iter().position(|r| matches!(r[..], [Rating::Again])))
    }

    /// The current question is asked for the second time.
    pub fn again(&self) -> bool {
        self.at().is_some_and(|at| !self.ratings[at].is_empty())
    }

    /// The current question was answered.
    pub fn answered(&mut self, rating: Rating) {
        if let Some(at) = self.at() {
            self.ratings[at].push(rating);
        }
    }

    /// Which question this is, from 1, and how many there are; repeated ones count beyond.
    pub fn place(&self) -> (usize, usize) {
        let asked: usize = self.ratings.iter().map(Vec::len).sum();
        let repeats = self.ratings.iter().filter(|r| r.first() == Some(&Rating::Again)).count();
        (asked + 1, self.cards.len() + repeats)
    }

    /// How many were right at once, and of how many.
    pub fn score(&self) -> (usize, usize) {
        let first: Vec<Rating> = self.ratings.iter().filter_map(|r| r.first().copied()).collect();
        (first.iter().filter(|r| **r != Rating::Again).count(), first.len())
    }

    /// The questions that were not known at once.
    pub fn missed(&self) -> Vec<&Question> {
        let missed = self.cards.iter().zip(&self.ratings).filter(|(_, r)| r.first() == Some(&Rating::Again));
        missed.map(|(card, _)| card).collect()
    }

    /// Every question with the ratings that it got, and whether it is the current one.
    pub fn overview(&self) -> impl Iterator<Item = (&Question, &[Rating], bool)> {
        let now = self.at();
        self.cards.iter().zip(&self.ratings).enumerate().map(move |(at, (card, r))| (card, &r[..], now == Some(at)))
    }

    /// The options of the current question in the order in which they are shown.
    pub fn options<'a>(&self, question: &'a Question) -> Vec<&'a Choice> {
        // The second time they stand elsewhere: the place is not what is to be remembered.
        shuffled(question, self.number.wrapping_add(u32::from(self.again())))
    }
}

/// The options of a question, shuffled by a seed. Lines to be put in order never begin in that order.
pub fn shuffled(question: &Question, seed: u32) -> Vec<&Choice> {
    let mut turn = 0u32;
    loop {
        let key = |choice: &&Choice| Sha256::digest(format!("{seed} {turn} {} {}", question.id, choice.id)).to_vec();
        let mut options: Vec<&Choice> = question.options.iter().collect();
        options.sort_by_cached_key(key);
        let given = options.iter().map(|o| &o.id).eq(question.options.iter().map(|o| &o.id));
        if question.kind != QuestionKind::Order || !given || question.options.len() < 2 || turn > 20 {
            return options;
        }
        turn += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        course::Course,
        progress::{EPOCH, Event},
        quiz::Fsrs,
    };
    use uuid::Uuid;

    const NOW: i64 = EPOCH + 500 * 86_400_000;

    fn deck(summary: &Summary) -> Deck {
        Deck::new(Course::built_in(), summary, &Fsrs::default(), NOW)
    }

    fn tell(summary: &mut Summary, seq: u64, at: i64, kind: &EventKind) {
        let (kind, json) = kind.split();
        let at = jiff::Timestamp::from_millisecond(at).unwrap().to_string();
        summary.add(&Event { uuid: Uuid::now_v7(), device: Uuid::from_u128(7), seq, at, kind, v: 1, json });
    }

    #[test]
    fn what_was_not_known_comes_once_more_at_the_end() {
        let filter = Filter { count: Some(3), ..Filter::default() };
        let (mut session, _) = Session::begin(&deck(&Summary::default()), &filter, 5).unwrap();
        let first = session.current().unwrap().id.clone();
        session.answered(Rating::Again);
        assert_eq!(session.place(), (2, 4));
        session.answered(Rating::Good);
        session.answered(Rating::Good);
        assert!(session.again() && session.current().unwrap().id == first);
        session.answered(Rating::Again);
        assert_eq!(session.current(), None, "twice is enough for one sitting");
        assert_eq!((session.score(), session.missed().len()), ((2, 3), 1));
    }

    #[test]
    fn a_session_goes_on_where_it_was_left_and_not_the_next_day() {
        let mut summary = Summary::default();
        let filter = Filter { count: Some(4), ..Filter::default() };
        let (mut session, began) = Session::begin(&deck(&summary), &filter, 9).unwrap();
        tell(&mut summary, 1, NOW - 60_000, &began);
        assert_eq!(Session::resume(&deck(&summary), &summary, NOW), None, "nothing was answered: begin anew");
        for (seq, rating) in [(2, Rating::Again), (3, Rating::Good)] {
            let card = session.current().unwrap().id.clone();
            let event = EventKind::CardReviewed {
                card,
                source: "quiz".into(),
                rating: rating.number(),
                right: rating != Rating::Again,
                answer: String::new(),
                ms: 0,
                lang: "en".into(),
                session: 9,
            };
            tell(&mut summary, seq, NOW - 50_000, &event);
            session.answered(rating);
        }
        let back = Session::resume(&deck(&summary), &summary, NOW).unwrap();
        assert!(back.resumed);
        assert_eq!((back.place(), back.current()), (session.place(), session.current()));
        assert_eq!(Session::resume(&deck(&summary), &summary, NOW + STALE), None);
    }

    #[test]
    fn options_are_shuffled_by_the_seed_alone_and_lines_never_begin_in_order() {
        let course = Course::built_in();
        let questions: Vec<Question> = course.modules().iter().flat_map(|m| course.quiz(&m.id)).collect();
        let ids = |q: &Question, seed| shuffled(q, seed).iter().map(|o| o.id.clone()).collect::<Vec<_>>();
        for question in questions.iter().filter(|q| q.options.len() > 2) {
            assert_eq!(ids(question, 3), ids(question, 3));
            assert!((0..40).any(|seed| ids(question, seed) != ids(question, 3)), "{}", question.id);
            if question.kind == QuestionKind::Order {
                let given: Vec<String> = question.options.iter().map(|o| o.id.clone()).collect();
                assert!((0..200).all(|seed| ids(question, seed) != given));
            }
        }
    }
}
