//! `user`: who process 1 runs as.

use super::{Judged, facts, fail, image, last_of, shown};
use crate::{
    evidence::{Evidence, Needs},
    spec::User,
    verdict::{Diagnosis, Fact, codes},
};

pub(super) fn plan(_: &User) -> Needs {
    Needs { build: true, image: true, ..Needs::default() }
}

pub(super) fn judge(ask: &User, evidence: &Evidence) -> Judged {
    let blame = image(evidence)?;
    let written = blame.image.config.user.as_str();
    let name = written.split(':').next().unwrap_or_default();
    let line = last_of(&blame, "USER");
    // Where no USER is written, the stage that should have one is to blame.
    let at = line.map_or(blame.model.stages[blame.target].line, |i| i.first);
    let uid = match name {
        "" => 0,
        // A name of digits is a uid unless an account is called so.
        name => match blame.image.accounts.get(name).copied().or_else(|| name.parse().ok()) {
            Some(uid) => uid,
            None => {
                let diagnosis = Diagnosis::new(codes::USER_UNKNOWN).fact("user", shown(name));
                return fail(diagnosis.at([at]));
            }
        },
    };
    if ask.not_root && uid == 0 {
        let shown_user = shown(if name.is_empty() { "root" } else { name });
        let chain = blame.model.chain(blame.target);
        let others = chain.iter().flat_map(|s| blame.model.of_stage(*s)).filter(|i| i.keyword == "USER");
        let other = others.filter(|i| {
            let name = i.expanded.split(':').next().unwrap_or_default();
            !matches!(name, "root" | "0" | "")
        });
        let code = if other.count() > 0 { codes::USER_BACK_TO_ROOT } else { codes::USER_ROOT };
        return fail(Diagnosis::new(code).fact("user", shown_user).at([at]));
    }
    if let Some(want) = ask.uid.filter(|want| *want != uid) {
        let diagnosis = Diagnosis::new(codes::USER_WRONG)
            .fact("uid", Fact::Count(u64::from(uid)))
            .fact("want", Fact::Count(u64::from(want)));
        return fail(diagnosis.at([at]));
    }
    Ok(facts([("user", shown(written)), ("uid", Fact::Count(u64::from(uid)))]))
}
