//! The commands inside a RUN, CMD or ENTRYPOINT, as shell words.
//!
//! A goal that asks for `npm ci` must find it in `RUN set -e; cd /app && NODE_ENV=production npm ci --omit=dev`, in a
//! here-document and behind `sh -c`, and must not find it in `echo "npm ci"`. So the text is read as a POSIX shell reads it;
//! a search in the line's text would do neither.

use std::ops::Range;

/// How deep `sh -c "$(…)"` may nest: hostile input must not exhaust the stack.
const DEEPEST: u8 = 8;

/// A simple command and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its words without quotes, variables left as written; `exec`, `env A=b` and the like come as commands of their own.
    pub words: Vec<String>,
    /// The bytes of the script that each word was read from. Of a nested script (`sh -c "…"`, `$(…)`) it is the whole of it.
    pub spans: Vec<Range<usize>>,
    /// It stands inside another command's word, so that its spans are not its own.
    pub nested: bool,
    /// Its output goes into a pipe, so that the shell forgets how it ended.
    pub piped: bool,
}

/// Every simple command of `script`, its words without quotes, variables left as written.
pub fn commands(script: &str) -> Vec<Vec<String>> {
    located(script).into_iter().map(|command| command.words).collect()
}

/// The same with their places, for whoever points at them.
pub fn located(script: &str) -> Vec<Command> {
    let mut found = Vec::new();
    read(script, 0, None, &mut found);
    // What was counted are characters.
    let bytes: Vec<usize> = script.char_indices().map(|(at, _)| at).chain([script.len()]).collect();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(script.len());
    for span in found.iter_mut().flat_map(|command| &mut command.spans) {
        *span = byte(span.start)..byte(span.end);
    }
    found
}

/// The commands of an exec form (`["sh", "-c", "…"]` is looked into).
pub fn exec_commands(words: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let words = words.iter().map(|text| Word { text: text.clone(), span: 0..0 }).collect();
    add(words, 0, Some(0..0), &mut found);
    found.into_iter().map(|command| command.words).collect()
}

/// Whether one of `commands` is the wanted one: the same program (by name, whatever its folder), then the wanted words in
/// order, with only options between them. `npm --prefix app ci --omit=dev` is an `npm ci`; `npm run ci` is none.
pub fn any_matches(commands: &[Vec<String>], wanted: &str) -> bool {
    let wanted = shlex::split(wanted).unwrap_or_else(|| wanted.split_whitespace().map(str::to_owned).collect());
    commands.iter().any(|words| matches(words, &wanted))
}

fn matches(words: &[String], wanted: &[String]) -> bool {
    let (Some(program), Some(want)) = (words.first(), wanted.first()) else { return false };
    let name = if want.contains('/') { program.as_str() } else { program.rsplit('/').next().unwrap_or(program) };
    if name != want {
        return false;
    }
    let rest = &words[1..];
    let (options, plain): (Vec<&String>, Vec<&String>) = wanted[1..].iter().partition(|w| w.starts_with('-'));
    let has_option = |option: &str| {
        rest.iter().enumerate().any(|(i, word)| {
            same(word, option)
                || option.split_once('=').is_some_and(|(k, v)| word == k && rest.get(i + 1).is_some_and(|n| same(n, v)))
        })
    };
    options.iter().all(|o| has_option(o)) && in_order(rest, &plain)
}

fn in_order(words: &[String], wanted: &[&String]) -> bool {
    let mut at = 0;
    for want in wanted {
        loop {
            match words.get(at) {
                None => return false,
                Some(word) if same(word, want) => break,
                Some(word) if word.starts_with('-') => {
                    // An option may take the next word as its value, unless that is what we look for.
                    at += 1;
                    if !word.contains('=') && words.get(at).is_some_and(|n| !same(n, want) && !n.starts_with('-')) {
                        at += 1;
                    }
                }
                Some(_) => return false,
            }
        }
        at += 1;
    }
    true
}

