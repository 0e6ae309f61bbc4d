//! Looks for given secrets in every byte of every layer while it goes by.
//!
//! A secret is looked for as it is, and as base64 and hex have it: `.npmrc` and `auth.json` keep logins in base64. Inside a
//! longer base64 text the same bytes come out in one of three ways, by where they begin; of each the middle part is fixed.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use memchr::memmem::Finder;
use std::io::{self, BufRead};

/// Which secrets were seen, a bit each.
pub(super) type Seen = u16;
/// As many as a [`Seen`] holds.
const MOST: usize = Seen::BITS as usize;

#[derive(Debug, Default)]
pub(super) struct Needles {
    finders: Vec<(Seen, Finder<'static>)>,
    longest: usize,
}

impl Needles {
    /// At most sixteen; an empty one would be everywhere and is left out.
    pub(super) fn new(secrets: &[Vec<u8>]) -> Self {
        let mut needles = Self::default();
        for (nth, secret) in secrets.iter().take(MOST).enumerate().filter(|(_, secret)| !secret.is_empty()) {
            let hex = |upper: bool| -> String {
                secret.iter().map(|b| if upper { format!("{b:02X}") } else { format!("{b:02x}") }).collect()
            };
            let mut forms = vec![secret.clone(), hex(false).into_bytes(), hex(true).into_bytes()];
            forms.extend((0..3).filter_map(|before| in_base64(secret, before)));
            for form in forms {
                needles.longest = needles.longest.max(form.len());
                needles.finders.push((1 << nth, Finder::new(&form).into_owned()));
            }
        }
        needles
    }

    pub(super) fn is_empty(&self) -> bool {
        self.finders.is_empty()
    }

    /// What a text in memory holds.
    pub(super) fn in_bytes(&self, text: &[u8]) -> Seen {
        self.finders.iter().filter(|(_, finder)| finder.find(text).is_some()).fold(0, |seen, (bit, _)| seen | bit)
    }

    /// What a stream holds, read to its end; its first bytes are kept, at most `keep` of them.
    pub(super) fn in_stream(&self, stream: &mut impl BufRead, keep: usize) -> io::Result<(Seen, Vec<u8>)> {
        let (mut seen, mut kept) = (0, vec![]);
        // The end of what went before: a secret may lie across two chunks.
        let mut seam: Vec<u8> = vec![];
        loop {
            let chunk = stream.fill_buf()?;
            if chunk.is_empty() {
                return Ok((seen, kept));
            }
            kept.extend_from_slice(&chunk[..chunk.len().min(keep.saturating_sub(kept.len()))]);
            let overlap = self.longest.saturating_sub(1);
            let before = seam.len();
            seam.extend_from_slice(&chunk[..chunk.len().min(overlap)]);
            seen |= self.in_bytes(&seam) | self.in_bytes(chunk);
            if chunk.len() >= overlap {
                seam.clear();
                seam.extend_from_slice(&chunk[chunk.len() - overlap..]);
            } else {
                let cut = (before + chunk.len()).saturating_sub(overlap);
                seam.drain(..cut.min(seam.len()));
            }
            let length = chunk.len();
            stream.consume(length);
        }
    }
}

/// What is fixed of a text's base64 when so many bytes (0, 1 or 2 beyond a group of three) stand before it.
fn in_base64(secret: &[u8], before: usize) -> Option<Vec<u8>> {
    let padded = [&vec![0; before][..], secret].concat();
    let whole = STANDARD_NO_PAD.encode(&padded);
    let first = [0, 2, 3][before];
    // The last character holds bits of what follows, unless the text ends with a group.
    let last = if padded.len().is_multiple_of(3) { whole.len() } else { whole.len() - 1 };
    let middle = whole.get(first..last)?;
    (middle.len() >= 8).then(|| middle.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Cursor};

    const SECRET: &[u8] = b"chai-5f2e9a-ilaychi";

    #[test]
    fn a_secret_is_found_across_chunks_of_any_size() {
        let needles = Needles::new(&[b"never".to_vec(), SECRET.to_vec()]);
        let text = [&[b'x'; 61][..], SECRET, &[b'y'; 70]].concat();
        for size in 1..120 {
            let (seen, kept) = needles.in_stream(&mut BufReader::with_capacity(size, Cursor::new(&text)), 5).unwrap();
            assert_eq!((seen, kept.as_slice()), (2, &b"xxxxx"[..]), "chunks of {size}");
        }
        let (seen, _) = needles.in_stream(&mut Cursor::new(&text[..70]), 0).unwrap();
        assert_eq!(seen, 0);
    }

    #[test]
    fn base64_and_hex_are_seen_through() {
        let needles = Needles::new(&[SECRET.to_vec()]);
        for before in 0..7 {
            for after in 0..4 {
                let text = [&b"asha:b!"[..before], SECRET, &b"@#$"[..after.min(3)]].concat();
                let encoded = base64::engine::general_purpose::STANDARD.encode(text);
                assert_eq!(needles.in_bytes(encoded.as_bytes()), 1, "{before} before, {after} after");
            }
        }
        let hex: String = SECRET.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(needles.in_bytes(hex.as_bytes()), 1);
        assert_eq!(needles.in_bytes(b"chai-5f2e9a-ilaych"), 0);
    }
}
