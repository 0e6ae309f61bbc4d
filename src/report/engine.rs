//! What the Docker daemon's refusals say to a learner.

use super::{Fault, Report};
use crate::{course::Lang, i18n};
use dockshala_checkers::{
    engine::EngineError,
    verdict::{Diagnosis, Fact, codes},
};

/// A daemon that could not be asked, in the words of the diagnosis that a goal would carry: a learner who met it in `check`
/// recognises it in `doctor`.
pub fn engine(lang: &Lang, error: &EngineError) -> Report {
    let text = |t: &str| Fact::Text(t.to_owned());
    let diagnosis = match error {
        EngineError::Down { tried } => Diagnosis::new(codes::DAEMON_DOWN).fact("tried", Fact::List(tried.clone())),
        EngineError::Permission { socket } => Diagnosis::new(codes::DAEMON_PERMISSION).fact("socket", text(socket)),
        EngineError::Lost(during) => Diagnosis::new(codes::DAEMON_LOST).fact("during", text(during)),
        EngineError::DiskFull(message) => Diagnosis::new(codes::DISK_FULL).fact("message", text(message)),
        EngineError::Unusable { place, why } => {
            return Report::new(lang, Fault::Machine, &format!("engine.unusable.{}", why.name()), &[("place", place)]);
        }
        EngineError::NoBuildKit(who) => {
            return Report::new(lang, Fault::Machine, "engine.no-buildkit", &[("who", who)]);
        }
        EngineError::Cancelled => Diagnosis::new(codes::CANCELLED),
        EngineError::NoImage(_) | EngineError::Daemon(_) => {
            Diagnosis::new(codes::DAEMON_ERROR).fact("message", Fact::Text(error.to_string()))
        }
    };
    let told = i18n::diagnosis(lang, &diagnosis);
    let report = Report { fault: Fault::Machine, what: told.what, place: None, next: Vec::new() };
    if told.next.is_empty() { report } else { report.then(told.next) }
}
