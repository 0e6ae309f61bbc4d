//! The second gate: a course tried on a daemon. Starters fail, good specimens pass, bad ones fail exactly as they state,
//! samples do what lessons say of them, claims hold.
//!
//! Each item is tried by itself, a few at a time; what came of it is told as soon as it is known. Nothing here makes text.

mod leftovers;
mod recordings;
mod samples;
mod specimens;

pub use specimens::with_truths;

use super::{
    claims::{self, ClaimError},
    docker::CommandError,
};
use crate::course::{Course, How};
use dockshala_checkers::{check::Options, engine::Engine};
use std::{collections::VecDeque, path::PathBuf, sync::Arc, time::Instant};
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

/// One thing to try.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// An exercise's starter: it must fail.
    Starter {
        /// The exercise.
        exercise: String,
    },
    /// A specimen that must pass.
    Good {
        /// The exercise.
        exercise: String,
        /// Its folder.
        name: String,
    },
    /// A specimen that must fail as it states.
    Bad {
        /// The exercise.
        exercise: String,
        /// Its folder.
        name: String,
    },
    /// A code file of a lesson.
    Sample {
        /// The lesson.
        lesson: String,
        /// The file under `code/`.
        file: String,
    },
    /// A claim.
    Claim {
        /// Its id.
        id: String,
    },
}

impl Item {
    /// How a report names it, and what `--only` compares with: `two-stages bad/shell-form`.
    pub fn name(&self) -> String {
        match self {
            Self::Starter { exercise } => format!("{exercise} starter"),
            Self::Good { exercise, name } => format!("{exercise} good/{name}"),
            Self::Bad { exercise, name } => format!("{exercise} bad/{name}"),
            Self::Sample { lesson, file } => format!("{lesson} code/{file}"),
            Self::Claim { id } => format!("{id} claim"),
        }
    }

    /// The id of the exercise, lesson or claim.
    pub fn id(&self) -> &str {
        match self {
            Self::Starter { exercise } | Self::Good { exercise, .. } | Self::Bad { exercise, .. } => exercise,
            Self::Sample { lesson, .. } => lesson,
            Self::Claim { id } => id,
        }
    }
}

/// A fact for a report: the UI string `gate.KEY` with its arguments.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    /// The string's key after `gate.`.
    pub key: &'static str,
    /// Its arguments.
    pub args: Vec<(&'static str, String)>,
}

impl Said {
    pub(crate) fn new(key: &'static str) -> Self {
        Self { key, args: Vec::new() }
    }

    fn arg(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
}

/// What came of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// As it must be.
    Held,
    /// It cannot be tried here, and why.
    Skipped(Said),
    /// Not as it must be.
    Broke(Vec<Said>),
}

/// An item, tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// What.
    pub item: Item,
    /// What came of it.
    pub came: Came,
    /// What the first try said, where only a later one held.
    pub wavered: Vec<Said>,
    /// How long it took.
    pub seconds: f64,
}

impl Tried {
    fn first(item: Item, came: Came, began: Instant) -> Self {
        Self { item, came, wavered: Vec::new(), seconds: began.elapsed().as_secs_f64() }
    }
}

/// Everything to try of a course: all, or only what has this id or name.
pub fn items(course: &Course, only: Option<&str>) -> Vec<Item> {
    let mut items = Vec::new();
    for exercise in course.exercises() {
        let files = course.exercise_files(&exercise.id).unwrap_or_default();
        let id = || exercise.id.clone();
        items.push(Item::Starter { exercise: id() });
        items.extend(files.good.into_iter().map(|s| Item::Good { exercise: id(), name: s.name }));
        items.extend(files.bad.into_iter().map(|s| Item::Bad { exercise: id(), name: s.name }));
    }
    for lesson in course.lessons() {
        let samples = course.lesson_code(&lesson.id).unwrap_or_default().samples;
        // A recorded output is compared when its script has run.
        let tried = samples.into_iter().filter(|s| !matches!(s.how, How::Include | How::OutputOf));
        items.extend(tried.map(|s| Item::Sample { lesson: lesson.id.clone(), file: s.file }));
    }
    items.extend(course.claims().into_iter().map(|c| Item::Claim { id: c.claim.id }));
    items.retain(|item| only.is_none_or(|only| item.id() == only || item.name().contains(only)));
    items
}

/// Whether an item is a recording of the lens.
pub fn is_recording(course: &Course, item: &Item) -> bool {
    sample_is(course, item, How::Recording)
}

fn sample_is(course: &Course, item: &Item, how: How) -> bool {
    let Item::Sample { lesson, file } = item else { return false };
    let samples = course.lesson_code(lesson).unwrap_or_default().samples;
    samples.iter().any(|s| s.file == *file && s.how == how)
}

/// What the tries share.
struct Ground {
    course: &'static Course,
    engine: Engine,
    options: Options,
    cancel: CancellationToken,
    /// The course's folder, where recordings are to be written and not compared.
    record: Option<PathBuf>,
}

