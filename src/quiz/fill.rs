//! What was typed against what is right.
//!
//! A wrong answer is never taken for a right one: `docker rm` and `docker rmi` are one letter apart. So a slip of the finger
//! is no pass either; it is told apart from not knowing, and the learner types again. What is the same to a shell or to a
//! ruler is the same here: quotes, spacing, the order of flags, `--name=x` and `--name x`, 25 MB and 25000 kB.

mod docker;

use super::grade::{Near, Verdict};

/// Judges what was typed by all the answers; the best verdict counts.
pub(super) fn fill(answers: &[String], typed: &str) -> Verdict {
    let typed = tidy(typed);
    if typed.is_empty() {
        return Verdict::Wrong;
    }
    let verdicts = answers.iter().map(|answer| one(&tidy(answer), &typed));
    let rank = |v: &Verdict| match v {
        Verdict::Right => 0,
        Verdict::Near(Near::Unit) => 1,
        Verdict::Near(Near::Spelling) => 2,
        Verdict::Wrong => 3,
    };
    verdicts.min_by_key(rank).unwrap_or(Verdict::Wrong)
}

/// Without what people add around a command: a prompt, backticks, a full stop, doubled blanks.
fn tidy(text: &str) -> String {
    let text = text.trim().trim_matches('`').trim();
    let text = text.strip_prefix("$ ").or_else(|| text.strip_prefix("# ")).unwrap_or(text);
    // A command may end in a dot that means a folder: `docker build .`.
    let text = if text.ends_with(" .") || text == "." { text } else { text.strip_suffix('.').unwrap_or(text) };
    text.trim().to_owned()
}

fn one(answer: &str, typed: &str) -> Verdict {
    if answer == typed {
        return Verdict::Right;
    }
    if let Some(verdict) = measured(answer, typed) {
        return verdict;
    }
    if is_command(answer) {
        return command(answer, typed);
    }
    let fold = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let (answer, typed) = (fold(&unquoted(answer)), fold(&unquoted(typed)));
    if answer == typed { Verdict::Right } else { slip(&words(&answer), &words(&typed)) }
}

