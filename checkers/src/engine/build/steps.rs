//! Puts a build's steps together from what the builder tells piece by piece, out of order and more than once.
//!
//! Both builders (gRPC and `docker buildx`) tell the same things: vertices by digest, logs, warnings. A vertex is a step of
//! the Dockerfile when its name is `[stage 2/5] RUN …`; the others (loading, copying the context, exporting) are not.

use super::super::{
    BuildEvent, BuildStep,
    clean::{self, HeadTail, Stream, Streams},
};
use regex::Regex;
use std::{collections::HashMap, sync::LazyLock, time::Duration};

/// How much of a step's output is kept.
const LOG: usize = 64 * 1024;
/// A hostile Dockerfile may have any number of steps; BuildKit has its own limits far below this.
const VERTICES: usize = 20_000;
/// Warnings kept.
const WARNINGS: usize = 200;

/// BuildKit's number of a stream.
pub(crate) fn stream(number: i64) -> Stream {
    if number == 2 { Stream::Err } else { Stream::Out }
}

/// What a builder tells.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Update {
    /// A step, as far as known.
    Vertex(Vertex),
    /// Output of a vertex.
    Log { digest: String, stream: Stream, bytes: Vec<u8> },
    /// A lint warning: its text, its line.
    Warning { text: String, line: Option<u32> },
    /// Something else that shows that the build lives.
    Alive,
}

/// A vertex as BuildKit tells of it. Times in seconds of the daemon's clock.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Vertex {
    pub(crate) digest: String,
    pub(crate) name: String,
    pub(crate) cached: bool,
    pub(crate) started: Option<f64>,
    pub(crate) completed: Option<f64>,
    pub(crate) error: String,
}

#[derive(Debug)]
struct Seen {
    step: BuildStep,
    /// Only steps of the Dockerfile have one.
    key: Option<usize>,
    started: Option<f64>,
    completed: Option<f64>,
    streams: Streams,
    log: HeadTail,
}

/// Everything told, put in order.
#[derive(Debug, Default)]
pub(crate) struct Finished {
    pub(crate) steps: Vec<BuildStep>,
    /// Rule, line, text.
    pub(crate) warnings: Vec<(String, Option<u32>, String)>,
    /// The step that was at work last.
    pub(crate) at_work: Option<usize>,
}

/// All that was told so far.
#[derive(Debug)]
pub(crate) struct Steps {
    seen: Vec<Seen>,
    by_digest: HashMap<String, usize>,
    keys: usize,
    stages: Vec<String>,
    warnings: Vec<(String, Option<u32>, String)>,
    last_key: Option<usize>,
}

static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\[(?:(?<stage>[^\s\]]+)\s+)?\s*(?<number>\d+)/(?<of>\d+)\]\s+(?s:(?<text>.*))$").expect("a constant")
});

impl Steps {
    /// `stages` are the Dockerfile's, in its order, as BuildKit prints them.
    pub(crate) fn new(stages: Vec<String>) -> Self {
        Self { seen: vec![], by_digest: HashMap::new(), keys: 0, stages, warnings: vec![], last_key: None }
    }

    /// Takes what was told; gives what a screen is to be told.
    pub(crate) fn take(&mut self, update: Update) -> Option<BuildEvent> {
        match update {
            Update::Vertex(vertex) => self.vertex(vertex),
            Update::Log { digest, stream, bytes } => {
                let seen = &mut self.seen[*self.by_digest.get(&digest)?];
                let lines = seen.streams.push(stream, &bytes);
                lines.iter().for_each(|line| seen.log.line(line));
                let key = seen.key?;
                self.last_key = Some(key);
                (!lines.is_empty()).then_some(BuildEvent::Log { key, lines })
            }
            Update::Warning { text, line } => {
                let text = clean::line(&text);
                // `FromAsCasing: 'as' and 'FROM' keywords' casing do not match (line 1)`
                let (rule, text) = match text.split_once(": ") {
                    Some((rule, rest)) if !rule.contains(' ') => (rule.to_owned(), rest.to_owned()),
                    _ => (String::new(), text),
                };
                if self.warnings.len() < WARNINGS {
                    self.warnings.push((rule, line, text));
                }
                None
            }
            Update::Alive => None,
        }
    }

