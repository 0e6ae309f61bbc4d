//! Holds an image to its contract: a stand-in in `make test`, the real image wherever a registry answers. Exercises work on
//! both because both keep it.

use super::{Contract, ContractCommand};
use crate::{
    engine::{Engine, EngineError, clean, daemon_error},
    image::{self, Image},
};
use bollard::{
    container::LogOutput,
    models::{ContainerCreateBody, HostConfig},
    query_parameters::{
        AttachContainerOptionsBuilder, CreateContainerOptions, RemoveContainerOptionsBuilder, StartContainerOptions,
        WaitContainerOptions,
    },
};
use futures_util::StreamExt;
use std::{collections::BTreeMap, time::Duration};

/// A command of a contract must end within.
const DEADLINE: Duration = Duration::from_secs(120);
/// As much of what it prints is looked at.
const OUTPUT: usize = 64 << 10;

/// A promise that an image does not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Which: `env PATH`, `path /bin/sh`, a command.
    pub promise: String,
    /// What it should be.
    pub expected: String,
    /// What it is.
    pub found: String,
}

/// Why an image could not be held to its contract.
#[derive(Debug, thiserror::Error)]
pub enum ContractError {
    /// The daemon.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The image's archive.
    #[error(transparent)]
    Image(#[from] image::ReadError),
    /// A regular expression of the contract.
    #[error("{0}")]
    Pattern(String),
}

/// Every promise of the contract that the image does not keep. How many were looked at comes with it: none is no success.
pub async fn verify(engine: &Engine, name: &str, contract: &Contract) -> Result<(usize, Vec<Breach>), ContractError> {
    let image = image::read_stream(engine.export(name).await?, image::Options::default()).await?;
    let mut found = Findings::default();
    of_config(&image, contract, &mut found)?;
    of_files(&image, contract, &mut found);
    for command in &contract.commands {
        of_command(engine, name, command, &mut found).await?;
    }
    Ok((found.looked, found.breaches))
}

#[derive(Default)]
struct Findings {
    looked: usize,
    breaches: Vec<Breach>,
}

impl Findings {
    fn expect(&mut self, kept: bool, promise: String, expected: impl Into<String>, found: impl Into<String>) {
        self.looked += 1;
        if !kept {
            self.breaches.push(Breach { promise, expected: expected.into(), found: found.into() });
        }
    }
}

fn pattern(text: &str) -> Result<regex::Regex, ContractError> {
    regex::RegexBuilder::new(text).multi_line(true).build().map_err(|e| ContractError::Pattern(e.to_string()))
}

fn of_config(image: &Image, contract: &Contract, found: &mut Findings) -> Result<(), ContractError> {
    let config = &image.config;
    let env: BTreeMap<&str, &str> = config.env.iter().filter_map(|pair| pair.split_once('=')).collect();
    for (key, value) in &contract.env {
        let have = env.get(key.as_str()).copied().unwrap_or_default();
        let whole = pattern(&format!("\\A(?:{value})\\z"))?;
        found.expect(whole.is_match(have), format!("env {key}"), value, have);
    }
    if let Some(user) = &contract.user {
        found.expect(config.user == *user, "user".into(), user, &config.user);
    }
    if let Some(workdir) = &contract.workdir {
        // Not set and `/` are the same to a container.
        let plain = |dir: &str| if dir.is_empty() { "/".to_owned() } else { dir.to_owned() };
        found.expect(plain(&config.workdir) == plain(workdir), "workdir".into(), workdir, &config.workdir);
    }
    for (name, want, have) in
        [("entrypoint", &contract.entrypoint, &config.entrypoint), ("cmd", &contract.cmd, &config.cmd)]
    {
        if let Some(want) = want {
            found.expect(want == have, name.into(), format!("{want:?}"), format!("{have:?}"));
        }
    }
    Ok(())
}

fn of_files(image: &Image, contract: &Contract, found: &mut Findings) {
    for path in &contract.paths {
        found.expect(image.follow(path).is_some(), format!("path {path}"), "there", "not there");
    }
    for path in &contract.absent {
        found.expect(image.follow(path).is_none(), format!("path {path}"), "not there", "there");
    }
    for (path, mode) in &contract.modes {
        let have = image.follow(path).map(|entry| format!("{:o}", entry.mode())).unwrap_or_default();
        found.expect(have == *mode, format!("mode {path}"), mode, have.clone());
    }
    let passwd = String::from_utf8_lossy(image.content("etc/passwd").unwrap_or_default()).into_owned();
    for (user, uid) in &contract.users {
        let have = passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next() == Some(user)).then(|| fields.nth(1)).flatten()
        });
        let kept = have.is_some_and(|have| have == uid.to_string());
        found.expect(kept, format!("user {user}"), uid.to_string(), have.unwrap_or_default());
    }
}

