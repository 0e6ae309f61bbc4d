//! Where the reader stands in the steppers of a text.
//!
//! A page is laid out once and shared; with a stepper at another step than its first it is a page of its own, made when the
//! step is taken. So what is drawn, what is looked for and where links stand are one and the same text.

use crate::tui::{rows, texts::Page, theme::Theme};
use std::{ops::Range, rc::Rc};

#[derive(Default)]
pub(super) struct Stepping {
    /// The step of each stepper, from 0.
    at: Vec<usize>,
    /// As it was laid out, and as it stands now.
    pages: Option<(Rc<Page>, Rc<Page>)>,
    theme: Option<Theme>,
}

impl Stepping {
    /// The page as it stands; what was laid out may be another than before.
    pub(super) fn page(&mut self, laid: &Rc<Page>, theme: Theme) -> Rc<Page> {
        let held = self.pages.as_ref().filter(|(from, _)| Rc::ptr_eq(from, laid));
        if let Some((_, page)) = held {
            return page.clone();
        }
        // The other language has the same steppers.
        self.at.resize(laid.laid.steppers.len(), 0);
        self.theme = Some(theme);
        self.make(laid.clone())
    }

    fn make(&mut self, laid: Rc<Page>) -> Rc<Page> {
        let page = match self.theme.filter(|_| self.at.iter().any(|at| *at > 0)) {
            None => laid.clone(),
            Some(theme) => {
                let (mut lines, mut painted) = (laid.laid.clone(), laid.rows.clone());
                for (stepped, at) in laid.laid.steppers.iter().zip(&self.at) {
                    let rows = stepped.rows.clone();
                    lines.lines[rows.clone()].clone_from_slice(stepped.frame(*at));
                    painted[rows].clone_from_slice(&rows::from_lines(stepped.frame(*at), theme));
                }
                Rc::new(Page { laid: lines, rows: painted })
            }
        };
        self.pages = Some((laid, page.clone()));
        page
    }

    /// The stepper that is seen in these rows of the text, the first one whose instructions and bars are all there before others.
    pub(super) fn seen(&self, window: &Range<usize>) -> Option<usize> {
        let (laid, _) = self.pages.as_ref()?;
        let steppers = &laid.laid.steppers;
        let whole = |rows: &Range<usize>| window.start <= rows.start && rows.end <= window.end;
        let some = |rows: &Range<usize>| rows.start < window.end && window.start < rows.end;
        let find = |seen: &dyn Fn(&Range<usize>) -> bool| steppers.iter().position(|s| !s.is_empty() && seen(&s.rows));
        find(&whole).or_else(|| find(&some))
    }

    /// Goes some steps on or back; the page as it stands then, and the stepper's rows.
    pub(super) fn step(&mut self, stepper: usize, by: isize) -> Option<(Rc<Page>, Range<usize>)> {
        let at = self.at.get(stepper)?.saturating_add_signed(by);
        self.go(stepper, at)
    }

    fn go(&mut self, stepper: usize, at: usize) -> Option<(Rc<Page>, Range<usize>)> {
        let (laid, _) = self.pages.as_ref()?;
        let laid = laid.clone();
        let stepped = laid.laid.steppers.get(stepper)?;
        let rows = stepped.rows.clone();
        self.at[stepper] = at.min(stepped.len().saturating_sub(1));
        Some((self.make(laid), rows))
    }

    /// An instruction in this row of the text was clicked: goes to its step.
    pub(super) fn click(&mut self, row: usize) -> Option<Rc<Page>> {
        let (laid, _) = self.pages.as_ref()?;
        let stepper = laid.laid.steppers.iter().position(|s| s.rows.contains(&row))?;
        let stepped = &laid.laid.steppers[stepper];
        let at = stepped.step_in_row(self.at[stepper], row - stepped.rows.start)?;
        self.go(stepper, at).map(|(page, _)| page)
    }
}
