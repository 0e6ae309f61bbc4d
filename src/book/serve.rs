//! The book on this machine: a web server of a dozen lines that hands out pages from memory, to this machine only.

use super::Pages;
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

/// A browser's request line and headers are far shorter.
const MOST_REQUEST: usize = 16 << 10;
/// Who says nothing for so long is let go.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait where nobody can be let in.
const BREATH: Duration = Duration::from_millis(50);

/// Hands out pages on the loopback address until cancelled; `port` 0 takes any that is free. `ready` hears where.
///
/// # Errors
/// Where the port is taken.
pub async fn serve(
    pages: Pages,
    port: u16,
    cancel: CancellationToken,
    ready: impl FnOnce(SocketAddr),
) -> io::Result<()> {
    // Never any other address: who shares a network with a learner has no business here.
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    ready(listener.local_addr()?);
    let pages = Arc::new(pages);
    loop {
        tokio::select! {
            () = cancel.cancelled() => return Ok(()),
            (stream, _) = come(|| listener.accept()) => {
                let pages = pages.clone();
                tokio::spawn(async move { tokio::time::timeout(PATIENCE, answer(stream, &pages)).await });
            }
        }
    }
}

/// The next who comes. A process that has no file descriptor left (EMFILE) is told so again and again and at once: asking on
/// without a pause would take a whole core until somebody leaves.
async fn come<S, F: Future<Output = io::Result<S>>>(mut accept: impl FnMut() -> F) -> S {
    loop {
        match accept().await {
            Ok(come) => return come,
            Err(_) => tokio::time::sleep(BREATH).await,
        }
    }
}

async fn answer(mut stream: TcpStream, pages: &Pages) -> io::Result<()> {
    let mut request = Vec::new();
    let mut piece = [0; 2048];
    while !request.windows(4).any(|w| w == b"\r\n\r\n") && request.len() < MOST_REQUEST {
        match stream.read(&mut piece).await? {
            0 => break,
            n => request.extend_from_slice(&piece[..n]),
        }
    }
    let text = String::from_utf8_lossy(&request);
    let mut words = text.lines().next().unwrap_or_default().split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (status, kind, body) = found(pages, method, path);
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    if method != "HEAD" {
        stream.write_all(body).await?;
    }
    stream.shutdown().await
}

/// Only what is in the book can be had: there is no file system behind it.
fn found<'a>(pages: &'a Pages, method: &str, path: &str) -> (&'static str, &'static str, &'a [u8]) {
    if !matches!(method, "GET" | "HEAD") {
        return ("405 Method Not Allowed", "text/plain", b"");
    }
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_start_matches('/');
    let name = if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() };
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "text/html; charset=utf-8",
    };
    match pages.get(&name) {
        Some(body) => ("200 OK", kind, body),
        None => ("404 Not Found", "text/plain", b"not in this book"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pages_are_handed_out_on_loopback_and_nothing_else() {
        let pages: Pages = [("index.html".to_owned(), b"hi".to_vec()), ("en/a.html".to_owned(), b"a".to_vec())].into();
        for (method, path, status) in [
            ("GET", "/", "200"),
            ("GET", "/en/a.html?x#y", "200"),
            ("GET", "/../etc/passwd", "404"),
            ("POST", "/", "405"),
        ] {
            assert!(found(&pages, method, path).0.starts_with(status), "{method} {path}");
        }
        let cancel = CancellationToken::new();
        let (tell, told) = tokio::sync::oneshot::channel();
        let server = tokio::spawn(serve(pages, 0, cancel.clone(), move |at| {
            let _ = tell.send(at);
        }));
        let at = told.await.unwrap();
        assert!(at.ip().is_loopback());
        let mut stream = TcpStream::connect(at).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        assert!(text.starts_with("HTTP/1.1 200 OK") && text.ends_with("hi"), "{text}");
        cancel.cancel();
        server.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn who_cannot_be_let_in_is_asked_for_again_after_a_breath() {
        let asked = std::cell::Cell::new(0);
        let mut let_in = std::pin::pin!(come(|| {
            asked.set(asked.get() + 1);
            let said = if asked.get() > 2 { Ok("a reader") } else { Err(io::Error::from_raw_os_error(24)) };
            async move { said }
        }));
        tokio::select! {
            biased;
            _ = &mut let_in => panic!("asked {} times in one breath", asked.get()),
            () = std::future::ready(()) => assert_eq!(asked.get(), 1),
        }
        assert_eq!(let_in.await, "a reader");
    }
}
