//! UI strings by key: embedded from `assets/locales/`, overlaid at run time by a folder, English where a key is missing.
//!
//! The language is an argument, never a global: the screen switches it in place, and tests run side by side.

use crate::course::Lang;
use std::{borrow::Cow, collections::BTreeMap, fmt::Display, fs, path::Path, sync::OnceLock};

/// The overlay: language → key → text.
type Overlay = BTreeMap<String, BTreeMap<String, String>>;

static OVERLAY: OnceLock<Overlay> = OnceLock::new();

fn overlaid(lang: &str, key: &str) -> Option<Cow<'static, str>> {
    OVERLAY.get()?.get(lang)?.get(key).map(|text| Cow::Borrowed(text.as_str()))
}

fn raw(lang: &str, key: &str) -> Option<Cow<'static, str>> {
    overlaid(lang, key).or_else(|| crate::_rust_i18n_try_translate(lang, key)).or_else(|| overlaid("en", key))
}

/// The text of `key` with every `%{name}` replaced, or nothing where no language has it.
pub fn find(lang: &Lang, key: &str, args: &[(&str, &dyn Display)]) -> Option<String> {
    let text = raw(lang.as_str(), key)?;
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest: &str = &text;
    while let Some(at) = rest.find("%{") {
        let Some(end) = rest[at..].find('}') else { break };
        out.push_str(&rest[..at]);
        let name = &rest[at + 2..at + end];
        match args.iter().find(|(n, _)| *n == name) {
            Some((_, value)) => out.push_str(&value.to_string()),
            None => out.push_str(&rest[at..=at + end]),
        }
        rest = &rest[at + end + 1..];
    }
    out.push_str(rest);
    Some(out)
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
    let mut overlay = Overlay::new();
    let mut files: Vec<_> = fs::read_dir(dir).map_err(|e| e.to_string())?.flatten().map(|e| e.path()).collect();
    files.sort();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "yaml")) {
        let text = fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
        let value: serde_json::Value = serde_yaml::from_str(&text).map_err(|e| format!("{}: {e}", file.display()))?;
        flatten("", &value, &mut overlay);
    }
    let _ = OVERLAY.set(overlay);
    Ok(())
}

fn flatten(prefix: &str, value: &serde_json::Value, overlay: &mut Overlay) {
    let Some(map) = value.as_object() else { return };
    for (key, value) in map {
        match value {
            serde_json::Value::String(text) if !prefix.is_empty() => {
                overlay.entry(key.clone()).or_default().insert(prefix.to_owned(), text.clone());
            }
            other => flatten(&if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") }, other, overlay),
        }
    }
}
