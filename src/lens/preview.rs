//! The beginning of a file as rows of text: as text where it is that, else in hexadecimal. Safe to print in either case.

use crate::layout;
use dockshala_checkers::image::Content;

/// How a file looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Its rows.
    pub rows: Vec<String>,
    /// It is shown in hexadecimal.
    pub hex: bool,
    /// How long the file is, in bytes.
    pub size: u64,
    /// How much of it is shown, in bytes; the whole file where both are the same.
    pub shown: u64,
}

/// Bytes a row: offset, sixteen pairs and sixteen letters fit into 72 columns, what a sheet has at 80.
const PER_ROW: usize = 16;
/// A row is cut there: one line of minified JavaScript is longer than any terminal remembers.
const LONGEST: usize = 2_000;

/// Makes rows of a file's beginning.
pub fn preview(content: &Content) -> Preview {
    let bytes = &content.bytes;
    let text = as_text(bytes, content.is_cut());
    let rows = match &text {
        Some(text) => text.lines().map(row).collect(),
        None => bytes.chunks(PER_ROW).enumerate().map(|(at, chunk)| hex(at * PER_ROW, chunk)).collect(),
    };
    Preview { rows, hex: text.is_none(), size: content.size, shown: bytes.len() as u64 }
}

/// Text, where it is: UTF-8 but for a character that the cut went through, and no byte that text never has.
fn as_text(bytes: &[u8], cut: bool) -> Option<&str> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if cut && error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return None,
    };
    let odd = text.bytes().filter(|b| *b < 0x20 && !matches!(b, b'\n' | b'\r' | b'\t' | 0x0c | 0x1b)).count();
    // A log with a stray control byte is text still; a database that happens to be ASCII is not.
    (!text.contains('\0') && odd * 100 <= text.len()).then_some(text)
}

fn row(line: &str) -> String {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let cut: String = line.chars().take(LONGEST).collect();
    layout::clean(&cut.replace('\t', "    ")).into_owned()
}

fn hex(at: usize, chunk: &[u8]) -> String {
    let mut pairs = String::new();
    for nth in 0..PER_ROW {
        match chunk.get(nth) {
            Some(byte) => pairs += &format!("{byte:02x}"),
            None => pairs += "  ",
        }
        // A gap in the middle, so that an offset can be counted by eye.
        pairs += if nth + 1 == PER_ROW / 2 { "  " } else { " " };
    }
    let letters: String =
        chunk.iter().map(|b| if b.is_ascii_graphic() || *b == b' ' { char::from(*b) } else { '.' }).collect();
    format!("{at:05x}  {pairs}{letters}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8], size: u64) -> Preview {
        preview(&Content { bytes: bytes.to_vec(), size })
    }

    #[test]
    fn text_is_text_and_drives_no_terminal() {
        let shown = of(b"caf\xc3\xa9\tx\r\n\x1b[31mred\x1b[0m\n\xe2\x80\xaegnp.exe\n", 40);
        assert_eq!(shown.rows, ["café    x", "\u{fffd}[31mred\u{fffd}[0m", "\u{fffd}gnp.exe"]);
        assert!(!shown.hex);
    }

    #[test]
    fn a_character_that_the_cut_went_through_is_no_binary() {
        assert!(!of("नम".as_bytes().split_last().unwrap().1, 1_000).hex);
        assert!(of("नम".as_bytes().split_last().unwrap().1, 5).hex, "the same at the end of a whole file");
    }

    #[test]
    fn bytes_stand_in_rows_that_fit_into_72_columns() {
        let shown = of(&(0..=40).collect::<Vec<u8>>(), 41);
        assert!(shown.hex);
        assert_eq!(shown.rows[0], "00000  00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f ................");
        assert_eq!(shown.rows[2], "00020  20 21 22 23 24 25 26 27  28                       !\"#$%&'(");
        assert!(shown.rows.iter().all(|row| row.len() <= 72), "{:?}", shown.rows);
        assert_eq!(of(b"", 0).rows.len(), 0);
    }
}
