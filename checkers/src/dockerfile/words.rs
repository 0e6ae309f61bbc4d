//! BuildKit's small languages inside a line: words, quotes, flags, JSON arrays, `key=value`, `${variables}`.

use regex::Regex;
use std::ops::Range;

/// A flag of an instruction (`--from=builder`), with where its value stands in the text it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// Without the dashes.
    pub name: String,
    /// Behind the `=`, quotes removed.
    pub value: Option<String>,
    pub(super) span: Range<usize>,
}

/// The flags at the start of `text`, and the offset where the rest begins.
pub(super) fn flags(text: &str) -> (Vec<Flag>, usize) {
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        if !text[at..].starts_with("--") {
            return (found, at);
        }
        let (mut word, mut places) = (String::new(), Vec::new());
        let mut quote = None;
        let mut chars = text[at..].char_indices().peekable();
        let mut end = text.len();
        while let Some((i, c)) = chars.next() {
            let place = at + i;
            match quote {
                None if c.is_whitespace() => {
                    end = place;
                    break;
                }
                None if c == '"' || c == '\'' => quote = Some(c),
                Some(q) if c == q => quote = None,
                _ => {
                    let (place, c) = match (c, chars.peek()) {
                        ('\\', Some(&(j, next))) => {
                            chars.next();
                            (at + j, next)
                        }
                        _ => (place, c),
                    };
                    places.extend(std::iter::repeat_n(place, c.len_utf8()));
                    word.push(c);
                }
            }
        }
        if word == "--" {
            return (found, end);
        }
        let (name, value) = match word[2..].split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (word[2..].to_owned(), None),
        };
        let from = 2 + name.len() + usize::from(value.is_some());
        let span = places.get(from).map_or(end..end, |first| {
            let last = *places.last().unwrap_or(first);
            *first..last + text[last..].chars().next().map_or(0, char::len_utf8)
        });
        found.push(Flag { name, value, span });
        at = end;
    }
}

/// `text` as a JSON array of strings, which is how BuildKit tells the exec form; anything else is shell form.
pub(super) fn json_array(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    if !text.starts_with('[') {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// Words split at white space outside quotes, as written.
pub(super) fn raw_words(text: &str, escape: char) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((i, c)) = chars.next() {
        if quote.is_none() && c.is_whitespace() {
            if let Some(from) = start.take() {
                found.push(&text[from..i]);
            }
            continue;
        }
        start.get_or_insert(i);
        match quote {
            None if c == '"' || c == '\'' => quote = Some(c),
            None | Some('"') if c == escape => {
                chars.next();
            }
            Some(q) if c == q => quote = None,
            _ => {}
        }
    }
    if let Some(from) = start {
        found.push(&text[from..]);
    }
    found
}

/// Words split at any white space, quotes ignored, with their place: how BuildKit reads FROM, COPY and ADD.
pub(super) fn fields(text: &str) -> Vec<(Range<usize>, &str)> {
    text.split_whitespace()
        .map(|word| {
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            (start..start + word.len(), word)
        })
        .collect()
}

/// Quotes removed, nothing expanded.
pub(super) fn unquote(word: &str) -> String {
    let mut quote = None;
    word.chars()
        .filter(|&c| match quote {
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                false
            }
            Some(q) if c == q => {
                quote = None;
                false
            }
            _ => true,
        })
        .collect()
}

/// The pairs of ENV and LABEL, values still unexpanded. The old form `ENV key the rest` is one pair.
pub(super) fn name_values(text: &str, escape: char) -> Vec<(String, String)> {
    let words = raw_words(text, escape);
    match words.first() {
        None => Vec::new(),
        Some(first) if !first.contains('=') => {
            let rest = text.trim_start()[first.len()..].trim();
            vec![((*first).to_owned(), rest.to_owned())]
        }
        Some(_) => words
            .into_iter()
            .map(|word| {
                let (name, value) = word.split_once('=').unwrap_or((word, ""));
                (unquote(name), value.to_owned())
            })
            .collect(),
    }
}

