//! Secrets by what they look like: in files, of any layer, and in the words of an image's history and environment.
//!
//! Only where a secret lies is ever kept, never its value. A name alone is not believed (`key.pem` is mostly a certificate,
//! `.env` mostly settings): the first bytes must bear it out. Packages' own test keys are passed over.

use serde::{Deserialize, Serialize};

/// What kind of secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretKind {
    /// A private key: SSH, TLS.
    PrivateKey,
    /// A `.env` with passwords in it.
    EnvFile,
    /// A token in `.npmrc`.
    NpmToken,
    /// Keys of an AWS account.
    AwsCredentials,
    /// The key of a Google service account.
    GcpKey,
    /// Passwords for git, or for hosts in `.netrc`.
    GitCredentials,
    /// A login to an image registry.
    DockerAuth,
    /// A token in `.pypirc` or `pip.conf`.
    PypiToken,
    /// A way into a Kubernetes cluster.
    KubeConfig,
    /// A value by its name (`DB_PASSWORD=…`) or by its form (`ghp_…`, `://user:password@`).
    Value,
}

/// What a file's secret is told by, at most: they all show at the beginning.
pub(super) const HEAD: usize = 8 << 10;
/// Nobody's key is longer.
pub(super) const LONGEST: u64 = 1 << 20;

/// Folders of packages that others wrote: what keys they ship are examples.
const FOREIGN: [&str; 9] = [
    "node_modules/",
    "site-packages/",
    "dist-packages/",
    "usr/share/doc/",
    "usr/lib/python",
    "pkg/mod/",
    // Go's own sources hold keys that its tests make connections with, and so do other people's.
    "usr/local/go/",
    "usr/lib/go-",
    "/testdata/",
];

/// What kind of secret a file of that path could be.
fn candidate(path: &str) -> Option<SecretKind> {
    use SecretKind::*;
    let name = path.rsplit('/').next().unwrap_or(path);
    let under = |folder: &str| path.strip_suffix(name).is_some_and(|f| f.ends_with(folder));
    let kind = match name {
        ".npmrc" => NpmToken,
        ".pypirc" | "pip.conf" => PypiToken,
        ".netrc" | "_netrc" | ".git-credentials" => GitCredentials,
        ".dockercfg" => DockerAuth,
        "config.json" if under(".docker/") => DockerAuth,
        "credentials" if under(".aws/") => AwsCredentials,
        "config" if under(".kube/") => KubeConfig,
        ".env" => EnvFile,
        "id_rsa" | "id_dsa" | "id_ecdsa" | "id_ed25519" => PrivateKey,
        name if name.starts_with(".env.") => EnvFile,
        name if name.ends_with(".pem") || name.ends_with(".key") => PrivateKey,
        name if name.ends_with(".json") && ["key", "credential", "account"].iter().any(|w| name.contains(w)) => GcpKey,
        _ => return None,
    };
    let example = ["example", "sample", "template"].iter().any(|w| name.ends_with(w));
    (!example && !FOREIGN.iter().any(|f| path.contains(f))).then_some(kind)
}

/// Whether a file is worth a look, by its path as it stands in the tar.
pub(super) fn may_hold(path: &[u8]) -> bool {
    std::str::from_utf8(path).is_ok_and(|path| candidate(path).is_some())
}

/// What the first bytes of a file come to.
pub(super) fn sniff(path: &[u8], head: &[u8]) -> Option<SecretKind> {
    let kind = candidate(std::str::from_utf8(path).ok()?)?;
    let text = String::from_utf8_lossy(&head[..head.len().min(HEAD)]);
    let lines = || text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with(['#', ';']));
    let value = |line: &str, at: &str| line.split_once(at).is_some_and(|(_, value)| is_value(value));
    let found = match kind {
        SecretKind::PrivateKey => text.contains("PRIVATE KEY-----") && text.contains("-----BEGIN "),
        SecretKind::EnvFile => lines().any(|line| assigned(line).is_some()),
        SecretKind::NpmToken => {
            lines().any(|l| value(l, "_authToken=") || value(l, "_auth=") || value(l, "_password="))
        }
        SecretKind::PypiToken => {
            lines().any(|l| l.starts_with("password") && value(l, "=") || l.split_whitespace().any(has_login))
        }
        SecretKind::GitCredentials => lines().any(|l| l.contains("password ") || has_login(l)),
        SecretKind::DockerAuth => text.contains("\"auth\"") || text.contains("\"identitytoken\""),
        SecretKind::AwsCredentials => lines().any(|l| l.contains("aws_secret_access_key") && value(l, "=")),
        SecretKind::GcpKey => text.contains("\"private_key\"") && text.contains("PRIVATE KEY"),
        SecretKind::KubeConfig => {
            lines().any(|l| value(l, "client-key-data:") || value(l, "token:") || value(l, "password:"))
        }
        SecretKind::Value => false,
    };
    found.then_some(kind)
}

/// The name in `NAME=value` where it is one of a secret and the value could be one: not empty, no path to the secret, no
/// switch, no variable that stands for it.
pub(super) fn assigned(word: &str) -> Option<&str> {
    let (name, value) = word.split_once('=')?;
    let name = name.trim().trim_start_matches("export ").trim();
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (plain && is_secret_name(name) && is_value(value)).then_some(name)
}

