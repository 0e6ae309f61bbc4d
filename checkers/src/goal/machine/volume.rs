//! `volume`: a named volume holds a file.

use super::*;
use crate::{goal::compare, spec::Volume};
use std::collections::BTreeSet;

pub(in crate::goal) fn plan(ask: &Volume) -> Needs {
    let files = [(ask.name.clone(), [ask.file.clone()].into())];
    needs(MachineNeeds { volumes: files.into(), ..MachineNeeds::default() })
}

pub(in crate::goal) fn judge(ask: &Volume, evidence: &Evidence) -> Judged {
    let machine = machine(evidence)?;
    let volume = Fact::Text(ask.name.clone());
    let Some(files) = machine.volumes.get(&ask.name) else {
        return fail(with_step(machine, Diagnosis::new(codes::VOLUME_MISSING).fact("volume", volume)));
    };
    let about = |code| Diagnosis::new(code).fact("volume", volume.clone()).fact("file", shown(&ask.file));
    let Some(file) = files.get(&ask.file) else {
        let diagnosis = about(codes::VOLUME_FILE_MISSING);
        return fail(if files.is_empty() { diagnosis } else { diagnosis.fact("have", list(files.keys())) });
    };
    let text = file.text.as_deref().unwrap_or_default();
    if let Some(want) = ask.text.as_ref().and_then(|expect| compare(text, expect).err()) {
        return fail(about(codes::VOLUME_FILE_WRONG).fact("got", stream(text)).fact("want", Fact::Text(want)));
    }
    let have = text.lines().filter(|l| !l.trim().is_empty()).collect::<BTreeSet<_>>().len();
    if let Some(want) = ask.lines.filter(|want| have < *want) {
        let diagnosis = about(codes::VOLUME_LINES).fact("have", Fact::Count(have as u64));
        return fail(diagnosis.fact("want", Fact::Count(want as u64)).fact("got", stream(text)));
    }
    if let Some(name) = &ask.mounted_in {
        let there = running(machine, name)?;
        if !there.volumes.iter().any(|(volume, _)| *volume == ask.name) {
            let diagnosis = Diagnosis::new(codes::VOLUME_NOT_MOUNTED).fact("volume", volume.clone());
            let diagnosis = diagnosis.fact("container", shown(name)).at(lines(machine, name));
            let have: Vec<&String> = there.volumes.iter().map(|(volume, _)| volume).collect();
            return fail(if have.is_empty() { diagnosis } else { diagnosis.fact("have", list(have)) });
        }
    }
    Ok(facts([("lines", Fact::Count(have as u64))]))
}