/// Quotes removed and variables put in, as BuildKit's lexer does it. An unset variable is empty. A form that BuildKit would
/// refuse (`${x`) stays as written: its own error says it better.
pub(super) fn expand(text: &str, escape: char, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    Expander { chars: text.chars().collect(), at: 0, escape, lookup, depth: 0 }.run(None)
}

/// What an expansion may grow to: `ENV A=$A$A` thirty times over must not fill the memory.
const LONGEST: usize = 64 << 10;

struct Expander<'a> {
    chars: Vec<char>,
    at: usize,
    escape: char,
    lookup: &'a dyn Fn(&str) -> Option<String>,
    depth: u8,
}

impl Expander<'_> {
    fn run(&mut self, until: Option<char>) -> String {
        let mut out = String::new();
        while let Some(&c) = self.chars.get(self.at) {
            if Some(c) == until || out.len() > LONGEST.max(self.chars.len()) {
                break;
            }
            self.at += 1;
            match c {
                '\'' if until != Some('"') => {
                    while let Some(&c) = self.chars.get(self.at) {
                        self.at += 1;
                        if c == '\'' {
                            break;
                        }
                        out.push(c);
                    }
                }
                '"' => {
                    out.push_str(&self.run(Some('"')));
                    self.at += 1;
                }
                '$' => self.variable(&mut out),
                c if c == self.escape => {
                    let next = self.chars.get(self.at).copied();
                    self.at += 1;
                    match next {
                        // Inside double quotes the escape only protects what would be special there.
                        Some(n) if until == Some('"') && n != '"' && n != '$' && n != self.escape => out.extend([c, n]),
                        Some(n) => out.push(n),
                        None => out.push(c),
                    }
                }
                c => out.push(c),
            }
        }
        out
    }

    fn variable(&mut self, out: &mut String) {
        let rest = &self.chars[self.at.min(self.chars.len())..];
        let is_name = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        if rest.first() != Some(&'{') {
            let name: String = if rest.first().is_some_and(char::is_ascii_digit) {
                rest.iter().take(1).collect()
            } else {
                rest.iter().take_while(|c| is_name(c)).collect()
            };
            self.at += name.len();
            match name.is_empty() {
                true => out.push('$'),
                false => out.push_str(&(self.lookup)(&name).unwrap_or_default()),
            }
            return;
        }
        let name: String = rest[1..].iter().take_while(|c| is_name(c)).collect();
        let mut end = 1 + name.len();
        let operator_at = end;
        let mut depth = 1;
        while let Some(c) = rest.get(end) {
            match c {
                '{' if rest.get(end.wrapping_sub(1)) == Some(&'$') => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            // The bound keeps a file of nothing but `${` from costing its square.
            if depth == 0 || end > 4096 {
                break;
            }
            end += 1;
        }
        if depth != 0 || name.is_empty() || self.depth > 8 {
            out.push('$');
            return;
        }
        let modifier: String = rest[operator_at..end].iter().collect();
        self.at += end + 1;
        let value = (self.lookup)(&name);
        let word = |text: &str| {
            let chars = text.chars().collect();
            Expander { chars, at: 0, escape: self.escape, lookup: self.lookup, depth: self.depth + 1 }.run(None)
        };
        let filled = value.as_ref().is_some_and(|v| !v.is_empty());
        let plain = || value.clone().unwrap_or_default();
        let text = if let Some(w) = modifier.strip_prefix(":-") {
            if filled { plain() } else { word(w) }
        } else if let Some(w) = modifier.strip_prefix(":+") {
            if filled { word(w) } else { String::new() }
        } else if let Some(w) = modifier.strip_prefix('-') {
            value.clone().unwrap_or_else(|| word(w))
        } else if let Some(w) = modifier.strip_prefix('+') {
            if value.is_some() { word(w) } else { String::new() }
        } else if let Some(w) = modifier.strip_prefix("##") {
            trim(&plain(), &word(w), true, true)
        } else if let Some(w) = modifier.strip_prefix('#') {
            trim(&plain(), &word(w), true, false)
        } else if let Some(w) = modifier.strip_prefix("%%") {
            trim(&plain(), &word(w), false, true)
        } else if let Some(w) = modifier.strip_prefix('%') {
            trim(&plain(), &word(w), false, false)
        } else if let Some(w) = modifier.strip_prefix('/') {
            let (all, w) = w.strip_prefix('/').map_or((false, w), |w| (true, w));
            let (from, to) = w.split_once('/').unwrap_or((w, ""));
            replace(&plain(), &word(from), &word(to), all)
        } else {
            // Nothing behind the name, or `:?message`, which only matters where BuildKit itself stops.
            plain()
        };
        out.push_str(&text);
    }
}