    fn vertex(&mut self, vertex: Vertex) -> Option<BuildEvent> {
        let index = match self.by_digest.get(&vertex.digest) {
            Some(&index) => index,
            None => {
                if self.seen.len() >= VERTICES {
                    return None;
                }
                self.add(&vertex)
            }
        };
        let seen = &mut self.seen[index];
        let before = seen.step.clone();
        // The flag flips on FROM between identical builds, so it says nothing there.
        seen.step.cached |= vertex.cached && !is_from(&seen.step.name);
        if let Some(at) = vertex.started {
            seen.started = Some(seen.started.map_or(at, |first| first.min(at)));
            seen.step.started = true;
        }
        if let Some(at) = vertex.completed {
            seen.completed = Some(seen.completed.map_or(at, |last| last.max(at)));
            seen.step.completed = true;
        }
        if let (Some(from), Some(to)) = (seen.started, seen.completed) {
            seen.step.duration = Duration::try_from_secs_f64(to - from).unwrap_or_default();
        }
        if !vertex.error.is_empty() {
            seen.step.error = Some(clean::text(&vertex.error));
        }
        let key = seen.key?;
        if seen.step.started && !seen.step.completed {
            self.last_key = Some(key);
        }
        let news = seen.step != before || (!before.started && !before.completed);
        news.then(|| BuildEvent::Step { key, step: seen.step.clone() })
    }

    fn add(&mut self, vertex: &Vertex) -> usize {
        let mut step = BuildStep { name: clean::text(&vertex.name), ..BuildStep::default() };
        let mut key = None;
        if let Some(parts) = NAME.captures(&vertex.name) {
            // What does not fit 32 bits is no step number of BuildKit's.
            if let (Ok(number), Ok(of)) = (parts["number"].parse(), parts["of"].parse()) {
                step.number = number;
                step.of = of;
                step.stage = clean::line(parts.name("stage").map_or("", |stage| stage.as_str()));
                step.name = clean::text(&parts["text"]);
                key = Some(self.keys);
                self.keys += 1;
            }
        }
        self.seen.push(Seen {
            step,
            key,
            started: None,
            completed: None,
            streams: Streams::default(),
            log: HeadTail::new(0, LOG),
        });
        self.by_digest.insert(vertex.digest.clone(), self.seen.len() - 1);
        self.seen.len() - 1
    }

    /// An error of a vertex that is no step: loading a base image's description, reading the context.
    pub(crate) fn error_elsewhere(&self) -> Option<(&str, &str)> {
        self.seen
            .iter()
            .filter(|seen| seen.key.is_none())
            .find_map(|seen| Some((seen.step.name.as_str(), seen.step.error.as_deref()?)))
            .filter(|(_, error)| !is_cancelled(error))
    }

    /// Everything in the Dockerfile's order.
    pub(crate) fn finish(mut self) -> Finished {
        let mut steps: Vec<(usize, BuildStep)> = Vec::new();
        for seen in self.seen.drain(..) {
            let Some(key) = seen.key else { continue };
            let mut log = seen.log;
            for line in seen.streams.finish() {
                log.line(&line);
            }
            let step = BuildStep { log: log.into_text(), ..seen.step };
            // The same step under a second digest: BuildKit looked at it again once its inputs were known. A FROM that is
            // shared comes under other stages' names, even under those of other builds.
            let same = |old: &BuildStep| {
                old.name == step.name && (is_from(&step.name) || (&old.stage, old.number) == (&step.stage, step.number))
            };
            match steps.iter_mut().find(|(_, old)| same(old)) {
                Some((_, old)) => merge(old, step, &self.stages),
                None => steps.push((key, step)),
            }
        }
        let stages = &self.stages;
        steps.sort_by_cached_key(|(key, step)| (stage_order(stages, step), step.number, *key));
        let at_work = self.last_key.and_then(|last| steps.iter().position(|(key, _)| *key == last));
        Finished { steps: steps.into_iter().map(|(_, step)| step).collect(), warnings: self.warnings, at_work }
    }
}

