//! A compose file with profiles: what it resolves to with each set of them, and what starts then.
//!
//! Started for real, on top of what runs, as a learner types it: which services `config` lists says nothing of one that is
//! listed and cannot start.

use super::{Check, Context, compose, trouble};
use crate::{
    compose::{ready::Ready, tree::Tree},
    engine::compose::Project,
    evidence::{Gathered, ProfileFact, key},
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// What a file resolves to, by the profiles that are asked for.
pub(super) type Documents = BTreeMap<Vec<String>, Gathered<Value>>;

/// Resolves the file with each set of profiles that a goal names.
pub(super) async fn resolve(
    check: &Check<'_>,
    root: &Path,
    files: &[PathBuf],
    cancel: &CancellationToken,
) -> Documents {
    let file = check.evidence.compose.as_ref().and_then(|facts| facts.file.as_ref().ok());
    let tree = file.and_then(|file| Tree::read(&file.text).ok()).unwrap_or_default();
    let mut found = Documents::new();
    for profiles in &check.needs.compose.profiles {
        found.insert(profiles.clone(), compose::resolved(&tree, root, files, profiles, cancel).await);
    }
    found
}

/// The document with everything that the others have beside it.
pub(super) fn whole(document: &Value, more: &Documents) -> Value {
    let mut whole = document.clone();
    for other in more.values().flatten() {
        for key in ["services", "networks", "volumes", "secrets", "configs"] {
            for (name, entry) in other[key].as_object().into_iter().flatten() {
                if whole[key].get(name).is_none() {
                    whole[key][name] = entry.clone();
                }
            }
        }
    }
    whole
}

/// Starts the project with each set of profiles. The first one comes on top of the services that run already; before each
/// further one all is taken down, as what another profile started would run on.
pub(super) async fn start(
    check: &mut Check<'_>,
    context: &Context<'_>,
    project: &Project,
    more: &Documents,
    ready: &Ready,
) -> Gathered<()> {
    let within = Duration::from_millis(check.needs.compose.up.unwrap_or_default());
    let mut others = false;
    for (profiles, document) in more {
        let Some(facts) = check.evidence.compose.as_deref_mut() else { return Ok(()) };
        // What compose could not start without them is told once, by the goal that everything comes up.
        if facts.up.as_ref().is_ok_and(|up| up.failed.is_some()) {
            return Ok(());
        }
        let document = match document {
            Ok(document) => document,
            Err(blocked) => {
                facts.profiles.insert(key(profiles), Err(blocked.clone()));
                continue;
            }
        };
        if others {
            project.down(&context.cancel).await.map_err(|e| trouble(&e))?;
        }
        others = true;
        check.talk.command(&format!("docker compose --profile {} up -d", profiles.join(" --profile "))).await;
        project.replace(&ready.document(document)).map_err(|e| trouble(&e))?;
        let up = project.up(within, &context.cancel).await.map_err(|e| trouble(&e))?;
        let services = document["services"].as_object().into_iter().flat_map(|s| s.keys().cloned()).collect();
        if let Some(facts) = check.evidence.compose.as_deref_mut() {
            facts.profiles.insert(key(profiles), Ok(ProfileFact { services, up }));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn services_of_a_profile_are_added_and_none_is_changed() {
        let plain = json!({"services": {"menu": {"image": "a"}}, "networks": {"default": null}});
        let other = json!({"services": {"menu": {"image": "b"}, "report": {"image": "c"}}, "volumes": {"v": {}}});
        let more: Documents = [(vec!["tools".to_owned()], Ok(other))].into();
        let made = whole(&plain, &more);
        assert_eq!(made["services"], json!({"menu": {"image": "a"}, "report": {"image": "c"}}));
        assert_eq!(made["volumes"], json!({"v": {}}));
    }
}
