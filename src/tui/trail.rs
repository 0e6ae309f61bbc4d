//! Where the learner came from: back and forward, as in a browser.

use super::app::Target;
use crate::layout::Place;

/// A place to come back to.
#[derive(Debug, Clone, PartialEq)]
pub struct Spot {
    /// The screen.
    pub target: Target,
    /// Where in its text.
    pub place: Option<Place>,
}

/// More steps than anybody goes back.
const KEPT: usize = 100;

/// The places that were left, and those that were gone back from.
#[derive(Debug, Default)]
pub(super) struct Trail {
    past: Vec<Spot>,
    future: Vec<Spot>,
}

impl Trail {
    /// A place is left for another. What lay ahead of it does so no longer.
    pub(super) fn leave(&mut self, spot: Spot) {
        self.future.clear();
        Self::put(&mut self.past, spot);
    }

    /// The place before this one.
    pub(super) fn back(&mut self, now: Option<Spot>) -> Option<Spot> {
        Self::step(&mut self.past, &mut self.future, now)
    }

    /// The place that was gone back from.
    pub(super) fn on(&mut self, now: Option<Spot>) -> Option<Spot> {
        Self::step(&mut self.future, &mut self.past, now)
    }

    pub(super) fn can(&self, back: bool) -> bool {
        !if back { &self.past } else { &self.future }.is_empty()
    }

    fn step(from: &mut Vec<Spot>, to: &mut Vec<Spot>, now: Option<Spot>) -> Option<Spot> {
        let spot = from.pop()?;
        if let Some(now) = now {
            Self::put(to, now);
        }
        Some(spot)
    }

    fn put(list: &mut Vec<Spot>, spot: Spot) {
        if list.last() != Some(&spot) {
            list.push(spot);
        }
        if list.len() > KEPT {
            list.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(id: &str) -> Spot {
        Spot { target: Target::Exercise(id.to_owned()), place: None }
    }

    #[test]
    fn back_and_forward_are_each_other_s_undoing() {
        let mut trail = Trail::default();
        trail.leave(spot("a"));
        trail.leave(spot("b"));
        assert_eq!(trail.back(Some(spot("c"))), Some(spot("b")));
        assert_eq!(trail.back(Some(spot("b"))), Some(spot("a")));
        assert_eq!(trail.back(Some(spot("a"))), None);
        assert_eq!(trail.on(Some(spot("a"))), Some(spot("b")));
        assert_eq!(trail.on(Some(spot("b"))), Some(spot("c")));
        trail.leave(spot("c"));
        assert!(!trail.can(false) && trail.can(true));
    }
}