fn is_secret_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let parts: Vec<&str> = upper.split('_').collect();
    // `…_FILE` says where a secret is; a public key and the keys that Linux distributions sign with are none.
    if parts.iter().any(|p| matches!(*p, "FILE" | "PATH" | "PUBLIC" | "GPG" | "LENGTH" | "TTL" | "EXPIRY" | "URL")) {
        return false;
    }
    let one = |p: &&str| {
        matches!(*p, "PASSWORD" | "PASSWD" | "PASS" | "PASSPHRASE" | "SECRET" | "TOKEN" | "APIKEY" | "CREDENTIALS")
    };
    let two = |w: &[&str]| w[1] == "KEY" && matches!(w[0], "API" | "ACCESS" | "SECRET" | "PRIVATE" | "AUTH");
    parts.iter().any(one) || parts.windows(2).any(two)
}

fn is_value(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']);
    let switch = matches!(value.to_ascii_lowercase().as_str(), "true" | "false" | "yes" | "no" | "none" | "null" | "0");
    value.len() >= 3 && !switch && !value.starts_with(['/', '$', '<', '%', '{'])
}

/// What a word gives away by its form alone.
fn is_token(word: &str) -> bool {
    const TOKENS: [(&str, usize); 9] = [
        ("ghp_", 36),
        ("gho_", 36),
        ("ghs_", 36),
        ("github_pat_", 40),
        ("glpat-", 20),
        ("npm_", 36),
        ("pypi-", 50),
        ("xoxb-", 20),
        ("AKIA", 16),
    ];
    TOKENS.iter().any(|(start, length)| {
        word.match_indices(start).any(|(at, _)| {
            let rest = &word[at + start.len()..];
            let clear = at == 0 || !word.as_bytes()[at - 1].is_ascii_alphanumeric();
            let run = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
            clear && run >= *length
        })
    })
}

/// `https://user:password@host`.
fn has_login(word: &str) -> bool {
    let Some((_, rest)) = word.split_once("://") else { return false };
    let host = rest.split(['/', '?', '"', '\'']).next().unwrap_or_default();
    host.rsplit_once('@').and_then(|(login, _)| login.split_once(':')).is_some_and(|(_, password)| is_value(password))
}

/// What a text (a row of the history, a value of the environment) gives away: the names of its values, or an empty name
/// for one that shows by its form.
pub(crate) fn in_text(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in text.split_whitespace().take(10_000) {
        let bare = word.trim_matches(['"', '\'', ';', '(', ')']);
        let name = match assigned(bare) {
            Some(name) => name,
            None if is_token(bare) || has_login(bare) => "",
            None => continue,
        };
        if !found.iter().any(|f| f == name) {
            found.push(name.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_secrets_only_when_their_bytes_bear_it_out() {
        let sniff = |path: &str, text: &str| sniff(path.as_bytes(), text.as_bytes());
        let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl";
        assert_eq!(sniff("root/.ssh/id_ed25519", key), Some(SecretKind::PrivateKey));
        assert_eq!(sniff("app/tls.pem", "-----BEGIN CERTIFICATE-----\n"), None);
        assert_eq!(sniff("app/node_modules/x/test/key.pem", key), None);
        assert_eq!(sniff("app/.npmrc", "//reg/:_authToken=npm_abcdef"), Some(SecretKind::NpmToken));
        assert_eq!(sniff("app/.npmrc", "//reg/:_authToken=${NPM_TOKEN}\nfund=false"), None);
        assert_eq!(sniff("app/.env", "PORT=3000\nDB_PASSWORD=chai123"), Some(SecretKind::EnvFile));
        assert_eq!(sniff("app/.env", "PORT=3000\nDB_PASSWORD_FILE=/run/secrets/x\n#API_KEY=abc"), None);
        assert_eq!(sniff("app/.env.example", "DB_PASSWORD=change-me"), None);
        assert_eq!(
            sniff("root/.aws/credentials", "[default]\naws_secret_access_key = abc123"),
            Some(SecretKind::AwsCredentials)
        );
        assert_eq!(
            sniff("root/.docker/config.json", r#"{"auths":{"r":{"auth":"eA=="}}}"#),
            Some(SecretKind::DockerAuth)
        );
        assert_eq!(sniff("root/.docker/config.json", "{}"), None);
        assert_eq!(sniff("root/.git-credentials", "https://asha:s3cret@git.example"), Some(SecretKind::GitCredentials));
    }

    #[test]
    fn words_give_values_away_by_name_or_form() {
        assert_eq!(in_text("RUN |2 SHOP_TOKEN=abc123 V=1 /bin/sh -c make # buildkit"), ["SHOP_TOKEN"]);
        assert_eq!(in_text("ENV GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D PATH=/bin"), [""; 0]);
        assert_eq!(in_text("RUN curl https://asha:pass1@host/x"), [""]);
        assert_eq!(in_text(&format!("RUN git clone https://ghp_{}@host", "a".repeat(36))), [""]);
        assert_eq!(in_text("ENV TOKENS=5 API_KEY= SECRET_KEY=$X PASSWORD_FILE=/run/x"), [""; 0]);
    }
}
