//! What `course new` writes: a small pack that passes both gates and explains itself. It needs no registry and no kit.

use super::source::files::Memory;
use std::{fs, io, path::Path};

macro_rules! files {
    ($($path:literal)*) => {
        const FILES: &[(&str, &str)] = &[$(($path, include_str!(concat!("../../assets/template/", $path)))),*];
    };
}

files! {
    "lessons/course.yaml"
    "lessons/coverage.yaml"
    "lessons/01-first/module.yaml"
    "lessons/01-first/quiz.yaml"
    "lessons/01-first/claims.yaml"
    "lessons/01-first/claims/empty/Dockerfile"
    "lessons/01-first/claims/empty/hello.txt"
    "lessons/01-first/01-hello/en.md"
    "lessons/01-first/01-hello/hi-Latn.md"
    "lessons/01-first/01-hello/code/samples.yaml"
    "lessons/01-first/01-hello/code/Dockerfile"
    "lessons/01-first/01-hello/code/hello.txt"
    "exercises/01-first/01-hello/exercise.yaml"
    "exercises/01-first/01-hello/brief.en.md"
    "exercises/01-first/01-hello/brief.hi-Latn.md"
    "exercises/01-first/01-hello/hints.en.md"
    "exercises/01-first/01-hello/hints.hi-Latn.md"
    "exercises/01-first/01-hello/debrief.en.md"
    "exercises/01-first/01-hello/debrief.hi-Latn.md"
    "exercises/01-first/01-hello/starter/Dockerfile"
    "exercises/01-first/01-hello/starter/hello.txt"
    "exercises/01-first/01-hello/starter/notes.txt"
    "exercises/01-first/01-hello/good/solution/Dockerfile"
    "exercises/01-first/01-hello/good/with-ignore/.dockerignore"
    "exercises/01-first/01-hello/bad/wrong-file/Dockerfile"
    "exercises/01-first/01-hello/bad/wrong-file/specimen.yaml"
    "exercises/01-first/01-hello/bad/renamed/Dockerfile"
    "exercises/01-first/01-hello/bad/renamed/specimen.yaml"
    "exercises/01-first/01-hello/bad/misspelt/Dockerfile"
    "exercises/01-first/01-hello/bad/misspelt/specimen.yaml"
}

/// The pack in memory.
pub fn files() -> Memory {
    let mut memory = Memory::default();
    for (path, text) in FILES {
        memory.put(path, *text);
    }
    memory
}

/// Writes the pack into a folder that does not exist yet, or is empty. Gives how many files there are.
pub fn write(dir: &Path) -> io::Result<usize> {
    fs::create_dir_all(dir)?;
    if fs::read_dir(dir)?.next().is_some() {
        return Err(io::ErrorKind::DirectoryNotEmpty.into());
    }
    for (path, text) in FILES {
        let file = dir.join(path);
        fs::create_dir_all(file.parent().unwrap_or(dir))?;
        fs::write(file, text)?;
    }
    Ok(FILES.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::lint;

    #[test]
    fn a_new_pack_passes_the_static_gate() {
        let read = lint::lint(&files());
        assert!(read.findings.is_empty(), "{:#?}", read.findings);
        assert_eq!(read.source.lessons.len(), 1);
    }

    #[test]
    fn every_file_of_the_template_is_in_the_program() {
        let mut on_disk = Vec::new();
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/template")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { on_disk.push(path) }
            }
        }
        assert_eq!(on_disk.len(), FILES.len());
    }

    #[test]
    fn nothing_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("mine"), "x").unwrap();
        assert!(write(dir.path()).is_err());
    }
}
