//! What the quiz remembers, as the log of reviews that schedules are worked out from.
//!
//! Only the log is folded, never a due date: repetition depends on the order of reviews, and histories are merged in any
//! order. So a card keeps its reviews by device and sequence number, and whoever wants a date replays them.

use super::summary::{Latest, Stamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Before this no clock was right that recorded a review: milliseconds since 1970 of 2025-01-01.
pub const EPOCH: i64 = 1_735_689_600_000;

/// A clock may be ahead of the one that reads by so much without being thought wrong, milliseconds.
const AHEAD: i64 = 5 * 60 * 1000;

type BySeq<T> = BTreeMap<Uuid, BTreeMap<u64, T>>;

/// One answer: when, how well (1 again, 2 hard, 3 good, 4 easy), in which session (0: none).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Review(i64, u8, u32);

/// A session of questions that was begun.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Began {
    /// Its number, of which everything in it that looks random is made.
    pub session: u32,
    /// Its questions, in order.
    pub cards: Vec<String>,
    /// When, milliseconds since 1970 by the device's clock.
    #[serde(default)]
    pub at: i64,
}

/// A question of an interview and how it went.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InterviewAnswer {
    /// The question's id, or `viva:TEMPLATE`.
    pub question: String,
    /// The lesson that it rests on; none of a question about the learner's own image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lesson: Option<String>,
    /// The exercise whose image it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exercise: Option<String>,
    /// Key points that were said, or 1 for a right choice.
    pub said: u32,
    /// Of so many.
    pub of: u32,
    /// Seconds it took.
    pub seconds: u32,
    /// It was passed over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub passed_over: bool,
    /// Which of the points were not said, from 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<u32>,
}

/// A mock interview that was held.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Interview {
    /// Its number.
    pub session: u32,
    /// For which role, as in the format.
    pub role: String,
    /// Minutes that were chosen.
    pub minutes: u32,
    /// Seconds that it took.
    pub seconds: u32,
    /// Its questions, in order.
    pub answers: Vec<InterviewAnswer>,
}

/// Reviews of every card, and what else makes cards due.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cards {
    #[serde(default)]
    reviews: BTreeMap<String, BySeq<Review>>,
    /// Failed checks by `exercise:ID`, wrong predictions by `claim:ID`: the two latest of each device.
    #[serde(default)]
    stumbles: BTreeMap<String, BySeq<i64>>,
    #[serde(default)]
    began: Latest<Began>,
    #[serde(default)]
    interview: Latest<(i64, Interview)>,
    #[serde(default)]
    interviews: u32,
}

/// How many stumbles of a kind are kept for each device: more say nothing more.
const KEPT: usize = 2;

impl Cards {
    pub(super) fn review(&mut self, stamp: &Stamp, card: String, rating: u8, session: u32) {
        let review = Review(stamp.at, rating.clamp(1, 4), session);
        self.reviews.entry(card).or_default().entry(stamp.device).or_default().insert(stamp.seq, review);
    }

    pub(super) fn stumble(&mut self, stamp: &Stamp, over: String) {
        let of_device = self.stumbles.entry(over).or_default().entry(stamp.device).or_default();
        of_device.insert(stamp.seq, stamp.at);
        while of_device.len() > KEPT {
            of_device.pop_first();
        }
    }

    pub(super) fn begin(&mut self, stamp: &Stamp, session: u32, cards: Vec<String>) {
        self.began.put(stamp, Began { session, cards, at: stamp.at });
    }

    pub(super) fn interview(&mut self, stamp: &Stamp, interview: Interview) {
        self.interviews += 1;
        self.interview.put(stamp, (stamp.at, interview));
    }

    /// Every answer to a card, oldest first: when, and how well. The clocks are made sense of as of `now` (milliseconds):
    /// within a device they never run backwards, and a time that no right clock could have shown counts as that of the
    /// nearest answer before.
    pub fn history(&self, card: &str, now: i64) -> Vec<(i64, u8)> {
        let Some(devices) = self.reviews.get(card) else { return Vec::new() };
        let mut all: Vec<(i64, Uuid, u64, u8)> = Vec::new();
        for (device, reviews) in devices {
            let clocks: Vec<i64> = reviews.values().map(|r| r.0).collect();
            let times = sane(&clocks, now);
            all.extend(reviews.iter().zip(times).map(|((seq, r), at)| (at, *device, *seq, r.1)));
        }
        all.sort_unstable();
        all.into_iter().map(|(at, _, _, rating)| (at, rating)).collect()
    }

