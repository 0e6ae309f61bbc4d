//! Colours of code as a dozen classes that know no theme, so that the built-in lessons can be coloured when the program is
//! built: the first use of a syntax costs 2 to 40 ms, more than a whole start of the program may.

use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

/// What a piece of code is, as far as colour goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Class {
    /// Nothing special.
    Plain,
    /// A remark.
    Comment,
    /// A word of the language: `FROM`, `if`, `func`.
    Keyword,
    /// Text in quotes.
    String,
    /// Numbers, `true`, `null`.
    Constant,
    /// `$HOME`, parameters.
    Variable,
    /// What is called: a command, a function.
    Function,
    /// Types, tags and keys of a map.
    Name,
    /// Operators and brackets.
    Punctuation,
    /// `$ ` before a command.
    Prompt,
    /// What a command printed.
    Output,
    /// An added line of a diff.
    Inserted,
    /// A removed line of a diff.
    Deleted,
}

/// A block of code in pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Highlighted {
    /// For each line, its pieces: how many bytes, without the line's end, and what they are. They add up to the line.
    pub lines: Vec<Vec<(u32, Class)>>,
}

/// Colours a block of code. A language that is not known is plain.
pub fn highlight(language: &str, code: &str) -> Highlighted {
    // Nobody reads colours in the ten thousandth line, and a learner's file may be anything.
    if code.len() > 1 << 20 {
        return plain(code, Class::Plain);
    }
    match canonical(language) {
        "text" => plain(code, Class::Plain),
        "console" => console(code),
        token => SYNTAXES.find_syntax_by_token(token).map_or_else(|| plain(code, Class::Plain), |s| parse(s, code)),
    }
}

/// The same for every block of code of a Markdown text, in order, fenced and indented.
pub fn highlight_all(markdown: &str) -> Vec<Highlighted> {
    let fences = super::markdown::outline(markdown).fences;
    fences.iter().map(|f| highlight(f.info.as_deref().unwrap_or("text"), &f.text)).collect()
}

/// Whether an info string's first word names something that has colours, or `text`.
pub fn known(language: &str) -> bool {
    let token = canonical(language);
    matches!(token, "text" | "console") || SYNTAXES.find_syntax_by_token(token).is_some()
}

/// syntect does not know the names that people write.
fn canonical(info: &str) -> &str {
    match info.split([' ', ',', '\t']).next().unwrap_or_default() {
        "" | "text" | "txt" | "plain" | "output" => "text",
        "docker" | "dockerfile" | "Dockerfile" => "Dockerfile",
        "compose" | "yml" | "yaml" => "yaml",
        "console" | "shell" | "shell-session" | "shellsession" | "terminal" => "console",
        "sh" | "bash" | "zsh" => "bash",
        other => other,
    }
}

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

/// The deepest scope that one of these is a prefix of decides; of several, the longest. So `keyword.operator` is found
/// before `keyword`.
static CLASSES: LazyLock<Vec<(Scope, Class)>> = LazyLock::new(|| {
    [
        ("comment", Class::Comment),
        ("string", Class::String),
        ("constant.character", Class::String),
        ("constant", Class::Constant),
        ("keyword", Class::Keyword),
        ("keyword.operator", Class::Punctuation),
        ("storage", Class::Keyword),
        ("support.function", Class::Function),
        ("support.type", Class::Name),
        ("support.class", Class::Name),
        ("variable.function", Class::Function),
        ("variable.parameter.option", Class::Constant),
        ("variable", Class::Variable),
        ("entity.name.function", Class::Function),
        ("entity.name", Class::Name),
        ("entity.other", Class::Name),
        ("punctuation.definition.comment", Class::Comment),
        ("punctuation.definition.string", Class::String),
        ("punctuation.definition.variable", Class::Variable),
        ("punctuation.definition.parameter", Class::Constant),
        ("punctuation", Class::Punctuation),
        ("markup.inserted", Class::Inserted),
        ("markup.deleted", Class::Deleted),
        ("markup.heading", Class::Keyword),
    ]
    .into_iter()
    .filter_map(|(scope, class)| Some((Scope::new(scope).ok()?, class)))
    .collect()
});

fn class_of(stack: &ScopeStack) -> Class {
    let by_prefix = |scope: &Scope| {
        CLASSES.iter().filter(|(prefix, _)| prefix.is_prefix_of(*scope)).max_by_key(|(prefix, _)| prefix.len())
    };
    stack.scopes.iter().rev().find_map(by_prefix).map_or(Class::Plain, |(_, class)| *class)
}

fn plain(code: &str, class: Class) -> Highlighted {
    let line = |l: &str| if l.is_empty() { vec![] } else { vec![(l.len() as u32, class)] };
    Highlighted { lines: code.lines().map(line).collect() }
}

struct Parser {
    state: ParseState,
    stack: ScopeStack,
}

impl Parser {
    fn new(syntax: &SyntaxReference) -> Self {
        Self { state: ParseState::new(syntax), stack: ScopeStack::new() }
    }

    fn line(&mut self, line: &str) -> Vec<(u32, Class)> {
        let whole = format!("{line}\n");
        let mut pieces: Vec<(u32, Class)> = Vec::new();
        let mut push = |bytes: usize, class: Class| match pieces.last_mut() {
            _ if bytes == 0 => {}
            Some((last, same)) if *same == class => *last += bytes as u32,
            _ => pieces.push((bytes as u32, class)),
        };
        let Ok(ops) = self.state.parse_line(&whole, &SYNTAXES) else { return vec![(line.len() as u32, Class::Plain)] };
        let mut at = 0;
        for (until, op) in ops {
            let until = until.min(line.len());
            push(until.saturating_sub(at), class_of(&self.stack));
            at = at.max(until);
            // An op that does not fit the stack is a fault of the syntax: the colours of one block are not worth more.
            if self.stack.apply(&op).is_err() {
                break;
            }
        }
        push(line.len() - at, class_of(&self.stack));
        pieces
    }
}

