//! UI strings by key: embedded from `assets/locales/`, overlaid at run time by a folder, English where a key is missing.
//!
//! The language is an argument, never a global: the screen switches it in place, and tests run side by side. What the checker
//! says (a code and facts) becomes a sentence here, and only here.

use crate::course::Lang;
use dockshala_checkers::{
    goal,
    spec::Size,
    verdict::{Diagnosis, Fact, Facts, codes},
};
use std::{borrow::Cow, collections::BTreeMap, fmt::Display, fs, io::Read, path::Path, sync::OnceLock};

/// The overlay: language → key → text.
type Overlay = BTreeMap<String, BTreeMap<String, String>>;

static OVERLAY: OnceLock<Overlay> = OnceLock::new();

// Code of a diagnosis → lesson id, in the order of the codes; made by the build script of assets/diagnosis-lessons.yaml.
static LESSONS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/diagnosis_lessons.rs"));

/// No overlay has more files, and no file more bytes: it is as hostile as any pack.
const MAX_FILES: usize = 200;
const MAX_BYTES: u64 = 1 << 20;

fn overlaid(lang: &str, key: &str) -> Option<Cow<'static, str>> {
    OVERLAY.get()?.get(lang)?.get(key).map(|text| Cow::Borrowed(text.as_str()))
}

/// Per key: the language itself, then the same with its last part dropped, then English; in each the overlay first.
fn raw(lang: &Lang, key: &str) -> Option<Cow<'static, str>> {
    let embedded = |tag: &str| match crate::_rust_i18n_backend().translate(tag, key) {
        Some(Cow::Borrowed(text)) => Some(Cow::Borrowed(text)),
        Some(Cow::Owned(text)) => Some(Cow::Owned(text)),
        None => None,
    };
    lang.chain().find_map(|tag| overlaid(tag, key).or_else(|| embedded(tag)))
}

/// Puts values in the place of `%{name}`. Values are never looked through again, whatever they hold.
fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some(at) = rest.find("%{") {
        let Some(end) = rest[at..].find('}') else { break };
        out.push_str(&rest[..at]);
        match value(&rest[at + 2..at + end]) {
            Some(value) => out.push_str(&value),
            None => out.push_str(&rest[at..=at + end]),
        }
        rest = &rest[at + end + 1..];
    }
    out.push_str(rest);
    out
}

/// The text of `key` with every `%{name}` replaced, or nothing where no language has it.
pub fn find(lang: &Lang, key: &str, args: &[(&str, &dyn Display)]) -> Option<String> {
    let value = |name: &str| args.iter().find(|(n, _)| *n == name).map(|(_, value)| value.to_string());
    Some(fill(&raw(lang, key)?, value))
}

/// The text of `key`. A key that no language has is shown as itself: ugly, but it says what is missing.
pub fn text(lang: &Lang, key: &str, args: &[(&str, &dyn Display)]) -> String {
    find(lang, key, args).unwrap_or_else(|| key.to_owned())
}

/// Whether this very language has the key, no fallback counted.
pub fn has(lang: &Lang, key: &str) -> bool {
    overlaid(lang.as_str(), key).is_some() || crate::_rust_i18n_backend().translate(lang.as_str(), key).is_some()
}

/// Every language that has strings.
pub fn languages() -> Vec<Lang> {
    let mut tags: Vec<String> = crate::_rust_i18n_available_locales().iter().map(ToString::to_string).collect();
    tags.extend(OVERLAY.get().into_iter().flat_map(|o| o.keys().cloned()));
    tags.sort();
    tags.dedup();
    tags.iter().map(|t| Lang::new(t)).collect()
}

/// `Err` with the languages that exist when `lang` is none of them.
pub fn check(lang: &Lang) -> Result<(), Vec<String>> {
    let known = languages();
    if known.contains(lang) { Ok(()) } else { Err(known.iter().map(ToString::to_string).collect()) }
}

/// Lays the strings of a folder over the embedded ones, once a process. Files are `*.yaml` in the form of
/// `assets/locales/`: `key: {LANG: text}`, keys nested or dotted.
pub fn overlay(dir: &Path) -> Result<(), String> {
    // A second overlay in one process would be a mistake of ours; the first stays, as every text read so far came from it.
    let _ = OVERLAY.set(read_overlay(dir)?);
    Ok(())
}

