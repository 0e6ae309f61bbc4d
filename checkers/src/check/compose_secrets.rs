//! The secrets and configs of a compose project: laid out as copies for it, those that a goal asks for with a value that
//! nobody can know before the check, and looked for afterwards wherever everybody can read.

use super::{internal, leak};
use crate::{
    compose::{reads, tree::Tree},
    engine::{clean, compose::Up},
    evidence::{Blocked, ComposeFacts, ComposeSecretFact, Gathered, Leak},
    verdict::{Diagnosis, Fact, codes},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Values shorter than this are found everywhere by chance.
const SHORT: usize = 6;
/// The biggest secret or config that is taken, in bytes: twice what Docker's own secrets may have.
const BIGGEST: u64 = 1 << 20;

/// The submission's secrets and configs as the project gets them: copies, those that a goal asks for with a value of ours.
pub(super) struct Secrets {
    /// `secrets/NAME` or `configs/NAME` → its copy.
    pub(super) files: BTreeMap<String, PathBuf>,
    /// The submission's own file → its copy.
    pub(super) mounts: BTreeMap<PathBuf, PathBuf>,
    /// Variables that secrets are made from.
    pub(super) env: Vec<(String, String)>,
    /// By the file that a goal asks for.
    wanted: BTreeMap<String, Wanted>,
}

#[derive(Default)]
struct Wanted {
    /// Names of secrets that are made from it.
    names: Vec<String>,
    /// The check's own value, where there is one.
    fresh: Option<String>,
    /// What the learner's file holds, where it is long enough to be looked for.
    own: Option<String>,
}

impl Wanted {
    fn stands_in(&self, config: &Value) -> bool {
        let fresh = self.fresh.as_ref().is_some_and(|fresh| config.to_string().contains(fresh));
        fresh || self.own.as_ref().is_some_and(|own| leak::own_in(config, own))
    }
}

impl Secrets {
    /// Reads and writes files: not for a thread that others wait for. `root` is the submission's folder.
    pub(super) fn lay(root: &Path, document: &Value, wanted: &BTreeSet<String>, dir: &Path) -> Gathered<Self> {
        let (files, mounts) = (BTreeMap::new(), BTreeMap::new());
        let mut laid = Self { files, mounts, env: Vec::new(), wanted: BTreeMap::new() };
        let mut content = format!("chai-{}", uuid::Uuid::new_v4().simple());
        let mut is_fresh = true;
        for file in wanted {
            let own = reads::text(&root.join(file)).unwrap_or_default();
            let own = Some(own.trim()).filter(|own| own.len() >= SHORT).map(str::to_owned);
            // A value that is written down elsewhere too fails the goal by that alone. The rest is then judged as it works
            // for the learner, instead of failing because one of two services got another password.
            if let Some(own) = own.as_ref().filter(|own| leak::own_in(&document["services"], own)) {
                (content, is_fresh) = (own.clone(), false);
            }
            laid.wanted.insert(file.clone(), Wanted { own, ..Wanted::default() });
        }
        if is_fresh {
            laid.wanted.values_mut().for_each(|wanted| wanted.fresh = Some(content.clone()));
        }
        for kind in ["secrets", "configs"] {
            for (name, entry) in document[kind].as_object().into_iter().flatten() {
                if let Some(variable) = entry["environment"].as_str() {
                    laid.env.push((variable.to_owned(), content.clone()));
                }
                let Some(path) = entry["file"].as_str().map(Path::new) else { continue };
                let asked = wanted.iter().find(|w| root.join(w) == path);
                let bytes = match asked {
                    Some(_) if path.is_file() => content.clone().into_bytes(),
                    _ => read(path).map_err(|e| {
                        let path = path.strip_prefix(root).unwrap_or(path).display();
                        let message = Fact::Text(clean::line(&format!("{kind}.{name}: {path}: {e}")));
                        Blocked::failed(Diagnosis::new(codes::COMPOSE_UP_FAILED).fact("message", message))
                    })?,
                };
                if let Some(wanted) = asked.and_then(|file| laid.wanted.get_mut(file)) {
                    wanted.names.push(name.clone());
                }
                let copy = dir.join(format!("{kind}-{}", laid.files.len()));
                // Readable for whoever the container runs as: that is what a mounted file of the learner's would be.
                fs::write(&copy, bytes).map_err(|e| internal(&e.to_string()))?;
                laid.mounts.insert(path.to_owned(), copy.clone());
                laid.files.insert(format!("{kind}/{name}"), copy);
            }
        }
        Ok(laid)
    }

    /// Where each wanted secret can be read.
    pub(super) fn facts(&self, up: &Up, facts: &ComposeFacts) -> BTreeMap<String, ComposeSecretFact> {
        let tree = facts.file.as_ref().ok().and_then(|f| Tree::read(&f.text).ok()).unwrap_or_default();
        let fact = |(file, wanted): (&String, &Wanted)| {
            let mut leaks = Vec::new();
            for state in &up.services {
                let config: Value = serde_json::from_str(&state.inspected).unwrap_or_default();
                for (part, place) in [
                    ("Env", "environment"),
                    ("Cmd", "command"),
                    ("Entrypoint", "command"),
                    ("Labels", "labels"),
                    ("Healthcheck", "healthcheck"),
                ] {
                    let leak = Leak { service: state.service.clone(), place: place.to_owned() };
                    if wanted.stands_in(&config[part]) && !leaks.contains(&leak) {
                        leaks.push(leak);
                    }
                }
            }
            let lines = wanted.own.as_ref().map(|own| {
                tree.values_where(|key, text| match key {
                    Some(key) => leak::own_in_pair(key, text, own),
                    None => leak::own_in_text(text, own),
                })
            });
            let lines = lines.unwrap_or_default();
            if leaks.is_empty() && !lines.is_empty() {
                leaks.push(Leak { service: String::new(), place: "compose.yaml".to_owned() });
            }
            (file.clone(), ComposeSecretFact { names: wanted.names.clone(), leaks, lines })
        };
        self.wanted.iter().map(fact).collect()
    }
}

/// A secret's or config's content. A pipe would be waited for till the end of days, and a disk's image would fill the memory.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(BIGGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > BIGGEST {
        return Err(io::Error::other(format!("over {BIGGEST} bytes")));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{engine::compose::ServiceState, evidence::ComposeFile};
    use serde_json::json;

    /// What is found of a secret in `pw.txt` after a start of a service whose configuration is `config`.
    fn found(own: &str, text: &str, services: Value, config: Value) -> ComposeSecretFact {
        let (root, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(root.path().join("pw.txt"), format!("{own}\n")).unwrap();
        let document = json!({
            "services": services,
            "secrets": {"secret": {"file": root.path().join("pw.txt").to_str().unwrap()}},
        });
        let wanted: BTreeSet<String> = ["pw.txt".to_owned()].into();
        let laid = Secrets::lay(root.path(), &document, &wanted, dir.path()).ok().unwrap();
        let state = ServiceState { service: "db".into(), inspected: config.to_string(), ..ServiceState::default() };
        let up = Up { services: vec![state], ..Up::default() };
        let mut facts = ComposeFacts::none(&Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON)));
        facts.file = Ok(ComposeFile { name: "compose.yaml".into(), text: text.into() });
        let mut found = laid.facts(&up, &facts);
        found.remove("pw.txt").unwrap()
    }

    const RIGHT: &str = "services:\n  db:\n    image: postgres:17\n    environment:\n      POSTGRES_USER: postgres\n      \
                         POSTGRES_PASSWORD_FILE: /run/secrets/secret\n    secrets: [secret]\nsecrets:\n  secret:\n    \
                         file: ./pw.txt\n";

    #[test]
    fn a_short_value_of_the_learners_is_not_found_in_keys_and_parts_of_words() {
        let services = json!({"db": {
            "image": "postgres:17", "secrets": [{"source": "secret"}],
            "environment": {"POSTGRES_USER": "postgres", "POSTGRES_PASSWORD_FILE": "/run/secrets/secret"},
        }});
        let config = json!({
            "Env": ["POSTGRES_USER=postgres", "POSTGRES_PASSWORD_FILE=/run/secrets/secret", "PGDATA=/var/lib/postgresql"],
            "Cmd": ["postgres"],
            "Labels": {"com.docker.compose.config": "secrets"},
            "Healthcheck": {"Test": ["CMD", "pg_isready", "-U", "postgres"]},
        });
        for own in ["secret", "postgres"] {
            let fact = found(own, RIGHT, services.clone(), config.clone());
            assert!(fact.leaks.is_empty() && fact.lines.is_empty(), "{own}: {fact:?}");
            assert_eq!(fact.names, ["secret"]);
        }
    }

    #[test]
    fn a_value_that_is_written_down_is_found_with_its_lines() {
        let text = RIGHT.replace("POSTGRES_PASSWORD_FILE: /run/secrets/secret", "POSTGRES_PASSWORD: postgres");
        let services = json!({"db": {"environment": {"POSTGRES_PASSWORD": "postgres"}}});
        let fact = found("postgres", &text, services, json!({"Env": ["POSTGRES_PASSWORD=postgres"]}));
        assert_eq!((fact.leaks[0].place.as_str(), fact.lines.as_slice()), ("environment", [6].as_slice()));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_small_regular_file_is_not_read() {
        let (root, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (pipe, big) = (root.path().join("pipe"), root.path().join("big"));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        fs::File::create(&big).unwrap().set_len(4 << 30).unwrap();
        for path in [&pipe, &big] {
            let document = json!({"services": {}, "configs": {"menu": {"file": path.to_str().unwrap()}}});
            let blocked = Secrets::lay(root.path(), &document, &BTreeSet::new(), dir.path()).err().unwrap();
            assert_eq!(blocked.diagnosis.code, codes::COMPOSE_UP_FAILED);
        }
    }
}
