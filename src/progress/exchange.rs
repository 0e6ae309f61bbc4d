//! A history as text: a line that names the format, then an event a line. Readable, mergeable, greppable.

use super::event::Event;
use std::io::{self, BufRead, Write};

/// The first line's format name.
const FORMAT: &str = "dockshala-progress";
/// Its number.
const SCHEMA: u32 = 1;
/// A line may not be longer: an import is somebody else's file.
const LINE: u64 = 1 << 20;
/// Nor a file hold more events.
const EVENTS: usize = 5_000_000;

/// Why an import was refused; nothing of it was taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It could not be read.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// It is no history of ours, or of a newer format.
    #[error("not a dockshala progress file")]
    Format,
    /// A line is no event.
    #[error("line {line}: {message}")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// The database would not take it.
    #[error("{0}")]
    Database(String),
}

/// Writes events.
pub fn write(mut to: impl Write, events: &[Event]) -> io::Result<()> {
    writeln!(to, "{}", serde_json::json!({ "format": FORMAT, "schema": SCHEMA }))?;
    for event in events {
        serde_json::to_writer(&mut to, event)?;
        to.write_all(b"\n")?;
    }
    to.flush()
}

/// Reads events; one bad line refuses the whole, since half a history taken in silence would look like all of it.
pub fn read(from: impl BufRead) -> Result<Vec<Event>, ImportError> {
    match read_to_fault(from) {
        (events, None) => Ok(events),
        (_, Some(error)) => Err(error),
    }
}

/// Reads what stands before the first fault, and what that is: for a file of our own that was cut off, of which every whole
/// line is worth having.
pub(super) fn read_to_fault(from: impl BufRead) -> (Vec<Event>, Option<ImportError>) {
    let mut events = Vec::new();
    let fault = read_into(from, &mut events).err();
    (events, fault)
}

fn read_into(mut from: impl BufRead, events: &mut Vec<Event>) -> Result<(), ImportError> {
    let mut line = String::new();
    let mut headed = false;
    for number in 1.. {
        line.clear();
        if io::Read::take(&mut from, LINE).read_line(&mut line)? == 0 {
            break;
        }
        let text = line.trim();
        if number == 1 {
            let head: serde_json::Value = serde_json::from_str(text).map_err(|_| ImportError::Format)?;
            if head["format"] != FORMAT || head["schema"] != SCHEMA {
                return Err(ImportError::Format);
            }
            headed = true;
            continue;
        }
        if text.is_empty() {
            continue;
        }
        let bad = |message: String| ImportError::Line { line: number, message };
        if events.len() == EVENTS {
            return Err(bad(format!("more than {EVENTS} events")));
        }
        let event: Event = serde_json::from_str(text).map_err(|e| bad(e.to_string()))?;
        if event.at.parse::<jiff::Timestamp>().is_err() {
            return Err(bad(format!("`{}` is no time", event.at.chars().take(40).collect::<String>())));
        }
        if i64::try_from(event.seq).is_err() || event.uuid.is_nil() {
            return Err(bad("uuid or seq out of range".to_owned()));
        }
        events.push(event);
    }
    if headed { Ok(()) } else { Err(ImportError::Format) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn bad_files_are_refused_with_the_line() {
        let head = "{\"format\":\"dockshala-progress\",\"schema\":1}\n";
        let read = |text: &str| super::read(text.as_bytes()).map(|e| e.len()).map_err(|e| e.to_string());
        assert_eq!(read("").unwrap_err(), "not a dockshala progress file");
        assert_eq!(read("hello\n").unwrap_err(), "not a dockshala progress file");
        assert!(read(&format!("{head}\n{{}}\n")).unwrap_err().starts_with("line 3"));
        assert!(read(&format!("{head}{}\n", "x".repeat(3 << 20))).unwrap_err().starts_with("line 2"));
    }
}
