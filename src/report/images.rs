//! What stopped a base image from being pulled, saved, loaded or made.

use super::{Fault, Report};
use crate::{course::Lang, i18n};
use dockshala_checkers::engine::bases::{BundleError, ContractError, KitError, Obstacle, PullError, Reference};
use std::{fmt::Display, path::Path};

/// A pull that failed.
pub fn pull(lang: &Lang, image: &Reference, mirror: Option<&str>, error: &PullError) -> Report {
    let host = mirror.unwrap_or(image.domain());
    let new = |key: &str, message: &dyn Display| {
        let key = format!("images.error.{key}");
        Report::new(lang, Fault::Machine, &key, &[("image", image), ("host", &host), ("message", message)])
    };
    match error {
        PullError::Refused { message, .. } => new("pull-refused", message),
        PullError::RateLimit(message) => new("pull-rate", message),
        PullError::Unreachable(message) => new("pull-unreachable", message),
        PullError::Stalled(idle) => new("pull-stalled", &idle.as_secs()),
        PullError::Engine(error) => super::engine(lang, error),
    }
}

/// The learner stopped a pull; what was downloaded is kept by the daemon.
pub fn pull_stopped(lang: &Lang, image: &Reference) -> Report {
    Report::new(lang, Fault::Machine, "images.error.pull-stopped", &[("image", image)])
}

/// The learner stopped something that left nothing behind.
pub fn stopped(lang: &Lang) -> Report {
    Report::new(lang, Fault::Machine, "images.error.stopped", &[])
}

/// A bundle that was not written or not loaded.
pub fn bundle(lang: &Lang, path: &Path, error: &BundleError) -> Report {
    let new = |key: &str, message: &dyn Display| {
        let key = format!("images.error.{key}");
        Report::new(lang, Fault::Machine, &key, &[("path", &path.display()), ("message", message)])
    };
    match error {
        BundleError::Engine(error) => super::engine(lang, error),
        BundleError::Io(error) => new("io", error),
        BundleError::NotABundle(message) => new("not-a-bundle", message),
        BundleError::Damaged(message) => new("bundle-damaged", message),
        BundleError::Refused(message) => new("bundle-refused", message),
        BundleError::Arch { bundle, daemon } => {
            let args: [(&str, &dyn Display); 3] = [("path", &path.display()), ("bundle", bundle), ("daemon", daemon)];
            Report::new(lang, Fault::Machine, "images.error.bundle-arch", &args)
        }
    }
}

/// A kit that could not be made.
pub fn kit(lang: &Lang, error: &KitError) -> Report {
    let new = |key: &str, args: &[(&str, &dyn Display)]| {
        Report::new(lang, Fault::Machine, &format!("images.error.{key}"), args)
    };
    match error {
        KitError::Engine(error) => super::engine(lang, error),
        KitError::Cancelled => stopped(lang),
        KitError::Obstacles(obstacles) => {
            let words: Vec<String> = obstacles.iter().map(|o| i18n::text(lang, obstacle(*o), &[])).collect();
            new("kit-obstacles", &[("obstacles", &words.join("; "))])
        }
        KitError::Command { program, status, tail } => {
            new("kit-command", &[("program", program), ("status", status), ("tail", tail)])
        }
        KitError::Sum { file, got, want } => new("kit-sum", &[("file", file), ("got", got), ("want", want)]),
        KitError::Arch { package, arch } => new("kit-arch", &[("package", package), ("arch", arch)]),
        KitError::Build { image, message } => new("kit-build", &[("image", image), ("message", message)]),
        KitError::Io { path, message } => new("io", &[("path", path), ("message", message)]),
    }
}

fn obstacle(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::NotLinux => "images.obstacle.not-linux",
        Obstacle::NotRoot => "images.obstacle.not-root",
        Obstacle::NoDebootstrap => "images.obstacle.no-debootstrap",
        Obstacle::NoArchive => "images.obstacle.no-archive",
        Obstacle::NoPip => "images.obstacle.no-pip",
    }
}

/// An image that could not be held to its contract.
pub fn contract(lang: &Lang, image: &str, error: &ContractError) -> Report {
    match error {
        ContractError::Engine(error) => super::engine(lang, error),
        other => {
            let args: [(&str, &dyn Display); 2] = [("image", &image), ("message", other)];
            Report::new(lang, Fault::Ours, "images.error.verify", &args)
        }
    }
}