    /// Every card that was ever answered.
    pub fn answered(&self) -> impl Iterator<Item = &str> {
        self.reviews.keys().map(String::as_str)
    }

    /// When the learner stumbled over something: its times, oldest first.
    pub fn stumbles(&self, over: &str, now: i64) -> Vec<i64> {
        let devices = self.stumbles.get(over).into_iter().flat_map(BTreeMap::values);
        let mut all: Vec<i64> =
            devices.flat_map(|times| sane(&times.values().copied().collect::<Vec<_>>(), now)).collect();
        all.sort_unstable();
        all
    }

    /// The session that was begun last.
    pub fn began(&self) -> Option<&Began> {
        self.began.get()
    }

    /// The ratings that a card got in a session, in order.
    pub fn in_session(&self, card: &str, session: u32) -> Vec<u8> {
        let devices = self.reviews.get(card).into_iter().flat_map(BTreeMap::values);
        devices.flat_map(BTreeMap::values).filter(|r| r.2 == session).map(|r| r.1).collect()
    }

    /// The interview that was held last, with its time in milliseconds since 1970.
    pub fn last_interview(&self) -> Option<&(i64, Interview)> {
        self.interview.get()
    }

    /// How many interviews were held.
    pub fn interviews(&self) -> u32 {
        self.interviews
    }
}

/// Times of one device, in the order of its own count, as a clock that never ran backwards would have shown them.
fn sane(clocks: &[i64], now: i64) -> Vec<i64> {
    let right = |at: i64| (EPOCH..=now.saturating_add(AHEAD)).contains(&at);
    // Nothing before it that was right: the first one after it will do, or long ago.
    let mut before = clocks.iter().copied().find(|at| right(*at)).unwrap_or(EPOCH);
    clocks
        .iter()
        .map(|at| {
            if right(*at) {
                before = before.max(*at);
            }
            before
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;
    const NOW: i64 = EPOCH + 700 * DAY;

    #[test]
    fn a_clock_that_ran_ahead_or_fell_back_does_not_move_the_others() {
        let at = |days: i64| EPOCH + days * DAY;
        assert_eq!(sane(&[at(1), at(2), at(3)], NOW), [at(1), at(2), at(3)]);
        assert_eq!(sane(&[at(5), at(2), at(6)], NOW), [at(5), at(5), at(6)], "an hour that came twice");
        assert_eq!(sane(&[at(1), at(9_000), at(3)], NOW), [at(1), at(1), at(3)], "2049, then mended");
        assert_eq!(sane(&[at(1), 0, at(3)], NOW), [at(1), at(1), at(3)], "1970: the battery is dead");
        assert_eq!(sane(&[0, at(4)], NOW), [at(4), at(4)]);
        assert_eq!(sane(&[0, i64::MAX, i64::MIN], NOW), [EPOCH; 3]);
    }

    #[test]
    fn reviews_of_two_devices_stand_in_one_order_whichever_came_first() {
        let stamp =
            |device: u128, seq: u64, day: i64| Stamp { device: Uuid::from_u128(device), seq, at: EPOCH + day * DAY };
        let reviews = [(1, 1, 10, 3), (1, 2, 20, 1), (2, 1, 15, 4)];
        let fold = |order: &[usize]| {
            let mut cards = Cards::default();
            for i in order {
                let (device, seq, day, rating) = reviews[*i];
                cards.review(&stamp(device, seq, day), "q".into(), rating, 0);
            }
            cards
        };
        let want: Vec<(i64, u8)> = [(10, 3), (15, 4), (20, 1)].map(|(d, r)| (EPOCH + d * DAY, r)).into();
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            assert_eq!(fold(&order), fold(&[0, 1, 2]));
            assert_eq!(fold(&order).history("q", NOW), want);
        }
    }
}
