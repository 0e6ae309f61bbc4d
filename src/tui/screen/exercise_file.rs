//! The file that is judged, on the exercise screen: with its colours, line numbers, and the lines that a verdict blames.

use super::exercise::{Exercise, Pane};
use crate::tui::{
    rows::{self, Row, Window},
    state::{Shared, Sheet},
    theme::Look,
};
use crate::{
    layout::{Class, Style as TextStyle},
    tui::theme::Theme,
};
use dockshala_checkers::verdict::Verdict;
use ratatui::{buffer::Buffer, layout::Rect};

impl Exercise {
    pub(super) fn file(&mut self, buf: &mut Buffer, area: Rect, shared: &Shared) {
        if let Some(editor) = &mut self.editor {
            editor.draw(buf, area, shared);
            return;
        }
        let run = shared.run(&self.id);
        let Some(sheet) = run.and_then(|r| r.file.as_ref()) else {
            let rows = rows::plain(&shared.say("tui.file.none"), usize::from(area.width), shared.theme);
            rows::paint(buf, area, &rows, Window::default(), shared.theme);
            return;
        };
        // Lines are blamed in the file as it was judged; once it was changed they are other lines.
        let judged = run.filter(|r| r.dockerfile == sheet.text).and_then(|r| r.result.as_ref());
        let failed = judged.map_or(&[][..], |r| &r.goals).iter().filter(|g| g.verdict == Verdict::Failed);
        let blamed: Vec<u32> = failed.filter_map(|g| g.diagnosis.as_ref()).flat_map(|d| d.lines.clone()).collect();
        let rows = numbered(sheet, &blamed, shared.theme);
        self.paint(Pane::File, buf, area, &rows, shared);
    }
}

fn numbered(sheet: &Sheet, blamed: &[u32], theme: Theme) -> Vec<Row> {
    let markdown = format!("````text\n{}\n````\n", sheet.text.trim_end_matches('\n'));
    // The same way as code of a lesson goes: cleaned, its tabs set, its colours checked against its letters.
    let options = crate::layout::Options {
        measure: usize::MAX,
        ascii: theme.ascii,
        frames: false,
        list_links: false,
        stepped: false,
        labels: crate::layout::Labels::default(),
    };
    let laid =
        crate::layout::layout(&crate::layout::parse(&markdown), std::slice::from_ref(&sheet.colours), 80, &options);
    let line = |(at, line): (usize, &crate::layout::Line)| {
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let bad = blamed.contains(&number);
        let lead = if bad { theme.sign("▶", ">") } else { " " };
        let mut row = Row::new(theme, &[(lead, Look::Bad), (&format!("{number:>3} "), Look::Dim)]);
        for span in &line.spans {
            let style = if bad { TextStyle { strong: true, ..span.style } } else { span.style };
            let drawn = span.style.class == Class::Frame;
            // The four blanks that stand for a frame.
            let text = if drawn { String::new() } else { span.text.clone() };
            row.spans.push((text, theme.style(Look::Text(style))));
        }
        row.pan = Some(5);
        row
    };
    laid.lines.iter().enumerate().map(line).collect()
}
