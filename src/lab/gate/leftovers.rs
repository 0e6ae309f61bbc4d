//! What a script that broke has left on the daemon: its container still holds the name that the second try will ask for.
//!
//! A script of a lesson names things as a reader would and removes them in its last lines, which a script that stopped in the
//! middle never reached. Its things bear no label of ours, so they are known by two signs together: they were not there before
//! it ran, and their names stand in its text. What only one of them fits may be the user's, and stays.

use super::Ground;
use crate::lab::docker;
use std::{collections::BTreeSet, path::Path, time::Duration};

/// The daemon answers a list at once, and has to stop a container before it removes it.
const LIMIT: Duration = Duration::from_secs(60);

/// How names of one kind are asked for, and how one is removed.
struct Kind {
    list: &'static [&'static str],
    remove: &'static [&'static str],
}

/// Containers first: they hold the others.
const KINDS: [Kind; 3] = [
    Kind { list: &["docker", "ps", "-a", "--format", "{{.Names}}"], remove: &["docker", "rm", "-fv"] },
    Kind { list: &["docker", "network", "ls", "--format", "{{.Name}}"], remove: &["docker", "network", "rm"] },
    Kind { list: &["docker", "volume", "ls", "--format", "{{.Name}}"], remove: &["docker", "volume", "rm"] },
];

/// Names on the daemon, by kind.
pub(super) type Names = [BTreeSet<String>; 3];

/// All names that there are. What cannot be listed counts as none, and so nothing of it is ever removed.
pub(super) async fn names(ground: &Ground) -> Option<Names> {
    let listed = |kind: &Kind| {
        let list = kind.list;
        async move {
            let listed = run(ground, list, None).await?;
            Some(listed.lines().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect())
        }
    };
    let [containers, networks, volumes] = &KINDS;
    let (containers, networks, volumes) = tokio::join!(listed(containers), listed(networks), listed(volumes));
    Some([containers?, networks?, volumes?])
}

/// Removes what came since `before` and is named in `script`.
pub(super) async fn remove(ground: &Ground, before: &Option<Names>, script: &str) {
    let (Some(before), Some(now)) = (before, names(ground).await) else { return };
    for ((kind, before), now) in KINDS.iter().zip(before).zip(&now) {
        for name in left(before, now, script) {
            // What the daemon refuses to remove, the second try will meet and tell of.
            let _ = run(ground, kind.remove, Some(name)).await;
        }
    }
}

async fn run(ground: &Ground, argv: &[&str], last: Option<&str>) -> Option<String> {
    let argv: Vec<String> = argv.iter().copied().chain(last).map(str::to_owned).collect();
    let output = docker::run(&ground.engine, Path::new("."), &argv, LIMIT, &ground.cancel).await.ok()?;
    (output.exit == Some(0)).then_some(output.stdout)
}

/// The names in `now` that are not in `before` and stand in the script as words of their own.
fn left<'a>(before: &BTreeSet<String>, now: &'a BTreeSet<String>, script: &str) -> Vec<&'a str> {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let words: BTreeSet<&str> = script.split(|c| !part(c)).collect();
    let new = now.iter().filter(|name| !before.contains(*name));
    new.map(String::as_str).filter(|name| words.contains(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn only_what_is_new_and_named_in_the_script_goes() {
        let script = "docker volume create khata\ndocker run -d --name dukaan -v khata:/data busybox:1.37\n";
        let before = set(&["dukaan"]);
        let now = set(&["dukaan", "khata", "khata-naya", "ds-1611fe854f-khata", "postgres"]);
        assert_eq!(left(&before, &now, script), ["khata"]);
        assert!(left(&before, &now, "docker run -d --name my-khata busybox").is_empty());
    }
}