/// The same word; a file may be named from here (`./requirements.txt`, `--requirement=./requirements.txt`).
fn same(word: &str, wanted: &str) -> bool {
    let bare = |word: &str| match word.starts_with('-') {
        true => word.replacen("=./", "=", 1),
        false => word.strip_prefix("./").unwrap_or(word).to_owned(),
    };
    word == wanted || bare(word) == bare(wanted)
}

/// A word and the characters that it was read from.
#[derive(Debug, Clone, Default)]
struct Word {
    text: String,
    span: Range<usize>,
}

#[derive(Default)]
struct Reader {
    words: Vec<Word>,
    word: Option<Word>,
    skip_next: bool,
    here: Vec<(String, bool)>,
    /// The character that is being read.
    now: usize,
    /// Where all of this stands, for a script inside a word.
    outer: Option<Range<usize>>,
}

impl Reader {
    /// The word that is being read, begun here if none is.
    fn open(&mut self) -> &mut String {
        let now = self.now;
        &mut self.word.get_or_insert_with(|| Word { text: String::new(), span: now..now }).text
    }

    /// Ends the word before the character that is being read.
    fn end_word(&mut self) {
        let Some(mut word) = self.word.take() else { return };
        if std::mem::take(&mut self.skip_next) {
            return;
        }
        word.span = self.outer.clone().unwrap_or(word.span.start..self.now.max(word.span.start));
        self.words.push(word);
    }

    fn end_command(&mut self, depth: u8, out: &mut Vec<Command>) {
        self.end_word();
        self.skip_next = false;
        if !self.words.is_empty() {
            add(std::mem::take(&mut self.words), depth, self.outer.clone(), out);
        }
    }

    fn push(&mut self, c: char) {
        self.open().push(c);
    }
}

fn read(script: &str, depth: u8, outer: Option<Range<usize>>, out: &mut Vec<Command>) {
    if depth > DEEPEST {
        return;
    }
    let chars: Vec<char> = script.chars().collect();
    let mut r = Reader { outer, ..Reader::default() };
    let mut i = 0;
    while let Some(&c) = chars.get(i) {
        r.now = i;
        i += 1;
        match c {
            '\\' => match chars.get(i) {
                Some('\n') => i += 1,
                Some(&n) => {
                    r.push(n);
                    i += 1;
                }
                None => r.push('\\'),
            },
            '\'' => {
                r.open();
                while let Some(&n) = chars.get(i) {
                    i += 1;
                    if n == '\'' {
                        break;
                    }
                    r.push(n);
                }
            }
            '"' => i = double_quoted(&chars, i, &mut r, depth, out),
            '`' => {
                let end = chars[i..].iter().position(|&n| n == '`').map_or(chars.len(), |n| i + n);
                let outer = r.outer.clone().unwrap_or(i - 1..(end + 1).min(chars.len()));
                read(&chars[i..end].iter().collect::<String>(), depth + 1, Some(outer), out);
                i = (end + 1).min(chars.len());
                r.push('`');
            }
            '$' if chars.get(i) == Some(&'(') => i = substitution(&chars, i, &mut r, depth, out),
            '#' if r.word.is_none() => {
                while chars.get(i).is_some_and(|&n| n != '\n') {
                    i += 1;
                }
            }
            '<' if chars.get(i) == Some(&'<') && chars.get(i + 1) != Some(&'<') => {
                i = here_document(&chars, i + 1, &mut r);
            }
            '<' | '>' => {
                // `2>file`: the digits belong to the redirection, not to the command.
                if r.word.as_ref().is_some_and(|w| w.text.chars().all(|d| d.is_ascii_digit())) {
                    r.word = None;
                }
                r.end_word();
                while matches!(chars.get(i), Some('<' | '>' | '&' | '|')) {
                    i += 1;
                }
                r.skip_next = true;
            }
            '\n' => {
                r.end_command(depth, out);
                i = skip_bodies(&chars, i, &mut r.here);
            }
            '|' if chars.get(i) != Some(&'|') && (i < 2 || chars[i - 2] != '|') => {
                let from = out.len();
                r.end_command(depth, out);
                // `(a; b) | c`: how many commands the brackets hold is not known here; the one before them is enough.
                out[from..].iter_mut().for_each(|command| command.piped = true);
            }
            ';' | '&' | '|' | '(' | ')' => r.end_command(depth, out),
            c if c.is_whitespace() => r.end_word(),
            c => r.push(c),
        }
    }
    r.now = chars.len();
    r.end_command(depth, out);
}

