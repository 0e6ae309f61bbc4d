//! Keys and sizes from the terminal, behind a broker that can let go of it.
//!
//! An event stream that is merely not polled still reads standard input, on its own thread, and steals every other key from
//! the learner's editor. So it is dropped before the terminal is handed over, and made anew afterwards.

use crossterm::event::{Event, EventStream, KeyEvent, KeyEventKind, MouseEvent};
use futures_util::StreamExt;
use std::{
    future::{pending, poll_fn},
    io,
    task::Poll,
};

/// What the terminal tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    /// A key went down.
    Key(KeyEvent),
    /// The wheel or a click.
    Mouse(MouseEvent),
    /// Text that was pasted.
    Paste(String),
    /// The window has another size, in columns and rows.
    Resize(u16, u16),
    /// The terminal is gone.
    Gone,
}

pub(super) struct Broker {
    stream: Option<EventStream>,
}

impl Broker {
    pub(super) fn new() -> Self {
        Self { stream: Some(EventStream::new()) }
    }

    /// Lets go of standard input.
    pub(super) fn pause(&mut self) {
        self.stream = None;
    }

    /// Reads again.
    pub(super) fn resume(&mut self) {
        self.stream.get_or_insert_with(EventStream::new);
    }

    /// The next thing worth knowing. Never while paused.
    pub(super) async fn next(&mut self) -> Input {
        loop {
            let event = match &mut self.stream {
                Some(stream) => stream.next().await,
                None => pending().await,
            };
            if let Some(input) = understood(event) {
                return input;
            }
        }
    }

    /// What has come in already, without waiting.
    ///
    /// The stream remembers the waker of the first poll that found nothing, so this one must poll with the task's own: with a
    /// waker that does nothing the next key would wake nobody.
    pub(super) async fn ready(&mut self) -> Option<Input> {
        loop {
            let stream = self.stream.as_mut()?;
            let event = poll_fn(|task| match stream.poll_next_unpin(task) {
                Poll::Ready(event) => Poll::Ready(Some(event)),
                Poll::Pending => Poll::Ready(None),
            })
            .await?;
            if let Some(input) = understood(event) {
                return Some(input);
            }
        }
    }
}

fn understood(event: Option<io::Result<Event>>) -> Option<Input> {
    match event {
        Some(Ok(Event::Key(key))) if key.kind != KeyEventKind::Release => Some(Input::Key(key)),
        Some(Ok(Event::Mouse(mouse))) => Some(Input::Mouse(mouse)),
        Some(Ok(Event::Paste(text))) => Some(Input::Paste(text)),
        Some(Ok(Event::Resize(width, height))) => Some(Input::Resize(width, height)),
        Some(Ok(_)) => None,
        Some(Err(_)) | None => Some(Input::Gone),
    }
}
