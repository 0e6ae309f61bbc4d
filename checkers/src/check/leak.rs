//! Whether a secret stands where everybody can read it, in what compose, the daemon or the swarm say of a service.
//!
//! The check's own fresh value is found by a plain search: nothing else looks like it. A learner's own value is a word that a
//! person chose. `secret` is also half of `secrets:`, and `postgres` is also a user, an image and a URL's scheme: a file that
//! does everything right would be called leaking. So an own value counts only in values (never in keys), only between the
//! borders of a word, and, where it is made of letters alone, only where a password is meant.

use serde_json::Value;

/// What a name has in it that stands before a password: `POSTGRES_PASSWORD=`, `--requirepass `, `PGPASSWORD: `.
const MEANT: [&str; 7] = ["pass", "pw", "secret", "token", "key", "cred", "auth"];

/// Whether a learner's own value stands in any value of `all`.
pub(super) fn own_in(all: &Value, own: &str) -> bool {
    match all {
        Value::String(text) => own_in_text(text, own),
        Value::Array(items) => {
            // `[--requirepass, secret]` is one command line.
            let words: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            items.iter().any(|item| own_in(item, own)) || own_in_text(&words.join(" "), own)
        }
        Value::Object(entries) => entries.iter().any(|(key, value)| match value {
            Value::String(text) => own_in_pair(key, text, own),
            other => own_in(other, own),
        }),
        // A password of digits that YAML took for a number.
        Value::Number(number) => number.to_string() == own,
        _ => false,
    }
}

/// The same of a key's value.
pub(super) fn own_in_pair(key: &str, value: &str, own: &str) -> bool {
    stands(&format!("{key}="), value, own)
}

/// The same of a text that may have its key in it (`KEY=VALUE`).
pub(super) fn own_in_text(text: &str, own: &str) -> bool {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() && key.chars().all(word) => own_in_pair(key, value, own),
        _ => stands("", text, own),
    }
}

fn word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn stands(before: &str, value: &str, own: &str) -> bool {
    let plain = own.chars().all(|c| c.is_alphabetic() || matches!(c, '_' | '-'));
    value.match_indices(own).any(|(at, _)| {
        let (left, right) = (&value[..at], &value[at + own.len()..]);
        let apart = !left.chars().next_back().is_some_and(word) && !right.chars().next().is_some_and(word);
        apart && (!plain || meant(&format!("{before}{left}"), right))
    })
}

/// Whether what stands between these is a password: of a URL (`user:HERE@host`), or of a name that says so.
fn meant(left: &str, right: &str) -> bool {
    if left.ends_with(':') && right.starts_with('@') {
        return true;
    }
    let name = left.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '=' | ':' | '"' | '\'' | ','));
    // Nothing between the two: the value is a part of the word.
    if name.len() == left.len() {
        return false;
    }
    let from = name.rfind(|c: char| !word(c) && c != '-').map_or(0, |at| at + 1);
    let name = name[from..].to_ascii_lowercase();
    // `_FILE` names where it stands, which is how it should be.
    !name.ends_with("_file") && MEANT.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case("postgres", json!(["POSTGRES_USER=postgres", "PGDATA=/var/lib/postgresql/data", "POSTGRES_DB=postgres"]))]
    #[case("postgres", json!({"test": ["CMD-SHELL", "pg_isready -U postgres -d chai"]}))]
    #[case("postgres", json!({"DATABASE_URL": "postgres://chai@db/postgres", "image": "postgres:17"}))]
    #[case("postgres", json!({"Cmd": ["postgres"], "Entrypoint": ["docker-entrypoint.sh"]}))]
    #[case("secret", json!({"secrets": [{"source": "secret", "target": "secret"}], "x": "secrets"}))]
    #[case("secret", json!(["DB_PASSWORD_FILE=/run/secrets/secret"]))]
    #[case("password", json!(["POSTGRES_PASSWORD_FILE=/run/secrets/password"]))]
    #[case("secret", json!({"secret": "x"}))]
    #[case("kadak-21", json!({"kadak-21": "x", "image": "shop:kadak-210"}))]
    #[case("chai12", json!(["NAME=masalachai12", "HOST=chai12b"]))]
    fn what_only_looks_like_an_own_value_is_none(#[case] own: &str, #[case] seen: Value) {
        assert!(!own_in(&seen, own), "{seen}");
    }

    #[rstest]
    #[case("postgres", json!(["POSTGRES_PASSWORD=postgres"]))]
    #[case("postgres", json!({"POSTGRES_PASSWORD": "postgres"}))]
    #[case("postgres", json!({"DATABASE_URL": "postgres://postgres:postgres@db/chai"}))]
    #[case("secret", json!(["redis-server", "--requirepass", "secret"]))]
    #[case("secret", json!("redis-server --requirepass secret"))]
    #[case("secret", json!(["sh", "-c", "PGPASSWORD=secret psql -U chai"]))]
    #[case("kadak-21", json!({"anything": "at kadak-21 all"}))]
    #[case("kadak-21", json!(["URL=x://u:kadak-21@db"]))]
    #[case("197512", json!({"PORT": 197_512}))]
    fn an_own_value_that_stands_open_is_found(#[case] own: &str, #[case] seen: Value) {
        assert!(own_in(&seen, own), "{seen}");
    }
}
