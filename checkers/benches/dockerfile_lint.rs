//! How long reading and linting a Dockerfile takes: under 1 ms per 100 lines, so that it may run at every key.
//!
//! Printed beside what another parser (the oracle of our tests, which does not lint) takes for the same text in the same run: the
//! milliseconds depend on the machine, the ratio does not. Past either bound the bench fails.

use dockshala_checkers::dockerfile::{Dockerfile, Options, lint::Around};
use std::{
    hint::black_box,
    process::ExitCode,
    time::{Duration, Instant},
};

/// Milliseconds for 100 lines.
const MOST: f64 = 1.0;
/// Times as long as the other parser takes to read alone.
const RATIO: f64 = 60.0;

const STAGE: &str = r#"
FROM node:24-slim AS stage
# What the build needs and nothing else.
ARG VERSION=1
ENV NODE_ENV=production \
    PORT=3000
WORKDIR /app
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates=2 curl=8 \
    && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev
COPY --chown=node:node . .
RUN <<END
set -e
curl -fsSL -o /tmp/x.tgz "https://example.in/$VERSION.tgz"
tar -xzf /tmp/x.tgz -C /opt
END
LABEL version="$VERSION" who='station'
EXPOSE 3000
USER node
HEALTHCHECK --interval=5s CMD ["node", "health.js"]
CMD ["node", "server.js"]
"#;

fn main() -> ExitCode {
    let text = STAGE.repeat(20);
    let lines = text.lines().count() as f64;
    let ours = || {
        let file = Dockerfile::read(text.as_bytes(), &Options::default()).expect("it reads");
        black_box(file.lint(&Around::default()));
    };
    let theirs = || {
        // It does not know every here-document: the rest of the file is the same.
        black_box(parse_dockerfile::parse(&text).map_or(0, |file| file.instructions.len()));
    };
    let (ours, theirs) = (median(ours), median(theirs));
    let per_hundred = ours.as_secs_f64() * 1000.0 * 100.0 / lines;
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    let good = per_hundred <= MOST && ratio <= RATIO;
    println!(
        "read and lint a Dockerfile: {per_hundred:.3} ms per 100 lines (bound {MOST}), {ratio:.1} times reading alone by parse-dockerfile (bound {RATIO})"
    );
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn median(mut what: impl FnMut()) -> Duration {
    let mut all: Vec<Duration> = (0..101)
        .map(|_| {
            let began = Instant::now();
            what();
            began.elapsed()
        })
        .collect();
    all.sort_unstable();
    all[50]
}
