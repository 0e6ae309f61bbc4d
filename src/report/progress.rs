//! What is told of the history when something is wrong with it.

use super::{Fault, Report};
use crate::{course::Lang, i18n, progress::Notice};

/// A notice of the history's keeper.
pub fn progress(lang: &Lang, notice: &Notice) -> Report {
    let new = |key: &str, args: &[(&str, &dyn std::fmt::Display)]| Report::new(lang, Fault::Machine, key, args);
    match notice {
        Notice::Rescued(rescue) => {
            let args: [(&str, &dyn std::fmt::Display); 4] = [
                ("aside", &rescue.aside.display()),
                ("damage", &rescue.damage),
                ("events", &rescue.events),
                ("salvaged", &rescue.salvaged),
            ];
            let key = if rescue.backup.is_some() || rescue.salvaged > 0 { "restored" } else { "began-anew" };
            let mut report = new("progress.notice.damaged", &args);
            report.what = format!("{} {}", report.what, i18n::text(lang, &format!("progress.notice.{key}"), &args));
            report
        }
        Notice::ReadOnly { path, message } => {
            new("progress.notice.read-only", &[("path", &path.display()), ("message", message)])
        }
        Notice::Locked { path } => new("progress.notice.locked", &[("path", &path.display())]),
        Notice::DiskFull { path } => new("progress.notice.disk-full", &[("path", &path.display())]),
        Notice::Newer { path } => new("progress.notice.newer", &[("path", &path.display())]),
        Notice::Trouble { path, message } => {
            new("progress.notice.trouble", &[("path", &path.display()), ("message", message)])
        }
        Notice::NoHome => new("progress.notice.no-home", &[]),
        Notice::Waiting { events, path } => {
            new("progress.notice.waiting", &[("events", events), ("path", &path.display())])
        }
        Notice::Unread { path, taken, message } => {
            new("progress.notice.unread", &[("path", &path.display()), ("taken", taken), ("message", message)])
        }
        Notice::Lost { events } => new("progress.notice.lost", &[("events", events)]),
    }
}

/// Settings that could not be read, and where they are now.
pub fn settings(lang: &Lang, aside: &std::path::Path) -> Report {
    Report::new(lang, Fault::Machine, "progress.notice.settings", &[("path", &aside.display())])
}
