//! Docker command lines as data: how flags are taken off one, which flags open the host, and how a script of docker commands
//! is read. Pure: nothing here runs anything. Claims and `steps.sh` share it; each has its own list of what it allows.

/// Flags of `docker run` and its like that open the host, or another container, to what is run. They are refused by name, so
/// that a learner hears why, and not only that a list does not have them.
pub const OPENS_HOST: &[&str] = &[
    "--privileged",
    "--cap-add",
    "--device",
    "--device-cgroup-rule",
    "--pid",
    "--ipc",
    "--uts",
    "--userns",
    "--cgroupns",
    "--security-opt",
    "--gpus",
    "--cgroup-parent",
    "--volumes-from",
    "--sysctl",
    "--runtime",
    "--env-file",
    "--label-file",
    "--cidfile",
    "--log-driver",
];

/// Why flags could not be taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFlag(pub String);

/// Flags with their values, and the words that are none.
pub type Split<'a> = (Vec<(&'static str, &'a str)>, &'a [String]);

/// Takes flags off the front of `words`: they end at the first word that is none, as what follows belongs to the container.
/// A known flag that takes a value ends in `=`. Short flags may stand together (`-it`) and carry their value (`-p8080:80`).
pub fn split<'a>(known: &[&'static str], words: &'a [String]) -> Result<Split<'a>, UnknownFlag> {
    let find = |name: &str| known.iter().copied().find(|flag| flag.trim_end_matches('=') == name);
    let mut flags = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at).filter(|w| w.starts_with('-') && w.len() > 1) {
        let unknown = || UnknownFlag(word.clone());
        at += 1;
        if word == "--" {
            break;
        }
        let (name, inline) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word.as_str(), None),
        };
        if let Some(flag) = find(name) {
            let value = match (flag.ends_with('='), inline) {
                (false, None | Some("true")) => "",
                (false, Some(_)) => return Err(unknown()),
                (true, Some(value)) => value,
                (true, None) => {
                    at += 1;
                    words.get(at - 1).ok_or_else(unknown)?
                }
            };
            flags.push((flag.trim_end_matches('='), value));
            continue;
        }
        if word.starts_with("--") {
            return Err(unknown());
        }
        let mut rest = &word[1..];
        while let Some(letter) = rest.chars().next() {
            let flag = find(&format!("-{letter}")).ok_or_else(unknown)?;
            rest = &rest[letter.len_utf8()..];
            if !flag.ends_with('=') {
                flags.push((flag, ""));
                continue;
            }
            let value = if rest.is_empty() {
                at += 1;
                words.get(at - 1).ok_or_else(unknown)?.as_str()
            } else {
                rest.strip_prefix('=').unwrap_or(rest)
            };
            flags.push((flag.trim_end_matches('='), value));
            break;
        }
    }
    Ok((flags, &words[at..]))
}

/// A command of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The line that it begins on, from 1.
    pub line: u32,
    /// Its words, the program first.
    pub argv: Vec<String>,
    /// The file that it reads (`< FILE`).
    pub input: Option<String>,
    /// The file that it writes (`> FILE`).
    pub output: Option<String>,
    /// Its failure is meant to be overlooked (`|| true`).
    pub may_fail: bool,
}

/// What a script may not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotASteps {
    /// Where, from 1.
    pub line: u32,
    /// What it is, as written.
    pub what: String,
}

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    /// `;`, a line end, `&&`.
    End,
    OrElse,
    Less,
    Greater,
}

/// Stand around the name of a file in a word: what the file holds is to be put in there (`$(cat FILE)`).
pub const FILE_MARKS: [char; 2] = ['\u{1}', '\u{2}'];

/// A word as the learner wrote it.
pub fn as_written(word: &str) -> String {
    word.replace(FILE_MARKS[0], "$(cat ").replace(FILE_MARKS[1], ")")
}

/// A word as a shell would need it.
pub(crate) fn shell_word(word: &str) -> String {
    // shlex quotes `=` too, which no shell needs after the first word and nobody would type.
    if !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c)) {
        return word.to_owned();
    }
    shlex::try_quote(word).map_or_else(|_| "?".to_owned(), |quoted| quoted.into_owned())
}

impl Command {
    /// The command as one could type it again: in quotes what a shell would take apart, and with the files that it reads and
    /// writes.
    pub fn typed(&self) -> String {
        let word = |word: &String| if word.contains(FILE_MARKS) { as_written(word) } else { shell_word(word) };
        let words = self.argv.iter().map(word);
        let input = self.input.iter().map(|file| format!("< {}", shell_word(file)));
        let output = self.output.iter().map(|file| format!("> {}", shell_word(file)));
        words.chain(input).chain(output).collect::<Vec<_>>().join(" ")
    }
}