fn wildcard(pattern: &str, lazy: bool) -> String {
    let star = if lazy { ".*?" } else { ".*" };
    pattern
        .chars()
        .map(|c| match c {
            '*' => star.to_owned(),
            '?' => ".".to_owned(),
            c => regex::escape(&c.to_string()),
        })
        .collect()
}

fn trim(value: &str, pattern: &str, front: bool, longest: bool) -> String {
    let ends = value.char_indices().map(|(i, _)| i).chain([value.len()]);
    let Ok(whole) = Regex::new(&format!("(?s)^(?:{})$", wildcard(pattern, false))) else { return value.to_owned() };
    let fits = |&at: &usize| whole.is_match(if front { &value[..at] } else { &value[at..] });
    let mut cuts = ends.filter(fits);
    // The longest prefix ends last; the longest suffix begins first.
    let cut = if front == longest { cuts.next_back() } else { cuts.next() };
    match cut {
        None => value.to_owned(),
        Some(at) if front => value[at..].to_owned(),
        Some(at) => value[..at].to_owned(),
    }
}

fn replace(value: &str, pattern: &str, by: &str, all: bool) -> String {
    let Ok(pattern) = Regex::new(&format!("(?s){}", wildcard(pattern, true))) else { return value.to_owned() };
    let by = regex::NoExpand(by);
    if all { pattern.replace_all(value, by) } else { pattern.replace(value, by) }.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_x(text: &str, x: Option<&str>) -> String {
        expand(text, '\\', &|name| if name == "x" { x.map(str::to_owned) } else { None })
    }

    #[test]
    fn variables_in_every_form() {
        for (text, set, unset) in [
            ("a$x-b", "aone.two-b", "a-b"),
            ("${x}", "one.two", ""),
            ("${x:-y}", "one.two", "y"),
            ("${x:+y}", "y", ""),
            ("${x-y}", "one.two", "y"),
            ("${y:-${x:-z}}", "one.two", "z"),
            ("'$x'", "$x", "$x"),
            ("\"$x\"", "one.two", ""),
            ("\\$x", "$x", "$x"),
            ("${x%.*}", "one", ""),
            ("${x#*.}", "two", ""),
            ("${x/one/1}", "1.two", ""),
            ("$", "$", "$"),
            ("${x", "${x", "${x"),
        ] {
            assert_eq!(with_x(text, Some("one.two")), set, "{text}");
            assert_eq!(with_x(text, None), unset, "{text} unset");
        }
    }

    #[test]
    fn flags_know_where_their_value_stands() {
        let text = r#" --from="a b" --chown=1:1 /x /y"#;
        let (found, rest) = flags(text);
        assert_eq!(found[0].value.as_deref(), Some("a b"));
        assert_eq!(&text[found[0].span.clone()], "a b");
        assert_eq!((found[1].name.as_str(), &text[rest..]), ("chown", "/x /y"));
    }

    #[test]
    fn pairs_and_the_old_form() {
        let pairs = |text| name_values(text, '\\');
        assert_eq!(pairs("a=1 b=\"2 3\""), [("a".into(), "1".into()), ("b".into(), "\"2 3\"".into())]);
        assert_eq!(pairs("PATH /a:/b c"), [("PATH".into(), "/a:/b c".into())]);
    }

    #[test]
    fn exec_form_is_json_of_strings_only() {
        assert_eq!(json_array(r#" ["a", "b"] "#), Some(vec!["a".into(), "b".into()]));
        assert_eq!(json_array("['a']"), None);
        assert_eq!(json_array("[1]"), None);
        assert_eq!(json_array("[ -f x ] && y"), None);
    }
}
