//! `same-files`: two volumes hold the same files, byte for byte, and hold something.

use super::*;
use crate::spec::SameFiles;

pub(in crate::goal) fn plan(ask: &SameFiles) -> Needs {
    let volumes = [&ask.from, &ask.to].map(|name| (name.clone(), [].into()));
    needs(MachineNeeds { volumes: volumes.into(), ..MachineNeeds::default() })
}

pub(in crate::goal) fn judge(ask: &SameFiles, evidence: &Evidence) -> Judged {
    let machine = machine(evidence)?;
    let files = |name: &String| {
        machine.volumes.get(name).ok_or_else(|| {
            let missing = Diagnosis::new(codes::VOLUME_MISSING).fact("volume", shown(name));
            Blocked::failed(with_step(machine, missing))
        })
    };
    let (from, to) = (files(&ask.from)?, files(&ask.to)?);
    if let Some(empty) = [(&ask.from, from), (&ask.to, to)].iter().find(|(_, files)| files.is_empty()) {
        let diagnosis = Diagnosis::new(codes::COPY_EMPTY).fact("volume", shown(empty.0));
        return fail(with_step(machine, diagnosis));
    }
    let hash = |files: &std::collections::BTreeMap<String, crate::engine::machine::FileFact>, path: &String| {
        files.get(path).map(|f| f.hash.clone())
    };
    // A file that both have and that differs is named once.
    let all: std::collections::BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    let differ: Vec<&String> = all.into_iter().filter(|p| hash(from, p) != hash(to, p)).collect();
    if !differ.is_empty() {
        let diagnosis = Diagnosis::new(codes::COPY_DIFFERS).fact("from", shown(&ask.from)).fact("to", shown(&ask.to));
        return fail(diagnosis.fact("files", list(differ)));
    }
    Ok(facts([("files", Fact::Count(from.len() as u64))]))
}
