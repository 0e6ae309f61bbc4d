//! Why there is nothing to see under the lens.

use super::{Fault, Place, Report};
use crate::{course::Lang, i18n, layout, lens::Trouble};
use dockshala_checkers::verdict::Verdict;
use std::{fmt::Display, fs, io::ErrorKind, io::Read, path::Path};

/// What stopped a reading.
pub fn lens(lang: &Lang, trouble: &Trouble) -> Report {
    let new =
        |fault, key: &str, args: &[(&str, &dyn Display)]| Report::new(lang, fault, &format!("lens.error.{key}"), args);
    match trouble {
        Trouble::NoImage(name, near) => {
            let name = layout::clean(name);
            let mut report = new(Fault::Usage, "no-image", &[("image", &name)]);
            if !near.is_empty() {
                report.next.insert(0, i18n::text(lang, "lens.error.near", &[("names", &near.join(", "))]));
            }
            report
        }
        Trouble::File(path, error) => {
            let key = if error.kind() == ErrorKind::NotFound { "no-file" } else { "file" };
            new(Fault::Usage, key, &[("path", &path.display()), ("message", error)])
        }
        Trouble::IsFolder(path) => new(Fault::Usage, "folder", &[("path", &path.display())]),
        Trouble::NotArchive(name, error) => new(Fault::Usage, "not-archive", &[("path", name), ("message", error)]),
        Trouble::Unreadable(name, error) => new(Fault::Machine, "unreadable", &[("path", name), ("message", error)]),
        Trouble::Engine(error) => super::engine(lang, error).then(i18n::text(lang, "lens.error.without-daemon", &[])),
        Trouble::Cancelled => new(Fault::Usage, "cancelled", &[]),
        Trouble::Build(blocked, dir) => {
            let told = i18n::diagnosis(lang, &blocked.diagnosis);
            let fault = if blocked.verdict == Verdict::Failed { Fault::Submission } else { Fault::Machine };
            let mut report = Report { fault, what: told.what, place: None, next: Vec::new() };
            if !told.next.is_empty() {
                report.next.push(told.next);
            }
            match blocked.diagnosis.lines.first() {
                Some(line) => report.at(at_line(dir, *line)),
                None => report,
            }
        }
    }
}

fn at_line(dir: &Path, line: u32) -> Place {
    let path = ["Dockerfile", "dockerfile"].map(|name| dir.join(name)).into_iter().find(|p| p.is_file());
    let mut text = String::new();
    if let Some(path) = &path {
        let _ = fs::File::open(path).map(|file| file.take(1 << 20).read_to_string(&mut text));
    }
    let nth = (line as usize).saturating_sub(1);
    let snippet = text.lines().nth(nth).map(|text| format!("{line} | {}", layout::clean(text))).unwrap_or_default();
    let file = path.unwrap_or_else(|| dir.join("Dockerfile"));
    Place { file: file.display().to_string(), line: Some(line), snippet }
}
