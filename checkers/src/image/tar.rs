//! A tar archive as a stream of headers, over a [`BufRead`] so that contents nobody wants are passed over without a copy.
//!
//! Own code instead of the `tar` crate: that crate copies skipped contents into a buffer, allocates per entry, and has no
//! cap on long names, so that a hostile archive decides how much memory is used.

use super::ReadError;
use std::io::{self, BufRead, Read};

const BLOCK: usize = 512;
/// A PAX header or a GNU long name beyond this is no honest one: paths end at 4,096 bytes, extended attributes at 64 KiB.
const EXTENSION_CAP: u64 = 1 << 20;

/// What a header says, but for the path and the link's target: [`Tar::path`], [`Tar::link`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    pub(crate) kind: u8,
    /// Logical bytes: of a sparse file its full length, not what is stored.
    pub(crate) size: u64,
    pub(crate) mode: u32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// Seconds since 1970.
    pub(crate) mtime: i64,
    /// It is stored with its holes left out: what stands in the archive are not its bytes one after the other.
    pub(crate) sparse: bool,
}

/// The stream.
pub(crate) struct Tar<R> {
    inner: R,
    /// Stored bytes of the present entry that were not read yet, and the padding behind them.
    remaining: u64,
    padding: u64,
    path: Vec<u8>,
    link: Vec<u8>,
    /// Bytes that may still be read before the archive is refused, and what they were at first.
    budget: u64,
    cap: u64,
    path_cap: usize,
    /// An archive must end with a block of zeros; without that rule a cut at an entry's end goes unseen.
    strict_end: bool,
}

#[derive(Default)]
struct Extended {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    uid: Option<u32>,
    gid: Option<u32>,
    mtime: Option<i64>,
    sparse_size: Option<u64>,
    sparse_name: Option<Vec<u8>>,
    sparse: bool,
}

impl<R: BufRead> Tar<R> {
    pub(crate) fn new(inner: R, budget: u64, path_cap: usize, strict_end: bool) -> Self {
        Self { inner, remaining: 0, padding: 0, path: vec![], link: vec![], budget, cap: budget, path_cap, strict_end }
    }

    /// The present entry's path as it stands in the archive.
    pub(crate) fn path(&self) -> &[u8] {
        &self.path
    }

    /// Where its link points.
    pub(crate) fn link(&self) -> &[u8] {
        &self.link
    }

    /// Bytes left of the budget.
    pub(crate) fn budget(&self) -> u64 {
        self.budget
    }

