//! Reading what is to be looked at: from the daemon, from a file, from a pipe, from a build. One pass, with progress, and left
//! at once when nobody wants it any more.

use super::{From, Origin, Subject};
use dockshala_checkers::{
    check::{self, Event, Folder},
    engine::{Engine, EngineError},
    evidence::Blocked,
    image::{self, Content, Image, PathId, ReadError},
    verdict::EngineName,
};
use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// How far a reading is, in bytes of the archive.
#[derive(Debug, Default)]
pub struct Progress {
    read: AtomicU64,
    expected: AtomicU64,
}

impl Progress {
    /// Read so far, and how much there will be about; 0 where nobody knows.
    pub fn now(&self) -> (u64, u64) {
        (self.read.load(Ordering::Relaxed), self.expected.load(Ordering::Relaxed))
    }

    fn begin(&self, expected: u64) {
        self.read.store(0, Ordering::Relaxed);
        self.expected.store(expected, Ordering::Relaxed);
    }
}

/// Why there is nothing to look at.
#[derive(Debug)]
pub enum Trouble {
    /// The daemon has no such image; names that it has and that are like it.
    NoImage(String, Vec<String>),
    /// The file cannot be opened.
    File(PathBuf, io::Error),
    /// It is a folder.
    IsFolder(PathBuf),
    /// It is no image's archive.
    NotArchive(String, ReadError),
    /// It is one, and damaged or beyond a bound.
    Unreadable(String, ReadError),
    /// The daemon.
    Engine(EngineError),
    /// The folder did not build; its Dockerfile's text.
    Build(Blocked, PathBuf),
    /// Nobody wants it any more.
    Cancelled,
}

/// What a reading works with.
#[derive(Debug)]
pub struct Tools<'a> {
    /// The daemon, or why there is none; asked only for what needs one.
    pub engine: Result<&'a Engine, &'a EngineError>,
    /// How to build.
    pub options: &'a check::Options,
    /// Files are digested, as two images are held against each other.
    pub digests: bool,
    /// How far it is.
    pub progress: Arc<Progress>,
    /// What a build says while it goes on.
    pub events: mpsc::Sender<Event>,
    /// Ends it.
    pub cancel: CancellationToken,
}

/// Reads an image. `base` names the image that it stands on, where the reader says so.
pub async fn load(from: &From, base: Option<&str>, tools: &Tools<'_>) -> Result<Subject, Trouble> {
    let base_ids = match base {
        Some(base) => Some(diff_ids(base, tools).await?),
        None => None,
    };
    let options = image::Options {
        base_diff_ids: base_ids.unwrap_or_default(),
        digests: tools.digests,
        ..image::Options::default()
    };
    let mut subject = match from {
        From::Image(name) => of_daemon(name, name, options, tools).await?,
        From::Folder(folder) => return built(folder, tools).await,
        From::Archive(path) => {
            let image = of_file(path, options, tools).await?;
            looked_through(from.name(), Origin::Archive(Some(path.clone())), image).await?
        }
        From::Stdin => {
            tools.progress.begin(0);
            let image = read(Box::new(io::stdin()), from.name(), options, tools).await?;
            looked_through(from.name(), Origin::Archive(None), image).await?
        }
    };
    if let Some(base) = base {
        // A base that it does not stand on says nothing of what was added.
        subject.base = (subject.image.base_layers > 0).then(|| base.to_owned());
    }
    Ok(subject)
}

async fn diff_ids(base: &str, tools: &Tools<'_>) -> Result<Vec<String>, Trouble> {
    let engine = engine(tools)?;
    let found = engine.inspect(base).await;
    let found = match found {
        Ok(found) => found,
        Err(error) => return Err(no_image(base, engine, error).await),
    };
    Ok(found.root_fs.and_then(|fs| fs.layers).unwrap_or_default())
}

