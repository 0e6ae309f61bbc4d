//! What of a stack file is not deployed, because a node of a practice swarm is privileged and a bind mount in it would be
//! one into this machine.
//!
//! Judged on what `docker stack config` makes of the file inside the node, by the very program that deploys it then: a second
//! reading of YAML with merge keys, anchors and variables would sooner or later see something else than the first. Only the
//! files that this command itself would open are looked for in the learner's text. What swarm ignores anyway (`privileged`,
//! `devices`, `pid`, `network_mode`, `security_opt`) is not refused: it does nothing, and the command says so.

use crate::compose::tree::{Id, Tree};

/// Tasks of one stack at most; more would only show how much memory there is.
const REPLICAS: u64 = 40;

/// Something that is not deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unsafe {
    /// Where, as a path of keys.
    pub(super) path: Vec<String>,
    /// What is asked for there, in the file's own words.
    pub(super) what: String,
}

/// Files named in the learner's text that would be opened while it is read and lie outside of the submission.
pub(super) fn opens(text: &Tree) -> Option<Unsafe> {
    let root = text.root()?;
    let (_, services) = text.get(root, "services")?;
    for (name, _, service) in text.entries(services) {
        let Some((_, files)) = text.get(service, "env_file") else { continue };
        let listed = text.items(files);
        let all = if listed.is_empty() { std::slice::from_ref(&files) } else { listed };
        for file in all {
            let path = text.text(*file).unwrap_or_default();
            if outside(path) {
                return Some(at(&["services", name, "env_file"], path));
            }
        }
    }
    None
}

fn outside(path: &str) -> bool {
    path.starts_with(['/', '~']) || path.split('/').any(|part| part == "..") || path.contains('$')
}

/// What of the resolved file is not deployed. `folder` is where the submission lies in the node.
pub(super) fn refused(config: &Tree, folder: &str) -> Option<Unsafe> {
    let root = config.root()?;
    let section = |name: &str| config.get(root, name).map(|(_, id)| id);
    let text = |id: Id, key: &str| config.get(id, key).and_then(|(_, id)| config.text(id));
    let mut tasks = 0;
    for (name, _, service) in section("services").into_iter().flat_map(|id| config.entries(id)) {
        let here = |key: &str, what: &str| Some(at(&["services", name, key], what));
        if let Some((_, mounts)) = config.get(service, "volumes") {
            for mount in config.items(mounts) {
                let kind = text(*mount, "type").unwrap_or("bind");
                if !matches!(kind, "volume" | "tmpfs") {
                    let source = text(*mount, "source").unwrap_or_default();
                    return here("volumes", &format!("{kind} {source}"));
                }
            }
        }
        if let Some((_, added)) = config.get(service, "cap_add")
            && let Some(first) = config.items(added).first()
        {
            return here("cap_add", config.text(*first).unwrap_or_default());
        }
        if config.get(service, "credential_spec").is_some() {
            return here("credential_spec", "credential_spec");
        }
        if let Some((_, logging)) = config.get(service, "logging")
            && let Some(driver) = text(logging, "driver").filter(|d| !matches!(*d, "json-file" | "local" | "none"))
        {
            return here("logging", driver);
        }
        if let Some((_, deploy)) = config.get(service, "deploy") {
            let count: u64 = text(deploy, "replicas").and_then(|n| n.parse().ok()).unwrap_or(1);
            tasks = u64::saturating_add(tasks, count);
            if tasks > REPLICAS {
                return here("deploy", &format!("replicas: {count}"));
            }
        }
    }
    for (name, _, network) in section("networks").into_iter().flat_map(|id| config.entries(id)) {
        let driver = text(network, "driver").filter(|d| !matches!(*d, "overlay" | "null" | "~" | ""));
        let external = config.get(network, "external").is_some_and(|(_, id)| {
            // `external: true`, or the older map with a name.
            config.text(id) != Some("false")
        });
        if let Some(what) = driver.or(external.then_some("external")) {
            return Some(at(&["networks", name], what));
        }
    }
    for (name, _, volume) in section("volumes").into_iter().flat_map(|id| config.entries(id)) {
        let driver = text(volume, "driver").filter(|d| !matches!(*d, "local" | "null" | "~" | ""));
        let options = config.get(volume, "driver_opts").map(|_| "driver_opts");
        if let Some(what) = driver.or(options) {
            return Some(at(&["volumes", name], what));
        }
    }
    for kind in ["secrets", "configs"] {
        for (name, _, entry) in section(kind).into_iter().flat_map(|id| config.entries(id)) {
            let file = text(entry, "file").filter(|file| {
                let inside = file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
                !inside || file.split('/').any(|part| part == "..")
            });
            if let Some(file) = file {
                return Some(at(&[kind, name], file));
            }
        }
    }
    None
}

