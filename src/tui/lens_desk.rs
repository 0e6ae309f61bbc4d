//! One image under the lens: read behind the screen's back, its files read again when one is opened, and what was built for it
//! removed when the lens is closed.

use super::{
    app::Msg,
    desk::{GRACE, Spoken},
    screen::LensNews,
};
use crate::{
    i18n,
    lens::{self, From, Origin, Progress, Request, Subject, Tools, Trouble, preview::preview},
    report,
};
use dockshala_checkers::{
    check::{Event, Options},
    engine::{ConnectOptions, Engine, EngineError},
    image::PathId,
    spec::Size,
};
use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What the reader wants.
#[derive(Debug, Clone, PartialEq)]
pub enum LensOrder {
    /// To look at this.
    Load(Request),
    /// To see the beginning of a file.
    Open {
        /// Of the second image of a comparison.
        second: bool,
        /// Its path.
        id: PathId,
        /// As it stood after this layer.
        layer: usize,
        /// The same path for people.
        path: String,
    },
    /// To look at something else.
    Close,
}

pub(super) struct LensDesk {
    pub(super) lang: Spoken,
    pub(super) docker_host: Option<String>,
    pub(super) options: Options,
    pub(super) news: mpsc::Sender<Msg>,
}

/// How often the progress of a reading is told.
const TELL: Duration = Duration::from_millis(100);

type Subjects = (Arc<Subject>, Option<Arc<Subject>>);

impl LensDesk {
    /// Works until there are no more orders. The first one is what to look at.
    pub(super) async fn work(self, request: Request, mut orders: mpsc::UnboundedReceiver<LensOrder>) {
        let needs = request.base.is_some()
            || request.from.needs_engine()
            || request.other.as_ref().is_some_and(From::needs_engine);
        let cancel = CancellationToken::new();
        let engine = tokio::select! {
            engine = self.connect(needs) => engine,
            () = closed(&mut orders) => return,
        };
        let loaded = {
            let work = self.load(&request, engine.as_ref(), &cancel);
            tokio::pin!(work);
            let mut wanted = true;
            loop {
                tokio::select! {
                    biased;
                    loaded = &mut work => break loaded,
                    () = closed(&mut orders), if wanted => {
                        wanted = false;
                        cancel.cancel();
                    }
                }
            }
        };
        match loaded {
            Ok((subject, other)) => {
                if !cancel.is_cancelled() {
                    self.tell(LensNews::Ready(subject.clone(), other.clone())).await;
                    self.serve(&subject, other.as_deref(), engine.as_ref().ok(), &mut orders).await;
                }
                if let Ok(engine) = &engine {
                    for built in std::iter::once(&subject).chain(&other) {
                        if let (Origin::Build(_), Some(tag)) = (&built.origin, &built.tag) {
                            let _ = engine.remove_image(tag).await;
                        }
                    }
                }
            }
            Err(Trouble::Cancelled) => {}
            Err(trouble) => self.tell(LensNews::Stopped(report::lens(&self.lang.now(), &trouble))).await,
        }
        if let Ok(engine) = &engine {
            let _ = tokio::time::timeout(GRACE, engine.close()).await;
        }
    }

    async fn connect(&self, needs: bool) -> Result<Engine, EngineError> {
        if !needs {
            return Err(EngineError::Down { tried: Vec::new() });
        }
        Engine::connect(ConnectOptions { host: self.docker_host.clone(), ..ConnectOptions::default() }).await
    }

    async fn tell(&self, news: LensNews) {
        // A screen that has gone is no error.
        let _ = self.news.send(Msg::Lens(news)).await;
    }

    async fn load(
        &self,
        request: &Request,
        engine: Result<&Engine, &EngineError>,
        cancel: &CancellationToken,
    ) -> Result<Subjects, Trouble> {
        let (events, mut happened) = mpsc::channel(64);
        let progress = Arc::new(Progress::default());
        let cancel = cancel.clone();
        let tools = Tools {
            engine,
            options: &self.options,
            digests: request.other.is_some(),
            progress: progress.clone(),
            events,
            cancel,
        };
        let work = async {
            let first = lens::load(&request.from, request.base.as_deref(), &tools).await?;
            let second = match &request.other {
                Some(other) => Some(Arc::new(lens::load(other, request.base.as_deref(), &tools).await?)),
                None => None,
            };
            Ok((Arc::new(first), second))
        };
        tokio::pin!(work);
        let mut tick = tokio::time::interval(TELL);
        let mut told = (0, 0);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                Some(event) = happened.recv() => if let Event::Step { step, done: false, .. } = event {
                    self.tell(LensNews::Building(step.name)).await;
                },
                _ = tick.tick() => {
                    let (read, all) = progress.now();
                    // A daemon that has not begun to send is at work all the same: how much there will be is known.
                    if (read, all) != told {
                        told = (read, all);
                        self.tell(LensNews::Reading(read, all)).await;
                    }
                }
            }
        }
    }

    /// Reads files when they are opened, one at a time; a new order takes the place of one that is not done.
    async fn serve(
        &self,
        subject: &Subject,
        other: Option<&Subject>,
        engine: Option<&Engine>,
        orders: &mut mpsc::UnboundedReceiver<LensOrder>,
    ) {
        let mut order = orders.recv().await;
        while let Some(LensOrder::Open { second, id, layer, path }) = order {
            let of = if second { other.unwrap_or(subject) } else { subject };
            let read = async {
                let news = match lens::load::content(of, id, layer, engine).await {
                    Ok(Some(content)) => {
                        let shown = preview(&content);
                        let key = match (shown.hex, content.is_cut()) {
                            (false, false) => "lens.file.text",
                            (false, true) => "lens.file.text-cut",
                            (true, false) => "lens.file.bytes",
                            (true, true) => "lens.file.bytes-cut",
                        };
                        let args: [(&str, &dyn std::fmt::Display); 2] =
                            [("size", &Size(shown.size)), ("shown", &Size(shown.shown))];
                        LensNews::File(path, shown.rows, i18n::text(&self.lang.now(), key, &args))
                    }
                    Ok(None) => LensNews::NoFile(i18n::text(&self.lang.now(), "lens.error.no-content", &[])),
                    Err(trouble) => LensNews::NoFile(report::lens(&self.lang.now(), &trouble).what),
                };
                self.tell(news).await;
            };
            order = tokio::select! {
                biased;
                next = orders.recv() => next,
                () = read => orders.recv().await,
            };
        }
    }
}

/// Waits until nobody wants to look any more.
async fn closed(orders: &mut mpsc::UnboundedReceiver<LensOrder>) {
    while !matches!(orders.recv().await, None | Some(LensOrder::Close)) {}
}
