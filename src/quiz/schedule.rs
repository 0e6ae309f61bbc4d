//! When a card comes again.
//!
//! FSRS is the best known model of forgetting that is free to use; the `fsrs` crate is its authors' own. It stands behind a
//! trait because the log of answers outlives any algorithm: with another one, the same log is replayed. `rs-fsrs` was the
//! smaller choice, but asks for a clock, yields NaN when that clock goes back, and has had no release for two years.

use fsrs::{FSRS, MemoryState, NextStates};

/// How well something was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rating {
    /// Not.
    Again,
    /// With trouble.
    Hard,
    /// As it should be.
    Good,
    /// Without a thought.
    Easy,
}

impl Rating {
    /// As the log has it: 1 to 4.
    pub fn number(self) -> u8 {
        self as u8 + 1
    }

    /// From the log; what is out of range is its nearest.
    pub fn of(number: u8) -> Self {
        match number {
            0 | 1 => Self::Again,
            2 => Self::Hard,
            3 => Self::Good,
            _ => Self::Easy,
        }
    }
}

/// What is assumed of somebody's memory of a card.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Memory {
    /// Days after which it is remembered with a chance of nine in ten.
    pub stability: f32,
    /// 1 to 10.
    pub difficulty: f32,
}

/// What an answer leads to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The memory after it.
    pub memory: Memory,
    /// Days until it should be asked again, at least 1.
    pub days: u32,
}

/// Something that knows when to ask again.
pub trait Scheduler {
    /// The memory after an answer that came `days` after the one before; no memory for the first answer of all. Never a
    /// number that is none.
    fn step(&self, memory: Option<Memory>, days: u32, rating: Rating) -> Step;
}

/// FSRS with the parameters that fit most people, for a chance of nine in ten to remember.
#[derive(Debug, Default)]
pub struct Fsrs(FSRS);

/// The chance to remember that is aimed at.
const RETENTION: f32 = 0.9;

/// No card waits longer, days: an interview comes sooner.
const LONGEST: u32 = 180;

impl Fsrs {
    fn states(&self, memory: Option<Memory>, days: u32) -> Option<NextStates> {
        let memory = memory.filter(|m| m.stability.is_finite() && m.difficulty.is_finite() && m.stability > 0.0);
        let memory = memory.map(|m| MemoryState { stability: m.stability, difficulty: m.difficulty });
        self.0.next_states(memory, RETENTION, days).ok()
    }
}

impl Scheduler for Fsrs {
    fn step(&self, memory: Option<Memory>, days: u32, rating: Rating) -> Step {
        // A memory that leads to nonsense is forgotten, and the card begins anew.
        let states = self.states(memory, days).or_else(|| self.states(None, 0));
        let Some(states) = states else {
            return Step { memory: Memory { stability: 1.0, difficulty: 5.0 }, days: 1 };
        };
        let state = match rating {
            Rating::Again => states.again,
            Rating::Hard => states.hard,
            Rating::Good => states.good,
            Rating::Easy => states.easy,
        };
        let days =
            if state.interval.is_finite() { state.interval.round().clamp(1.0, LONGEST as f32) as u32 } else { 1 };
        Step { memory: Memory { stability: state.memory.stability, difficulty: state.memory.difficulty }, days }
    }
}

/// Milliseconds of a day.
pub(super) const DAY: i64 = 86_400_000;

/// A card is due so much earlier than to the minute: who learns each evening is not sent away for being early. Milliseconds.
const EARLY: i64 = DAY / 4;

/// A card that was not known comes again after so long, milliseconds.
const SOON: i64 = 10 * 60 * 1000;

/// Where a card stands after its answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Replayed {
    /// The memory.
    pub memory: Memory,
    /// When it is due, milliseconds since 1970.
    pub due: i64,
    /// When it was answered last.
    pub last: i64,
    /// How many answers.
    pub answers: u32,
    /// How many of them were wrong.
    pub lapses: u32,
}

/// Days until a card comes again if it is answered so now; none when it comes again today.
pub(super) fn ahead(scheduler: &dyn Scheduler, card: Option<&Replayed>, rating: Rating, now: i64) -> Option<u32> {
    let gone = card.map_or(0, |c| now.saturating_sub(c.last).max(0));
    let days = u32::try_from(gone.saturating_add(EARLY) / DAY).unwrap_or(u32::MAX);
    (rating != Rating::Again).then(|| scheduler.step(card.map(|c| c.memory), days, rating).days)
}