/// Not through [`Engine::run`]: that confines as a learner's container is confined, and a contract's commands build, write
/// and change users as the documentation of the image says they can.
async fn of_command(
    engine: &Engine,
    image: &str,
    command: &ContractCommand,
    found: &mut Findings,
) -> Result<(), ContractError> {
    let matches = pattern(&command.matches)?;
    let Some((program, arguments)) = command.run.split_first() else { return Ok(()) };
    let docker = engine.docker();
    let body = ContainerCreateBody {
        image: Some(image.to_owned()),
        entrypoint: Some(vec![program.clone()]),
        cmd: Some(arguments.to_vec()),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        labels: Some(engine.labels()),
        host_config: Some(HostConfig { network_mode: Some("none".to_owned()), ..HostConfig::default() }),
        ..ContainerCreateBody::default()
    };
    let made = docker.create_container(None::<CreateContainerOptions>, body).await.map_err(daemon_error)?;
    let run = async {
        let attach = AttachContainerOptionsBuilder::new().stdout(true).stderr(true).stream(true).logs(true).build();
        let mut attached = docker.attach_container(&made.id, Some(attach)).await?;
        let mut ended = docker.wait_container(&made.id, None::<WaitContainerOptions>);
        docker.start_container(&made.id, None::<StartContainerOptions>).await?;
        let mut output = vec![];
        while let Some(chunk) = attached.output.next().await {
            let (LogOutput::StdOut { message } | LogOutput::StdErr { message } | LogOutput::Console { message }) =
                chunk?
            else {
                continue;
            };
            output.extend_from_slice(&message[..message.len().min(OUTPUT - output.len().min(OUTPUT))]);
        }
        let exit = match ended.next().await {
            Some(Ok(end)) => end.status_code,
            // That it ended with another code than 0 comes as an error.
            Some(Err(bollard::errors::Error::DockerContainerWaitError { code, .. })) => code,
            Some(Err(error)) => return Err(error),
            None => -1,
        };
        Ok((exit, output))
    };
    let ran = tokio::time::timeout(DEADLINE, run).await;
    let remove = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
    let removed = docker.remove_container(&made.id, Some(remove)).await;
    let (expected, promise) = (format!("exit 0, /{}/", command.matches), command.run.join(" "));
    match ran {
        Ok(Ok((exit, output))) => {
            let text = clean::text(&String::from_utf8_lossy(&output));
            found.expect(exit == 0 && matches.is_match(&text), promise, expected, format!("exit {exit}: {text}"));
        }
        // It could not be started: the image's fault, not the daemon's.
        Ok(Err(bollard::errors::Error::DockerResponseServerError { message, .. })) => {
            found.expect(false, promise, expected, clean::line(&message));
        }
        Ok(Err(error)) => return Err(daemon_error(error).into()),
        Err(_) => found.expect(false, promise, expected, format!("no end within {} s", DEADLINE.as_secs())),
    }
    removed.map_err(daemon_error)?;
    Ok(())
}
