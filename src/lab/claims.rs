//! Runs a claim: its docker commands, one after the other, what they print kept by name, and then whether it is so.
//!
//! The commands come from a course. They are checked against the list of [`crate::course::allowed`] again right before they
//! run, never go through a shell of the host, and containers get no network, no capabilities and little memory.

use super::docker::{self, CommandError, CopyError};
use crate::course::{
    MeasureOf, PlacedClaim,
    allowed::{self, Refusal, TAG},
    shows::{self, Shows, ShowsError, Value},
};
use dockshala_checkers::{
    engine::{Engine, EngineError, bases::BaseOptions, clean},
    image::{self, ReadError},
    spec::Size,
};
use regex::Regex;
use std::{collections::BTreeMap, path::Path, time::Duration};
use tokio_util::sync::CancellationToken;

/// A step may take so long; building is the longest.
const STEP: Duration = Duration::from_secs(600);

/// What came of a claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// What was kept, as it was printed.
    pub kept: BTreeMap<String, String>,
    /// What it says is so was shown.
    pub holds: bool,
    /// The commands, as a learner can type them.
    pub commands: Vec<String>,
    /// A stand-in took a base image's place.
    pub stand_ins: bool,
}

/// Why a claim came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// The course may not run this.
    #[error("{0:?} is refused")]
    Refused(Refusal),
    /// The docker command is missing, or was stopped.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// Its files could not be put in place.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// A base image is not here.
    #[error("{0} is not here")]
    NoBase(String),
    /// A step ended in another way than said.
    #[error("`{command}` ended with {exit:?}: {stderr}")]
    Step {
        /// The step.
        command: String,
        /// Its exit code, none when it took too long.
        exit: Option<i64>,
        /// What it complained of.
        stderr: String,
    },
    /// What a step printed has nothing that `take` fits.
    #[error("`{pattern}` fits nothing that `{command}` printed")]
    NothingTaken {
        /// The step.
        command: String,
        /// Its `take`.
        pattern: String,
    },
    /// An image could not be measured.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Nor read.
    #[error(transparent)]
    Image(#[from] ReadError),
    /// `shows` makes no sense with what was kept.
    #[error(transparent)]
    Shows(#[from] ShowsError),
}

/// The names of one run of a claim.
struct Names {
    image: String,
    other: String,
}

impl Names {
    fn of(claim: &str) -> Self {
        // The last part of a version 7 uuid is its random one.
        let run = &uuid::Uuid::now_v7().simple().to_string()[20..];
        Self { image: format!("dockshala.local/claim-{run}-{claim}"), other: format!("dockshala-claim-{run}") }
    }

    fn put(&self, word: &str) -> String {
        word.replace(&format!("{TAG}:"), &format!("{}:", self.image)).replace(TAG, &self.other)
    }
}

/// What was measured put into the words of the explanation. A number of bytes is shown as a size beside itself: `25000000
/// bytes` says little to a reader.
pub fn explained(text: &str, kept: &BTreeMap<String, String>) -> String {
    kept.iter().fold(text.to_owned(), |text, (name, value)| {
        let shown = match value.parse::<u64>() {
            Ok(number) if number >= 10_000 => format!("{number} ({})", Size(number)),
            _ => clean::line(value),
        };
        text.replace(&format!("%{{{name}}}"), &shown)
    })
}

/// Who is told of each command right before it runs, as a learner can type it.
pub type Told<'a> = &'a (dyn Fn(&str) + Send + Sync);

/// Runs a claim and removes what it made.
pub async fn run(
    engine: &Engine,
    options: &BaseOptions,
    placed: &PlacedClaim,
    told: Told<'_>,
    cancel: &CancellationToken,
) -> Result<Shown, ClaimError> {
    let copy = docker::copy(engine, options, &placed.files).await?;
    if let Some(image) = copy.bases.missing.first() {
        return Err(ClaimError::NoBase(image.clone()));
    }
    let names = Names::of(&placed.claim.id);
    let shown = steps(engine, copy.dir.path(), (placed, &names), told, cancel).await;
    clean_up(engine, copy.dir.path(), placed, &names).await;
    shown.map(|shown| Shown { stand_ins: copy.bases.stand_ins, ..shown })
}

async fn steps(
    engine: &Engine,
    dir: &Path,
    (placed, names): (&PlacedClaim, &Names),
    told: Told<'_>,
    cancel: &CancellationToken,
) -> Result<Shown, ClaimError> {
    let claim = &placed.claim;
    let mut shown = Shown { kept: BTreeMap::new(), holds: false, commands: Vec::new(), stand_ins: false };
    for step in &claim.steps {
        allowed::check(&step.run).map_err(ClaimError::Refused)?;
        let plain: Vec<String> = step.run.iter().map(|word| names.put(word)).collect();
        let command = shlex::try_join(plain.iter().map(String::as_str)).unwrap_or_else(|_| plain.join(" "));
        told(&command);
        shown.commands.push(command.clone());
        let output = docker::run(engine, dir, &confined(engine, plain), STEP, cancel).await?;
        if output.exit != Some(step.exit.unwrap_or(0)) {
            return Err(ClaimError::Step { command, exit: output.exit, stderr: output.stderr });
        }
        let Some(name) = &step.keep else { continue };
        let kept = match &step.take {
            None => output.stdout.trim().to_owned(),
            Some(pattern) => {
                let nothing = || ClaimError::NothingTaken { command: command.clone(), pattern: pattern.clone() };
                // The linter has read the pattern; one that cannot be read takes nothing.
                let found = Regex::new(pattern).ok().and_then(|r| r.captures(&output.stdout)).ok_or_else(nothing)?;
                found.get(1).or(found.get(0)).map_or(String::new(), |m| m.as_str().trim().to_owned())
            }
        };
        shown.kept.insert(name.clone(), kept);
    }
    for measure in &claim.measure {
        let image = names.put(&measure.image);
        let reading = image::Options { reference: Some(image.clone()), ..image::Options::default() };
        let read = image::read_stream(engine.export(&image).await?, reading).await?;
        let number = match measure.what {
            MeasureOf::Total => read.sizes.total,
            MeasureOf::Final => read.sizes.final_,
            MeasureOf::Wasted => read.sizes.wasted,
            MeasureOf::Layers => read.layers.len() as u64,
        };
        shown.kept.insert(measure.keep.clone(), number.to_string());
    }
    let values: BTreeMap<String, Value> =
        shown.kept.iter().map(|(name, text)| (name.clone(), shows::value(text))).collect();
    shown.holds = Shows::parse(&claim.shows)?.holds(&values)?;
    Ok(shown)
}

/// What is added to a command of a course: our labels, and walls.
fn confined(engine: &Engine, mut argv: Vec<String>) -> Vec<String> {
    let subcommand: Vec<&str> = argv.iter().skip(1).take(2).map(String::as_str).collect();
    let has = |flag: &str| argv.iter().any(|word| word == flag || word.starts_with(&format!("{flag}=")));
    let (at, mut more): (usize, Vec<String>) = match subcommand[..] {
        // BuildKit has no other network for RUN than the daemon's or none; lessons build without one.
        ["build", ..] => (2, vec!["--network=none".into()]),
        ["run" | "create", ..] => {
            let network = if has("--network") { None } else { Some("--network=none".to_owned()) };
            let walls = ["--pull=never", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--pids-limit=64"];
            let memory = if has("-m") || has("--memory") { None } else { Some("--memory=256m".to_owned()) };
            (2, walls.map(str::to_owned).into_iter().chain(network).chain(memory).collect())
        }
        ["volume" | "network", "create"] => (3, Vec::new()),
        _ => return argv,
    };
    more.extend(engine.label_arguments().into_iter().map(|label| format!("--label={label}")));
    argv.splice(at..at, more);
    argv
}

/// Removes what the run made, in an order in which nothing is in use. What a dead daemon keeps carries our labels and is
/// reaped later.
async fn clean_up(engine: &Engine, dir: &Path, placed: &PlacedClaim, names: &Names) {
    let never = CancellationToken::new();
    let limit = Duration::from_secs(60);
    let docker = async |words: &[&str]| {
        let argv: Vec<String> = std::iter::once("docker").chain(words.iter().copied()).map(str::to_owned).collect();
        docker::run(engine, dir, &argv, limit, &never).await.map(|output| output.stdout).unwrap_or_default()
    };
    let filter = format!("name={}", names.other);
    for (list, remove) in [
        (vec!["ps", "-aq", "--filter", &filter], vec!["rm", "-f", "-v"]),
        (vec!["volume", "ls", "-q", "--filter", &filter], vec!["volume", "rm"]),
        (vec!["network", "ls", "-q", "--filter", &filter], vec!["network", "rm"]),
    ] {
        // Only a claim that names such things can have made them.
        let words = placed.claim.steps.iter().flat_map(|s| &s.run);
        if words.clone().any(|word| word.contains(&format!("{TAG}-"))) {
            let found = docker(&list).await;
            if !found.trim().is_empty() {
                docker(&remove.into_iter().chain(found.split_whitespace()).collect::<Vec<_>>()).await;
            }
        }
    }
    let images = placed.claim.steps.iter().flat_map(|s| &s.run).filter(|w| w.starts_with(&format!("{TAG}:")));
    let mut images: Vec<String> = images.map(|word| names.put(word)).collect();
    images.sort();
    images.dedup();
    for image in images {
        let _ = engine.remove_image(&image).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_stands_in_the_explanation() {
        let kept = [("image", "25000000"), ("rows", "7"), ("said", "ok\u{1b}[31m")];
        let kept = kept.map(|(n, v)| (n.to_owned(), v.to_owned())).into();
        assert_eq!(explained("%{image} bytes, %{rows} rows, %{said}", &kept), "25000000 (25.0 MB) bytes, 7 rows, ok");
    }
}
