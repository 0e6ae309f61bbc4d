//! Every command that a course would run on a learner's machine, for them to read before they agree to it.

use super::{Course, FileBytes, How};
use dockshala_checkers::dockerfile::{Dockerfile, Options};
use std::collections::BTreeSet;

/// A command and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planned {
    /// The file, or the claim.
    pub place: String,
    /// The command, as one or more lines.
    pub command: String,
}

/// RUN steps of exercises and samples, their scripts, scripts of lessons, steps of claims; each once.
pub fn commands(course: &Course) -> Vec<Planned> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    let mut push = |place: String, command: String| {
        if !command.trim().is_empty() && seen.insert(command.clone()) {
            all.push(Planned { place, command });
        }
    };
    for placed in course.claims() {
        for step in &placed.claim.steps {
            push(format!("claim {}", placed.claim.id), step.run.join(" "));
        }
        run_steps(&placed.files, &format!("claim {}", placed.claim.id), &mut push);
    }
    for lesson in course.lessons() {
        let code = course.lesson_code(&lesson.id).unwrap_or_default();
        for sample in code.samples.iter().filter(|s| s.how == How::Script) {
            let file = code.files.iter().find(|f| f.path == sample.file);
            let text = file.map_or(String::new(), |f| String::from_utf8_lossy(&f.bytes).into_owned());
            push(format!("{}/code/{}", lesson.dir, sample.file), text);
        }
        run_steps(&code.files, &format!("{}/code", lesson.dir), &mut push);
    }
    for exercise in course.exercises() {
        let files = course.exercise_files(&exercise.id).unwrap_or_default();
        run_steps(&files.starter, &format!("{}/starter", exercise.dir), &mut push);
        scripts(&files.starter, &format!("{}/starter", exercise.dir), &mut push);
        for (side, specimens) in [("good", &files.good), ("bad", &files.bad)] {
            for specimen in specimens {
                run_steps(&specimen.own, &format!("{}/{side}/{}", exercise.dir, specimen.name), &mut push);
                scripts(&specimen.own, &format!("{}/{side}/{}", exercise.dir, specimen.name), &mut push);
            }
        }
    }
    all
}

/// Scripts that a check runs on the learner's own machine, outside any container.
fn scripts(files: &[FileBytes], place: &str, push: &mut impl FnMut(String, String)) {
    for file in files.iter().filter(|f| f.path.ends_with(".sh")) {
        push(format!("{place}/{}", file.path), String::from_utf8_lossy(&file.bytes).into_owned());
    }
}

fn run_steps(files: &[FileBytes], place: &str, push: &mut impl FnMut(String, String)) {
    for file in files.iter().filter(|f| f.path == "steps.sh") {
        push(format!("{place}/{}", file.path), String::from_utf8_lossy(&file.bytes).into_owned());
    }
    for file in files.iter().filter(|f| f.path.to_ascii_lowercase().contains("dockerfile")) {
        let Ok(dockerfile) = Dockerfile::read(&file.bytes, &Options::default()) else { continue };
        for step in dockerfile.instructions.iter().filter(|i| i.keyword == "RUN") {
            let script: String = step.heredocs.iter().map(|h| format!("\n{}", h.body)).collect();
            push(format!("{place}/{}:{}", file.path, step.first), format!("{}{script}", step.one_line()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::{source::read, template};

    #[test]
    fn a_pack_s_commands_are_listed_once_each() {
        let mut files = template::files();
        let path = "exercises/01-first/01-hello/bad/renamed/Dockerfile";
        files.put(path, "FROM scratch\nRUN echo one\nRUN <<EOF\ncurl evil\nEOF\nCOPY x /\n");
        files.put("exercises/01-first/01-hello/bad/renamed/steps.sh", "docker volume create daan\n");
        let course = Course::from_source(&read::read(&files).source);
        let all = commands(&course);
        assert!(all.iter().any(|c| c.command.contains("docker volume create daan") && c.place.ends_with("steps.sh")));
        assert!(all.iter().any(|c| c.place == "claim scratch-is-empty" && c.command.starts_with("docker build")));
        assert!(all.iter().any(|c| c.command == "RUN echo one" && c.place.ends_with("bad/renamed/Dockerfile:2")));
        assert!(all.iter().any(|c| c.command.contains("curl evil")));
    }
}
