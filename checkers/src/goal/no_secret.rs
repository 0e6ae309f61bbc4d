//! `no-secret`: a value that the check gives to the build, new each time, is in no layer, hidden ones included, not in the
//! history and not in the config; and the build shows that it had it.

use super::{Judged, facts, fail, image, list, lost, shown, shown_line};
use crate::{
    evidence::{Blame, Evidence, Needs, SecretAsk, SecretFact, key, row_lines},
    spec::NoSecret,
    verdict::{Diagnosis, Fact, codes},
};

impl From<&NoSecret> for SecretAsk {
    fn from(ask: &NoSecret) -> Self {
        Self {
            secret: ask.secret.clone(),
            arg: ask.arg.clone(),
            file: ask.file.clone(),
            proof: ask.proof.as_ref().map(|path| path.trim_start_matches('/').to_owned()),
        }
    }
}

pub(super) fn plan(ask: &NoSecret) -> Needs {
    Needs { build: true, image: true, secrets: [ask.into()].into(), ..Needs::default() }
}

pub(super) fn judge(ask: &NoSecret, evidence: &Evidence) -> Judged {
    let blame = image(evidence)?;
    let found = evidence.secrets.get(&key(&SecretAsk::from(ask))).ok_or_else(|| lost(&ask.secret))?;
    let found = found.as_ref().map_err(Clone::clone)?;
    let secret = Fact::Text(ask.secret.clone());
    if !found.files.is_empty() {
        return fail(in_files(&blame, found).fact("secret", secret));
    }
    if !found.rows.is_empty() {
        let lines = row_lines(blame.model, blame.target, &blame.image.history);
        let lines: Vec<_> = found.rows.iter().filter_map(|row| lines.get(*row).copied().flatten()).collect();
        let step = lines.first().map_or_else(|| shown(""), |line| shown_line(line));
        let diagnosis = Diagnosis::new(codes::SECRET_IN_HISTORY).fact("secret", secret).fact("step", step);
        return fail(diagnosis.at(lines.iter().map(|line| line.first)));
    }
    if !found.env.is_empty() || found.elsewhere {
        return fail(Diagnosis::new(codes::SECRET_IN_CONFIG).fact("secret", secret).fact("names", list(&found.env)));
    }
    if found.proven == Some(false) {
        let path = ask.proof.as_deref().unwrap_or_default();
        return fail(Diagnosis::new(codes::SECRET_UNUSED).fact("secret", secret).fact("path", shown(path)));
    }
    Ok(facts([("layers", Fact::Count(blame.image.layers.len() as u64))]))
}

fn in_files(blame: &Blame<'_>, found: &SecretFact) -> Diagnosis {
    // A copy that somebody tried to get rid of teaches most.
    let hidden = found.files.iter().any(|file| file.hidden);
    let code = if hidden { codes::SECRET_HIDDEN } else { codes::SECRET_IN_LAYER };
    let told = found.files.iter().filter(|file| file.hidden == hidden);
    let step = told.clone().find_map(|file| blame.instruction(file.layer));
    Diagnosis::new(code)
        .fact("paths", list(told.clone().map(|file| format!("/{}", file.path))))
        .fact("step", step.map_or_else(|| shown(""), shown_line))
        .at(told.map(|file| blame.line(file.layer)))
}
