//! What all screens share: the course, the learner's language and progress, the daemon, and what goes on in the lab.

pub use super::file_desk::{Sheet, Unsaved};
use super::theme::{Palette, Theme, ThemeChoice};
use crate::{
    course::{Course, Exercise, Lang, find::Index},
    i18n,
    layout::{Options, Place},
    progress::Summary,
    report::Report,
};
use dockshala_checkers::{
    check::{Event, Tier},
    verdict::{CheckResult, Diagnosis, GoalResult, StandIn, Step},
};
use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Display,
    path::PathBuf,
    sync::Arc,
    time::Instant,
};

/// What is known of the daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Daemon {
    /// It is being looked for.
    Looking,
    /// It answers: its version.
    Up(String),
    /// None does: why, in the learner's language.
    Down(String),
}

/// What was chosen on this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// The colours.
    pub theme: ThemeChoice,
    /// What the terminal's background is like, where it could be told.
    pub detected: Option<Palette>,
    /// Nothing moves by itself more often than it must.
    pub still: bool,
    /// The wheel and clicks are ours.
    pub mouse: bool,
}

impl Default for Chosen {
    fn default() -> Self {
        Self { theme: ThemeChoice::Sixteen, detected: None, still: false, mouse: true }
    }
}

/// What all screens share.
pub struct Shared {
    /// The course.
    pub course: &'static Course,
    /// The language of texts and of the screen.
    pub lang: Lang,
    /// How it looks.
    pub theme: Theme,
    /// The learner's history, once it has been read.
    pub summary: Option<Summary>,
    /// The daemon.
    pub daemon: Daemon,
    /// Working copies and checks by exercise id.
    pub runs: BTreeMap<String, Run>,
    /// Where lessons were left in this session, by lesson id.
    pub places: BTreeMap<String, Place>,
    /// Where working copies are made.
    pub lab_dir: PathBuf,
    /// The learner agreed to what the course runs on her Docker.
    pub agreed: bool,
    /// The words of the course, once they were looked for.
    pub index: Option<Arc<Index>>,
    /// How many cards of the quiz are due; none while nobody has counted them.
    pub due: Option<usize>,
    /// The colours that were chosen, and what else was.
    pub chosen: Chosen,
    /// The learner's day, for days in a row; none until the history is there. Telling it goes through the system's time
    /// zones, and the first frame must not wait for them.
    pub today: Option<jiff::civil::Date>,
    /// When the program's clock was last looked at; only the running seconds of a check need it.
    pub now: Instant,
}

impl Shared {
    /// At the start, when nothing is known yet but the course.
    pub fn new(course: &'static Course, lang: Lang, theme: Theme, lab_dir: PathBuf) -> Self {
        Self {
            course,
            lang,
            theme,
            summary: None,
            daemon: Daemon::Looking,
            runs: BTreeMap::new(),
            places: BTreeMap::new(),
            lab_dir,
            agreed: course.is_built_in(),
            today: None,
            index: None,
            due: None,
            chosen: Chosen::default(),
            now: Instant::now(),
        }
    }

    /// A text of the screen.
    pub fn say(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// A text of the screen with arguments.
    pub fn with(&self, key: &str, args: &[(&str, &dyn Display)]) -> String {
        let text = i18n::text(&self.lang, key, args);
        if self.theme.ascii { crate::layout::ascii(&text) } else { text }
    }

    /// How texts are laid out.
    pub fn layout(&self) -> Options {
        Options {
            measure: 96,
            ascii: self.theme.ascii,
            frames: true,
            list_links: true,
            stepped: !self.chosen.still,
            labels: super::labels(&self.lang),
        }
    }

    /// The working copy of an exercise and what came of it.
    pub fn run(&self, exercise: &str) -> Option<&Run> {
        self.runs.get(exercise)
    }

    /// Where the working copy of an exercise is, if there is one.
    pub fn dir(&self, exercise: &str) -> Option<PathBuf> {
        // Not from the history: what it says of a folder may be true of another machine only.
        self.runs.get(exercise).and_then(|r| r.dir.clone())
    }

    /// Whether an exercise was ever passed.
    pub fn passed(&self, exercise: &str) -> bool {
        self.runs.get(exercise).is_some_and(|r| r.result.as_ref().is_some_and(CheckResult::passed))
            || self.summary.as_ref().is_some_and(|s| s.exercises.get(exercise).is_some_and(|e| e.passed()))
    }

    /// The exercises that practise a lesson.
    pub fn exercises_of(&self, lesson: &str) -> Vec<&'static Exercise> {
        self.course.exercises().iter().filter(|e| e.teaches.iter().any(|t| t == lesson)).collect()
    }
}