fn merge(old: &mut BuildStep, new: BuildStep, stages: &[String]) {
    if stage_order(stages, &new) < stage_order(stages, old) || !is_known(stages, &old.stage) {
        (old.stage, old.number, old.of) = (new.stage, new.number, new.of);
    }
    old.cached |= new.cached;
    old.started |= new.started;
    old.completed |= new.completed;
    old.duration = old.duration.max(new.duration);
    old.error = old.error.take().or(new.error);
    old.log.push_str(&new.log);
}

fn is_known(stages: &[String], stage: &str) -> bool {
    stages.iter().any(|name| name.eq_ignore_ascii_case(stage)) || (stage.is_empty() && stages.len() == 1)
}

/// Where a step's stage stands in the Dockerfile. BuildKit shares a FROM among all builds that go on at the time, under the
/// name that the first of them gave it: one of a stage that this Dockerfile does not have goes to the front.
fn stage_order(stages: &[String], step: &BuildStep) -> usize {
    let stage = &step.stage;
    let by_name = stages.iter().position(|name| name.eq_ignore_ascii_case(stage));
    let unknown = if stage.is_empty() || is_from(&step.name) { 0 } else { usize::MAX };
    by_name
        .or_else(|| stage.strip_prefix("stage-")?.parse().ok().filter(|&number: &usize| number < stages.len()))
        .unwrap_or(unknown)
}

pub(crate) fn is_from(name: &str) -> bool {
    name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("FROM "))
}