/// What is to be done.
#[derive(Debug)]
pub struct Work {
    /// What to try.
    pub items: Vec<Item>,
    /// How many at a time; of the scripts of lessons always one.
    pub workers: usize,
    /// The course's folder, where recordings are to be written and not compared.
    pub record: Option<PathBuf>,
}

/// What is left to try. Scripts of lessons name their images as a reader would, `chai:two-stages`: two at a time would
/// overwrite each other's. So the first worker alone takes them, beside the others' work: they wait more than they compute,
/// and one queue with a lock would leave every worker waiting behind them in the end.
struct Queues {
    scripts: VecDeque<Item>,
    others: VecDeque<Item>,
    /// Recordings come last, one by one: BuildKit names a step that two builds share after the build that asked first, and a
    /// recording of the other one lacks it.
    alone: Vec<Item>,
}

impl Queues {
    fn new(course: &Course, items: Vec<Item>) -> Self {
        let (alone, items): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| is_recording(course, item));
        let (scripts, others): (Vec<_>, Vec<_>) =
            items.into_iter().partition(|item| sample_is(course, item, How::Script));
        Self { scripts: scripts.into(), others: others.into(), alone }
    }

    fn next(&mut self, first: bool) -> Option<Item> {
        let script = if first { self.scripts.pop_front() } else { None };
        script.or_else(|| self.others.pop_front())
    }
}

/// Tries items and tells of each. Ends early when cancelled or when nobody listens any more.
pub async fn run(
    course: &'static Course,
    engine: Engine,
    options: Options,
    work: Work,
    cancel: CancellationToken,
    tell: mpsc::Sender<Tried>,
) {
    let Work { items, workers, record } = work;
    let queues = Queues::new(course, items);
    let ground = Arc::new(Ground { course, engine, options, cancel: cancel.clone(), record });
    let once = move |item: Item| {
        let ground = ground.clone();
        async move { once(&ground, &item).await }
    };
    tries(queues, workers, &cancel, &tell, once).await;
}

/// How often something is tried before it counts as broken.
const TRIES: usize = 3;

/// What did not hold waits until all else was tried, and is then tried again, with nothing beside it: a busy machine can spoil
/// one of many hundred, and a daemon loses the output of a container now and then; what is wrong is wrong each time. A second
/// try at once was tried first, and met the same crowd. What the first try said is told in any case, as a verdict that wavers
/// is worth a look.
async fn tries<F, T>(queues: Queues, workers: usize, cancel: &CancellationToken, tell: &mpsc::Sender<Tried>, once: F)
where
    F: Fn(Item) -> T + Clone + Send + Sync + 'static,
    T: Future<Output = Came> + Send,
{
    let mut queues = queues;
    let alone = std::mem::take(&mut queues.alone);
    let queues = Arc::new(Mutex::new(queues));
    let again = Arc::new(Mutex::new(Vec::new()));
    let mut at_work = tokio::task::JoinSet::new();
    for nth in 0..workers.max(1) {
        let (queues, again, once) = (queues.clone(), again.clone(), once.clone());
        let (cancel, tell) = (cancel.clone(), tell.clone());
        at_work.spawn(async move {
            while !cancel.is_cancelled() {
                let Some(item) = queues.lock().await.next(nth == 0) else { return };
                // In a line of its own: the lock must not be held while the item is tried.
                let broke = first(item, &once, &cancel, &tell).await;
                again.lock().await.extend(broke);
            }
        });
    }
    while at_work.join_next().await.is_some() {}
    let mut again = std::mem::take(&mut *again.lock().await);
    for item in alone {
        if !cancel.is_cancelled() {
            again.extend(first(item, &once, cancel, tell).await);
        }
    }
    again.sort();
    for (item, said) in again {
        let began = Instant::now();
        let mut came = Came::Broke(said.clone());
        for _ in 1..TRIES {
            if cancel.is_cancelled() || !matches!(came, Came::Broke(_)) {
                break;
            }
            let next = once(item.clone()).await;
            // Stopped in the middle: what an earlier try said is what is known.
            if next == Came::Held || !cancel.is_cancelled() {
                came = next;
            }
        }
        let wavered = if matches!(came, Came::Broke(_)) { Vec::new() } else { said };
        told(Tried { wavered, ..Tried::first(item, came, began) }, tell, cancel).await;
    }
}

/// Tries an item for the first time, and tells of it unless it broke: then it comes back, with what was said.
async fn first<F, T>(
    item: Item,
    once: &F,
    cancel: &CancellationToken,
    tell: &mpsc::Sender<Tried>,
) -> Option<(Item, Vec<Said>)>
where
    F: Fn(Item) -> T,
    T: Future<Output = Came>,
{
    let began = Instant::now();
    match once(item.clone()).await {
        // What was stopped in the middle came to nothing; it counts as not tried.
        came if cancel.is_cancelled() && came != Came::Held => None,
        Came::Broke(said) => Some((item, said)),
        came => {
            told(Tried::first(item, came, began), tell, cancel).await;
            None
        }
    }
}

