//! Reading what the learner hands in: the Dockerfile's text, the names of the files, what .dockerignore leaves out.

use crate::{
    dockerfile::{BIGGEST, Dockerfile, Options, Unreadable},
    engine::{clean, context, ignore::Ignore},
    evidence::{Blocked, ContextFact, Evidence, Gathered},
    goal,
    spec::{Ask, Spec},
    verdict::{Diagnosis, Fact, codes},
};
use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// How many file names are kept: enough to say which one a COPY meant.
const FILES: usize = 5_000;
/// How much of `package.json` and `.dockerignore` is read.
const SMALL: u64 = 1 << 20;

/// What can be known of a submission without a daemon. `file` is another Dockerfile than the folder's first one.
pub(super) fn read(spec: &Spec, dir: &Path, file: Option<&str>, arch: &str, why_no_more: Blocked) -> Evidence {
    let mut evidence = Evidence::of_text(dockerfile(dir, file), why_no_more);
    evidence.arch = arch.to_owned();
    evidence.network = spec.network;
    evidence.profile = spec.profile;
    let builds = spec.goals.iter().find_map(|g| if let Ask::Builds(ask) = &g.ask { Some(ask) } else { None });
    if let Some(builds) = builds {
        evidence.target = builds.target.clone();
        evidence.args = builds.args.clone();
    }
    evidence.files = files(dir);
    let own = format!("{}.dockerignore", file.unwrap_or(context::DOCKERFILE));
    let ignore = [own.as_str(), ".dockerignore"].iter().find_map(|name| {
        // What is wrong with its patterns the build will say.
        Ignore::parse(name, &small(&dir.join(name))?).ok()
    });
    if let Some(ignore) = ignore {
        evidence.ignored = evidence.files.iter().filter(|f| ignore.ignores(f)).cloned().collect();
    }
    if spec.goals.iter().any(|g| matches!(g.ask, Ask::Context(_))) {
        evidence.context = Some(match context::weigh(dir, file.unwrap_or(context::DOCKERFILE)) {
            Ok(context::Weight { bytes, files, biggest }) => Ok(ContextFact { bytes, files, biggest }),
            Err(error) => Err(goal::explain_context(&error)),
        });
    }
    evidence.dev_dependencies =
        small(&dir.join("package.json")).map(|text| dev_dependencies(&text)).unwrap_or_default();
    // The model is what everything else needs: a text that has none is the submission's own failure.
    if let Ok(text) = &evidence.dockerfile {
        let options = Options { args: evidence.args.clone(), arch: evidence.arch.clone() };
        if let Err(error) = Dockerfile::read(text.as_bytes(), &options) {
            evidence.dockerfile = Err(Blocked::failed(error.diagnosis()));
        }
    }
    evidence
}

fn dockerfile(dir: &Path, file: Option<&str>) -> Gathered<String> {
    let unreadable = |path: &Path, error: &io::Error| {
        Blocked::broken(
            Diagnosis::new(codes::SUBMISSION_UNREADABLE)
                .fact("path", Fact::Text(clean::line(&path.to_string_lossy())))
                .fact("message", Fact::Text(clean::line(&error.to_string()))),
        )
    };
    let missing = || {
        Blocked::failed(match file {
            None => Diagnosis::new(codes::NO_DOCKERFILE),
            Some(file) => Diagnosis::new(codes::NO_SUCH_DOCKERFILE).fact("file", Fact::Text(clean::line(file))),
        })
    };
    let root = dir.canonicalize().map_err(|e| unreadable(dir, &e))?;
    // As `docker build`: the second spelling only where the first is not there.
    let names = file.map_or_else(|| vec!["Dockerfile", "dockerfile"], |file| vec![file]);
    let Some(path) = names.into_iter().map(|name| root.join(name)).find(|p| p.symlink_metadata().is_ok()) else {
        return Err(missing());
    };
    let real = match path.canonicalize() {
        Ok(real) => real,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(missing());
        }
        Err(e) => return Err(unreadable(&path, &e)),
    };
    if !real.starts_with(&root) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        return Err(Blocked::failed(
            Diagnosis::new(codes::SYMLINK_OUT)
                .fact("path", Fact::Text(clean::line(&name)))
                .fact("target", Fact::Text(clean::line(&real.to_string_lossy()))),
        ));
    }
    // A folder or a pipe of that name is no Dockerfile, and reading a pipe would wait for ever.
    let meta = real.metadata().map_err(|e| unreadable(&path, &e))?;
    if !meta.is_file() {
        return Err(missing());
    }
    if meta.len() > BIGGEST as u64 {
        return Err(Blocked::failed(Unreadable::TooBig(meta.len() as usize).diagnosis()));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(&real).map_err(|e| unreadable(&path, &e))?;
    file.take(BIGGEST as u64 + 1).read_to_end(&mut bytes).map_err(|e| unreadable(&path, &e))?;
    String::from_utf8(bytes).map_err(|e| {
        let error = Dockerfile::read(e.as_bytes(), &Options::default()).err();
        Blocked::failed(error.map_or_else(|| Diagnosis::new(codes::DOCKERFILE_NOT_UTF8), |e| e.diagnosis()))
    })
}