/// Replays a card's answers; none where there are none. Times must not run backwards: `Cards::history` sees to it, and what
/// does all the same counts as no time at all.
pub(super) fn replay(scheduler: &dyn Scheduler, history: &[(i64, u8)]) -> Option<Replayed> {
    let mut now: Option<Replayed> = None;
    for (at, rating) in history {
        let rating = Rating::of(*rating);
        let before = now;
        let gone = before.map_or(0, |b| at.saturating_sub(b.last).max(0));
        let days = u32::try_from((gone.saturating_add(EARLY)) / DAY).unwrap_or(u32::MAX);
        let step = scheduler.step(before.map(|b| b.memory), days, rating);
        let last = before.map_or(*at, |b| b.last.max(*at));
        let due = if rating == Rating::Again { last + SOON } else { last + i64::from(step.days) * DAY - EARLY };
        now = Some(Replayed {
            memory: step.memory,
            due,
            last,
            answers: before.map_or(0, |b| b.answers) + 1,
            lapses: before.map_or(0, |b| b.lapses) + u32::from(rating == Rating::Again),
        });
    }
    now
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(a: f32, b: f32) -> bool {
        (a - b).abs() <= b.abs() * 1e-4
    }

    /// The first answers, as FSRS 6 publishes them: its default parameters w0 to w3 are the stabilities, and the difficulties
    /// are w4 - exp(w5 (rating - 1)) + 1, kept within 1 to 10.
    #[test]
    fn the_first_answer_is_as_published() {
        let want = [(0.212, 6.4133), (1.2931, 5.112_170_7), (2.3065, 2.118_104), (8.2956, 1.0)];
        for (rating, (stability, difficulty)) in (1..=4).zip(want) {
            let step = Fsrs::default().step(None, 0, Rating::of(rating));
            assert!(near(step.memory.stability, stability), "{rating}: {step:?}");
            assert!(near(step.memory.difficulty, difficulty), "{rating}: {step:?}");
            assert_eq!(step.days, (stability.round() as u32).max(1));
        }
    }

    /// The formulae of FSRS 6, written down from its published description, in double precision: an oracle that shares no
    /// code with the crate.
    fn by_the_book(memory: Option<(f64, f64)>, days: f64, rating: usize) -> (f64, f64) {
        const W: [f64; 21] = [
            0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796, 1.4835, 0.0614,
            0.2629, 1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542,
        ];
        let g = rating as f64;
        let first_difficulty = |g: f64| W[4] - (W[5] * (g - 1.0)).exp() + 1.0;
        let Some((s, d)) = memory else { return (W[rating - 1], first_difficulty(g).clamp(1.0, 10.0)) };
        let damped = d - W[6] * (g - 3.0) * (10.0 - d) / 9.0;
        let difficulty = (W[7] * first_difficulty(4.0) + (1.0 - W[7]) * damped).clamp(1.0, 10.0);
        let decay = -W[20];
        let factor = 0.9_f64.powf(1.0 / decay) - 1.0;
        let r = (1.0 + factor * days / s).powf(decay);
        let stability = if days == 0.0 {
            let grown = (W[17] * (g - 3.0 + W[18])).exp() * s.powf(-W[19]);
            s * if rating >= 2 { grown.max(1.0) } else { grown }
        } else if rating == 1 {
            let lost = W[11] * d.powf(-W[12]) * ((s + 1.0).powf(W[13]) - 1.0) * (W[14] * (1.0 - r)).exp();
            lost.min(s / (W[17] * W[18]).exp())
        } else {
            let bonus = [1.0, W[15], 1.0, W[16]][rating - 1];
            s * (1.0 + W[8].exp() * (11.0 - d) * s.powf(-W[9]) * ((W[10] * (1.0 - r)).exp() - 1.0) * bonus)
        };
        (stability, difficulty)
    }

    #[test]
    fn a_history_goes_as_the_published_formulae_say() {
        let fsrs = Fsrs::default();
        for history in [
            &[(0, 3), (2, 3), (11, 3), (46, 3)][..],
            &[(0, 1), (1, 3), (3, 3), (8, 3), (21, 3)],
            &[(0, 4), (8, 1), (0, 3), (1, 2), (5, 4), (60, 1), (2, 3)],
            &[(0, 2), (0, 2), (0, 3), (3, 3), (400, 3)],
        ] {
            let (mut ours, mut book) = (None, None);
            for (days, rating) in history {
                let step = fsrs.step(ours, *days, Rating::of(*rating));
                let (stability, difficulty) = by_the_book(book, f64::from(*days), usize::from(*rating));
                assert!(near(step.memory.stability, stability as f32), "{history:?}: {step:?} {stability}");
                assert!(near(step.memory.difficulty, difficulty as f32), "{history:?}: {step:?} {difficulty}");
                (ours, book) = (Some(step.memory), Some((stability, difficulty)));
            }
        }
    }

    #[test]
    fn what_was_known_comes_later_and_what_was_not_comes_today() {
        let fsrs = Fsrs::default();
        let good = replay(&fsrs, &[(0, 3), (2 * DAY, 3)]).unwrap();
        let wrong = replay(&fsrs, &[(0, 3), (2 * DAY, 1)]).unwrap();
        let easy = replay(&fsrs, &[(0, 3), (2 * DAY, 4)]).unwrap();
        assert!(
            easy.due > good.due && good.due > 4 * DAY && wrong.due == 2 * DAY + SOON,
            "{easy:?} {good:?} {wrong:?}"
        );
        assert_eq!((wrong.answers, wrong.lapses), (2, 1));
        assert_eq!(replay(&fsrs, &[]), None);
        let same_evening = replay(&fsrs, &[(0, 3)]).unwrap();
        assert!(same_evening.due < 2 * DAY, "an hour early on the day is early enough");
    }

    proptest! {
        /// Whatever the log says: numbers that are numbers, and a date that is not before the last answer.
        #[test]
        fn no_history_breaks_it(history in proptest::collection::vec((any::<i64>(), any::<u8>()), 0..12)) {
            let bounded: Vec<(i64, u8)> = history.into_iter().map(|(at, r)| (at / 4, r)).collect();
            if let Some(end) = replay(&Fsrs::default(), &bounded) {
                prop_assert!(end.memory.stability.is_finite() && end.memory.difficulty.is_finite());
                prop_assert!(end.due >= end.last && end.due <= end.last + i64::from(LONGEST) * DAY);
            }
        }

        #[test]
        fn no_memory_breaks_it(s in any::<f32>(), d in any::<f32>(), days in any::<u32>(), rating in 0u8..9) {
            let step = Fsrs::default().step(Some(Memory { stability: s, difficulty: d }), days, Rating::of(rating));
            prop_assert!(step.memory.stability.is_finite() && (1..=LONGEST).contains(&step.days));
        }
    }
}