fn unquoted(text: &str) -> String {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|t| t.strip_suffix(quote)) {
            return inner.to_owned();
        }
    }
    text.to_owned()
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// A number, with a unit or without.
#[derive(Debug, PartialEq)]
struct Number {
    value: f64,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Unit {
    None,
    Bytes,
    Seconds,
    Percent,
    /// A word that is no unit of measure: `3 layers`.
    Word,
}

fn number(text: &str) -> Option<Number> {
    let text = text.trim().trim_start_matches(['~', '≈']).replace(['_', ','], "");
    let cut = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let value: f64 = text[..cut].parse().ok()?;
    let word = text[cut..].trim();
    let (factor, unit) = match word {
        "" => (1.0, Unit::None),
        "%" | "percent" => (1.0, Unit::Percent),
        "B" | "byte" | "bytes" => (1.0, Unit::Bytes),
        "kB" | "KB" | "kb" => (1e3, Unit::Bytes),
        "MB" | "mb" | "Mb" => (1e6, Unit::Bytes),
        "GB" | "gb" | "Gb" => (1e9, Unit::Bytes),
        "KiB" => (1024.0, Unit::Bytes),
        "MiB" => (1_048_576.0, Unit::Bytes),
        "GiB" => (1_073_741_824.0, Unit::Bytes),
        "ms" => (1e-3, Unit::Seconds),
        "s" | "sec" | "second" | "seconds" => (1.0, Unit::Seconds),
        "min" | "minute" | "minutes" => (60.0, Unit::Seconds),
        "h" | "hour" | "hours" => (3600.0, Unit::Seconds),
        other if !other.contains(char::is_whitespace) && other.chars().all(char::is_alphabetic) => (1.0, Unit::Word),
        _ => return None,
    };
    Some(Number { value: value * factor, unit })
}

/// Judges a number; none where the answer is none.
fn measured(answer: &str, typed: &str) -> Option<Verdict> {
    let want = number(answer).filter(|n| n.unit != Unit::Word)?;
    let Some(have) = number(typed) else { return Some(Verdict::Wrong) };
    let same = (want.value - have.value).abs() <= want.value.abs() * 1e-9;
    Some(match (want.unit, have.unit) {
        (a, b) if a == b => {
            if same {
                Verdict::Right
            } else {
                Verdict::Wrong
            }
        }
        // "3 layers" where 3 is asked: the word says nothing that the question did not.
        (Unit::None, Unit::Word) if same => Verdict::Right,
        // A size without a unit is no size, but whoever wrote the number may add it.
        (_, Unit::None) => {
            let bare = number(&answer.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect::<String>());
            if bare.is_some_and(|b| b.value == have.value) { Verdict::Near(Near::Unit) } else { Verdict::Wrong }
        }
        _ => Verdict::Wrong,
    })
}

/// Whether an answer is something for a shell: words with flags, or more than one word that begins with a known program.
fn is_command(answer: &str) -> bool {
    const PROGRAMS: &[&str] = &[
        "docker",
        "kill",
        "nohup",
        "npm",
        "go",
        "ps",
        "sudo",
        "systemctl",
        "tmux",
        "setsid",
        "disown",
        "curl",
        "tar",
        "hadolint",
        "pip",
        "mvn",
        "git",
        "ssh",
        "apt-get",
        "apk",
        "chown",
        "chmod",
        "cat",
        "ls",
        "export",
    ];
    let words = words(answer);
    words.iter().any(|w| w.starts_with('-') && w.len() > 1)
        || words.len() > 1 && words.first().is_some_and(|w| PROGRAMS.contains(&w.as_str()) || is_instruction(w))
}

fn is_instruction(word: &str) -> bool {
    const INSTRUCTIONS: &[&str] = &[
        "FROM",
        "RUN",
        "CMD",
        "LABEL",
        "EXPOSE",
        "ENV",
        "ADD",
        "COPY",
        "ENTRYPOINT",
        "VOLUME",
        "USER",
        "WORKDIR",
        "ARG",
        "ONBUILD",
        "STOPSIGNAL",
        "HEALTHCHECK",
        "SHELL",
    ];
    INSTRUCTIONS.contains(&word)
}

fn command(answer: &str, typed: &str) -> Verdict {
    // An instruction's name may be written small, as Docker takes it so.
    let typed = match typed.split_once(' ') {
        Some((first, rest)) if is_instruction(&first.to_uppercase()) && answer.starts_with(&first.to_uppercase()) => {
            format!("{} {rest}", first.to_uppercase())
        }
        _ => typed.to_owned(),
    };
    let (Some(want), Some(have)) = (shlex::split(answer), shlex::split(&typed)) else { return Verdict::Wrong };
    if want == have {
        return Verdict::Right;
    }
    match (docker::read(&want), docker::read(&have)) {
        (Some(a), Some(b)) if a == b => Verdict::Right,
        _ => slip(&want, &have),
    }
}

/// One slip of the finger, or another answer altogether.
fn slip(want: &[String], have: &[String]) -> Verdict {
    if want.len() != have.len() {
        return Verdict::Wrong;
    }
    let mut different = want.iter().zip(have).filter(|(a, b)| a != b);
    let (Some((a, b)), None) = (different.next(), different.next()) else { return Verdict::Wrong };
    // Short words and numbers are too close to one another: `-p` and `-P`, 80 and 90, `rm` and `rmi`.
    let long_enough = a.chars().count() >= 5 && b.chars().count() >= 4;
    let same_digits = a.chars().filter(char::is_ascii_digit).eq(b.chars().filter(char::is_ascii_digit));
    if long_enough && same_digits && one_edit(a, b) { Verdict::Near(Near::Spelling) } else { Verdict::Wrong }
}

/// One letter added, left out or changed, or two neighbours swapped.
fn one_edit(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let front = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (ra, rb) = (&a[front..], &b[front..]);
    match ra.len().abs_diff(rb.len()) {
        0 => {
            let changed = ra.iter().zip(rb).skip(1).all(|(x, y)| x == y);
            let swapped = ra.len() > 1 && ra[0] == rb[1] && ra[1] == rb[0] && ra[2..] == rb[2..];
            changed || swapped
        }
        1 if ra.len() > rb.len() => ra[1..] == *rb,
        1 => *ra == rb[1..],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const RIGHT: Verdict = Verdict::Right;
    const WRONG: Verdict = Verdict::Wrong;
    const SLIP: Verdict = Verdict::Near(Near::Spelling);
    const UNIT: Verdict = Verdict::Near(Near::Unit);

    #[rstest]
    // Words.
    #[case("COPY", "copy", RIGHT)]
    #[case("COPY", " `COPY` ", RIGHT)]
    #[case("COPY", "CPOY", WRONG)] // too short to tell
    #[case("scratch", "scartch", SLIP)]
    #[case("scratch", "\"scratch\"", RIGHT)]
    #[case("BuildKit", "build kit", WRONG)]
    #[case("build cache", "build  Cache.", RIGHT)]
    #[case("build cache", "build cahce", SLIP)]
    #[case("build cache", "cache", WRONG)]
    #[case("pause", "", WRONG)]
    #[case("rollback", "pause", WRONG)]
    // Commands: spacing, quotes, prompts.
    #[case("docker builder prune", "docker  builder   prune", RIGHT)]
    #[case("docker builder prune", "$ docker builder prune", RIGHT)]
    #[case("docker builder prune", "docker bilder prune", SLIP)]
    #[case("docker builder prune", "docker image prune", WRONG)]
    #[case("docker builder prune", "docker builder prune -a", WRONG)]
    #[case("docker builder prune", "Docker builder prune", SLIP)]
    #[case("docker rm web", "docker rmi web", WRONG)]
    #[case("docker stop web", "docker start web", WRONG)]
    #[case("docker build .", "docker build .", RIGHT)]
    #[case("docker build .", "docker build", WRONG)]
    #[case("docker ps -a", "docker ps -A", WRONG)]
    #[case("docker ps -a", "docker ps --all", RIGHT)]
    #[case("docker ps -aq", "docker ps -q -a", RIGHT)]
    // Flags: order, spelling, values.
    #[case("docker run -d --name web -p 8080:80 nginx", "docker run -p 8080:80 --name=web -d nginx", RIGHT)]
    #[case(
        "docker run -d --name web -p 8080:80 nginx",
        "docker run --detach --publish 8080:80 --name 'web' nginx",
        RIGHT
    )]
    #[case("docker run -d --name web -p 8080:80 nginx", "docker run -d --name web -p 80:8080 nginx", WRONG)]
    #[case("docker run -d --name web -p 8080:80 nginx", "docker run -d --name web -P nginx", WRONG)]
    #[case("docker run -d --name web -p 8080:80 nginx", "docker run nginx -d --name web -p 8080:80", WRONG)]
    #[case("docker run -d --name web -p 8080:80 nginx", "docker run -d --nmae web -p 8080:80 nginx", SLIP)]
    #[case("docker run -it --rm alpine sh", "docker run -ti --rm alpine sh", RIGHT)]
    #[case("docker run -it --rm alpine sh", "docker run --rm -i -t alpine sh", RIGHT)]
    #[case("docker run -it --rm alpine sh", "docker run -it alpine --rm sh", WRONG)]
    #[case("docker run alpine ls -l -a", "docker run alpine ls -a -l", WRONG)] // the container's own words stay as they are
    #[case("docker run -p 127.0.0.1:80:80 nginx", "docker run -p 127.0.0.1:90:80 nginx", WRONG)]
    #[case("docker logs -f web", "docker logs web -f", RIGHT)]
    #[case("docker logs -f web", "docker logs --follow web", RIGHT)]
    #[case("docker logs --tail 20 web", "docker logs -n 20 web", RIGHT)]
    #[case("docker build -t chai:1 -f prod.Dockerfile .", "docker build -f prod.Dockerfile --tag chai:1 .", RIGHT)]
    #[case("docker build -t chai:1 -f prod.Dockerfile .", "docker build . -t chai:1 -f prod.Dockerfile", RIGHT)]
    #[case("docker build -t chai:1 -f prod.Dockerfile .", "docker build -t chai:2 -f prod.Dockerfile .", WRONG)]
    #[case("docker stop -t 3 web", "docker stop --time=3 web", RIGHT)]
    #[case("docker system prune -a --volumes", "docker system prune --volumes -a", RIGHT)]
    #[case("docker system prune", "docker system prune --volumes", WRONG)]
    #[case("docker compose up -d", "docker compose up --detach", RIGHT)]
    #[case("docker compose down", "docker compose down -v", WRONG)]
    #[case("docker service update --rollback web", "docker service update web --rollback", RIGHT)]
    #[case("docker node update --availability drain n2", "docker node update --availability=drain n2", RIGHT)]
    #[case("docker exec -it web sh", "docker exec -ti web sh", RIGHT)]
    #[case("docker exec -it web sh", "docker exec web sh -it", WRONG)]
    // Flags alone, and other programs.
    #[case("--target builder", "--target  builder", RIGHT)]
    #[case("--omit=dev", "--omit=dev", RIGHT)]
    #[case("--omit=dev", "--omit=prod", WRONG)]
    #[case("kill -9 42", "kill -15 42", WRONG)]
    #[case("nohup ./report.sh &", "nohup ./report.sh", WRONG)]
    #[case("nohup ./report.sh &", "nohup  ./report.sh  &", RIGHT)]
    // Instructions.
    #[case("COPY --from=build /app /app", "copy --from=build /app /app", RIGHT)]
    #[case("COPY --from=build /app /app", "COPY --from=builds /app /app", SLIP)]
    #[case("USER 10001", "USER 10000", WRONG)]
    #[case("CMD [\"node\", \"server.js\"]", "CMD [\"node\",  \"server.js\"]", RIGHT)]
    // Numbers and sizes.
    #[case("137", "137", RIGHT)]
    #[case("137", "143", WRONG)]
    #[case("137", "one", WRONG)]
    #[case("3", "3 layers", RIGHT)]
    #[case("3", "3 MB", WRONG)]
    #[case("25 MB", "25MB", RIGHT)]
    #[case("25 MB", "25000 kB", RIGHT)]
    #[case("25 MB", "25 MiB", WRONG)]
    #[case("25 MB", "25", UNIT)]
    #[case("25 MB", "26", WRONG)]
    #[case("10 s", "10 seconds", RIGHT)]
    #[case("10 s", "10 min", WRONG)]
    #[case("10 s", "10", UNIT)]
    #[case("1000000", "1,000,000", RIGHT)]
    fn every_answer(#[case] answer: &str, #[case] said: &str, #[case] want: Verdict) {
        assert_eq!(fill(&[answer.to_owned()], said), want, "{answer} / {said}");
    }

    #[test]
    fn any_of_the_listed_answers_will_do() {
        let answers = ["docker ps".to_owned(), "docker container ls".to_owned()];
        assert_eq!(fill(&answers, "docker container ls"), RIGHT);
        assert_eq!(fill(&answers, "docker container list"), WRONG);
        assert_eq!(fill(&answers, "docker container"), WRONG);
    }

    proptest::proptest! {
        #[test]
        fn nothing_typed_breaks_it(answer in "\\PC{0,40}", typed in "\\PC{0,40}") {
            fill(&[answer, "docker run -it x".into(), "3 MB".into()], &typed);
        }
    }
}