fn read_overlay(dir: &Path) -> Result<Overlay, String> {
    let mut overlay = Overlay::new();
    let mut files: Vec<_> = fs::read_dir(dir).map_err(|e| e.to_string())?.flatten().map(|e| e.path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "yaml" || e == "yml"));
    files.sort();
    if files.len() > MAX_FILES {
        return Err(format!("{} files, at most {MAX_FILES}", files.len()));
    }
    for file in files {
        let said = |e: &dyn Display| format!("{}: {e}", file.display());
        let mut text = String::new();
        let mut bounded = fs::File::open(&file).map_err(|e| said(&e))?.take(MAX_BYTES + 1);
        bounded.read_to_string(&mut text).map_err(|e| said(&e))?;
        if text.len() as u64 > MAX_BYTES {
            return Err(said(&format!("over {}", Size(MAX_BYTES))));
        }
        let value: serde_json::Value = serde_yaml::from_str(&text).map_err(|e| said(&e))?;
        flatten("", &value, &mut overlay);
    }
    Ok(overlay)
}

fn flatten(prefix: &str, value: &serde_json::Value, overlay: &mut Overlay) {
    let Some(map) = value.as_object() else { return };
    for (key, value) in map {
        match value {
            serde_json::Value::String(text) if !prefix.is_empty() => {
                let lang = Lang::new(key).as_str().to_owned();
                // The embedded strings go through the compiler; these may hold anything, and go to a terminal.
                let text = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
                overlay.entry(lang).or_default().insert(prefix.to_owned(), text);
            }
            other => flatten(&if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") }, other, overlay),
        }
    }
}

/// What a diagnosis says to the learner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What happened, with what was measured. May have several lines.
    pub what: String,
    /// What to do next.
    pub next: String,
    /// The id of the lesson that explains it; whether the open course has that lesson is for the course to say.
    pub lesson: Option<&'static str>,
}

/// A diagnosis in words: `diagnosis.CODE`, then each `diagnosis.CODE.if-FACT` whose fact is known (or
/// `diagnosis.CODE.if-FACT.VALUE` where a fact is a word of ours), and `diagnosis.CODE.next`, or
/// `diagnosis.CODE.next.if-FACT.VALUE` where another step helps: who ended with exit code 0 left no reason to read.
pub fn diagnosis(lang: &Lang, diagnosis: &Diagnosis) -> Told {
    let key = format!("diagnosis.{}", diagnosis.code);
    let value = |name: &str| Some(diagnosis.facts.get(name).map_or_else(|| "…".to_owned(), |f| fact(lang, f)));
    let say = |key: &str| raw(lang, key).map(|text| fill(&text, value));
    let mut what = say(&key).unwrap_or_else(|| diagnosis.code.clone());
    // Where a submission has several files of a kind, the place stands first, as in a compiler's words.
    if let Some(Fact::Text(place)) = diagnosis.facts.get(goal::OF_FILE) {
        what = format!("`{place}`: {what}");
    }
    for (name, known) in diagnosis.facts.iter().filter(|(_, f)| !is_empty(f)) {
        let more = match known {
            Fact::Text(word) => say(&format!("{key}.if-{name}.{word}")).or_else(|| say(&format!("{key}.if-{name}"))),
            _ => say(&format!("{key}.if-{name}")),
        };
        if let Some(more) = more {
            what = what + " " + &more;
        }
    }
    // What the lint found has a sentence, a remedy and a lesson for each rule.
    if let Some(found) = crate::lint::of_diagnosis(lang, diagnosis) {
        return Told {
            what: format!("{what} {} {}", found.what, found.why),
            next: found.instead,
            lesson: found.lesson,
        };
    }
    let special = diagnosis.facts.iter().find_map(|(name, known)| match known {
        Fact::Text(value) => say(&format!("{key}.next.if-{name}.{value}")),
        Fact::Count(value) => say(&format!("{key}.next.if-{name}.{value}")),
        _ => None,
    });
    let next = special.or_else(|| say(&format!("{key}.next"))).unwrap_or_default();
    Told { what, next, lesson: lesson_of(&diagnosis.code) }
}

/// Whether a note tells anything: Docker's size beside ours does not, where a person reads the same figure twice.
pub fn worth_saying(lang: &Lang, note: &Diagnosis) -> bool {
    let read = |name: &str| note.facts.get(name).map(|f| fact(lang, f));
    note.code != codes::NOTE_DOCKER_SIZE || read("docker") != read("total")
}

/// The text of `key` with every `%{name}` replaced by the fact of that name, or nothing where no language has it.
pub fn filled(lang: &Lang, key: &str, facts: &Facts) -> Option<String> {
    let value = |name: &str| Some(facts.get(name).map_or_else(|| "…".to_owned(), |f| fact(lang, f)));
    Some(fill(&raw(lang, key)?, value))
}

