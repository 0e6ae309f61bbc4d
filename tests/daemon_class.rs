//! A small class on a real daemon: handed in, judged again, killed in the middle, reported. `scripts/class-trial` with forty.
#![cfg(feature = "daemon-tests")]

use std::{path::Path, process::Command};

/// Judged in two seconds each, so that a deadline of 40 tells the one that hangs from the others on a busy machine too.
const LIGHT: &str = "not-root,owned-once,entrypoint-and-cmd";

#[test]
fn a_small_class_is_judged_whatever_is_in_it() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/class-trial");
    let mut command = Command::new(script);
    command.args("--learners 8 --jobs 2 --deadline 40 --exercises".split(' '));
    command.args([LIGHT, env!("CARGO_BIN_EXE_dockshala")]);
    let said = command.output().expect("python3");
    let out = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success(), "{out}\n{}", String::from_utf8_lossy(&said.stderr));
    assert!(out.contains("nothing left on the daemon"), "{out}");
}
