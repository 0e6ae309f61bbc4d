//! Makes what a container, a build or a daemon says safe to show: no byte of it can move a cursor, set a title or turn
//! the reading direction.
//!
//! Stateful over chunks, as a sequence may be cut anywhere. A small machine of our own instead of the crate `vte`: that
//! keeps the text of an unterminated OSC without bound, and lets it swallow the rest of the log; here every string
//! sequence ends with its line at the latest, so hostile output hides one line at most.

mod streams;

pub(crate) use streams::Said;
pub use streams::{Stream, Streams};

/// Lines are cut after so many bytes.
pub const LINE_BYTES: usize = 4096;
/// Ends a line that was cut.
const CUT: char = '…';

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    /// After ESC.
    Escape,
    /// After ESC and an intermediate byte: one final byte follows.
    EscapeIntermediate,
    /// In CSI, with the first parameter so far.
    Csi(u16),
    /// In OSC, DCS, APC, PM or SOS.
    String,
    /// ESC within a string: a backslash ends it.
    StringEscape,
}

/// Turns bytes into clean lines.
#[derive(Debug, Clone)]
pub struct Cleaner {
    state: State,
    /// The bytes of a character that is not complete yet.
    partial: Vec<u8>,
    line: Vec<char>,
    /// Where the next character goes: `\r` takes it back to 0, and what follows overwrites.
    at: usize,
    overflow: bool,
    lines: Vec<String>,
}

impl Default for Cleaner {
    fn default() -> Self {
        Self::new()
    }
}

impl Cleaner {
    /// At the start of a stream.
    pub fn new() -> Self {
        Self { state: State::Text, partial: Vec::new(), line: Vec::new(), at: 0, overflow: false, lines: Vec::new() }
    }

    /// Takes a chunk; gives the lines that it completed, without line ends.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        for &byte in bytes {
            self.byte(byte);
        }
        std::mem::take(&mut self.lines)
    }

    /// The last line, where the stream ended within one.
    pub fn finish(mut self) -> Option<String> {
        if !self.partial.is_empty() {
            self.character(char::REPLACEMENT_CHARACTER);
        }
        (!self.line.is_empty()).then(|| self.take_line())
    }

    fn byte(&mut self, byte: u8) {
        if self.partial.is_empty() {
            if byte.is_ascii() {
                return self.character(byte as char);
            }
            self.partial.push(byte);
        } else if byte & 0xC0 == 0x80 {
            self.partial.push(byte);
        } else {
            self.partial.clear();
            self.character(char::REPLACEMENT_CHARACTER);
            return self.byte(byte);
        }
        match std::str::from_utf8(&self.partial) {
            Ok(text) => {
                let character = text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
                self.partial.clear();
                self.character(character);
            }
            Err(error) if error.error_len().is_some() => {
                self.partial.clear();
                self.character(char::REPLACEMENT_CHARACTER);
            }
            Err(_) => {}
        }
    }

    fn character(&mut self, c: char) {
        use State::*;
        // C1 controls are ESC and a letter in one character.
        let (escaped, c) = match c {
            '\u{80}'..='\u{9f}' => (true, char::from(c as u8 - 0x40)),
            _ => (false, c),
        };
        if escaped {
            if matches!(self.state, String | StringEscape) && c != '\\' {
                return;
            }
            self.state = Escape;
        }
        if c == '\n' {
            self.state = Text;
            let line = self.take_line();
            self.lines.push(line);
            return;
        }
        match self.state {
            String => match c {
                '\x07' | '\x18' | '\x1a' => self.state = Text,
                '\x1b' => self.state = StringEscape,
                _ => {}
            },
            StringEscape => match c {
                '\\' => self.state = Text,
                '\x1b' => {}
                _ => self.state = String,
            },
            _ if c == '\x1b' => self.state = Escape,
            _ if c == '\x18' || c == '\x1a' => self.state = Text,
            Escape => match c {
                '[' => self.state = Csi(0),
                ']' | 'P' | 'X' | '^' | '_' => self.state = String,
                ' '..='/' => self.state = EscapeIntermediate,
                '0'..='~' => self.state = Text,
                _ => self.plain_or_drop(c),
            },
            EscapeIntermediate => match c {
                ' '..='/' => {}
                '0'..='~' => self.state = Text,
                _ => self.plain_or_drop(c),
            },
            Csi(first) => match c {
                '0'..='9' => self.state = Csi(first.saturating_mul(10).saturating_add(c as u16 - '0' as u16)),
                ' '..='?' => {}
                '@'..='~' => {
                    self.state = Text;
                    if c == 'K' {
                        self.erase(first);
                    }
                }
                _ => self.plain_or_drop(c),
            },
            Text => self.text(c),
        }
    }

    /// A character that no sequence may hold: controls are dropped within it, anything else ends it and is text.
    fn plain_or_drop(&mut self, c: char) {
        if !c.is_ascii() {
            self.state = State::Text;
            self.text(c);
        } else if c == '\r' {
            self.at = 0;
        }
    }

    fn text(&mut self, c: char) {
        match c {
            '\r' => self.at = 0,
            '\t' => self.put(c),
            _ if c.is_control() || is_bidi_or_separator(c) => {}
            _ => self.put(c),
        }
    }

    fn put(&mut self, c: char) {
        if self.at >= LINE_BYTES {
            self.overflow = true;
            return;
        }
        match self.line.get_mut(self.at) {
            Some(old) => *old = c,
            None => self.line.push(c),
        }
        self.at += 1;
    }

    /// CSI K, which progress bars send after `\r`: without it their old tail would stay.
    fn erase(&mut self, how: u16) {
        match how {
            0 => self.line.truncate(self.at),
            2 => self.line.iter_mut().for_each(|c| *c = ' '),
            _ => {}
        }
    }

    fn take_line(&mut self) -> String {
        let mut line: String = std::mem::take(&mut self.line).into_iter().collect();
        self.at = 0;
        let overflow = std::mem::take(&mut self.overflow);
        if overflow || line.len() > LINE_BYTES {
            let mut end = line.len().min(LINE_BYTES - CUT.len_utf8());
            while !line.is_char_boundary(end) {
                end -= 1;
            }
            line.truncate(end);
            line.push(CUT);
        }
        line
    }
}

