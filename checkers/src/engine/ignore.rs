//! `.dockerignore` as Docker reads it (moby/patternmatcher), oddities included.
//!
//! Crates for gitignore files do not do: Docker anchors every pattern at the root, lets a match of a parent folder count
//! per pattern, and translates to regular expressions with quirks of its own (`**foo` matches `barfoo`, `\d` is a digit).
//! A daemon test compares this file with `docker buildx build` over generated trees.

use super::ContextError;
use regex::Regex;

/// The patterns of one file, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ignore {
    patterns: Vec<Pattern>,
}

#[derive(Debug, Clone)]
struct Pattern {
    /// It starts with `!`: it takes back what earlier ones ignored.
    back: bool,
    how: How,
}

/// The same four ways that moby compiles to: its fast paths differ from its regular expressions in corner cases.
#[derive(Debug, Clone)]
enum How {
    Exact(String),
    /// `x**`
    Prefix(String),
    /// `**x`
    Suffix(String),
    Regex(Regex),
}

/// Which patterns matched a folder: what its entries inherit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Matched(Vec<bool>);

impl Ignore {
    /// Reads an ignore file. `name` is for errors.
    pub(crate) fn parse(name: &str, content: &str) -> Result<Self, ContextError> {
        let content = content.strip_prefix('\u{feff}').unwrap_or(content);
        let mut patterns = Vec::new();
        for (index, line) in content.split('\n').enumerate() {
            // Comments are looked for before blanks are trimmed: ` # x` is a pattern.
            if line.starts_with('#') {
                continue;
            }
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            let bad = || ContextError::Pattern {
                file: name.to_owned(),
                line: index as u32 + 1,
                pattern: super::clean::line(line),
            };
            let (back, text) = match line.strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, line),
            };
            let mut text = if text.is_empty() { String::new() } else { clean_path(text) };
            if text.len() > 1 && text.starts_with('/') {
                text.remove(0);
            }
            // A lone `!`, and `!/`, which cleans to it.
            if back && (text.is_empty() || text == "/") {
                return Err(bad());
            }
            if is_malformed(&text) {
                return Err(bad());
            }
            patterns.push(Pattern { back, how: compile(&text).ok_or_else(bad)? });
        }
        Ok(Self { patterns })
    }

    /// Whether `path` (relative, with slashes) is ignored, given what its parent folder matched; and what its own entries
    /// are to be given. An entry of an ignored folder can be taken back by a later `!`.
    pub(crate) fn matches(&self, path: &str, parent: &Matched) -> (bool, Matched) {
        let mut ignored = false;
        let mut matched = vec![false; self.patterns.len()];
        for (index, pattern) in self.patterns.iter().enumerate() {
            let mut hit = parent.0.get(index).copied().unwrap_or(false);
            if !hit {
                // A pattern that could change nothing is not looked at, and so is not inherited either: moby's order.
                if pattern.back != ignored {
                    continue;
                }
                hit = pattern.how.matches(path);
            }
            matched[index] = hit;
            if hit {
                ignored = !pattern.back;
            }
        }
        (ignored, Matched(matched))
    }

    /// Whether nothing below an ignored folder can come back, so that it need not be walked.
    pub(crate) fn never_takes_back(&self) -> bool {
        self.patterns.iter().all(|pattern| !pattern.back)
    }

    /// Whether a path is ignored, from its parents' results on.
    pub(crate) fn ignores(&self, path: &str) -> bool {
        let mut above = Matched::default();
        let mut ignored = false;
        for end in path.match_indices('/').map(|(at, _)| at).chain([path.len()]) {
            (ignored, above) = self.matches(&path[..end], &above);
        }
        ignored
    }
}

impl How {
    fn matches(&self, path: &str) -> bool {
        match self {
            Self::Exact(text) => path == text,
            Self::Prefix(prefix) => path.starts_with(prefix.as_str()),
            Self::Suffix(suffix) => {
                path.ends_with(suffix.as_str()) || suffix.strip_prefix('/').is_some_and(|name| path == name)
            }
            Self::Regex(regex) => regex.is_match(path),
        }
    }
}