/// Reads a script of plain commands, one a line, or with `;` and `&&` between them: words, quotes, `\` at a line's end,
/// comments, `<` and `>`, `|| true`, `$(cat FILE)`. There is no shell behind it, so whatever else only a shell can do is
/// refused: variables, pipes, loops, `&`. `$(cat FILE)` is let through, marked by [`FILE_MARKS`], as a digest is known only
/// after a push and has to be handed from one step to the next; where it may stand is the caller's to say.
///
/// A line that is refused keeps none of the others from being read.
pub fn script(text: &str) -> Vec<Result<Command, NotASteps>> {
    let mut commands = Vec::new();
    for (line, text) in continued(text) {
        match commands_of(line, &text) {
            Ok(read) => commands.extend(read.into_iter().map(Ok)),
            Err(no) => commands.push(Err(no)),
        }
    }
    commands
}

/// The commands of one line.
fn commands_of(line: u32, text: &str) -> Result<Vec<Command>, NotASteps> {
    let mut commands = Vec::new();
    let refuse = |what: &str| NotASteps { line, what: what.to_owned() };
    let mut command = Command { line, argv: vec![], input: None, output: None, may_fail: false };
    let mut tokens = tokens(text).map_err(|what| refuse(&what))?.into_iter();
    while let Some(token) = tokens.next() {
        let mut file = |sign: &str| match tokens.next() {
            Some(Token::Word(word)) if plain_file(&word) => Ok(Some(word)),
            Some(Token::Word(word)) => Err(refuse(&format!("{sign} {word}"))),
            _ => Err(refuse(sign)),
        };
        match token {
            Token::Word(word) => command.argv.push(word),
            Token::Less => command.input = file("<")?,
            Token::Greater => command.output = file(">")?,
            Token::OrElse => {
                match tokens.next() {
                    Some(Token::Word(word)) if matches!(word.as_str(), "true" | ":") => command.may_fail = true,
                    _ => return Err(refuse("||")),
                };
            }
            Token::End => {
                let next = Command { line, argv: vec![], input: None, output: None, may_fail: false };
                commands.push(std::mem::replace(&mut command, next));
            }
        }
    }
    commands.push(command);
    // A script's usual first lines say nothing that matters here.
    commands.retain(|c| !c.argv.is_empty() && c.argv[0] != "set");
    Ok(commands)
}

/// A file of the steps' own folder, and nowhere else.
pub(super) fn plain_file(word: &str) -> bool {
    let word = word.strip_prefix("./").unwrap_or(word);
    !word.is_empty() && !word.starts_with('.') && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// Lines with their numbers, those that end in `\` put together.
fn continued(text: &str) -> Vec<(u32, String)> {
    let mut lines: Vec<(u32, String)> = Vec::new();
    let mut open = false;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim_end_matches('\r');
        let (part, goes_on) = match line.strip_suffix('\\') {
            Some(part) => (part, true),
            None => (line, false),
        };
        match lines.last_mut().filter(|_| open) {
            Some((_, last)) => {
                last.push(' ');
                last.push_str(part);
            }
            None => lines.push((number, part.to_owned())),
        }
        open = goes_on;
    }
    lines
}

