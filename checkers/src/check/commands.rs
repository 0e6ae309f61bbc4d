//! The docker commands that a check amounts to, for a learner to paste.

use crate::{
    evidence::{BaseFact, HttpAsk, LiveAsk, RunAsk, SecretAsk},
    spec::{Edit, Network, Then},
};
use std::collections::BTreeMap;

/// What the commands are about.
#[derive(Debug)]
pub(super) struct Commands<'a> {
    /// What the image is called in them.
    pub(super) name: &'a str,
    /// Another Dockerfile than the folder's first one.
    pub(super) file: Option<&'a str>,
    pub(super) target: Option<&'a str>,
    pub(super) args: &'a BTreeMap<String, String>,
    pub(super) secrets: &'a [(SecretAsk, String)],
    pub(super) network: Network,
    pub(super) bases: &'a BTreeMap<String, BaseFact>,
}

fn quoted(word: &str) -> String {
    // The crate also quotes `=` and `:`, which no shell minds and which make a command harder to read.
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    shlex::try_quote(word).map_or_else(|_| "''".to_owned(), std::borrow::Cow::into_owned)
}

fn env(env: &BTreeMap<String, String>) -> String {
    env.iter().map(|(k, v)| format!("-e {} ", quoted(&format!("{k}={v}")))).collect()
}

impl Commands<'_> {
    /// `docker build …`. A stand-in goes in by `--build-context`, so that the learner's own Dockerfile stays as it is.
    pub(super) fn build(&self) -> String {
        let mut command = format!("docker build -t {}", quoted(self.name));
        if let Some(file) = self.file {
            command.push_str(&format!(" -f {}", quoted(file)));
        }
        for (reference, base) in self.bases.iter().filter(|(_, b)| b.stand_in) {
            let context = format!("{reference}=docker-image://{}", base.by);
            command.push_str(&format!(" --build-context {}", quoted(&context)));
        }
        if self.network == Network::None {
            command.push_str(" --network none");
        }
        if let Some(target) = self.target {
            command.push_str(&format!(" --target {}", quoted(target)));
        }
        for (name, value) in self.args {
            command.push_str(&format!(" --build-arg {}", quoted(&format!("{name}={value}"))));
        }
        for (ask, _) in self.secrets {
            let file = ask.file.as_deref().unwrap_or("FILE");
            command.push_str(&format!(" --secret {}", quoted(&format!("id={},src={file}", ask.secret))));
        }
        command.push_str(" .");
        command
    }

    /// Where the bytes are.
    pub(super) fn history(&self) -> String {
        format!("docker history {}", quoted(self.name))
    }

    /// The edit, and the build again.
    pub(super) fn rebuild(&self, edit: &Edit) -> String {
        let line = edit.append.replace("{nonce}", "1");
        format!("echo {} >> {} && {}", quoted(&line), quoted(&edit.file), self.build())
    }

    /// A container that runs to its end.
    pub(super) fn run(&self, ask: &RunAsk) -> String {
        let args: String = ask.args.iter().map(|a| format!(" {}", quoted(a))).collect();
        format!("docker run --rm {}{}{args}", env(&ask.env), quoted(self.name))
    }

    /// A container that goes on running, and what is done to it.
    pub(super) fn live(&self, ask: &LiveAsk) -> String {
        let name = quoted(self.name);
        let (vars, args, then) = match ask {
            LiveAsk::Health(ask) => {
                let look = format!("docker inspect -f '{{{{json .State.Health}}}}' {name}");
                let shock = match &ask.then {
                    Some(Then::Exec(argv)) => {
                        let words: String = argv.iter().map(|w| format!(" {}", quoted(w))).collect();
                        format!("; docker exec {name}{words}; {look}")
                    }
                    Some(Then::Signal(signal)) => format!("; docker kill -s {} {name}; {look}", quoted(signal)),
                    None => String::new(),
                };
                (&ask.env, &[][..], format!("{look}{shock}"))
            }
            LiveAsk::Signal(ask) => {
                let stop = match &ask.send {
                    Some(signal) => format!("docker kill -s {} {name}", quoted(signal)),
                    None => format!("time docker stop {name}"),
                };
                (&ask.env, &[][..], format!("{stop}; docker inspect -f '{{{{.State.ExitCode}}}}' {name}"))
            }
            LiveAsk::Logs(ask) => (&ask.env, &ask.args[..], format!("docker logs {name}")),
        };
        let args: String = args.iter().map(|a| format!(" {}", quoted(a))).collect();
        format!("docker run -d --name {name} {}{name}{args}; {then}; docker rm -f {name}", env(vars))
    }

    /// A server and the question to it.
    pub(super) fn http(&self, ask: &HttpAsk) -> String {
        let port = ask.port;
        let url = quoted(&format!("http://localhost:{port}{}", ask.path));
        format!("docker run --rm -d -p {port}:{port} {}{} && curl {url}", env(&ask.env), quoted(self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_survive_a_shell() {
        let bases = [("golang:1.26", "dockshala.local/golang:1.26", true), ("debian", "debian", false)];
        let bases = bases.map(|(r, by, stand_in)| (r.to_owned(), BaseFact { by: by.to_owned(), stand_in })).into();
        let args = [("V".to_owned(), "a b".to_owned())].into();
        let commands = Commands {
            file: None,
            name: "two-stages",
            target: Some("x"),
            args: &args,
            secrets: &[],
            network: Network::None,
            bases: &bases,
        };
        assert_eq!(
            commands.build(),
            "docker build -t two-stages --build-context golang:1.26=docker-image://dockshala.local/golang:1.26 \
             --network none --target x --build-arg 'V=a b' ."
        );
        let edit = Edit { file: "main.go".into(), append: "// {nonce}".into() };
        assert!(commands.rebuild(&edit).starts_with("echo '// 1' >> main.go && docker build"));
        let http = HttpAsk { port: 80, path: "/a?b=1&c".into(), env: BTreeMap::new(), within: 1 };
        assert_eq!(
            commands.http(&http),
            "docker run --rm -d -p 80:80 two-stages && curl 'http://localhost:80/a?b=1&c'"
        );
    }
}