fn double_quoted(chars: &[char], mut i: usize, r: &mut Reader, depth: u8, out: &mut Vec<Command>) -> usize {
    r.open();
    while let Some(&c) = chars.get(i) {
        i += 1;
        match c {
            '"' => break,
            '$' if chars.get(i) == Some(&'(') => i = substitution(chars, i, r, depth, out),
            '\\' => match chars.get(i) {
                Some('\n') => i += 1,
                Some(&n @ ('"' | '\\' | '$' | '`')) => {
                    r.push(n);
                    i += 1;
                }
                _ => r.push('\\'),
            },
            c => r.push(c),
        }
    }
    i
}

/// `$(…)`: what stands inside is a script of its own; for the outer command it is one opaque word.
fn substitution(chars: &[char], open: usize, r: &mut Reader, depth: u8, out: &mut Vec<Command>) -> usize {
    let (mut level, mut i, mut quote) = (0, open, None);
    while let Some(&c) = chars.get(i) {
        match (quote, c) {
            (None, '(') => level += 1,
            (None, ')') => {
                level -= 1;
                if level == 0 {
                    break;
                }
            }
            (None, '\'' | '"') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            _ => {}
        }
        i += 1;
    }
    let end = i.min(chars.len());
    // `$((…))` is arithmetic.
    if chars.get(open + 1) != Some(&'(') {
        let outer = r.outer.clone().unwrap_or(open.saturating_sub(1)..(end + 1).min(chars.len()));
        read(&chars[(open + 1).min(end)..end].iter().collect::<String>(), depth + 1, Some(outer), out);
    }
    r.open().push_str("$()");
    (end + 1).min(chars.len())
}

fn here_document(chars: &[char], mut i: usize, r: &mut Reader) -> usize {
    if r.word.as_ref().is_some_and(|w| w.text.chars().all(|d| d.is_ascii_digit())) {
        r.word = None;
    }
    r.end_word();
    let strip = chars.get(i) == Some(&'-');
    i += usize::from(strip);
    while matches!(chars.get(i), Some(' ' | '\t')) {
        i += 1;
    }
    let start = i;
    while chars.get(i).is_some_and(|c| !c.is_whitespace() && !matches!(c, ';' | '&' | '|' | '<' | '>' | '(' | ')')) {
        i += 1;
    }
    let name: String = chars[start..i].iter().filter(|c| !matches!(c, '"' | '\'' | '\\')).collect();
    r.here.push((name, strip));
    i
}

/// Steps over the bodies of here-documents that the line before opened.
fn skip_bodies(chars: &[char], mut i: usize, here: &mut Vec<(String, bool)>) -> usize {
    for (name, strip) in here.drain(..) {
        while i < chars.len() {
            let end = chars[i..].iter().position(|&c| c == '\n').map_or(chars.len(), |n| i + n);
            let line: String = chars[i..end].iter().collect();
            i = (end + 1).min(chars.len());
            if (if strip { line.trim_start_matches('\t') } else { &line }) == name {
                break;
            }
        }
    }
    i
}

