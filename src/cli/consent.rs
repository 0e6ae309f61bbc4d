//! A pack is somebody else's code. What it would run is shown, and agreed to once for each content of it.

use super::{Context, out::Style};
use crate::{
    course::{Course, commands::commands},
    progress::Settings,
    report::{Fault, Report},
};
use dockshala_checkers::engine::clean;

/// Where agreed hashes stand in the settings.
const KEY: &str = "agreed-packs";
/// Older ones are forgotten: an author's pack has a new hash after every change.
const REMEMBERED: usize = 100;

/// Whether the course may run its commands: the built-in one always; a pack when its hash was agreed to before, when `yes`,
/// or when the learner, who has just read them, says so.
pub(super) fn agree(context: &Context, course: &Course, yes: bool) -> Result<(), Report> {
    if course.is_built_in() || remembered(context).iter().any(|hash| hash == course.hash()) {
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
        // That it cannot be remembered means only that it is asked again.
        let _ = Settings::change(&dirs.config, |settings| {
            let mut hashes = read(settings);
            hashes.push(course.hash().to_owned());
            let from = hashes.len().saturating_sub(REMEMBERED);
            settings.more.insert(KEY.to_owned(), hashes.split_off(from).into());
        });
    }
    Ok(())
}

fn remembered(context: &Context) -> Vec<String> {
    read(&context.settings())
}

fn read(settings: &Settings) -> Vec<String> {
    let list = settings.more.get(KEY).and_then(|v| v.as_array());
    list.into_iter().flatten().filter_map(|v| v.as_str()).map(str::to_owned).collect()
}
