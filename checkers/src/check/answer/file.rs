//! `answers.yaml`: a key for each answer, with a text, a number, or a list.

use crate::{
    engine::clean,
    evidence::{Blocked, Gathered},
    verdict::{Diagnosis, Fact, codes},
};
use serde::{
    Deserialize, Deserializer,
    de::{self, SeqAccess, Visitor},
};
use std::{collections::BTreeMap, fmt, fs, io::Read, path::Path};

/// What the file is called.
pub(super) const NAME: &str = "answers.yaml";
/// How much of it is read.
const BIGGEST: u64 = 64 << 10;

/// Reads a submission's answers.
pub(super) fn read(dir: &Path) -> Gathered<BTreeMap<String, Vec<String>>> {
    let none = || Blocked::failed(Diagnosis::new(codes::NO_ANSWERS));
    let path = dir.join(NAME);
    // A link could lead to somebody else's file, and reading a pipe would wait for ever.
    let meta = path.symlink_metadata().map_err(|_| none())?;
    if !meta.is_file() {
        return Err(none());
    }
    let mut bytes = Vec::new();
    let read = fs::File::open(&path).and_then(|file| file.take(BIGGEST).read_to_end(&mut bytes));
    read.map_err(|error| {
        Blocked::broken(
            Diagnosis::new(codes::SUBMISSION_UNREADABLE)
                .fact("path", Fact::Text(NAME.to_owned()))
                .fact("message", Fact::Text(clean::line(&error.to_string()))),
        )
    })?;
    parse(&String::from_utf8_lossy(&bytes))
}

/// The answers in a text: by its keys, each as words.
pub fn parse(text: &str) -> Gathered<BTreeMap<String, Vec<String>>> {
    // A file of comments alone is an empty map, not an error of syntax.
    if text.lines().all(|line| matches!(line.trim().chars().next(), None | Some('#'))) {
        return Ok(BTreeMap::new());
    }
    match serde_yaml::from_str::<BTreeMap<String, Words>>(text) {
        Ok(map) => Ok(map.into_iter().map(|(key, words)| (key, words.0)).collect()),
        Err(error) => {
            let message = error.to_string();
            // The first line says what and where; the snippet below it is in a form of its own.
            let message = message.lines().next().unwrap_or_default();
            Err(Blocked::failed(
                Diagnosis::new(codes::ANSWERS_SYNTAX).fact("message", Fact::Text(clean::line(message))),
            ))
        }
    }
}

/// One answer as words. A number and a `yes` are what was written, never a type: an answer is compared as text.
struct Words(Vec<String>);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Words;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number or a list of them")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Words, E> {
                let text = text.trim();
                Ok(Words(if text.is_empty() { vec![] } else { vec![text.to_owned()] }))
            }
            fn visit_bool<E: de::Error>(self, yes: bool) -> Result<Words, E> {
                Ok(Words(vec![if yes { "yes" } else { "no" }.to_owned()]))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Words, E> {
                Ok(Words(vec![number.to_string()]))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Words, E> {
                Ok(Words(vec![number.to_string()]))
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Words, E> {
                Ok(Words(vec![number.to_string()]))
            }
            fn visit_unit<E: de::Error>(self) -> Result<Words, E> {
                Ok(Words(vec![]))
            }
            fn visit_none<E: de::Error>(self) -> Result<Words, E> {
                Ok(Words(vec![]))
            }
            fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<Words, D::Error> {
                Words::deserialize(d)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Words, A::Error> {
                let mut all = Vec::new();
                while let Some(Words(one)) = seq.next_element()? {
                    all.extend(one);
                }
                Ok(Words(all))
            }
        }
        d.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, key: &str) -> Vec<String> {
        parse(text).unwrap()[key].clone()
    }

    #[test]
    fn an_answer_is_what_was_written() {
        let text = "a: 6.1.0-18-amd64\nb: yes\nc: 7\nd:\ne: [8.2 MB, 0B]\nf:\n  - ENV\n  - CMD\ng: ''\n";
        for (key, want) in [
            ("a", vec!["6.1.0-18-amd64"]),
            ("b", vec!["yes"]),
            ("c", vec!["7"]),
            ("d", vec![]),
            ("e", vec!["8.2 MB", "0B"]),
            ("f", vec!["ENV", "CMD"]),
            ("g", vec![]),
        ] {
            assert_eq!(words(text, key), want, "{key}");
        }
        assert!(parse("# nothing yet\n\n").unwrap().is_empty());
    }

    #[test]
    fn what_is_no_map_says_where() {
        for text in ["a: [1, 2\n", "just words\n", "a:\n  b:\n    c: 1\n"] {
            assert_eq!(parse(text).unwrap_err().diagnosis.code, codes::ANSWERS_SYNTAX, "{text}");
        }
    }

    #[test]
    fn a_link_and_a_missing_file_are_no_answers() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(dir.path()).unwrap_err().diagnosis.code, codes::NO_ANSWERS);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("/etc/passwd", dir.path().join(NAME)).unwrap();
            assert_eq!(read(dir.path()).unwrap_err().diagnosis.code, codes::NO_ANSWERS);
        }
    }
}
