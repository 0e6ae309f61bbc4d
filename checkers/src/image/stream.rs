//! An asynchronous stream read by the synchronous reader, on a thread of its own.
//!
//! Not `SyncIoBridge`: it enters the runtime for every refill, and the daemon's chunks are small. Here the runtime fills
//! big buffers ahead and the reader takes them without a copy; buffers go back to be filled again.

use super::{Content, Image, Limits, Options, ReadError, Source, content};
use std::io::{self, BufRead, Read};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    sync::mpsc,
};

const CHUNK: usize = 512 << 10;
const AHEAD: usize = 6;

/// Reads the archive that `docker save` writes from an asynchronous stream. Dropping the future ends the reading.
pub async fn read_stream(archive: impl AsyncRead, options: Options) -> Result<Image, ReadError> {
    on_thread(archive, move |archive| {
        let image = super::read_buffered(archive, &options)?;
        // The daemon's last bytes are padding; it must be let finish, or it logs a broken connection.
        io::copy(archive, &mut io::sink())?;
        Ok(image)
    })
    .await
}

/// The same as [`super::read_file`] from an asynchronous stream, which is left as soon as the file is read.
pub async fn read_file_stream(
    archive: impl AsyncRead,
    source: Source,
    most: usize,
    limits: Limits,
) -> Result<Content, ReadError> {
    on_thread(archive, move |archive| content::read_file_buffered(archive, &source, most, &limits)).await
}

async fn on_thread<T: Send + 'static>(
    archive: impl AsyncRead,
    read: impl FnOnce(&mut Chunks) -> Result<T, ReadError> + Send + 'static,
) -> Result<T, ReadError> {
    let (full, chunks) = mpsc::channel(AHEAD);
    let (empty, spare) = mpsc::unbounded_channel();
    let reader =
        tokio::task::spawn_blocking(move || read(&mut Chunks { chunks, empty, chunk: vec![], at: 0, ended: false }));
    feed(archive, full, spare).await;
    reader.await.map_err(|e| ReadError::Io(io::Error::other(e)))?
}

async fn feed(
    archive: impl AsyncRead,
    full: mpsc::Sender<io::Result<Option<Vec<u8>>>>,
    mut spare: mpsc::UnboundedReceiver<Vec<u8>>,
) {
    let mut archive = std::pin::pin!(archive);
    loop {
        let mut chunk = spare.try_recv().unwrap_or_else(|_| Vec::with_capacity(CHUNK));
        chunk.clear();
        let sent = loop {
            match archive.read_buf(&mut chunk).await {
                Ok(0) if chunk.is_empty() => break Ok(None),
                // Full enough: a reader that waits gets what there is only when nothing more can be put behind it.
                Ok(n) if n == 0 || chunk.len() == chunk.capacity() => break Ok(Some(chunk)),
                Ok(_) => {}
                Err(error) => break Err(error),
            }
        };
        let last = !matches!(sent, Ok(Some(_)));
        // A reader that has ended with an error takes no more.
        if full.send(sent).await.is_err() || last {
            return;
        }
    }
}

struct Chunks {
    chunks: mpsc::Receiver<io::Result<Option<Vec<u8>>>>,
    empty: mpsc::UnboundedSender<Vec<u8>>,
    chunk: Vec<u8>,
    at: usize,
    ended: bool,
}

impl BufRead for Chunks {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.chunk.len() && !self.ended {
            // The feeder is gone only when there is nobody to fill it any more; then it is the same to us who dropped it.
            let _ = self.empty.send(std::mem::take(&mut self.chunk));
            self.at = 0;
            match self.chunks.blocking_recv() {
                Some(Ok(Some(chunk))) => self.chunk = chunk,
                Some(Ok(None)) => self.ended = true,
                Some(Err(error)) => return Err(error),
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        Ok(&self.chunk[self.at..])
    }

    fn consume(&mut self, n: usize) {
        self.at += n;
    }
}

impl Read for Chunks {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let have = self.fill_buf()?;
        let n = have.len().min(to.len());
        to[..n].copy_from_slice(&have[..n]);
        self.consume(n);
        Ok(n)
    }
}
