//! `lens --record FILE`: the replay, written beside the report. What makes a recording in one run must not say less of the image
//! than a look does.

use super::Context;
use crate::{
    lens::{Subject, recording::Recording},
    report::{Fault, Report},
};
use std::{
    fmt::Display,
    fs,
    io::{self, Write},
    path::Path,
};

/// Recordings are made over and over, so an old one is replaced; anything else of that name is somebody's work, and a slip of
/// the keyboard (`--record Dockerfile`) must not cost it. Asked before the image is read, which can take minutes.
pub(super) fn refuse_other_file(context: &Context, path: &Path) -> Result<(), Report> {
    let ours = || fs::read_to_string(path).is_ok_and(|text| text.trim().is_empty() || Recording::parse(&text).is_ok());
    // A device or a pipe holds nothing that could be lost.
    if !path.is_file() || ours() {
        return Ok(());
    }
    Err(Report::new(&context.lang, Fault::Usage, "lens.error.record-exists", &[("path", &path.display())]))
}

/// Writes it.
pub(super) fn write(context: &Context, subject: &Subject, path: &Path) -> Result<(), Report> {
    save(path, Recording::of(subject).to_json().as_bytes()).map_err(|error| {
        let args: [(&str, &dyn Display); 2] = [("path", &path.display()), ("message", &error)];
        Report::new(&context.lang, Fault::Machine, "lens.error.record", &args)
    })
}

/// Beside and renamed: a full disk leaves the old recording whole. Through a link, to where it leads; into what is no file,
/// straight.
fn save(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.exists() && !path.is_file() {
        return fs::write(path, bytes);
    }
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".dockshala-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: a recording goes into a repository, for others to read.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut part = builder.tempfile_in(folder)?;
    part.write_all(bytes)?;
    part.as_file().sync_all()?;
    part.persist(path).map_err(|e| e.error)?;
    Ok(())
}