/// Takes a command's words, adds the command itself and what it starts in turn (`exec`, `env A=b`, `sh -c`).
fn add(mut words: Vec<Word>, depth: u8, outer: Option<Range<usize>>, out: &mut Vec<Command>) {
    let skipped = words.iter().take_while(|word| is_assignment(&word.text) || is_reserved(&word.text)).count();
    words.drain(..skipped);
    let Some(first) = words.first() else { return };
    let program = first.text.rsplit('/').next().unwrap_or_default().to_owned();
    let inner = starts(&program, &words).and_then(|at| words.get(at..)).map(<[Word]>::to_vec);
    if depth <= DEEPEST {
        match inner {
            Some(inner) if !inner.is_empty() => add(inner, depth + 1, outer.clone(), out),
            _ => {}
        }
        if matches!(program.as_str(), "sh" | "bash" | "ash" | "dash" | "zsh")
            && let Some(flag) =
                words.iter().position(|w| w.text.starts_with('-') && !w.text.starts_with("--") && w.text.ends_with('c'))
            && let Some(script) = words.get(flag + 1)
        {
            let outer = outer.clone().unwrap_or_else(|| script.span.clone());
            read(&script.text, depth + 1, Some(outer), out);
        }
    }
    let (words, spans) = words.into_iter().map(|word| (word.text, word.span)).unzip();
    out.push(Command { words, spans, nested: outer.is_some(), piped: false });
}

/// Where the command begins that a program starts in its turn (`sudo -u app npm ci`, `python3 -m pip install`).
fn starts(program: &str, words: &[Word]) -> Option<usize> {
    // Short and long options whose value is the next word, and how many words stand before the command.
    let (short, long, before): (&str, &[&str], usize) = match program {
        "sudo" => ("CDRTUghprtu", &["--user", "--group", "--chdir", "--host", "--prompt", "--close-from", "--role"], 0),
        "env" => ("CSu", &["--unset", "--chdir", "--split-string"], 0),
        "nice" => ("n", &["--adjustment"], 0),
        "exec" => ("a", &[], 0),
        "tini" => ("ep", &[], 0),
        "dumb-init" => ("r", &["--rewrite"], 0),
        "command" | "nohup" | "eval" => ("", &[], 0),
        "timeout" => ("ks", &["--kill-after", "--signal"], 1),
        "gosu" | "su-exec" => ("", &[], 1),
        // A module is a program by its own name.
        _ if is_python(program) => {
            let at = words.iter().position(|w| w.text == "-m")?;
            return words[1..at].iter().all(|w| w.text.starts_with('-')).then_some(at + 1);
        }
        _ => return None,
    };
    let mut at = 1;
    while let Some(word) = words.get(at).map(|w| w.text.as_str()).filter(|w| w.starts_with('-') && w.len() > 1) {
        at += 1;
        if word == "--" {
            break;
        }
        let takes = match word.strip_prefix("--") {
            Some(_) => long.contains(&word),
            // `-Hu app`; in `-uapp` the value is the rest of the word.
            None => word[1..].find(|c| short.contains(c)).is_some_and(|found| found + 2 == word.len()),
        };
        at += usize::from(takes);
    }
    // `env A=b`, `sudo A=b`.
    let set = if before == 0 { words.iter().skip(at).take_while(|w| w.text.contains('=')).count() } else { 0 };
    Some(at + set + before)
}