/// Go's `filepath.Clean`.
fn clean_path(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&last) if last != ".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(".."),
            },
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".into(),
        (false, false) => joined,
    }
}

/// What Go's `filepath.Match` calls a bad pattern: a class that is open, empty or holds half a range, or a backslash with
/// nothing after it.
fn is_malformed(pattern: &str) -> bool {
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.next().is_none() => return true,
            '[' => {
                chars.next_if_eq(&'^');
                let mut ranges = 0;
                loop {
                    match chars.peek() {
                        None => return true,
                        Some(']') if ranges > 0 => {
                            chars.next();
                            break;
                        }
                        _ => {}
                    }
                    if !class_character(&mut chars)
                        || (chars.next_if_eq(&'-').is_some() && !class_character(&mut chars))
                    {
                        return true;
                    }
                    ranges += 1;
                }
            }
            _ => {}
        }
    }
    false
}

/// One character of a class, after which another must follow.
fn class_character(chars: &mut std::iter::Peekable<std::str::Chars>) -> bool {
    match chars.next() {
        None | Some('-' | ']') => return false,
        Some('\\') if chars.next().is_none() => return false,
        Some(_) => {}
    }
    chars.peek().is_some()
}

/// moby's translation, step for step.
fn compile(pattern: &str) -> Option<How> {
    #[derive(PartialEq)]
    enum Kind {
        Exact,
        Prefix,
        Suffix,
        Regex,
    }
    let mut kind = Kind::Exact;
    let mut regex = String::from("^");
    let mut in_class = false;
    let mut chars = pattern.chars().peekable();
    let mut index = 0;
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.next_if_eq(&'*').is_some() => {
                chars.next_if_eq(&'/');
                if chars.peek().is_none() {
                    if kind == Kind::Exact {
                        kind = Kind::Prefix;
                    } else {
                        regex.push_str(".*");
                        kind = Kind::Regex;
                    }
                } else {
                    regex.push_str("(.*/)?");
                    kind = Kind::Regex;
                }
                if index == 0 {
                    kind = Kind::Suffix;
                }
            }
            '*' => {
                regex.push_str("[^/]*");
                kind = Kind::Regex;
            }
            '?' => {
                regex.push_str("[^/]");
                kind = Kind::Regex;
            }
            '\\' => {
                let escaped = chars.next()?;
                regex.push('\\');
                // `\<` and `\>` mean something to this regex engine and nothing to Go's.
                if matches!(escaped, '<' | '>') {
                    regex.pop();
                }
                regex.push(escaped);
                kind = Kind::Regex;
            }
            '[' | ']' => {
                // This engine nests classes; Go takes an inner bracket as itself.
                if c == '[' && in_class {
                    regex.push('\\');
                }
                in_class = c == '[' || (in_class && c != ']');
                regex.push(c);
                kind = Kind::Regex;
            }
            // Set operations of this engine's classes.
            '&' | '~' if in_class => {
                regex.push('\\');
                regex.push(c);
            }
            '.' | '+' | '(' | ')' | '|' | '{' | '}' | '$' => {
                regex.push('\\');
                regex.push(c);
            }
            c => regex.push(c),
        }
        index += 1;
    }
    Some(match kind {
        Kind::Exact => How::Exact(pattern.to_owned()),
        Kind::Prefix => How::Prefix(pattern[..pattern.len() - 2].to_owned()),
        Kind::Suffix => How::Suffix(pattern[2..].to_owned()),
        Kind::Regex => How::Regex(Regex::new(&format!("{regex}$")).ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn ignores(patterns: &str, path: &str) -> bool {
        Ignore::parse(".dockerignore", patterns).unwrap().ignores(path)
    }

    /// Cases of moby/patternmatcher's own tests and of Docker's documentation, as facts about the format.
    #[rstest]
    #[case("**", "file", true)]
    #[case("**", "dir/file", true)]
    #[case("**/", "dir/file", true)]
    #[case("**/**", "dir/file", true)]
    #[case("dir/**", "dir/file", true)]
    #[case("dir/**", "dir", false)]
    #[case("**/dir2/*", "dir/dir2/file", true)]
    #[case("**/dir2/**", "dir/dir2/dir2/file", true)]
    #[case("**file", "dir/file", true)]
    #[case("**file", "afile", true)]
    #[case("**/file", "dir/file", true)]
    #[case("**/file", "file", true)]
    #[case("**/file", "afile", false)]
    #[case("**/*.txt", "dir/file.txt", true)]
    #[case("**/*.txt", "dir/file.txt.bak", false)]
    #[case("a**", "a/b/c", true)]
    #[case("a/**/b", "a/b", true)]
    #[case("a/**/b", "a/x/y/b", true)]
    #[case("a/*/b", "a/b", false)]
    #[case("**/.foo", "foo", false)]
    #[case("a?c", "abc", true)]
    #[case("a?c", "a/c", false)]
    #[case("[a-c]x", "bx", true)]
    #[case("[^a-c]x", "bx", false)]
    #[case("a\\*c", "a*c", true)]
    #[case("a\\*c", "abc", false)]
    #[case("a(b)c", "a(b)c", true)]
    #[case("a.|)$(}+{bc", "a.|)$(}+{bc", true)]
    #[case(
        "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl",
        "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl",
        true
    )]
    #[case("temp?", "tempa/x", true)]
    #[case("*/temp*", "some/temporary.txt", true)]
    #[case("*/temp*", "a/b/temp", false)]
    #[case("node_modules", "node_modules/a/b.js", true)]
    #[case("node_modules", "sub/node_modules/a.js", false)]
    #[case("/node_modules/", "node_modules/a.js", true)]
    #[case("./node_modules", "node_modules", true)]
    #[case("a/../b", "b", true)]
    #[case("*.md\n!README.md", "README.md", false)]
    #[case("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true)]
    #[case("*.md\nREADME-secret.md\n!README*.md", "README-secret.md", false)]
    #[case("dir\n!dir/keep", "dir/keep", false)]
    #[case("dir\n!dir/keep", "dir/other", true)]
    #[case("*\n!src", "src/deep/x", false)]
    #[case("# comment\n  \n  a  \r\n", "a", true)]
    #[case(" # no comment", "# no comment", true)]
    #[case("\u{feff}a", "a", true)]
    #[case("! a", "a", false)]
    #[case("a\n! a", "a", false)]
    #[case(".", "a", false)]
    #[case("/", "a", false)]
    #[case("../x", "x", false)]
    #[case("[[]x", "[x", true)]
    #[case("[a&&b]", "&", true)]
    fn as_docker_decides(#[case] patterns: &str, #[case] path: &str, #[case] want: bool) {
        assert_eq!(ignores(patterns, path), want, "{patterns:?} on {path:?}");
    }

    #[rstest]
    #[case("ok\n!", 2)]
    #[case("!/", 1)]
    #[case("[", 1)]
    #[case("[]", 1)]
    #[case("[a-]", 1)]
    #[case("[-a]", 1)]
    #[case("a\n\n[^]", 3)]
    #[case("end\\", 1)]
    fn what_is_no_pattern_is_refused_with_its_line(#[case] text: &str, #[case] at: u32) {
        match Ignore::parse(".dockerignore", text).unwrap_err() {
            ContextError::Pattern { line, .. } => assert_eq!(line, at),
            other => panic!("{other:?}"),
        }
    }

    #[rstest]
    #[case("", ".")]
    #[case("a//b/./c/..", "a/b")]
    #[case("/../a", "/a")]
    #[case("../../a", "../../a")]
    #[case("a/../..", "..")]
    fn paths_are_cleaned_as_go_does(#[case] path: &str, #[case] want: &str) {
        assert_eq!(clean_path(path), want);
    }

    proptest! {
        #[test]
        fn hostile_files_never_panic(text in ".*", path in "[a-z/.*]{0,12}") {
            if let Ok(ignore) = Ignore::parse("x", &text) {
                ignore.ignores(&path);
            }
        }

        #[test]
        fn brackets_and_stars_never_panic(text in "[\\[\\]\\\\^!*?a/&~-]{0,10}", path in "[a-c/\\[&]{0,6}") {
            if let Ok(ignore) = Ignore::parse("x", &text) {
                ignore.ignores(&path);
            }
        }
    }
}