fn tokens(line: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next() {
                        None => return Err(c.to_string()),
                        Some(end) if end == c => break,
                        Some('\\') if c == '"' => match rest.next() {
                            Some(escaped @ ('"' | '\\' | '$' | '`')) => word.push(escaped),
                            Some(other) => word.extend(['\\', other]),
                            None => return Err(c.to_string()),
                        },
                        Some('$') if c == '"' => word.push_str(&file_of(&mut rest)?),
                        Some('`') if c == '"' => return Err(from('`', rest)),
                        Some(mark) if FILE_MARKS.contains(&mark) => return Err(mark.escape_default().to_string()),
                        Some(inner) => word.push(inner),
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(rest.next()),
            '#' if word.is_none() => break,
            '$' => word.get_or_insert_default().push_str(&file_of(&mut rest)?),
            '`' | '(' | ')' => return Err(from(c, rest)),
            c if FILE_MARKS.contains(&c) => return Err(c.escape_default().to_string()),
            c if c.is_whitespace() || ";&|<>".contains(c) => {
                if let Some(word) = word.take() {
                    found.push(Token::Word(word));
                }
                let twice = rest.peek() == Some(&c);
                match c {
                    ';' => found.push(Token::End),
                    '&' if twice => {
                        rest.next();
                        found.push(Token::End);
                    }
                    '|' if twice => {
                        rest.next();
                        found.push(Token::OrElse);
                    }
                    '<' if !twice => found.push(Token::Less),
                    '>' if !twice => found.push(Token::Greater),
                    '&' | '|' | '<' | '>' => return Err(if twice { format!("{c}{c}") } else { c.to_string() }),
                    _ => {}
                }
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    found.extend(word.map(Token::Word));
    Ok(found)
}

/// What follows a `$`: `(cat FILE)`, and nothing else.
fn file_of(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, String> {
    let inner: String = rest.clone().take_while(|c| *c != ')').collect();
    let name = inner.strip_prefix("(cat ").map(str::trim).filter(|name| plain_file(name));
    let Some(name) = name.filter(|_| rest.clone().any(|c| c == ')')) else { return Err(from('$', rest)) };
    rest.by_ref().find(|c| *c == ')');
    Ok(format!("{}{name}{}", FILE_MARKS[0], FILE_MARKS[1]))
}

/// What is refused, as far as it can be shown.
fn from(sign: char, rest: impl Iterator<Item = char>) -> String {
    std::iter::once(sign).chain(rest.take(20)).take_while(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> Result<Vec<Command>, NotASteps> {
        super::script(text).into_iter().collect()
    }

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn flags_come_off_in_every_spelling() {
        let known = &["-d", "-i", "-t", "-p=", "--name=", "--rm"];
        let line = words("-it -p8080:80 --name=x -p 1:2 -dp=3:4 --rm=true img -p not-ours");
        let (flags, rest) = split(known, &line).unwrap();
        let want = [
            ("-i", ""),
            ("-t", ""),
            ("-p", "8080:80"),
            ("--name", "x"),
            ("-p", "1:2"),
            ("-d", ""),
            ("-p", "3:4"),
            ("--rm", ""),
        ];
        assert_eq!(flags, want);
        assert_eq!(rest, words("img -p not-ours"));
        for bad in ["--new x", "-x", "-itx", "-p", "--rm=false y"] {
            assert!(split(known, &words(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_script_is_words_and_nothing_of_a_shell() {
        let text = "#!/bin/sh\nset -e\n# a note\ndocker run -d \\\n  --name x 'a b' \"c\\\"d\" # why\n\
                    docker stop x && docker rm x; docker rm y || true\ndocker cp x:/a - > a.tar\ndocker load < ./a.tar\n";
        let read = script(text).unwrap();
        let argv: Vec<(u32, String)> = read.iter().map(|c| (c.line, c.argv.join("|"))).collect();
        assert_eq!(
            argv,
            [
                (4, "docker|run|-d|--name|x|a b|c\"d".to_owned()),
                (6, "docker|stop|x".to_owned()),
                (6, "docker|rm|x".to_owned()),
                (6, "docker|rm|y".to_owned()),
                (7, "docker|cp|x:/a|-".to_owned()),
                (8, "docker|load".to_owned()),
            ]
        );
        assert_eq!((read[4].output.as_deref(), read[5].input.as_deref()), (Some("a.tar"), Some("./a.tar")));
        assert!(read[3].may_fail && !read[2].may_fail);
    }

    #[test]
    fn what_only_a_shell_can_do_is_refused_with_its_line() {
        for bad in [
            "docker run $(id)",
            "docker run `id`",
            "docker run \"$HOME\"",
            "docker ps | sh",
            "docker run x &",
            "docker run x > /etc/passwd",
            "docker run x > ../y",
            "docker run x >> y",
            "docker run x << y",
            "docker run 'x",
            "(docker ps)",
            "docker run x || rm -rf /",
            "docker run x > .bashrc",
            "docker run $(cat /etc/passwd)",
            "docker run $(cat a b)",
            "docker run $(cat a",
            "docker run a\u{1}b\u{2}",
        ] {
            let error = script(&format!("docker ps\n{bad}\n")).unwrap_err();
            assert_eq!(error.line, 2, "{bad}: {error:?}");
        }
        assert_eq!(script("docker run '$HOME' \\$x").unwrap()[0].argv[2..], ["$HOME".to_owned(), "$x".to_owned()]);
        assert!(script("# nothing\n\n").unwrap().is_empty());
        let word = &script("docker pull \"x@$(cat ./d.txt)\"").unwrap()[0].argv[2];
        assert_eq!((word.as_str(), as_written(word).as_str()), ("x@\u{1}./d.txt\u{2}", "x@$(cat ./d.txt)"));
    }
}