/// Tells of an item; when nobody listens any more, nothing more is tried.
async fn told(tried: Tried, tell: &mpsc::Sender<Tried>, cancel: &CancellationToken) {
    if tell.send(tried).await.is_err() {
        cancel.cancel();
    }
}

async fn once(ground: &Ground, item: &Item) -> Came {
    match item {
        Item::Starter { exercise } => specimens::starter(ground, exercise).await,
        Item::Good { exercise, name } => specimens::good(ground, exercise, name).await,
        Item::Bad { exercise, name } => specimens::bad(ground, exercise, name).await,
        Item::Sample { lesson, file } => samples::sample(ground, lesson, file).await,
        Item::Claim { id } => claim(ground, id).await,
    }
}

async fn claim(ground: &Ground, id: &str) -> Came {
    let Some(placed) = ground.course.claim(id) else { return Came::Broke(vec![Said::new("gone")]) };
    match claims::run(&ground.engine, &ground.options.bases, &placed, &|_| {}, &ground.cancel).await {
        Ok(shown) if shown.holds => Came::Held,
        Ok(shown) => {
            let kept = shown.kept.iter().map(|(name, text)| format!("{name} = {text}")).collect::<Vec<_>>();
            Came::Broke(vec![
                Said::new("claim-not-shown").arg("shows", &placed.claim.shows).arg("kept", kept.join(", ")),
            ])
        }
        Err(ClaimError::NoBase(image)) => Came::Skipped(Said::new("no-base").arg("image", image)),
        Err(ClaimError::Command(CommandError::Missing(program))) => {
            Came::Broke(vec![Said::new("no-program").arg("program", program)])
        }
        Err(error) => Came::Broke(vec![Said::new("claim-stopped").arg("message", error)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn claim(id: &str) -> Item {
        Item::Claim { id: id.to_owned() }
    }

    /// Tries five items: `sound` holds, `wavers` breaks twice, `wrong` breaks always, `registry` cannot be tried, and
    /// `recording` wants to be alone.
    async fn tried() -> (Vec<Tried>, Vec<String>) {
        let items = ["wavers", "sound", "wrong", "registry"].map(claim);
        let queues =
            Queues { scripts: VecDeque::new(), others: items.to_vec().into(), alone: vec![claim("recording")] };
        let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
        let once = {
            let asked = asked.clone();
            move |item: Item| {
                let mut asked = asked.lock().unwrap();
                let nth = asked.iter().filter(|id| *id == item.id()).count();
                asked.push(item.id().to_owned());
                let broke = Came::Broke(vec![Said::new("gone").arg("nth", nth)]);
                let came = match (item.id(), nth) {
                    ("wavers", 0 | 1) | ("wrong", _) => broke,
                    ("registry", _) => Came::Skipped(Said::new("registry")),
                    _ => Came::Held,
                };
                async move { came }
            }
        };
        let (tell, mut told) = mpsc::channel(8);
        tries(queues, 2, &CancellationToken::new(), &tell, once).await;
        drop(tell);
        let mut all = Vec::new();
        while let Some(tried) = told.recv().await {
            all.push(tried);
        }
        let asked = asked.lock().unwrap().clone();
        (all, asked)
    }

    #[tokio::test]
    async fn items_are_tried_side_by_side() {
        let items = ["one", "two"].map(claim);
        let queues = Queues { scripts: VecDeque::new(), others: items.to_vec().into(), alone: Vec::new() };
        // Each waits for the other: one after the other they would wait for ever.
        let both = Arc::new(tokio::sync::Barrier::new(2));
        let once = move |_| {
            let both = both.clone();
            async move {
                both.wait().await;
                Came::Held
            }
        };
        let (tell, mut told) = mpsc::channel(8);
        let cancel = CancellationToken::new();
        let tried = tries(queues, 2, &cancel, &tell, once);
        tokio::time::timeout(std::time::Duration::from_secs(20), tried).await.expect("two at a time");
        drop(tell);
        assert!(told.recv().await.is_some() && told.recv().await.is_some());
    }

    #[tokio::test]
    async fn what_breaks_is_tried_again_when_all_else_is_done() {
        let (all, asked) = tried().await;
        assert_eq!(
            asked[4..],
            ["recording", "wavers", "wavers", "wrong", "wrong"],
            "what wants to be alone comes behind the others, and what broke last"
        );
        let by: BTreeMap<_, _> = all.iter().map(|t| (t.item.id(), t)).collect();
        assert_eq!((by.len(), all.len()), (5, 5), "each is told of once");
        assert_eq!(
            (&by["wavers"].came, by["wavers"].wavered.len()),
            (&Came::Held, 1),
            "it held, and that it wavered is told"
        );
        assert_eq!(
            by["wrong"].came,
            Came::Broke(vec![Said::new("gone").arg("nth", 2)]),
            "what is wrong is wrong each time"
        );
        assert_eq!((&by["sound"].came, by["sound"].wavered.len()), (&Came::Held, 0));
        assert!(matches!(by["registry"].came, Came::Skipped(_)));
        assert_eq!(by["recording"].came, Came::Held);
    }
}