fn engine<'a>(tools: &Tools<'a>) -> Result<&'a Engine, Trouble> {
    tools.engine.map_err(|error| Trouble::Engine(error.clone()))
}

async fn no_image(name: &str, engine: &Engine, error: EngineError) -> Trouble {
    match error {
        EngineError::NoImage(_) => {
            let names = engine.image_names().await.unwrap_or_default();
            Trouble::NoImage(name.to_owned(), alike(name, &names))
        }
        error => Trouble::Engine(error),
    }
}

/// Names worth offering: the same repository first, then those that hold a word of it; at most five.
fn alike(name: &str, names: &[String]) -> Vec<String> {
    let repository = |name: &str| name.rsplit('/').next().unwrap_or(name).split(':').next().unwrap_or("").to_owned();
    let wanted = repository(name);
    let mut found: Vec<&String> = names.iter().filter(|n| repository(n) == wanted).collect();
    found.extend(names.iter().filter(|n| repository(n) != wanted && !wanted.is_empty() && n.contains(&wanted)));
    found.into_iter().take(5).cloned().collect()
}

/// Going over 200,000 paths takes long enough to be felt by whoever shares the thread.
async fn looked_through(name: String, origin: Origin, image: Image) -> Result<Subject, Trouble> {
    let shown = name.clone();
    let work = tokio::task::spawn_blocking(move || Subject::new(name, origin, image));
    work.await.map_err(|error| Trouble::Unreadable(shown, ReadError::Io(io::Error::other(error))))
}

async fn of_daemon(
    name: &str,
    shown: &str,
    mut options: image::Options,
    tools: &Tools<'_>,
) -> Result<Subject, Trouble> {
    let engine = engine(tools)?;
    let work = async {
        let found = match engine.inspect(name).await {
            Ok(found) => found,
            Err(error) => return Err(no_image(name, engine, error).await),
        };
        let size = found.size.and_then(|size| u64::try_from(size).ok());
        options.arch = Some(engine.info().arch.clone()).filter(|arch| !arch.is_empty());
        tools.progress.begin(size.unwrap_or(0));
        let archive = engine.export(name).await.map_err(Trouble::Engine)?;
        let progress = tools.progress.clone();
        let counted = tokio_util::io::InspectReader::new(archive, move |bytes: &[u8]| {
            progress.read.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        });
        let image = image::read_stream(counted, options).await.map_err(|e| unreadable(shown.to_owned(), e))?;
        Ok((image, size))
    };
    let (image, size) = tokio::select! {
        done = work => done?,
        () = tools.cancel.cancelled() => return Err(Trouble::Cancelled),
    };
    let mut subject = looked_through(From::Image(shown.to_owned()).name(), Origin::Image, image).await?;
    subject.tag = Some(name.to_owned());
    subject.docker_size = size;
    let info = engine.info();
    subject.engine = Some(EngineName { version: info.version.clone(), storage: info.storage.clone() });
    Ok(subject)
}

async fn built(folder: &Folder, tools: &Tools<'_>) -> Result<Subject, Trouble> {
    let engine = engine(tools)?;
    // As `docker build` would say it, and before a daemon is asked for anything.
    if !folder.dir.is_dir() {
        let error =
            io::Error::from(if folder.dir.exists() { io::ErrorKind::NotADirectory } else { io::ErrorKind::NotFound });
        return Err(Trouble::File(folder.dir.clone(), error));
    }
    let built = check::build_folder(engine, tools.options, folder, tools.events.clone(), tools.cancel.clone()).await;
    if tools.cancel.is_cancelled() {
        return Err(Trouble::Cancelled);
    }
    let built = built.map_err(|blocked| Trouble::Build(blocked, folder.dir.clone()))?;
    let options = image::Options {
        base_diff_ids: built.base_diff_ids.clone(),
        digests: tools.digests,
        ..image::Options::default()
    };
    let shown = folder.dir.display().to_string();
    let mut subject = of_daemon(&built.tag, &shown, options, tools).await?.built_from(&built);
    subject.origin = Origin::Build(folder.dir.clone());
    Ok(subject)
}

