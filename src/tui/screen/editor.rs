//! The small editor on the exercise screen: for a line or two, without leaving the goals. Real work is for the learner's own
//! editor (`o`).

use crate::tui::{
    state::Shared,
    theme::{Look, Theme},
};
use crossterm::event::KeyEvent;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    widgets::Widget,
};
use ratatui_textarea::TextArea;
use std::path::PathBuf;

/// A file that is being written.
pub(super) struct Editor {
    area: TextArea<'static>,
    /// The file.
    pub(super) path: PathBuf,
    /// What is on the disk, as far as we know: a save over anything else is refused.
    on_disk: String,
    crlf: bool,
    ends: bool,
}

impl Editor {
    /// Begins with what is in the file.
    pub(super) fn new(path: PathBuf, text: &str, theme: Theme) -> Self {
        let crlf = text.contains("\r\n");
        let ends = text.is_empty() || text.ends_with('\n');
        let mut area = TextArea::new(text.lines().map(str::to_owned).collect());
        area.set_cursor_line_style(Style::new());
        area.set_cursor_style(Style::new().add_modifier(Modifier::REVERSED));
        area.set_line_number_style(theme.style(Look::Dim));
        area.set_max_histories(200);
        Self { area, path, on_disk: text.to_owned(), crlf, ends }
    }

    /// What is written, with the file's own line ends.
    pub(super) fn text(&self) -> String {
        let mut text = self.area.lines().join(if self.crlf { "\r\n" } else { "\n" });
        if self.ends && !text.is_empty() {
            text.push_str(if self.crlf { "\r\n" } else { "\n" });
        }
        text
    }

    pub(super) fn changed(&self) -> bool {
        self.text() != self.on_disk
    }

    /// What it must find on the disk to write over it.
    pub(super) fn before(&self) -> String {
        self.on_disk.clone()
    }

    /// It was kept.
    pub(super) fn saved(&mut self, text: &str) {
        self.on_disk = text.to_owned();
    }

    pub(super) fn key(&mut self, key: KeyEvent) {
        self.area.input(key);
    }

    pub(super) fn paste(&mut self, text: &str) {
        // A terminal pastes lines with carriage returns; other control characters have no place in a file of ours.
        let text: String = text.replace("\r\n", "\n").replace('\r', "\n");
        let text: String = text.chars().filter(|c| !c.is_control() || *c == '\n' || *c == '\t').collect();
        self.area.insert_str(text);
    }

    pub(super) fn undo(&mut self, redo: bool) {
        if redo {
            self.area.redo();
        } else {
            self.area.undo();
        }
    }

    pub(super) fn draw(&mut self, buf: &mut Buffer, area: Rect, shared: &Shared) {
        self.area.set_line_number_style(shared.theme.style(Look::Dim));
        (&self.area).render(area, buf);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::Palette;
    use crossterm::event::{KeyCode, KeyModifiers};

    const THEME: Theme = Theme { color: false, ascii: true, palette: Palette::Sixteen };

    #[test]
    fn a_file_that_is_not_changed_stays_as_it_is_byte_for_byte() {
        for text in ["", "a\n", "a", "a\r\nb\r\n", "a\n\n", "\tx\n  y"] {
            let editor = Editor::new("Dockerfile".into(), text, THEME);
            assert_eq!(editor.text(), text);
            assert!(!editor.changed());
        }
    }

    #[test]
    fn what_is_typed_and_pasted_is_in_the_text_and_can_be_taken_back() {
        let mut editor = Editor::new("Dockerfile".into(), "FROM a\n", THEME);
        for c in "X ".chars() {
            editor.key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
        }
        editor.paste("RUN b\rRUN \x1b[2Jc ");
        assert_eq!(editor.text(), "X RUN b\nRUN [2Jc FROM a\n");
        assert!(editor.changed());
        let text = editor.text();
        editor.saved(&text);
        assert!(!editor.changed());
        editor.undo(false);
        assert!(editor.changed());
    }
}