/// `python`, `python3`, `python3.13`.
fn is_python(program: &str) -> bool {
    program.strip_prefix("python").is_some_and(|version| version.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=')
        .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

fn is_reserved(word: &str) -> bool {
    const WORDS: [&str; 14] =
        ["if", "then", "elif", "else", "while", "until", "do", "!", "time", "{", "}", "fi", "done", "esac"];
    WORDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(script: &str, wanted: &str) -> bool {
        any_matches(&commands(script), wanted)
    }

    #[test]
    fn a_command_is_found_wherever_a_shell_would_run_it() {
        for script in [
            "npm ci",
            "npm ci --omit=dev",
            "set -ex; cd /app && NODE_ENV=production npm ci",
            "npm --prefix app ci",
            "npm --loglevel=error ci",
            "/usr/local/bin/npm ci",
            "if test -f x; then npm ci; fi",
            "(cd app; npm ci)",
            "{ npm ci; }",
            "sh -c 'cd x && npm ci'",
            "bash -euxo pipefail -c \"npm ci\"",
            "env A=b npm ci",
            "echo $(npm ci)",
            "echo \"$(npm ci)\"",
            "npm ci > /dev/null 2>&1",
            "npm ci || true",
            "true |npm ci",
            "cat > x <<EOF\nnpm start\nEOF\nnpm ci\n",
            "npm \"ci\"",
            "exec npm ci",
            "timeout 60 npm ci",
            "timeout -s KILL 60 npm ci",
            "timeout --signal=KILL -k 5 60 npm ci",
            "sudo -u app npm ci",
            "sudo -Hu app -- npm ci",
            "sudo -uapp A=b npm ci",
            "sudo --user app npm ci",
            "nice -n 10 npm ci",
            "env -u HOME -C /app npm ci",
            "env -- A=b npm ci",
            "exec -a chai npm ci",
            "tini -- npm ci",
            "gosu app timeout 9 npm ci",
        ] {
            assert!(has(script, "npm ci"), "{script}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_not_found() {
        for script in [
            "echo npm ci",
            "echo \"npm ci\"",
            "# npm ci",
            "npm run ci",
            "npm cix",
            "cat > x <<EOF\nnpm ci\nEOF\n",
            "npm # ci",
            "npm > ci",
            "npm; ci",
            "sudo -u npm ci",
            "timeout npm ci",
            "env -u npm ci",
        ] {
            assert!(!has(script, "npm ci"), "{script}");
        }
    }

    #[test]
    fn wanted_options_may_stand_anywhere_and_in_two_words() {
        assert!(has("npm --omit=dev ci", "npm ci --omit=dev"));
        assert!(has("npm ci --omit dev", "npm ci --omit=dev"));
        assert!(!has("npm ci", "npm ci --omit=dev"));
        assert!(has("go -C src mod download -x", "go mod download"));
        for script in [
            "pip install -r requirements.txt",
            "pip install --no-cache-dir -r ./requirements.txt",
            "python -m pip install -r requirements.txt",
            "python3.13 -u -m pip install -r ./requirements.txt",
        ] {
            assert!(has(script, "pip install -r requirements.txt"), "{script}");
        }
        assert!(has("pip install --requirement=./a.txt", "pip install --requirement=a.txt"));
        assert!(!has("python setup.py -m pip install -r requirements.txt", "pip install -r requirements.txt"));
        assert!(!has("pip install -r ./other.txt", "pip install -r requirements.txt"));
    }

    #[test]
    fn every_word_knows_its_bytes_and_every_command_whether_it_is_piped() {
        let script = "A=1 नाम 'x y' && curl -o- \"$U\" | tar xz || sh -c 'apt-get install git' | cat";
        let found = located(script);
        let own: Vec<_> = found.iter().filter(|c| !c.nested).collect();
        assert_eq!(own[0].spans.iter().map(|s| &script[s.clone()]).collect::<Vec<_>>(), ["नाम", "'x y'"]);
        let shown: Vec<_> = own.iter().map(|c| (c.words[0].as_str(), c.piped)).collect();
        assert_eq!(shown, [("नाम", false), ("curl", true), ("tar", false), ("sh", true), ("cat", false)]);
        let nested = found.iter().find(|c| c.nested).unwrap();
        assert_eq!((nested.words[0].as_str(), &script[nested.spans[0].clone()]), ("apt-get", "'apt-get install git'"));
    }

    #[test]
    fn deep_nesting_ends() {
        let script = format!("{}x{}", "$(".repeat(5000), ")".repeat(5000));
        commands(&script);
        commands(&"sh -c ".repeat(5000));
        exec_commands(&vec!["exec".to_owned(); 5000]);
    }
}