fn is_bidi_or_separator(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Cleans a whole text; lines stay lines.
pub fn text(raw: &str) -> String {
    let mut cleaner = Cleaner::new();
    let mut lines = cleaner.push(raw.as_bytes());
    let last = cleaner.finish();
    // The empty piece after the last line end puts that line end back.
    lines.push(last.unwrap_or_default());
    lines.join("\n")
}

/// Cleans what must be one line: a name, a path, an error. Line ends become spaces.
pub fn line(raw: &str) -> String {
    let text = text(raw);
    text.split('\n').map(str::trim_end).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Keeps the head and the tail of a text that may be endless.
#[derive(Debug, Clone)]
pub struct HeadTail {
    head: String,
    tail: std::collections::VecDeque<String>,
    tail_bytes: usize,
    head_limit: usize,
    tail_limit: usize,
    left_out: u64,
}

impl HeadTail {
    /// At most `head` bytes of the start and `tail` of the end.
    pub fn new(head: usize, tail: usize) -> Self {
        Self {
            head: String::new(),
            tail: Default::default(),
            tail_bytes: 0,
            head_limit: head,
            tail_limit: tail,
            left_out: 0,
        }
    }

    /// Adds a line.
    pub fn line(&mut self, line: &str) {
        if self.tail.is_empty() && self.left_out == 0 && self.head.len() + line.len() < self.head_limit {
            self.head.push_str(line);
            self.head.push('\n');
            return;
        }
        self.tail_bytes += line.len() + 1;
        self.tail.push_back(line.to_owned());
        while self.tail_bytes > self.tail_limit {
            let Some(gone) = self.tail.pop_front() else { break };
            self.tail_bytes -= gone.len() + 1;
            self.left_out += gone.len() as u64 + 1;
        }
    }

    /// Whether something in the middle is missing.
    pub fn clipped(&self) -> bool {
        self.left_out > 0
    }

    /// What is left, with a line that says how much is missing.
    pub fn into_text(self) -> String {
        let mut text = self.head;
        if self.left_out > 0 {
            text.push_str(&format!("[… {} bytes …]\n", self.left_out));
        }
        for line in self.tail {
            text.push_str(&line);
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn clean(bytes: &[u8]) -> String {
        let mut cleaner = Cleaner::new();
        let mut lines = cleaner.push(bytes);
        lines.extend(cleaner.finish());
        lines.join("\n")
    }

    #[rstest]
    #[case::plain("namaste ji", "namaste ji")]
    #[case::hindi("नमस्ते 👋", "नमस्ते 👋")]
    #[case::colour("\x1b[1;31mred\x1b[0m", "red")]
    #[case::title("\x1b]0;owned\x07text", "text")]
    #[case::title_by_st("\x1b]0;owned\x1b\\text", "text")]
    #[case::link("\x1b]8;;http://x\x1b\\here\x1b]8;;\x1b\\", "here")]
    #[case::unterminated_title("\x1b]0;owned\nnext line", "\nnext line")]
    #[case::dcs("\x1bPq#0\x1b\\a\x1b_apc\x1b\\b\x1b^pm\x1b\\c\x1bXsos\x1b\\d", "abcd")]
    #[case::charset("\x1b(Bok\x1b=", "ok")]
    #[case::c1("\u{9b}31mred \u{9d}0;t\u{9c}x", "red x")]
    #[case::progress("10%\r20%\r100%", "100%")]
    #[case::progress_erased("a long one\r\x1b[Kok", "ok")]
    #[case::crlf("a\r\nb\r\n", "a\nb")]
    #[case::bells("a\x07\x08\x00\x7fb", "ab")]
    #[case::tab("a\tb", "a\tb")]
    #[case::bidi("a\u{202e}b\u{2066}c\u{200f}d", "abcd")]
    #[case::cancelled("\x1b[31\x18text", "text")]
    #[case::escape_at_end("a\x1b", "a")]
    fn what_is_dropped_and_what_stays(#[case] raw: &str, #[case] want: &str) {
        assert_eq!(clean(raw.as_bytes()), want);
    }

    #[rstest]
    #[case(b"a\xffb", "a\u{fffd}b")]
    #[case(b"\xc3", "\u{fffd}")]
    #[case(b"\xe0\xa4\nx", "\u{fffd}\nx")]
    #[case(b"\x9b31m", "\u{fffd}31m")]
    fn invalid_utf8_is_marked(#[case] raw: &[u8], #[case] want: &str) {
        assert_eq!(clean(raw), want);
    }

    #[test]
    fn long_lines_are_cut_and_endless_ones_take_no_memory() {
        let mut cleaner = Cleaner::new();
        for _ in 0..1000 {
            assert!(cleaner.push(&[b'x'; 1000]).is_empty());
        }
        assert!(cleaner.line.len() <= LINE_BYTES);
        let line = cleaner.finish().unwrap();
        assert!(line.len() <= LINE_BYTES && line.ends_with(CUT), "{}", line.len());
        let wide = clean("क".repeat(3000).as_bytes());
        assert!(wide.len() <= LINE_BYTES && wide.ends_with(CUT));
    }

    #[test]
    fn head_and_tail_are_kept() {
        let mut kept = HeadTail::new(30, 30);
        for number in 0..100 {
            kept.line(&format!("line {number}"));
        }
        assert!(kept.clipped());
        let text = kept.into_text();
        assert!(text.starts_with("line 0\nline 1\n") && text.ends_with("line 98\nline 99\n"), "{text}");
        assert!(text.contains("bytes …]"), "{text}");
        let mut small = HeadTail::new(30, 30);
        small.line("all");
        assert!(!small.clipped());
        assert_eq!(small.into_text(), "all\n");
    }

    pub(super) fn hostile() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            any::<Vec<u8>>(),
            Just(b"\x1b[".to_vec()),
            Just(b"\x1b]".to_vec()),
            Just(b"\x1bP".to_vec()),
            Just(b"\x1b\\".to_vec()),
            Just("\u{9b}\u{9d}\u{202e}".as_bytes().to_vec()),
            Just(b"\r\n".to_vec()),
            "[a-z0-9;]{0,8}".prop_map(String::into_bytes),
        ];
        proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_control_ever_passes(bytes in hostile()) {
            for c in clean(&bytes).chars() {
                prop_assert!(c == '\n' || c == '\t' || !(c.is_control() || is_bidi_or_separator(c)), "{c:?}");
            }
        }

        #[test]
        fn where_the_stream_is_cut_does_not_matter(bytes in hostile(), size in 1_usize..7) {
            let mut cleaner = Cleaner::new();
            let mut lines: Vec<String> = bytes.chunks(size).flat_map(|chunk| cleaner.push(chunk)).collect();
            lines.extend(cleaner.finish());
            prop_assert_eq!(lines.join("\n"), clean(&bytes));
        }

        #[test]
        fn what_is_clean_stays_as_it_is(bytes in hostile()) {
            let once = clean(&bytes);
            prop_assert_eq!(text(&once), once);
        }
    }
}
