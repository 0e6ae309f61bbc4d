//! `hint [EXERCISE]` and `solution [EXERCISE]`.

use super::{Context, Entry, Exit, Group, out::Style, target};
use crate::{
    lab::LabError,
    progress::EventKind,
    report::{self, Report},
};
use clap::{Arg, ArgAction, ArgMatches};

/// `hint [EXERCISE]`.
pub(super) static HINT: Entry = Entry {
    name: "hint",
    group: Group::Learn,
    args: || {
        vec![Arg::new("exercise").value_name("EXERCISE"), Arg::new("again").long("again").action(ArgAction::SetTrue)]
    },
    children: &[],
    run: Some(hint),
};

/// `solution [EXERCISE]`.
pub(super) static SOLUTION: Entry = Entry {
    name: "solution",
    group: Group::Learn,
    args: || {
        vec![Arg::new("exercise").value_name("EXERCISE"), Arg::new("insist").long("insist").action(ArgAction::SetTrue)]
    },
    children: &[],
    run: Some(solution),
};

/// One step more of the ladder each time; `--again` shows those that were shown.
fn hint(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let exercise = target(context, course, matches)?.exercise;
    let text = course.exercise_text(&exercise.id, &context.lang).map(|(text, _)| text).unwrap_or_default();
    let shown = context.store().summary().exercises.get(&exercise.id).map_or(0, |e| e.hints) as usize;
    let steps = text.hints.len();
    let out = &context.out;
    let head = |step: usize| {
        out.line(&out.paint(Style::Head, &context.text("lab.hint.step", &[("step", &step), ("steps", &steps)])));
    };
    if matches.get_flag("again") || shown >= steps {
        for (n, hint) in text.hints.iter().enumerate().take(shown) {
            head(n + 1);
            context.markdown(hint);
            out.gap();
        }
    } else {
        head(shown + 1);
        context.markdown(&text.hints[shown]);
        out.gap();
        let step = u32::try_from(shown + 1).unwrap_or(u32::MAX);
        context.store().record(&EventKind::HintShown { exercise: exercise.id.clone(), step });
    }
    let key = match (matches.get_flag("again"), shown) {
        (true, 0) => "lab.hint.none-yet",
        (true, _) => return Ok(Exit::OK),
        (false, shown) if shown + 1 >= steps => "lab.hint.last",
        (false, _) => "lab.hint.more",
    };
    out.prose("", 0, &context.text(key, &[("id", &exercise.id)]));
    Ok(Exit::OK)
}

fn solution(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let exercise = target(context, course, matches)?.exercise;
    let passed = context.store().summary().exercises.get(&exercise.id).is_some_and(|e| e.passed());
    if !passed && !matches.get_flag("insist") {
        return Err(report::lab(&context.lang, &LabError::NotPassed { id: exercise.id.clone() }));
    }
    let files = course.exercise_files(&exercise.id).unwrap_or_default();
    let out = &context.out;
    for specimen in files.good.iter().filter(|s| s.name == "solution") {
        for file in &specimen.own {
            out.line(&out.paint(Style::Head, &file.path));
            // The course's own text; cleaned all the same, since a pack's author is a stranger.
            for line in String::from_utf8_lossy(&file.bytes).lines() {
                out.line(&format!("    {}", crate::layout::clean(line)));
            }
            out.gap();
        }
    }
    if let Some((text, _)) = course.exercise_text(&exercise.id, &context.lang) {
        context.markdown(&text.debrief);
    }
    context.store().record(&EventKind::SolutionShown { exercise: exercise.id.clone(), insisted: !passed });
    Ok(Exit::OK)
}