    /// Its content, to be read as far as one likes.
    pub(crate) fn content(&mut self) -> Content<'_, R> {
        Content(self)
    }

    /// Passes over what is left of the present entry and reads the next one's header.
    pub(crate) fn next(&mut self) -> Result<Option<Header>, ReadError> {
        let mut extended = Extended::default();
        loop {
            self.skip_rest()?;
            let mut block = [0; BLOCK];
            if !self.block(&mut block)? {
                return if self.strict_end { Err(ReadError::Truncated) } else { Ok(None) };
            }
            if block.iter().all(|b| *b == 0) {
                return Ok(None);
            }
            check_sum(&block)?;
            let stored = number(&block[124..136])?;
            match block[156] {
                b'x' => {
                    let body = self.extension(stored)?;
                    extended.read(&body)?;
                }
                b'L' => extended.path = Some(trim_nul(self.extension(stored)?)),
                b'K' => extended.link = Some(trim_nul(self.extension(stored)?)),
                // A global PAX header carries comments (git archive); what it says of single files no tool honours.
                b'g' => self.set_content(stored)?,
                kind => return self.entry(&block, kind, stored, extended).map(Some),
            }
        }
    }

    fn entry(&mut self, block: &[u8; BLOCK], kind: u8, stored: u64, extended: Extended) -> Result<Header, ReadError> {
        let stored = extended.size.unwrap_or(stored);
        let sparse = extended.sparse || kind == b'S';
        self.path.clear();
        match extended.sparse_name.or(extended.path) {
            Some(path) => self.path = path,
            None => {
                // The ustar prefix field; GNU's own format keeps times in that place.
                if &block[257..263] == b"ustar\0" && block[345] != 0 {
                    self.path.extend_from_slice(until_nul(&block[345..500]));
                    self.path.push(b'/');
                }
                self.path.extend_from_slice(until_nul(&block[..100]));
            }
        }
        self.link.clear();
        match extended.link {
            Some(link) => self.link = link,
            None => self.link.extend_from_slice(until_nul(&block[157..257])),
        }
        if self.path.len() > self.path_cap || self.link.len() > self.path_cap {
            return Err(ReadError::Limit { what: "bytes in one path", limit: self.path_cap as u64 });
        }
        let mut size = extended.sparse_size.unwrap_or(stored);
        if kind == b'S' {
            size = number(&block[483..495])?;
            let mut more = block[482] != 0;
            while more {
                let mut block = [0; BLOCK];
                if !self.block(&mut block)? {
                    return Err(ReadError::Truncated);
                }
                more = block[504] != 0;
            }
        }
        if size > 1 << 53 {
            return Err(ReadError::Malformed("a file of more than 2^53 bytes".to_owned()));
        }
        // Links, devices and folders have no content, whatever their size field says (POSIX; old tars put the target's there).
        self.set_content(if matches!(kind, b'1'..=b'6') { 0 } else { stored })?;
        let small = |field: &[u8]| number(field).map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        Ok(Header {
            kind,
            size: if matches!(kind, b'1'..=b'6') { 0 } else { size },
            mode: small(&block[100..108])? & 0o7777,
            uid: extended.uid.map_or_else(|| small(&block[108..116]), Ok)?,
            gid: extended.gid.map_or_else(|| small(&block[116..124]), Ok)?,
            mtime: match extended.mtime {
                Some(mtime) => mtime,
                None => i64::try_from(number(&block[136..148])?).unwrap_or(i64::MAX),
            },
            sparse,
        })
    }

    fn set_content(&mut self, stored: u64) -> Result<(), ReadError> {
        self.remaining = stored;
        self.padding = stored.wrapping_neg() % BLOCK as u64;
        if stored.checked_add(self.padding).is_none() {
            return Err(ReadError::Malformed("an entry of 2^64 bytes".to_owned()));
        }
        Ok(())
    }

    fn extension(&mut self, stored: u64) -> Result<Vec<u8>, ReadError> {
        if stored > EXTENSION_CAP {
            return Err(ReadError::Limit { what: "bytes in one extended header", limit: EXTENSION_CAP });
        }
        self.set_content(stored)?;
        let mut body = Vec::new();
        self.content().read_to_end(&mut body)?;
        Ok(body)
    }

    pub(crate) fn skip_rest(&mut self) -> Result<(), ReadError> {
        let mut left = self.remaining + self.padding;
        (self.remaining, self.padding) = (0, 0);
        while left > 0 {
            let have = self.inner.fill_buf()?.len();
            if have == 0 {
                return Err(ReadError::Truncated);
            }
            let step = left.min(have as u64);
            self.spend(step)?;
            self.inner.consume(step as usize);
            left -= step;
        }
        Ok(())
    }

    /// Reads what follows the end mark: padding, and behind it the checksum of a compressed layer.
    pub(crate) fn drain(&mut self) -> Result<(), ReadError> {
        loop {
            let have = self.inner.fill_buf()?.len();
            if have == 0 {
                return Ok(());
            }
            self.spend(have as u64)?;
            self.inner.consume(have);
        }
    }

    /// One block; `false` at the clean end of the stream.
    fn block(&mut self, block: &mut [u8; BLOCK]) -> Result<bool, ReadError> {
        let mut have = 0;
        while have < BLOCK {
            match self.inner.read(&mut block[have..]) {
                Ok(0) if have == 0 => return Ok(false),
                Ok(0) => return Err(ReadError::Truncated),
                Ok(n) => have += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e.into()),
            }
        }
        self.spend(BLOCK as u64)?;
        Ok(true)
    }

    fn spend(&mut self, bytes: u64) -> Result<(), ReadError> {
        self.budget =
            self.budget.checked_sub(bytes).ok_or(ReadError::Limit { what: "bytes unpacked", limit: self.cap })?;
        Ok(())
    }
}

/// The present entry's content.
pub(crate) struct Content<'a, R>(&'a mut Tar<R>);

impl<R: BufRead> Read for Content<'_, R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let have = self.fill_buf()?;
        let n = have.len().min(to.len());
        to[..n].copy_from_slice(&have[..n]);
        self.consume(n);
        Ok(n)
    }
}