fn parse(syntax: &SyntaxReference, code: &str) -> Highlighted {
    let mut parser = Parser::new(syntax);
    let mut lines: Vec<_> = code.lines().map(|line| parser.line(line)).collect();
    if syntax.name.eq_ignore_ascii_case("dockerfile") {
        instructions(code, &mut lines);
    }
    Highlighted { lines }
}

/// The grammar leaves the word of an instruction plain where JSON follows it: `CMD` and `ENTRYPOINT` looked as if they were
/// none. A first word all in capitals, on a line that continues no other, is an instruction.
fn instructions(code: &str, lines: &mut [Vec<(u32, Class)>]) {
    let mut continued = false;
    for (line, pieces) in code.lines().zip(lines) {
        let word = line.bytes().take_while(u8::is_ascii_uppercase).count() as u32;
        let ends = line.as_bytes().get(word as usize).is_none_or(u8::is_ascii_whitespace);
        if let Some(first) =
            pieces.first_mut().filter(|p| !continued && ends && word > 1 && p.1 == Class::Plain && p.0 >= word)
        {
            first.0 -= word;
            if first.0 == 0 {
                pieces.remove(0);
            }
            pieces.insert(0, (word, Class::Keyword));
        }
        continued = line.ends_with('\\') || (continued && line.trim_start().starts_with('#'));
    }
}

/// `$ command` and what it printed. A command goes on in the next line after a `\`. Without any prompt it is a script.
fn console(code: &str) -> Highlighted {
    let Some(bash) = SYNTAXES.find_syntax_by_token("bash") else { return plain(code, Class::Plain) };
    let prompt = |line: &str| ["$ ", "# "].into_iter().find(|p| line.starts_with(p)).map(str::len);
    if !code.lines().any(|line| line.starts_with("$ ")) {
        return parse(bash, code);
    }
    let mut command: Option<Parser> = None;
    let lines = code.lines().map(|line| {
        let mut pieces = Vec::new();
        let mut rest = line;
        if command.is_none()
            && let Some(width) = prompt(line)
        {
            pieces.push((width as u32, Class::Prompt));
            rest = &line[width..];
            command = Some(Parser::new(bash));
        }
        match &mut command {
            Some(parser) => {
                pieces.extend(parser.line(rest));
                if !rest.ends_with('\\') {
                    command = None;
                }
            }
            None if !rest.is_empty() => pieces.push((rest.len() as u32, Class::Output)),
            None => {}
        }
        pieces
    });
    Highlighted { lines: lines.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(language: &str, code: &str) -> Vec<Vec<(String, Class)>> {
        let cut = |(line, pieces): (&str, &Vec<(u32, Class)>)| {
            let mut at = 0;
            let cut = pieces.iter().map(|(bytes, class)| {
                let piece = line[at..at + *bytes as usize].to_owned();
                at += *bytes as usize;
                (piece, *class)
            });
            cut.collect()
        };
        code.lines().zip(&highlight(language, code).lines).map(cut).collect()
    }

    #[test]
    fn a_dockerfile_has_colours_and_no_byte_is_lost() {
        let code = "# why\nFROM golang:1.26 AS build\nRUN go build -o /app \"$X\"\n\nCOPY --from=build /app /app\n";
        let lines = highlight("dockerfile", code).lines;
        for (line, pieces) in code.lines().zip(&lines) {
            assert_eq!(pieces.iter().map(|p| p.0 as usize).sum::<usize>(), line.len(), "{line}");
        }
        let shown = shown("docker", code);
        assert!(shown[0].iter().all(|(_, class)| *class == Class::Comment), "{shown:?}");
        assert_eq!(shown[1][0], ("FROM".to_owned(), Class::Keyword));
        let json = self::shown("docker", "ENTRYPOINT [\"/x\"]\nRUN a \\\n# why\nCMD b\nCMD [\"sh\", \"counter.sh\"]\n");
        assert_eq!(json[0][0], ("ENTRYPOINT".to_owned(), Class::Keyword));
        assert_eq!(json[4][0], ("CMD".to_owned(), Class::Keyword));
        assert_ne!(json[3][0], ("CMD".to_owned(), Class::Keyword), "an argument of RUN");
    }

    #[test]
    fn a_session_is_split_in_prompt_command_and_output() {
        let shown = shown("console", "$ docker run \\\n  hello\nhi there\n$ echo \"x\"\n");
        assert_eq!(shown[0][0], ("$ ".to_owned(), Class::Prompt));
        assert!(shown[1].iter().all(|(_, c)| *c != Class::Output && *c != Class::Prompt));
        assert_eq!(shown[2], [("hi there".to_owned(), Class::Output)]);
        assert!(shown[3].iter().any(|(piece, class)| piece.contains('x') && *class == Class::String));
    }

    #[test]
    fn an_option_has_one_colour() {
        let shown = shown("sh", "docker run --rm -d busybox\n");
        for option in ["--rm", "-d"] {
            assert!(
                shown[0].iter().any(|(text, class)| text.contains(option) && *class == Class::Constant),
                "{shown:?}"
            );
        }
    }

    #[test]
    fn every_name_in_use_is_known() {
        for name in [
            "docker", "compose", "console", "sh", "text", "json", "go", "java", "js", "ts", "nginx", "toml", "python",
            "diff", "xml", "html", "makefile",
        ] {
            assert!(known(name), "{name}");
        }
        assert!(!known("klingon"));
    }
}
