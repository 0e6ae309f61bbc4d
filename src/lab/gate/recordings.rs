//! Recordings that steppers show: the Dockerfile is built again, looked at through the lens, and must do what was recorded.

use super::{Ground, Said, samples::Stop};
use crate::{
    course::{LessonCode, Sample},
    lab::{LabError, docker::CopyError, write_all},
    lens::{self, Tools, Trouble, recording::Recording},
};
use dockshala_checkers::{check::Folder, engine::EngineError, spec::Network};
use std::{collections::BTreeMap, path::Path, sync::Arc};

/// Builds what was recorded and holds it to the recording, or records it anew where that is asked for.
pub(super) async fn recording(
    ground: &Ground,
    lesson: &str,
    code: &LessonCode,
    sample: &Sample,
) -> Result<Vec<Said>, Stop> {
    let of = sample.of.as_deref().unwrap_or_default();
    let Some(source) = code.samples.iter().find(|s| s.file == of) else {
        return Ok(vec![Said::new("no-source").arg("file", of)]);
    };
    // The lens substitutes bases itself: it gets the files as their author wrote them.
    let io = |path: &Path| {
        let path = path.to_owned();
        move |error| Stop::Copy(LabError::io(&path, error).into())
    };
    let copy = tempfile::Builder::new().prefix("dockshala-course-").tempdir().map_err(io(&std::env::temp_dir()))?;
    write_all(copy.path(), &code.files).map_err(CopyError::from)?;
    let context = copy.path().join(source.context.as_deref().unwrap_or("."));
    let dockerfile = context.join("Dockerfile");
    std::fs::copy(copy.path().join(of), &dockerfile).map_err(io(&dockerfile))?;
    let target = source.target.clone();
    // A recording tells how long each step takes, which a step out of the cache does not; what is compared needs no clock.
    let no_cache = ground.record.is_some();
    let folder = Folder { dir: context, target, args: BTreeMap::new(), network: Network::None, no_cache };
    let (events, mut told) = tokio::sync::mpsc::channel(64);
    let drain = tokio::spawn(async move { while told.recv().await.is_some() {} });
    let tools = Tools {
        engine: Ok(&ground.engine),
        options: &ground.options,
        digests: false,
        progress: Arc::default(),
        events,
        cancel: ground.cancel.clone(),
    };
    let loaded = lens::load(&lens::From::Folder(folder), None, &tools).await;
    drop(tools);
    drain.abort();
    let subject = match loaded {
        Ok(subject) => subject,
        Err(Trouble::Engine(error)) => return Err(Stop::Engine(error)),
        Err(Trouble::Cancelled) => return Err(Stop::Engine(EngineError::Cancelled)),
        Err(other) => return Ok(vec![Said::new("does-not-build").arg("message", format!("{other:?}"))]),
    };
    if let Some(tag) = &subject.tag {
        ground.engine.remove_image(tag).await?;
    }
    let mut now = Recording::of(&subject);
    // The lens names the folder it was given, which lay somewhere on this machine.
    of.clone_into(&mut now.image);
    if let Some(root) = &ground.record {
        let dir = ground.course.lessons().iter().find(|l| l.id == lesson).map(|l| l.dir.clone()).unwrap_or_default();
        let path = root.join(dir).join("code").join(&sample.file);
        std::fs::write(&path, now.to_json()).map_err(io(&path))?;
        return Ok(Vec::new());
    }
    let text = code.files.iter().find(|f| f.path == sample.file).map_or(&[][..], |f| &f.bytes);
    match Recording::parse(&String::from_utf8_lossy(text)) {
        Err(error) => Ok(vec![Said::new("no-recording").arg("file", &sample.file).arg("message", error)]),
        Ok(then) => Ok(drifted(&then, &now)
            .map(|(want, got)| Said::new("drifted").arg("file", &sample.file).arg("want", want).arg("got", got))
            .into_iter()
            .collect()),
    }
}

/// The first thing that a build does otherwise than recorded. What a base brings, times and cache hits differ from machine to
/// machine; sizes may by a little, for a package manager of another version writes other files.
fn drifted(then: &Recording, now: &Recording) -> Option<(String, String)> {
    let near = |a: u64, b: u64| a.abs_diff(b) <= 100_000 + a.max(b) / 10;
    let own = |of: &Recording| of.steps.iter().filter(|s| !s.base).cloned().collect::<Vec<_>>();
    let (want, got) = (own(then), own(now));
    for nth in 0..want.len().max(got.len()) {
        let told = |all: &[lens::recording::RecordedStep]| {
            all.get(nth).map_or("-".to_owned(), |s| {
                format!("line {} {}: {} B, wasted {} B", s.line.unwrap_or(0), s.instruction, s.bytes, s.wasted)
            })
        };
        let same = match (want.get(nth), got.get(nth)) {
            (Some(a), Some(b)) => {
                (a.line, a.last_line, a.layer.is_some()) == (b.line, b.last_line, b.layer.is_some())
                    && near(a.bytes, b.bytes)
                    && near(a.wasted, b.wasted)
            }
            _ => false,
        };
        if !same {
            return Some((told(&want), told(&got)));
        }
    }
    let others = |of: &Recording| {
        let mut all: Vec<String> =
            of.other_stages.iter().map(|s| format!("{} line {}", s.stage, s.line.unwrap_or(0))).collect();
        all.sort();
        all.join(", ")
    };
    let (want, got) = (others(then), others(now));
    if want != got {
        return Some((want, got));
    }
    (then.dockerfile != now.dockerfile).then(|| ("Dockerfile".to_owned(), "Dockerfile".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(bytes: u64, line: u32) -> Recording {
        let sizes = serde_json::json!({"total": 1, "final": 1, "wasted": 0, "added": 1});
        let none = serde_json::json!({"files": 0, "bytes": 0});
        let step = serde_json::json!({"instruction": "RUN x", "line": line, "last_line": line, "base": false, "layer": 0,
            "cached": false, "millis": bytes, "bytes": bytes, "wasted": 0, "hid": 0, "added": none, "changed": none,
            "removed": none, "after": sizes, "paths": []});
        serde_json::from_value(
            serde_json::json!({"format": 1, "image": "x", "arch": "amd64", "engine": null, "base": null,
            "stand_ins": [], "sizes": sizes, "dockerfile": ["FROM a", "RUN x"], "steps": [step], "other_stages": []}),
        )
        .unwrap()
    }

    #[test]
    fn a_build_that_does_otherwise_has_drifted() {
        assert_eq!(drifted(&recorded(5_000_000, 2), &recorded(5_300_000, 2)), None);
        assert!(drifted(&recorded(5_000_000, 2), &recorded(6_000_000, 2)).is_some());
        assert!(drifted(&recorded(5_000_000, 2), &recorded(5_000_000, 3)).is_some());
        let mut fewer = recorded(5, 2);
        fewer.steps.clear();
        assert!(drifted(&recorded(5, 2), &fewer).unwrap().1.starts_with('-'));
    }
}