/// A step that was stopped because another failed: not the one to blame.
pub(crate) fn is_cancelled(error: &str) -> bool {
    let error = error.to_lowercase();
    error.contains("context canceled") || error.contains("did not complete successfully: cancel")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vertex(digest: &str, name: &str) -> Vertex {
        Vertex { digest: digest.into(), name: name.into(), ..Vertex::default() }
    }

    fn tell(steps: &mut Steps, vertex: Vertex) -> Option<BuildEvent> {
        steps.take(Update::Vertex(vertex))
    }

    #[test]
    fn steps_come_in_the_dockerfiles_order_whatever_the_order_told() {
        let mut steps = Steps::new(vec!["build".into(), "stage-1".into()]);
        for (digest, name) in [
            ("z", "[internal] load build definition from Dockerfile"),
            ("e", "[stage-1 2/2] COPY --from=build /x /x"),
            ("b", "[build  2/10] RUN make"),
            ("c", "[build 10/10] RUN <<EOF (a, b)"),
            ("d", "[stage-1 1/2] FROM docker.io/library/alpine"),
            ("a", "[build  1/10] FROM docker.io/library/golang"),
            ("y", "exporting to image"),
        ] {
            tell(&mut steps, vertex(digest, name));
        }
        let steps = steps.finish().steps;
        let order: Vec<_> = steps.iter().map(|step| (step.stage.as_str(), step.number, step.of)).collect();
        assert_eq!(
            order,
            [("build", 1, 10), ("build", 2, 10), ("build", 10, 10), ("stage-1", 1, 2), ("stage-1", 2, 2)]
        );
        assert_eq!(steps[2].name, "RUN <<EOF (a, b)");
    }

    #[test]
    fn a_from_named_by_another_build_goes_to_the_front() {
        let mut steps = Steps::new(vec!["stage-0".into()]);
        tell(&mut steps, vertex("r", "[2/2] RUN x"));
        tell(&mut steps, vertex("f", "[theirs 1/7] FROM y"));
        let steps = steps.finish().steps;
        assert_eq!(steps[0].name, "FROM y");
        let mut steps = Steps::new(vec!["stage-0".into()]);
        tell(&mut steps, vertex("f", "[theirs 1/7] FROM y"));
        tell(&mut steps, vertex("g", "[1/2] FROM y"));
        let steps = steps.finish().steps;
        assert_eq!((steps.len(), steps[0].stage.as_str(), steps[0].of), (1, "", 2));
    }

    #[test]
    fn one_stage_has_no_name() {
        let mut steps = Steps::new(vec!["stage-0".into()]);
        tell(&mut steps, vertex("a", "[ 9/12] RUN x"));
        let steps = steps.finish().steps;
        assert_eq!((steps[0].stage.as_str(), steps[0].number, steps[0].of), ("", 9, 12));
    }

    #[test]
    fn cached_is_remembered_once_said_but_never_of_from() {
        let mut steps = Steps::new(vec![]);
        tell(&mut steps, Vertex { cached: true, ..vertex("a", "[2/3] RUN a") });
        tell(&mut steps, vertex("a", "[2/3] RUN a"));
        tell(&mut steps, Vertex { cached: true, ..vertex("f", "[1/3] FROM x") });
        let steps = steps.finish().steps;
        assert_eq!((steps[0].cached, steps[1].cached), (false, true));
    }

    #[test]
    fn a_step_that_never_started_shows_neither_and_one_that_ran_its_time() {
        let mut steps = Steps::new(vec![]);
        tell(&mut steps, Vertex { started: Some(10.0), ..vertex("a", "[1/2] RUN a") });
        tell(&mut steps, Vertex { started: Some(10.0), completed: Some(12.5), ..vertex("a", "[1/2] RUN a") });
        tell(&mut steps, vertex("b", "[2/2] RUN b"));
        let steps = steps.finish().steps;
        assert_eq!(steps[0].duration, Duration::from_millis(2500));
        assert!(steps[0].completed && !steps[1].started && !steps[1].completed);
    }

    #[test]
    fn logs_are_cleaned_across_chunks_and_only_their_end_is_kept() {
        let mut steps = Steps::new(vec![]);
        tell(&mut steps, vertex("a", "[1/1] RUN a"));
        let log = |bytes: &[u8]| Update::Log { digest: "a".into(), stream: Stream::Out, bytes: bytes.to_vec() };
        assert_eq!(steps.take(log(b"\x1b[3")), None);
        let event = steps.take(log(b"1mred\nsecond")).unwrap();
        assert_eq!(event, BuildEvent::Log { key: 0, lines: vec!["red".into()] });
        for _ in 0..3000 {
            steps.take(log(&[b'x'; 100]));
            steps.take(log(b"\n"));
        }
        steps.take(log(b"the end"));
        let steps = steps.finish().steps;
        assert!(steps[0].log.len() < LOG + 100 && steps[0].log.ends_with("the end\n"), "{}", steps[0].log.len());
    }

    #[test]
    fn warnings_know_their_rule_and_names_are_cleaned() {
        let mut steps = Steps::new(vec![]);
        steps.take(Update::Warning { text: "FromAsCasing: 'as' and 'FROM' differ".into(), line: Some(3) });
        steps.take(Update::Warning { text: "no rule here: none".into(), line: None });
        tell(&mut steps, vertex("a", "[1/1] RUN \x1b]0;t\x07x"));
        let Finished { steps, warnings, .. } = steps.finish();
        assert_eq!(warnings[0], ("FromAsCasing".into(), Some(3), "'as' and 'FROM' differ".into()));
        assert_eq!(warnings[1], (String::new(), None, "no rule here: none".into()));
        assert_eq!(steps[0].name, "RUN x");
    }

    #[test]
    fn the_same_step_under_two_digests_is_one_step_and_the_last_at_work_is_known() {
        let mut steps = Steps::new(vec![]);
        tell(&mut steps, vertex("a", "[1/2] RUN a"));
        tell(&mut steps, Vertex { cached: true, ..vertex("b", "[1/2] RUN a") });
        tell(&mut steps, Vertex { started: Some(1.0), ..vertex("c", "[2/2] RUN b") });
        let Finished { steps, at_work, .. } = steps.finish();
        assert_eq!(steps.len(), 2);
        assert!(steps[0].cached);
        assert_eq!(at_work, Some(1));
    }
}
