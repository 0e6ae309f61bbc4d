//! Globs over paths and references, as goals write them.

use regex::RegexSet;

/// Several globs, compiled. `*` and `?` stay within a name, `**` crosses slashes, `[a-z]` and `{a,b}` as in a shell.
#[derive(Debug)]
pub struct Globs {
    whole: RegexSet,
    below: RegexSet,
}

impl Globs {
    /// Compiles them. A glob that is no pattern (an open bracket) matches itself.
    pub fn new<T: AsRef<str>>(globs: impl IntoIterator<Item = T>) -> Self {
        Self::compile(globs.into_iter().map(|g| pattern(g.as_ref().trim_start_matches('/'), "[^/]")).collect())
    }

    /// Compiles one glob over a text that is no path: its `*` crosses slashes.
    pub fn of_text(glob: &str) -> Self {
        Self::compile(vec![pattern(glob.trim_start_matches('/'), ".")])
    }

    fn compile(patterns: Vec<String>) -> Self {
        let whole = patterns.iter().map(|p| format!("^{p}$"));
        let below = patterns.iter().map(|p| format!("^{p}(/.*)?$"));
        // Every piece of a pattern is made below, so that none can fail to compile but by its size.
        Self {
            whole: RegexSet::new(whole).unwrap_or_else(|_| RegexSet::empty()),
            below: RegexSet::new(below).unwrap_or_else(|_| RegexSet::empty()),
        }
    }

    /// Whether one of them matches the whole text.
    pub fn matches(&self, text: &str) -> bool {
        self.whole.is_match(text.trim_start_matches('/'))
    }

    /// Whether one of them matches the path or a folder that it is in.
    pub fn matches_below(&self, path: &str) -> bool {
        self.below.is_match(path.trim_start_matches('/'))
    }
}

fn pattern(glob: &str, any: &str) -> String {
    let chars: Vec<char> = glob.chars().collect();
    let mut out = String::new();
    let (mut i, mut open) = (0, 0);
    while let Some(&c) = chars.get(i) {
        i += 1;
        match c {
            '*' if chars.get(i) == Some(&'*') => {
                i += 1;
                if chars.get(i) == Some(&'/') {
                    i += 1;
                    out.push_str("(?:.*/)?");
                } else {
                    out.push_str(".*");
                }
            }
            '*' => out.extend([any, "*"]),
            '?' => out.push_str(any),
            '[' => {
                let end = chars[i..].iter().skip(1).position(|&n| n == ']').map(|n| i + 1 + n);
                match end {
                    Some(end) => {
                        let negated = matches!(chars[i], '!' | '^');
                        let body: String = chars[i + usize::from(negated)..end].iter().collect();
                        let body: String = body
                            .chars()
                            .map(|c| if c == '-' { "-".to_owned() } else { regex::escape(&c.to_string()) })
                            .collect();
                        let class = format!("[{}{body}]", if negated { "^" } else { "" });
                        match regex::Regex::new(&class) {
                            Ok(_) => out.push_str(&class),
                            Err(_) => out.push_str(&regex::escape(&chars[i - 1..=end].iter().collect::<String>())),
                        }
                        i = end + 1;
                    }
                    None => out.push_str("\\["),
                }
            }
            '{' if chars[i..].contains(&'}') => {
                open += 1;
                out.push_str("(?:");
            }
            '}' if open > 0 => {
                open -= 1;
                out.push(')');
            }
            ',' if open > 0 => out.push('|'),
            c => out.push_str(&regex::escape(&c.to_string())),
        }
    }
    for _ in 0..open {
        out.push(')');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(glob: &str, text: &str) -> bool {
        Globs::new([glob]).matches(text)
    }

    #[test]
    fn stars_and_slashes() {
        assert!(is("**/*.go", "src/a/main.go"));
        assert!(is("**/*.go", "main.go"));
        assert!(!is("*.go", "src/main.go"));
        assert!(is("app/node_modules/**", "app/node_modules/jest/a.js"));
        assert!(!is("app/node_modules/**", "app/node_modules2/x"));
        assert!(is("/usr/bin/?c", "usr/bin/cc"));
        assert!(is("gcr.io/distroless/static*", "gcr.io/distroless/static-debian13:nonroot"));
        assert!(is("node:{22,24}*", "node:24-slim"));
        assert!(is("a[0-9]", "a7") && !is("a[!0-9]", "a7"));
    }

    #[test]
    fn a_text_is_no_path() {
        assert!(Globs::of_text("* /opt/venv").matches("--link /a/b /opt/venv"));
    }

    #[test]
    fn below_a_folder() {
        let globs = Globs::new(["app/src"]);
        assert!(
            globs.matches_below("app/src/x/y.js") && globs.matches_below("app/src") && !globs.matches_below("app/srcs")
        );
    }

    #[test]
    fn what_is_no_pattern_matches_itself() {
        for text in ["[", "a[", "{", "a{b", "}", "a,b", "[]", "a.b+c(d)", "[z-a]"] {
            assert!(is(text, text), "{text}");
        }
    }
}
