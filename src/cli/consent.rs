//! A pack is somebody else's code. What it would run is shown, and agreed to once for each content of it.

use super::{Context, out::Style};
use crate::{
    course::{Course, commands::commands},
    lab::consent,
    report::{Fault, Report},
};
use dockshala_checkers::engine::clean;

/// Whether the course may run its commands: the built-in one always; a pack when its hash was agreed to before, when `yes`,
/// or when the learner, who has just read them, says so.
pub(super) fn agree(context: &Context, course: &Course, yes: bool) -> Result<(), Report> {
    if consent::agreed(course, &context.settings()) {
        return Ok(());
    }
    let out = &context.out;
    if !yes {
        let all = commands(course);
        out.line(&context.text("consent.runs", &[("course", &course.id()), ("count", &all.len())]));
        for planned in &all {
            out.line(&out.paint(Style::Dim, &clean::line(&planned.place)));
            for line in clean::text(&planned.command).lines() {
                out.line(&format!("    {}", out.paint(Style::Code, line)));
            }
        }
        out.gap();
        if !context.agreed(&context.text("consent.question", &[]))? {
            return Err(Report::new(&context.lang, Fault::Usage, "consent.refused", &[]));
        }
    }
    if let Some(dirs) = &context.dirs {
        consent::agree(course, &dirs.config);
    }
    Ok(())
}