/// How many rows of a step's output are kept; what is older has scrolled out of any window that a person reads.
const KEPT_LINES: usize = 2_000;

/// A step of the build and what it printed.
///
/// Output is kept by step: stages build side by side, and two of them mixed line by line are readable to nobody.
#[derive(Debug, Clone, PartialEq)]
pub struct Logged {
    /// The step so far.
    pub step: Step,
    /// It has ended.
    pub done: bool,
    /// What it printed, without what was dropped.
    pub lines: VecDeque<String>,
    /// How many older lines were dropped.
    pub dropped: usize,
}

/// A check that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checking {
    /// Since when.
    pub since: Instant,
    /// What it is at.
    pub tier: Option<Tier>,
    /// The learner asked it to stop.
    pub stopping: bool,
}

/// A working copy and the checks of it in this session.
#[derive(Debug, Default)]
pub struct Run {
    /// The working copy.
    pub dir: Option<PathBuf>,
    /// The check that goes on.
    pub checking: Option<Checking>,
    /// Each save is checked.
    pub watching: bool,
    /// Steps of the build in the order in which they were told.
    pub steps: Vec<Logged>,
    /// What was printed that belongs to no step: a container's output.
    pub loose: VecDeque<String>,
    /// Docker commands that the check amounts to.
    pub commands: Vec<String>,
    /// Goals judged so far.
    pub judged: BTreeMap<String, GoalResult>,
    /// Things worth knowing so far.
    pub notes: Vec<Diagnosis>,
    /// Stand-ins so far.
    pub stand_ins: Vec<StandIn>,
    /// The last whole result.
    pub result: Option<CheckResult>,
    /// The Dockerfile as it was when that was judged.
    pub dockerfile: String,
    /// What stopped the last thing that was tried.
    pub stopped: Option<Report>,
    /// The file that is judged, as it was read last.
    pub file: Option<Sheet>,
    /// The highest hint that was shown in this session.
    pub hints: u32,
}

impl Run {
    /// A check begins.
    pub fn begin(&mut self, now: Instant) {
        self.checking = Some(Checking { since: now, tier: None, stopping: false });
        self.steps.clear();
        self.loose.clear();
        self.commands.clear();
        self.judged.clear();
        self.notes.clear();
        self.stand_ins.clear();
        self.stopped = None;
    }

    /// Something happened in it.
    pub fn event(&mut self, event: Event) {
        match event {
            Event::Tier(tier) => {
                if let Some(checking) = &mut self.checking {
                    checking.tier = Some(tier);
                }
            }
            Event::Command(command) => self.commands.push(command),
            Event::Step { index, step, done } => match self.steps.get_mut(index) {
                Some(held) => (held.step, held.done) = (step, done),
                None => self.steps.push(Logged { step, done, lines: VecDeque::new(), dropped: 0 }),
            },
            Event::Log { index, lines } => {
                let logged = index.and_then(|at| self.steps.get_mut(at));
                let (to, dropped) = match logged {
                    Some(step) => (&mut step.lines, &mut step.dropped),
                    None => (&mut self.loose, &mut 0),
                };
                to.extend(lines);
                let over = to.len().saturating_sub(KEPT_LINES);
                to.drain(..over);
                *dropped += over;
            }
            Event::StandIn(stand_in) => self.stand_ins.push(stand_in),
            Event::Note(note) => self.notes.push(note),
            Event::Judged(goal) => {
                self.judged.insert(goal.id.clone(), goal);
            }
        }
    }

    /// It ended.
    pub fn end(&mut self, result: CheckResult, dockerfile: String) {
        self.checking = None;
        self.dockerfile = dockerfile;
        self.result = Some(result);
    }

    /// The steps in the order of the Dockerfile; the builder tells them in the order in which it thinks of them.
    pub fn steps_in_order(&self) -> Vec<&Logged> {
        let mut steps: Vec<&Logged> = self.steps.iter().collect();
        // A step without a line is the builder's own and comes before those that need it: a base image being fetched.
        steps.sort_by_key(|s| s.step.line);
        steps
    }

    /// Something was printed or begun.
    pub fn has_log(&self) -> bool {
        !self.steps.is_empty() || !self.loose.is_empty()
    }
}
