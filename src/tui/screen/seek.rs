//! Finding words in the lesson on the screen: typed, shown at once, and gone through one by one.

use crate::{
    layout::{FoundPiece, Words},
    tui::{
        rows::{Row, Window},
        state::Shared,
        texts::Page,
        theme::Look,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};
use std::rc::Rc;

/// No phrase that anybody looks for is longer.
const LONGEST: usize = 120;

#[derive(Default)]
pub(super) struct Seek {
    /// The words of the page that was looked through last.
    words: Option<(Rc<Page>, Words)>,
    sought: String,
    typing: bool,
    found: Vec<Vec<FoundPiece>>,
    at: usize,
    /// Where the window stood before the typing began.
    origin: usize,
}

impl Seek {
    pub(super) fn typing(&self) -> bool {
        self.typing
    }

    pub(super) fn active(&self) -> bool {
        !self.sought.is_empty()
    }

    /// Typing begins in a window that stands at `top`.
    pub(super) fn begin(&mut self, top: usize) {
        self.typing = true;
        self.origin = top;
        self.sought.clear();
        self.found.clear();
    }

    pub(super) fn accept(&mut self) {
        self.typing = false;
    }

    /// Nothing is looked for any more; where the window stood before.
    pub(super) fn give_up(&mut self) -> usize {
        self.typing = false;
        self.sought.clear();
        self.found.clear();
        self.origin
    }

    /// Another letter, or one less; the row to show.
    pub(super) fn typed(&mut self, letter: Option<char>, page: &Rc<Page>) -> usize {
        match letter {
            Some(letter) if self.sought.len() < LONGEST => self.sought.push(letter),
            Some(_) => {}
            None => {
                self.sought.pop();
            }
        }
        self.look(page);
        self.at = self.found.iter().position(|f| f[0].row >= self.origin).unwrap_or(0);
        self.row().unwrap_or(self.origin)
    }

    /// The text is another: the other language, another width.
    pub(super) fn refresh(&mut self, page: &Rc<Page>) {
        if self.active() && self.words.as_ref().is_none_or(|(held, _)| !Rc::ptr_eq(held, page)) {
            self.look(page);
            self.at = self.at.min(self.found.len().saturating_sub(1));
        }
    }

    fn look(&mut self, page: &Rc<Page>) {
        if self.words.as_ref().is_none_or(|(held, _)| !Rc::ptr_eq(held, page)) {
            self.words = Some((page.clone(), Words::of(&page.laid)));
        }
        self.found = self.words.as_ref().map_or_else(Vec::new, |(_, words)| words.find(&self.sought));
    }

    /// The next one, or the one before; round at the ends. The row to show.
    pub(super) fn step(&mut self, back: bool) -> Option<usize> {
        let all = self.found.len();
        if all > 0 {
            self.at = (self.at + if back { all - 1 } else { 1 }) % all;
        }
        self.row()
    }

    fn row(&self) -> Option<usize> {
        self.found.get(self.at).map(|pieces| pieces[0].row)
    }

    /// What stands below the text while something is looked for.
    pub(super) fn line(&self, shared: &Shared) -> Option<Row> {
        if !self.typing && !self.active() {
            return None;
        }
        let cursor = if self.typing { shared.theme.sign("▏", "_") } else { "" };
        let sought = format!("/{}{cursor}", self.sought);
        let (count, look) = match self.found.len() {
            _ if !self.active() => (shared.say("tui.find.type"), Look::Dim),
            0 => (shared.say("tui.find.none"), Look::Warn),
            all => (shared.with("tui.find.count", &[("nth", &(self.at + 1)), ("all", &all)]), Look::Plain),
        };
        Some(Row::new(shared.theme, &[(&sought, Look::Focus), ("  ", Look::Plain), (&count, look), (" ", Look::Plain)]))
    }

    /// Sets off what was found on the rows that are seen.
    pub(super) fn paint(&self, buf: &mut Buffer, area: Rect, page: &Page, window: Window, shared: &Shared) {
        for (nth, pieces) in self.found.iter().enumerate() {
            let look = if nth == self.at { Look::FoundHere } else { Look::Found };
            for piece in pieces {
                set_off(buf, area, page, window, (piece.row, piece.column, piece.cells), look, shared);
            }
        }
    }
}

/// Paints some cells of a row of the page in another look, where they are seen.
pub(super) fn set_off(
    buf: &mut Buffer,
    area: Rect,
    page: &Page,
    window: Window,
    (row, column, cells): (usize, usize, usize),
    look: Look,
    shared: &Shared,
) {
    let Some(y) = row.checked_sub(window.top).filter(|y| *y < usize::from(area.height)) else { return };
    let Some(line) = page.rows.get(row) else { return };
    let room = usize::from(area.width);
    let pan = line.pan.map_or(0, |_| window.pan.min(line.width().saturating_sub(room)));
    let keep = line.pan.unwrap_or(0);
    for at in column..column + cells {
        let shown = if at < keep { Some(at) } else { at.checked_sub(pan).filter(|x| *x >= keep) };
        let Some(x) = shown.filter(|x| *x < room) else { continue };
        let (x, y) = (u16::try_from(x).unwrap_or(0), u16::try_from(y).unwrap_or(0));
        buf.set_style(Rect { x: area.x + x, y: area.y + y, width: 1, height: 1 }, shared.theme.style(look));
    }
}
