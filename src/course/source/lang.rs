//! Languages as BCP-47 tags, and texts that exist in several of them.
//!
//! A tag is data, never an enum: a third language must need no line of Rust.

use serde::{Deserialize, Deserializer, Serialize, de};
use std::{borrow::Borrow, collections::BTreeMap, fmt, str::FromStr};

/// A language as a BCP-47 tag: `en`, `hi-Latn`, `hi`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Lang(String);

/// Text that is no language tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no language tag; write one like `en`, `hi-Latn` or `hi`")]
pub struct NoLang(String);

impl Lang {
    /// From a tag as somebody typed it: `hi_latn` is `hi-Latn`. What is no tag stays as it is, and no text is in it.
    pub fn new(tag: &str) -> Self {
        tag.parse().unwrap_or_else(|_| Self(tag.trim().to_owned()))
    }

    /// English: what every text falls back to.
    pub fn en() -> Self {
        Self("en".to_owned())
    }

    /// Hinglish: Hindi in Latin letters.
    pub fn hinglish() -> Self {
        Self("hi-Latn".to_owned())
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tag, then the same with its last part dropped, and so on; then English: where to look for a text, in order.
    pub fn chain(&self) -> impl Iterator<Item = &str> {
        let mut rest = Some(self.0.as_str());
        let own = std::iter::from_fn(move || {
            let now = rest?;
            rest = now.rfind('-').map(|cut| &now[..cut]);
            Some(now)
        });
        own.chain((!self.0.eq("en") && !self.0.starts_with("en-")).then_some("en"))
    }
}

impl FromStr for Lang {
    type Err = NoLang;

    /// Takes the usual spellings (`hi_latn`, `EN`) and gives the canonical one: language lower case, script in title case,
    /// region upper case.
    fn from_str(text: &str) -> Result<Self, NoLang> {
        let refuse = || NoLang(text.chars().take(40).collect());
        let mut tag = String::new();
        for (nth, part) in text.split(['-', '_']).enumerate() {
            let fits = part.chars().all(|c| c.is_ascii_alphanumeric()) && (1..=8).contains(&part.len());
            let leads = part.chars().all(|c| c.is_ascii_alphabetic()) && (2..=3).contains(&part.len());
            if !fits || (nth == 0 && !leads) || nth > 4 {
                return Err(refuse());
            }
            let lower = part.to_ascii_lowercase();
            match (nth, part.len()) {
                (0, _) => tag.push_str(&lower),
                (_, 4) if part.chars().all(|c| c.is_ascii_alphabetic()) => {
                    tag.push('-');
                    tag.push_str(&lower[..1].to_ascii_uppercase());
                    tag.push_str(&lower[1..]);
                }
                (_, 2) => tag.extend(["-", &lower.to_ascii_uppercase()]),
                _ => tag.extend(["-", &lower]),
            }
        }
        Ok(Self(tag))
    }
}

impl<'de> Deserialize<'de> for Lang {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let lang: Self = text.parse().map_err(de::Error::custom)?;
        // In files only the canonical spelling counts: `hi-latn` beside `hi-Latn` would be two languages to a reader.
        if lang.0 != text { Err(de::Error::custom(format!("write `{lang}` for `{text}`"))) } else { Ok(lang) }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// So that a map by language can be asked with a `&str` of the fallback chain. `Ord` of `Lang` is that of its tag.
impl Borrow<str> for Lang {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// One text in several languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(pub BTreeMap<Lang, String>);

impl Text {
    /// The text in `lang`, else in the nearest language of its chain, else in whichever there is.
    pub fn get(&self, lang: &Lang) -> &str {
        lang.chain().find_map(|tag| self.0.get(tag)).or_else(|| self.0.values().next()).map_or("", String::as_str)
    }

    /// The text in exactly this language.
    pub fn exactly(&self, lang: &Lang) -> Option<&str> {
        self.0.get(lang).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_made_canonical_and_nonsense_is_refused() {
        assert_eq!("hi_latn".parse::<Lang>().unwrap().as_str(), "hi-Latn");
        assert_eq!("EN-in".parse::<Lang>().unwrap().as_str(), "en-IN");
        for bad in ["", "e", "english", "en--x", "../en", "hi latn", "12"] {
            assert!(bad.parse::<Lang>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_text_falls_back_along_the_chain_then_to_english() {
        let chain = |tag: &str| tag.parse::<Lang>().unwrap().chain().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(chain("hi-Latn"), ["hi-Latn", "hi", "en"]);
        assert_eq!(chain("en-IN"), ["en-IN", "en"]);
        let text = Text([(Lang::en(), "one".to_owned())].into());
        assert_eq!(text.get(&Lang::hinglish()), "one");
        assert_eq!(text.exactly(&Lang::hinglish()), None);
    }
}
