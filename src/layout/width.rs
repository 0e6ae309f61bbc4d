//! How many terminal cells a text takes, and where it may be broken.
//!
//! There is one [`width`] for the whole program, and it is the one the screen library paints by: where two parts of a
//! program measure differently, a box's right edge frays on the first Devanagari cluster. Terminals themselves disagree
//! about such clusters; the screen library moves the cursor after each one, so an error stays inside its cluster.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Cells that `text` takes when painted. Control characters take none, because none is ever painted.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.bytes().filter(|b| !b.is_ascii_control()).count();
    }
    text.graphemes(true).map(cluster_width).sum()
}

/// Cells of one grapheme cluster.
///
/// `unicode-width` says 0 for the half-width katakana sound marks, terminals give them a cell of their own.
pub fn cluster_width(cluster: &str) -> usize {
    if cluster.contains(char::is_control) {
        return 0;
    }
    let marks = cluster.chars().filter(|c| matches!(c, '\u{ff9e}' | '\u{ff9f}')).count();
    cluster.width() + marks
}

/// The longest head of `text` that fits into `cells`, cut between clusters, and its width.
pub fn fit(text: &str, cells: usize) -> (&str, usize) {
    let mut used = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        let w = cluster_width(cluster);
        if used + w > cells {
            return (&text[..at], used);
        }
        used += w;
    }
    (text, used)
}

/// `text` cut to `cells`, its last cell an ellipsis where something was left out.
pub fn clip(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    match cells {
        0 => String::new(),
        _ => format!("{}…", fit(text, cells - 1).0),
    }
}

/// The same, cut between words where that keeps half of the room: a row of a list is read at a glance, and half a word is
/// no word.
pub fn clip_words(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let (head, _) = fit(text, cells.saturating_sub(2));
    let end = if text[head.len()..].starts_with(' ') { head.len() } else { head.rfind(' ').unwrap_or(0) };
    let words = head[..end].trim_end();
    if width(words) * 2 < cells || words.is_empty() { clip(text, cells) } else { format!("{words} …") }
}

/// `text` without what could drive a terminal or reorder a line: control and bidi characters become U+FFFD.
///
/// Line feeds and tabs stay: whoever lays out the text knows what to do with them.
pub fn clean(text: &str) -> std::borrow::Cow<'_, str> {
    let bad = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.contains(bad) { text.replace(bad, "\u{fffd}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::buffer::CellWidth;

    #[test]
    fn measures_as_the_screen_library_does() {
        for text in ["plain", "नमस्ते", "क्या", "हिन्दी", "कंटेनर", "✅ ok", "👩‍🔬", "❤️", "─│", "ﾊﾟ", "→ …", "日本"]
        {
            let painted: usize = text.graphemes(true).map(|g| usize::from(g.cell_width())).sum();
            assert_eq!(width(text), painted, "{text}");
        }
    }

    #[test]
    fn cuts_between_clusters_only() {
        assert_eq!(fit("क्याab", 2), ("", 0));
        assert_eq!(fit("क्याab", 4), ("क्याa", 4));
        assert_eq!(clip("namaste", 5), "nama…");
        assert_eq!(clip("namaste", 7), "namaste");
        assert_eq!(clip("namaste", 0), "");
    }

    #[test]
    fn cuts_between_words_where_that_keeps_half_of_the_room() {
        let text = "RUN apt-get install --yes build-essential";
        assert_eq!(clip_words(text, 41), text);
        assert_eq!(clip_words(text, 30), "RUN apt-get install --yes …");
        assert_eq!(clip_words(text, 27), "RUN apt-get install --yes …");
        assert_eq!(clip_words(text, 26), "RUN apt-get install …");
        // A long word at the end of little: part of it says more than nothing.
        assert_eq!(clip_words("RUN build-essential-and-more", 20), "RUN build-essential…");
        for cells in 0..45 {
            assert!(width(&clip_words(text, cells)) <= cells, "{cells}");
            assert!(width(&clip_words("नमस्ते दुनिया से", cells)) <= cells, "{cells}");
        }
    }

    #[test]
    fn nothing_that_drives_a_terminal_survives() {
        assert_eq!(clean("a\x1b[2Jb\u{202e}c\td\n"), "a\u{fffd}[2Jb\u{fffd}c\td\n");
    }
}
