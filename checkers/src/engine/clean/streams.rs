//! What is said on two streams at once, cleaned stream by stream.
//!
//! They come interleaved and are cut at any byte. One cleaner for both would let an escape sequence that one stream began
//! swallow the other's words, and a character that the border of a chunk cuts would become two marks of damage; cleaning chunk
//! by chunk would show the rest of a sequence as text.

use super::{Cleaner, HeadTail};
use bollard::container::LogOutput;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// Turns the bytes of both into clean lines, in the order in which the lines were ended.
#[derive(Debug, Clone, Default)]
pub struct Streams {
    out: Cleaner,
    err: Cleaner,
}

impl Streams {
    /// Takes a chunk of one stream; gives the lines that it completed, without line ends.
    pub fn push(&mut self, stream: Stream, bytes: &[u8]) -> Vec<String> {
        match stream {
            Stream::Out => self.out.push(bytes),
            Stream::Err => self.err.push(bytes),
        }
    }

    /// Takes what the daemon gives.
    pub(crate) fn take(&mut self, chunk: LogOutput) -> Vec<String> {
        match chunk {
            LogOutput::StdOut { message } | LogOutput::Console { message } => self.push(Stream::Out, &message),
            LogOutput::StdErr { message } => self.push(Stream::Err, &message),
            LogOutput::StdIn { .. } => Vec::new(),
        }
    }

    /// The last lines, where the streams ended within one: that of the output first.
    pub fn finish(self) -> impl Iterator<Item = String> {
        self.out.finish().into_iter().chain(self.err.finish())
    }
}

/// Both streams as one text of bounded length.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    streams: Streams,
    kept: HeadTail,
}

impl Said {
    /// At most `head` bytes of the start and `tail` of the end.
    pub(crate) fn new(head: usize, tail: usize) -> Self {
        Self { streams: Streams::default(), kept: HeadTail::new(head, tail) }
    }

    pub(crate) fn take(&mut self, chunk: LogOutput) {
        for line in self.streams.take(chunk) {
            self.kept.line(&line);
        }
    }

    pub(crate) fn into_text(mut self) -> String {
        for line in self.streams.finish() {
            self.kept.line(&line);
        }
        self.kept.into_text()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::hostile, *};
    use proptest::prelude::*;

    fn alone(bytes: &[u8]) -> Vec<String> {
        let mut cleaner = Cleaner::new();
        let mut lines = cleaner.push(bytes);
        lines.extend(cleaner.finish());
        lines
    }

    /// Both streams cut into chunks of these lengths, taken in turns.
    fn woven(out: &[u8], err: &[u8], cuts: &[(Stream, usize)]) -> (Vec<String>, Vec<String>) {
        let mut streams = Streams::default();
        let (mut rest, mut lines) = ([out, err], [Vec::new(), Vec::new()]);
        for &(stream, length) in cuts {
            let of = usize::from(stream == Stream::Err);
            let (chunk, left) = rest[of].split_at(length.min(rest[of].len()));
            rest[of] = left;
            lines[of].extend(streams.push(stream, chunk));
        }
        lines[0].extend(streams.push(Stream::Out, rest[0]));
        lines[1].extend(streams.push(Stream::Err, rest[1]));
        lines[0].extend(streams.out.finish());
        lines[1].extend(streams.err.finish());
        let [out, err] = lines;
        (out, err)
    }

    fn cuts() -> impl Strategy<Value = Vec<(Stream, usize)>> {
        let stream = prop_oneof![Just(Stream::Out), Just(Stream::Err)];
        proptest::collection::vec((stream, 0_usize..12), 0..40)
    }

    proptest! {
        #[test]
        fn neither_borders_nor_the_other_stream_show(out in hostile(), err in hostile(), cuts in cuts()) {
            let (said, complained) = woven(&out, &err, &cuts);
            prop_assert_eq!(&said, &alone(&out));
            prop_assert_eq!(&complained, &alone(&err));
            for line in said.iter().chain(&complained) {
                let bad = |c: char| c != '\t' && (c.is_control() || super::super::is_bidi_or_separator(c));
                prop_assert!(!line.contains(bad), "{line:?}");
            }
        }
    }

    #[test]
    fn a_sequence_that_one_stream_began_takes_nothing_of_the_other() {
        let mut streams = Streams::default();
        assert!(streams.push(Stream::Out, b"\x1b]0;tit").is_empty());
        assert_eq!(streams.push(Stream::Err, b"cannot open menu.txt\n"), ["cannot open menu.txt"]);
        assert_eq!(streams.push(Stream::Out, b"le\x07chai\n"), ["chai"]);
    }

    #[test]
    fn a_character_and_a_sequence_cut_by_a_border_are_whole_again() {
        let mut said = Said::new(100, 100);
        for chunk in ["चाय\x1b[1;3".as_bytes(), b"1mgaram\x1b[0m\xe0", b"\xa4\x9a\n", b"last"] {
            said.take(LogOutput::StdOut { message: chunk.to_vec().into() });
        }
        assert_eq!(said.into_text(), "चायgaramच\nlast\n");
    }
}
