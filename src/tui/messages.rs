//! What comes into the program and what it asks for: the words between the pure machine ([`super::app`]), its screens and the
//! runner, which alone waits, reads files and asks daemons.

use super::{
    claim_desk::ClaimOrder,
    file_desk::{Sheet, Unsaved},
    keys::{Action, Scope},
    lens_desk::LensOrder,
    overlay::Overlay,
    quiz_desk::QuizNews,
    rows::Row,
    screen::{ClaimNews, LensNews},
    state::{Daemon, Shared},
    texts::Texts,
    theme::ThemeChoice,
    trail::Spot,
};
use crate::{
    course::{Highlighted, Lang, find::Index},
    lens::Request,
    progress::{EventKind, Summary},
    report::Report,
};
use crossterm::event::{KeyEvent, MouseEvent};
use dockshala_checkers::{check::Event, verdict::CheckResult};
use ratatui::{buffer::Buffer, layout::Rect};
use std::{path::PathBuf, sync::Arc, time::Instant};

/// What comes in.
#[derive(Debug)]
pub enum Msg {
    /// A key.
    Key(KeyEvent),
    /// The wheel or a click.
    Mouse(MouseEvent),
    /// Text that was pasted.
    Paste(String),
    /// The window has another size.
    Resize,
    /// Time went by while a check is running.
    Tick(Instant),
    /// The learner's history was read.
    Progress(Box<Summary>),
    /// The daemon was found, or not.
    Daemon(Daemon),
    /// Something about the history that must be told.
    Notice(String),
    /// News of a working copy.
    Lab(String, LabNews),
    /// News of an image under the lens.
    Lens(LensNews),
    /// News of a claim, by its id.
    Claim(String, ClaimNews),
    /// News for the quiz and the interview.
    Quiz(QuizNews),
    /// How many cards of the quiz are due.
    Due(usize),
    /// The words of the course were put in order.
    Index(Arc<Index>),
    /// The colours of a lesson's code, in the language that its text is in, were made.
    Coloured(String, Lang, Vec<Highlighted>),
}

/// News of a working copy.
#[derive(Debug)]
pub enum LabNews {
    /// It was made, here.
    Started(PathBuf),
    /// A check began.
    Checking(Instant),
    /// Something happened in it.
    Event(Event),
    /// It ended, with the Dockerfile that was judged.
    Done(Box<CheckResult>, String),
    /// It was ended before there was a result.
    Cancelled,
    /// Saves are checked from now on, or no longer.
    Watching(bool),
    /// The file that is judged, as it is on the disk.
    File(Sheet),
    /// What was written of it could not be saved.
    NotSaved(Unsaved),
    /// What was tried could not be done.
    Stopped(Report),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Leave the program.
    Quit,
    /// Hand the terminal to the shell until it wakes us.
    Suspend,
    /// Paint everything anew.
    Repaint,
    /// Hand the terminal to the learner's editor.
    Edit(PathBuf),
    /// Remember something.
    Record(EventKind),
    /// Remember the language.
    Speak(Lang),
    /// Make a working copy.
    Start(String),
    /// Check the working copy that is here.
    Check(String, PathBuf),
    /// Stop the check.
    Cancel(String),
    /// Check it at each save, or no longer.
    Watch(String, PathBuf, bool),
    /// Read the file of an exercise that is judged.
    Read(String, PathBuf),
    /// Write it: exercise, file, its text, and what it must hold now to be written over.
    Save(String, PathBuf, String, String),
    /// Go to a screen.
    Go(Target),
    /// Go back to where one came from.
    Back,
    /// Put something on top.
    Show(Box<Overlay>),
    /// Lay out the files of a lesson.
    Files(String),
    /// Remember that the learner agreed to what the course runs.
    Agree,
    /// Something for the lens.
    Lens(LensOrder),
    /// Something about a claim.
    Claim(ClaimOrder),
    /// Measure a claim.
    Measure(String),
    /// Make questions of the working copy of an exercise.
    Viva(String, PathBuf),
    /// Write an interview's report to a file.
    Export(String),
    /// A place is left for another part of the same screen: remember it for the way back.
    Left(Spot),
    /// Open a page of the web.
    Browse(String),
    /// Put something on the learner's clipboard.
    Copy(String),
    /// Put the words of the course in order, in this language.
    Index(Lang),
    /// Make the colours of a lesson's code.
    Colour(String, Lang),
    /// Do what was chosen by name.
    Act(Action),
    /// Remember a choice.
    Choose(Choice),
}

/// What the learner chooses on the screen, to be remembered on this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The colours.
    Theme(ThemeChoice),
    /// ASCII only.
    Ascii(bool),
    /// Nothing on the screen moves by itself more often than it must.
    Still(bool),
    /// The wheel and clicks.
    Mouse(bool),
}

/// A screen to go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A lesson, at a section.
    Lesson(String, Option<String>),
    /// An exercise.
    Exercise(String),
    /// An image.
    Lens(Request),
    /// The last build of an exercise, step by step.
    Replay(String),
    /// A claim.
    Claim(String),
    /// Questions: which, and whether a session that was left is passed over.
    Quiz {
        /// Which.
        filter: crate::quiz::Filter,
        /// Begin anew.
        fresh: bool,
    },
    /// A mock interview, with what was chosen on the command line.
    Interview {
        /// For whom.
        role: Option<crate::course::Role>,
        /// How long.
        minutes: Option<u32>,
    },
}

/// A screen.
pub(super) trait Component {
    /// Where the learner is, to come back to; none for screens that are nothing to come back to.
    fn spot(&self) -> Option<Spot> {
        None
    }
    /// Something was clicked.
    fn click(&mut self, _column: u16, _row: u16, _: &Shared) -> Vec<Effect> {
        Vec::new()
    }
    /// What can be read on it now, for the glossary to begin with.
    fn seen_words(&self) -> String {
        String::new()
    }
    /// What stands on the lower rule: a line that is being typed, where a link leads.
    fn line(&self, _: &Shared) -> Option<Row> {
        None
    }
    /// Whose keys count.
    fn scope(&self) -> Scope;
    /// Whether an action makes sense now.
    fn enabled(&self, action: Action, shared: &Shared) -> bool;
    /// Why a key that is the screen's own does nothing now, as the key of a text; none where it needs no word.
    fn why_not(&self, _: Action, _: &Shared) -> Option<&'static str> {
        None
    }
    /// A key where keys are text.
    fn write(&mut self, _: KeyEvent) {}
    /// Pasted text there.
    fn paste(&mut self, _: &str) {}
    /// A letter was typed where letters are letters.
    fn type_in(&mut self, _: char) {}
    /// What the key that goes back does instead of leaving; none where leaving costs nothing.
    fn hold(&self) -> Option<Effect> {
        None
    }
    /// Does what a key asked for.
    fn act(&mut self, action: Action, shared: &mut Shared) -> Vec<Effect>;
    /// What to remember when the screen is left.
    fn leave(&mut self, shared: &Shared) -> Vec<Effect>;
    /// The header: what this is, and a few words at the right.
    fn header(&self, shared: &Shared) -> (Row, Row);
    /// Draws it.
    fn draw(&mut self, buf: &mut Buffer, area: Rect, shared: &Shared, texts: &mut Texts);
}