fn at(path: &[&str], what: &str) -> Unsafe {
    Unsafe { path: path.iter().map(|&part| part.to_owned()).collect(), what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn tree(text: &str) -> Tree {
        Tree::read(text).unwrap()
    }

    // As `docker stack config` prints them: long forms, absolute paths.
    #[rstest]
    #[case(
        "services:\n  web:\n    volumes:\n    - type: bind\n      source: /\n      target: /host\n",
        "services web volumes",
        "bind /"
    )]
    #[case("services:\n  web:\n    cap_add: [SYS_ADMIN]\n", "services web cap_add", "SYS_ADMIN")]
    #[case("services:\n  web:\n    logging: {driver: syslog}\n", "services web logging", "syslog")]
    #[case(
        "services:\n  a:\n    deploy: {replicas: 30}\n  b:\n    deploy: {replicas: 30}\n",
        "services b deploy",
        "replicas: 30"
    )]
    #[case(
        "services:\n  a:\n    deploy: {replicas: 1}\n  b:\n    deploy: {replicas: 18446744073709551615}\n",
        "services b deploy",
        "replicas: 18446744073709551615"
    )]
    #[case("networks:\n  out:\n    external: true\n    name: host\n", "networks out", "external")]
    #[case("networks:\n  out:\n    external: {name: host}\n", "networks out", "external")]
    #[case("networks:\n  out: {driver: macvlan}\n", "networks out", "macvlan")]
    #[case("volumes:\n  v:\n    driver_opts: {type: none, o: bind, device: /}\n", "volumes v", "driver_opts")]
    #[case("volumes:\n  v: {driver: sshfs}\n", "volumes v", "sshfs")]
    #[case("secrets:\n  s: {file: /proc/1/environ}\n", "secrets s", "/proc/1/environ")]
    #[case("configs:\n  c: {file: /stack/../dev/vda}\n", "configs c", "/stack/../dev/vda")]
    #[case("configs:\n  c: {file: /stackx}\n", "configs c", "/stackx")]
    fn what_leads_out_of_the_node_is_refused(#[case] text: &str, #[case] path: &str, #[case] what: &str) {
        let found = refused(&tree(text), "/stack").expect(text);
        assert_eq!((found.path.join(" ").as_str(), found.what.as_str()), (path, what));
    }

    #[test]
    fn ordinary_stacks_pass() {
        let text = "services:\n  web:\n    image: x\n    privileged: true\n    deploy: {replicas: 3}\n    logging: {driver: json-file}\n    \
            volumes:\n    - {type: volume, source: data, target: /data}\n    - {type: tmpfs, target: /t}\n\
            networks:\n  line: {driver: overlay, attachable: true}\n  plain: null\n  own: {external: false}\nvolumes:\n  data: {}\n\
            secrets:\n  key: {file: /stack/key.txt}\nconfigs:\n  c: {file: /stack/a/b}\n";
        assert_eq!(refused(&tree(text), "/stack"), None);
        assert_eq!(refused(&tree(""), "/stack"), None);
    }

    #[rstest]
    #[case("services:\n  web:\n    env_file: /proc/1/environ\n", true)]
    #[case("services:\n  web:\n    env_file: [a.env, ../b.env]\n", true)]
    #[case("x: &x\n  env_file: /dev/zero\nservices:\n  web:\n    <<: *x\n", true)]
    #[case("services:\n  web:\n    env_file: ${HOME}/x\n", true)]
    #[case("services:\n  web:\n    env_file: [./a.env]\n", false)]
    fn files_that_reading_would_open(#[case] text: &str, #[case] refused: bool) {
        assert_eq!(opens(&tree(text)).is_some(), refused);
    }
}
