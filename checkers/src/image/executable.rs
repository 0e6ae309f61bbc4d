//! What the kernel would make of an executable file, from its first bytes: why a container "cannot find" a binary that is
//! plainly there.

use super::paths::clean;
use std::io::{self, BufRead, Read};

/// How far the names of ELF loaders are looked for: linkers put them behind the program headers, in the first page.
pub(super) const HEAD: usize = 4096;

/// What an executable file needs to start.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Executable {
    /// A binary.
    Elf {
        /// `e_machine`: 62 is x86-64, 183 is AArch64.
        machine: u16,
        /// The loader it asks for; none when it is static (a shared library asks for none either).
        loader: Option<String>,
    },
    /// A script: what stands behind `#!`, without the arguments.
    Script {
        /// The interpreter.
        interpreter: String,
    },
}

/// What the file's first bytes say; none when they are of neither kind, or damaged.
pub(super) fn sniff(head: &[u8]) -> Option<Executable> {
    if let Some(rest) = head.strip_prefix(b"#!") {
        // A carriage return is part of the name, as for the kernel: a script with Windows line ends names no interpreter.
        let line = rest.split(|b| *b == b'\n').next()?;
        let mut words = line.split(|b| matches!(b, b' ' | b'\t'));
        let interpreter = words.find(|i| !i.is_empty())?;
        return Some(Executable::Script { interpreter: clean(&interpreter[..interpreter.len().min(255)]) });
    }
    let wide = match head.get(..6)? {
        [0x7f, b'E', b'L', b'F', 2, 1] => true,
        [0x7f, b'E', b'L', b'F', 1, 1] => false,
        // Big-endian machines run no image of this course; better silent than wrong.
        _ => return None,
    };
    let word = |at: usize, bytes: usize| -> Option<u64> {
        Some(head.get(at..at.checked_add(bytes)?)?.iter().rev().fold(0, |sum, b| sum << 8 | u64::from(*b)))
    };
    let at = |at: u64| usize::try_from(at).ok();
    let machine = word(18, 2)? as u16;
    let table = at(if wide { word(32, 8)? } else { word(28, 4)? })?;
    let (size, count) = if wide { (word(54, 2)?, word(56, 2)?) } else { (word(42, 2)?, word(44, 2)?) };
    for index in 0..count.min(64) {
        let header = table.checked_add(at(index * size)?)?;
        const PT_INTERP: u64 = 3;
        if word(header, 4)? != PT_INTERP {
            continue;
        }
        let (offset, length) = if wide {
            (word(header.checked_add(8)?, 8)?, word(header.checked_add(32)?, 8)?)
        } else {
            (word(header.checked_add(4)?, 4)?, word(header.checked_add(16)?, 4)?)
        };
        // A name beyond the head (patchelf moves it) leaves us not knowing: nothing is claimed.
        let name = head.get(at(offset)?..at(offset.checked_add(length.min(4096))?)?)?;
        return Some(Executable::Elf { machine, loader: Some(clean(name.split(|b| *b == 0).next()?)) });
    }
    Some(Executable::Elf { machine, loader: None })
}

/// The first bytes of a file, without a copy where the buffer holds enough of them.
pub(super) fn head<T>(
    content: &mut impl BufRead,
    size: u64,
    scratch: &mut Vec<u8>,
    f: impl Fn(&[u8]) -> T,
) -> io::Result<T> {
    let want = usize::try_from(size).unwrap_or(usize::MAX).min(HEAD);
    let have = content.fill_buf()?;
    if have.len() >= want {
        return Ok(f(&have[..want]));
    }
    scratch.clear();
    content.take(want as u64).read_to_end(scratch)?;
    Ok(f(scratch))
}