fn small(path: &Path) -> Option<String> {
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    fs::File::open(path).ok()?.take(SMALL).read_to_string(&mut text).ok()?;
    Some(text)
}

/// Names of files below `dir`, links not followed, folders that are left out of every course skipped.
fn files(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut todo: Vec<(PathBuf, String, u32)> = vec![(dir.to_owned(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = todo.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        let mut entries: Vec<_> = entries.flatten().collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            if found.len() >= FILES {
                return found;
            }
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < 32 && name != ".git" => todo.push((entry.path(), path, depth + 1)),
                Ok(kind) if !kind.is_dir() => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

fn dev_dependencies(package: &str) -> Vec<String> {
    let Ok(package) = serde_json::from_str::<serde_json::Value>(package) else { return Vec::new() };
    let names = |field: &str| -> Vec<String> {
        let map = package.get(field).and_then(|v| v.as_object());
        map.into_iter().flat_map(|m| m.keys()).take(1_000).cloned().collect()
    };
    let needed = names("dependencies");
    names("devDependencies").into_iter().filter(|n| !needed.contains(n)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Kind, Network, Profile};

    fn spec() -> Spec {
        let (network, profile) = (Network::None, Profile::Strict);
        Spec { id: "x".into(), kind: Kind::Dockerfile, images: vec![], needs: vec![], network, profile, goals: vec![] }
    }

    fn code(dir: &Path) -> String {
        let none = Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON));
        read(&spec(), dir, None, "amd64", none).dockerfile.unwrap_err().diagnosis.code
    }

    #[test]
    fn another_dockerfile_is_weighed_with_its_own_ignore_file() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        write("Dockerfile", "FROM a\n");
        write("tools.Dockerfile", "FROM a\n");
        write("big", &"x".repeat(5_000));
        write("tools.Dockerfile.dockerignore", "big\n");
        let spec = Spec { goals: serde_json::from_str(r#"[{"context": {"at-most": "1 kB"}}]"#).unwrap(), ..spec() };
        let weight = |file| {
            let none = Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON));
            read(&spec, dir.path(), file, "amd64", none).context.unwrap().unwrap().bytes
        };
        assert!(weight(None) > 5_000);
        assert!(weight(Some("tools.Dockerfile")) < 1_000);
    }

    #[test]
    fn every_bad_dockerfile_has_its_code() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("Dockerfile");
        assert_eq!(code(dir.path()), codes::NO_DOCKERFILE);
        for (bytes, want) in [
            (b"".as_slice(), codes::DOCKERFILE_EMPTY),
            (b"FROM a\nRUN \xff\n", codes::DOCKERFILE_NOT_UTF8),
            (b"FROM a\nRUNN x\n", codes::SYNTAX),
            (&[b'#'; 10_000_000], codes::DOCKERFILE_TOO_BIG),
        ] {
            fs::write(&path, bytes).unwrap();
            assert_eq!(code(dir.path()), want);
        }
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert_eq!(code(dir.path()), codes::NO_DOCKERFILE);
        fs::remove_dir(&path).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", &path).unwrap();
        assert_eq!(code(dir.path()), codes::SYMLINK_OUT);
    }

    #[test]
    fn files_and_what_is_left_out_of_them() {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("Dockerfile", "FROM a\n"),
            (".dockerignore", "*.log\nlib\n!lib/keep\n"),
            ("x.log", ""),
            ("package.json", r#"{"dependencies":{"a":"1","c":"1"},"devDependencies":{"b":"1","c":"1"}}"#),
        ] {
            fs::write(dir.path().join(name), text).unwrap();
        }
        fs::create_dir(dir.path().join("lib")).unwrap();
        fs::write(dir.path().join("lib/gone"), "").unwrap();
        fs::write(dir.path().join("lib/keep"), "").unwrap();
        let evidence = read(&spec(), dir.path(), None, "amd64", Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON)));
        assert!(evidence.dockerfile.is_ok());
        assert_eq!(evidence.ignored, ["lib/gone", "x.log"]);
        assert_eq!(evidence.dev_dependencies, ["b"]);
    }
}