async fn of_file(path: &Path, options: image::Options, tools: &Tools<'_>) -> Result<Image, Trouble> {
    let trouble = |error| Trouble::File(path.to_owned(), error);
    let meta = std::fs::metadata(path).map_err(trouble)?;
    if meta.is_dir() {
        return Err(Trouble::IsFolder(path.to_owned()));
    }
    let file = File::open(path).map_err(trouble)?;
    tools.progress.begin(meta.len());
    read(Box::new(file), path.display().to_string(), options, tools).await
}

async fn read(
    archive: Box<dyn Read + Send>,
    name: String,
    options: image::Options,
    tools: &Tools<'_>,
) -> Result<Image, Trouble> {
    let counted = Counted { inner: archive, progress: tools.progress.clone(), cancel: tools.cancel.clone() };
    let reading = tokio::task::spawn_blocking(move || image::read(counted, &options));
    // A pipe that nobody writes to would hold its thread for ever; the thread is left to the end of the process.
    tokio::select! {
        done = reading => done.map_err(|e| Trouble::Unreadable(name.clone(), ReadError::Io(io::Error::other(e))))?
            .map_err(|error| unreadable(name, error)),
        () = tools.cancel.cancelled() => Err(Trouble::Cancelled),
    }
}

/// Something that is no image at all is the reader's slip; a broken image is not.
fn unreadable(name: String, error: ReadError) -> Trouble {
    match error {
        ReadError::Malformed(_) | ReadError::NoSuchImage { .. } | ReadError::Truncated => {
            Trouble::NotArchive(name, error)
        }
        error => Trouble::Unreadable(name, error),
    }
}

struct Counted {
    inner: Box<dyn Read + Send>,
    progress: Arc<Progress>,
    cancel: CancellationToken,
}

impl Read for Counted {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.cancel.is_cancelled() {
            return Err(io::Error::other("cancelled"));
        }
        let n = self.inner.read(to)?;
        self.progress.read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// How much of a file is read to be shown.
pub const PREVIEW: usize = 64 << 10;

/// Reads the beginning of a file of the image, by a second pass over its archive: as it stands after `layer`, or as it stood
/// before where that layer removed it.
pub async fn content(
    subject: &Subject,
    id: PathId,
    layer: usize,
    engine: Option<&Engine>,
) -> Result<Option<Content>, Trouble> {
    let snapshot_entry = subject.image.story(id).filter(|change| change.layer <= layer).last();
    let entry = snapshot_entry.and_then(|change| change.after.or(change.before));
    let Some(source) = entry.and_then(|entry| subject.image.source(&entry)) else { return Ok(None) };
    let limits = image::Limits::default();
    let read = match (&subject.origin, &subject.tag, engine) {
        (Origin::Archive(Some(path)), ..) => {
            let file = File::open(path).map_err(|error| Trouble::File(path.clone(), error))?;
            let reading = tokio::task::spawn_blocking(move || image::read_file(file, &source, PREVIEW, &limits));
            reading.await.map_err(|error| ReadError::Io(io::Error::other(error)))
        }
        (_, Some(tag), Some(engine)) => {
            let archive = engine.export(tag).await.map_err(Trouble::Engine)?;
            Ok(image::read_file_stream(archive, source, PREVIEW, limits).await)
        }
        _ => return Ok(None),
    };
    match read {
        Ok(Ok(content)) => Ok(Some(content)),
        Ok(Err(error)) | Err(error) => Err(Trouble::Unreadable(subject.name.clone(), error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_same_repository_come_first() {
        let names = ["a/golang:1", "golang:2", "x:1", "my-golang:1"].map(str::to_owned);
        assert_eq!(alike("golang:9", &names), ["a/golang:1", "golang:2", "my-golang:1"]);
        assert!(alike("nothing", &names).is_empty());
    }
}