impl<R: BufRead> BufRead for Content<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let remaining = self.0.remaining;
        if remaining == 0 {
            return Ok(&[]);
        }
        let have = self.0.inner.fill_buf()?;
        if have.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(&have[..have.len().min(usize::try_from(remaining).unwrap_or(usize::MAX))])
    }

    fn consume(&mut self, n: usize) {
        self.0.inner.consume(n);
        self.0.remaining -= n as u64;
        self.0.budget = self.0.budget.saturating_sub(n as u64);
    }
}

impl Extended {
    /// PAX records: `LENGTH KEY=VALUE\n`, LENGTH counting the whole record.
    fn read(&mut self, mut body: &[u8]) -> Result<(), ReadError> {
        let bad = || ReadError::Malformed("a PAX header that does not read".to_owned());
        while !body.is_empty() {
            let space = body.iter().position(|b| *b == b' ').ok_or_else(bad)?;
            let length = decimal(&body[..space]).and_then(|n| usize::try_from(n).ok()).ok_or_else(bad)?;
            let record = body.get(space + 1..length).ok_or_else(bad)?;
            let record = record.strip_suffix(b"\n").ok_or_else(bad)?;
            let equals = record.iter().position(|b| *b == b'=').ok_or_else(bad)?;
            let (key, value) = (&record[..equals], &record[equals + 1..]);
            self.sparse |= key.starts_with(b"GNU.sparse.");
            match key {
                b"path" => self.path = Some(value.to_vec()),
                b"linkpath" => self.link = Some(value.to_vec()),
                b"size" => self.size = Some(decimal(value).ok_or_else(bad)?),
                b"uid" => self.uid = decimal(value).and_then(|n| u32::try_from(n).ok()),
                b"gid" => self.gid = decimal(value).and_then(|n| u32::try_from(n).ok()),
                // Whole seconds: one tool writes the fraction and the next cuts it off.
                b"mtime" => {
                    self.mtime =
                        value.split(|b| *b == b'.').next().and_then(decimal).and_then(|n| i64::try_from(n).ok());
                }
                b"GNU.sparse.size" | b"GNU.sparse.realsize" => self.sparse_size = Some(decimal(value).ok_or_else(bad)?),
                b"GNU.sparse.name" => self.sparse_name = Some(value.to_vec()),
                _ => {}
            }
            body = &body[length..];
        }
        Ok(())
    }
}

/// Whether a blob that begins with this block can be a tar: a header whose sum is right, or the zeros of an empty one.
pub(crate) fn looks_like_tar(block: &[u8]) -> bool {
    block
        .first_chunk::<BLOCK>()
        .is_some_and(|block| block.iter().all(|b| *b == 0) || (block[0] != 0 && check_sum(block).is_ok()))
}

fn check_sum(block: &[u8; BLOCK]) -> Result<(), ReadError> {
    let said = number(&block[148..156])?;
    let sum: u64 = block.iter().map(|b| u64::from(*b)).sum();
    let field: u64 = block[148..156].iter().map(|b| u64::from(*b)).sum();
    if said != sum - field + 8 * u64::from(b' ') {
        return Err(ReadError::Malformed("a tar header whose checksum is wrong".to_owned()));
    }
    Ok(())
}

/// A numeric field: octal text, or base 256 when the first bit is set.
fn number(field: &[u8]) -> Result<u64, ReadError> {
    let bad = || ReadError::Malformed("a number in a tar header that does not read".to_owned());
    if field[0] & 0x80 != 0 {
        // 0xff begins a negative number (times before 1970); none of ours may be negative, a time counts as 0.
        if field[0] == 0xff {
            return Ok(0);
        }
        return field[1..].iter().try_fold(u64::from(field[0] & 0x7f), |sum, b| {
            sum.checked_mul(256).and_then(|sum| sum.checked_add(u64::from(*b))).ok_or_else(bad)
        });
    }
    let text = field.trim_ascii_start();
    let end = text.iter().position(|b| *b == 0 || *b == b' ').unwrap_or(text.len());
    text[..end].iter().try_fold(0_u64, |sum, b| match b {
        b'0'..=b'7' => sum.checked_mul(8).map(|sum| sum + u64::from(b - b'0')).ok_or_else(bad),
        _ => Err(bad()),
    })
}

fn decimal(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn until_nul(field: &[u8]) -> &[u8] {
    &field[..field.iter().position(|b| *b == 0).unwrap_or(field.len())]
}

fn trim_nul(mut text: Vec<u8>) -> Vec<u8> {
    text.truncate(until_nul(&text).len());
    text
}
