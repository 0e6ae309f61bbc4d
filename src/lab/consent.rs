//! What the learner agreed to: a pack is somebody else's code, and she agrees to its commands once for each content of it.

use crate::{course::Course, progress::Settings};
use std::path::Path;

/// Where agreed hashes stand in the settings.
const KEY: &str = "agreed-packs";
/// Older ones are forgotten: an author's pack has a new hash after every change.
const REMEMBERED: usize = 100;

/// Whether the course may run its commands: the built-in one always, a pack when its very content was agreed to.
pub fn agreed(course: &Course, settings: &Settings) -> bool {
    course.is_built_in() || read(settings).iter().any(|hash| hash == course.hash())
}

/// Remembers that the learner agreed. That it cannot be remembered means only that she is asked again.
pub fn agree(course: &Course, config: &Path) {
    let _ = Settings::change(config, |settings| {
        let mut hashes = read(settings);
        hashes.push(course.hash().to_owned());
        let from = hashes.len().saturating_sub(REMEMBERED);
        settings.more.insert(KEY.to_owned(), hashes.split_off(from).into());
    });
}

fn read(settings: &Settings) -> Vec<String> {
    let list = settings.more.get(KEY).and_then(|v| v.as_array());
    list.into_iter().flatten().filter_map(|v| v.as_str()).map(str::to_owned).collect()
}