/// What stands for a lesson where any exercise can have the diagnosis: the one that this exercise practises.
const PRACTISED: &str = "practised";

/// The id of the lesson that explains a diagnosis, or nothing where that is the one which the exercise practises.
pub fn lesson_of(code: &str) -> Option<&'static str> {
    let nth = LESSONS.binary_search_by(|(c, _)| (*c).cmp(code)).ok()?;
    Some(LESSONS[nth].1).filter(|lesson| *lesson != PRACTISED)
}

fn is_empty(fact: &Fact) -> bool {
    match fact {
        Fact::Text(text) => text.trim().is_empty(),
        Fact::List(items) => items.is_empty(),
        Fact::Said(words) => words.is_empty(),
        _ => false,
    }
}

/// A measured fact as a person reads it.
pub fn fact(lang: &Lang, fact: &Fact) -> String {
    /// More of a list is noise: the point is made by the first.
    const SHOWN: usize = 5;
    match fact {
        Fact::Bytes(bytes) => Size(*bytes).to_string(),
        Fact::Count(count) => count.to_string(),
        Fact::Ratio(ratio) => format!("{ratio:.1}"),
        Fact::Millis(ms) if *ms < 1000 => format!("{ms} ms"),
        Fact::Millis(ms) if *ms < 120_000 => format!("{:.1} s", *ms as f64 / 1000.0).replace(".0 s", " s"),
        Fact::Millis(ms) => format!("{} min", (ms + 30_000) / 60_000),
        Fact::Text(text) => text.trim_end().to_owned(),
        Fact::List(items) if items.len() > SHOWN => {
            let more = items.len() - SHOWN;
            text(lang, "diagnosis-list.more", &[("first", &items[..SHOWN].join(", ")), ("more", &more)])
        }
        Fact::List(items) => items.join(", "),
        // A language that the author has not written in falls back as every text of a course does.
        Fact::Said(words) => {
            let said = words.get(lang.as_str()).or_else(|| words.get("en")).or_else(|| words.values().next());
            said.cloned().unwrap_or_default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockshala_checkers::verdict::codes;
    use std::collections::BTreeSet;

    fn all(lang: &str) -> BTreeMap<String, String> {
        let messages = crate::_rust_i18n_backend().messages_for_locale(lang).unwrap();
        messages.into_iter().map(|(key, text)| (key.into_owned(), text.into_owned())).collect()
    }

    fn arguments(text: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for piece in text.split("%{").skip(1) {
            found.insert(piece.split('}').next().unwrap().to_owned());
        }
        found
    }

    #[test]
    fn both_languages_have_the_same_keys_with_the_same_arguments() {
        let (en, hinglish) = (all("en"), all("hi-Latn"));
        assert!(en.len() > 200, "only {} strings", en.len());
        for key in en.keys().chain(hinglish.keys()) {
            let (Some(one), Some(other)) = (en.get(key), hinglish.get(key)) else {
                panic!("{key} is in one language only")
            };
            assert_eq!(arguments(one), arguments(other), "{key}");
            assert!(!one.trim().is_empty() && !other.trim().is_empty(), "{key} is empty");
        }
        assert_eq!(crate::_rust_i18n_available_locales(), ["en", "hi-Latn"]);
    }

    #[test]
    fn every_code_has_a_text_a_next_step_and_a_planned_lesson() {
        let curriculum: crate::course::CurriculumFile =
            serde_yaml::from_str(include_str!("../assets/curriculum.yaml")).unwrap();
        for code in codes::ALL {
            for key in [format!("diagnosis.{code}"), format!("diagnosis.{code}.next")] {
                assert!(has(&Lang::en(), &key) && has(&Lang::hinglish(), &key), "{key}");
            }
            let lesson = LESSONS.iter().find(|(c, _)| c == code).unwrap_or_else(|| panic!("{code} has no lesson")).1;
            let planned = lesson == PRACTISED || curriculum.lessons.iter().any(|l| l.id == lesson);
            assert!(planned, "{code}: {lesson} is not in the curriculum");
        }
        for (code, _) in LESSONS {
            assert!(codes::ALL.contains(code), "diagnosis-lessons.yaml has {code}, which no checker says");
        }
    }

    /// `/// … Facts: `a`, `b`.` above each code in verdict/codes/ is the list of what its text may name.
    #[test]
    fn a_text_names_only_facts_that_its_code_has() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("checkers/src/verdict/codes");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let source: String = files.map(|file| std::fs::read_to_string(file).unwrap()).collect();
        let mut facts: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let mut doc = String::new();
        for line in source.lines().map(str::trim) {
            if let Some(text) = line.strip_prefix("///") {
                doc += text;
                doc += " ";
            } else if let Some((_, code)) = line.split_once(" = \"").filter(|_| line.ends_with("\";")) {
                let named = doc.split_once("Facts:").map_or("", |(_, names)| names);
                facts.insert(
                    code.trim_end_matches("\";"),
                    named.split('`').skip(1).step_by(2).map(str::to_owned).collect(),
                );
                doc.clear();
            } else {
                doc.clear();
            }
        }
        for (key, text) in all("en").iter().filter(|(key, _)| key.starts_with("diagnosis.")) {
            let code = key.split('.').nth(1).unwrap();
            let known = facts.get(code).unwrap_or_else(|| panic!("{key}: no such code"));
            for name in arguments(text) {
                assert!(known.contains(&name), "{key} names {name}; {code} has {known:?}");
            }
            for name in key.split('.').skip(2).filter_map(|part| part.strip_prefix("if-")) {
                assert!(known.contains(name), "{key}: {code} has no fact {name}");
            }
        }
    }

    #[test]
    fn a_diagnosis_tells_what_was_measured() {
        let said = Diagnosis::new(codes::ADDED_TOO_BIG)
            .fact("added", Fact::Bytes(21_468_000))
            .fact("limit", Fact::Bytes(3_000_000))
            .fact("worst", Fact::Text("COPY . .".into()))
            .fact("worst-bytes", Fact::Bytes(19_000_000));
        let told = diagnosis(&Lang::en(), &said);
        assert_eq!(
            told.what,
            "You added 21.5 MB on top of the base; 3.0 MB is the limit. The heaviest is `COPY . .`: 19.0 MB."
        );
        assert_eq!(told.lesson, Some("measuring-images"));
        let waste =
            Diagnosis::new(codes::WASTE).fact("wasted", Fact::Bytes(5_000_000)).fact("how", Fact::Text("owner".into()));
        assert!(diagnosis(&Lang::hinglish(), &waste).what.contains("COPY --chown"));
        // Whoever went into the background printed nothing: the usual step, to read what it prints, would help nobody.
        let died = |exit| diagnosis(&Lang::en(), &Diagnosis::new(codes::SERVER_DIED).fact("exit", Fact::Count(exit)));
        assert!(died(0).next.contains("foreground"), "{:?}", died(0));
        assert!(died(1).next.contains("docker run"), "{:?}", died(1));
    }

    #[test]
    fn the_size_that_docker_says_is_told_only_where_it_reads_otherwise() {
        let told = |docker| {
            let note = Diagnosis::new(codes::NOTE_DOCKER_SIZE).fact("docker", Fact::Bytes(docker));
            worth_saying(&Lang::en(), &note.fact("total", Fact::Bytes(8_200_000)))
        };
        assert!(!told(8_201_000) && told(9_900_000));
        assert!(worth_saying(&Lang::en(), &Diagnosis::new(codes::WASTE)));
    }

    #[test]
    fn a_value_that_looks_like_an_argument_stays_as_it_is() {
        let said = Diagnosis::new(codes::BUILD_FAILED).fact("message", Fact::Text("%{message} %{x".into()));
        assert!(diagnosis(&Lang::en(), &said).what.contains("%{message} %{x"));
    }

    #[test]
    fn a_language_without_a_key_falls_back_to_english() {
        let hindi = Lang::new("hi");
        assert_eq!(text(&hindi, "diagnosis.cancelled", &[]), text(&Lang::en(), "diagnosis.cancelled", &[]));
        assert_eq!(text(&hindi, "no.such.key", &[]), "no.such.key");
    }

    #[test]
    fn an_overlay_is_bounded_and_cleaned() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.yaml"), "_version: 2\na.b: {hi: \"x\\u001b[31my\"}\nc: {d: {hi: z}}\n").unwrap();
        let overlay = read_overlay(dir.path()).unwrap();
        assert_eq!(overlay["hi"]["a.b"], "x[31my");
        assert_eq!(overlay["hi"]["c.d"], "z");
        fs::File::create(dir.path().join("b.yaml")).unwrap().set_len(1 << 30).unwrap();
        assert!(read_overlay(dir.path()).is_err());
    }
}
