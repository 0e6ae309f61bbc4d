//! The Dockerfile model against BuildKit: files that are generated and files by hand are built, and what the model said of
//! them (refused or not, stages needed, steps, values of variables) is held to what came out.
//!
//! DOCKSHALA_DOCKERFILE_CASES sets how many are generated (25), DOCKSHALA_DOCKERFILE_SEED where to begin.
#![cfg(feature = "daemon-tests")]

mod daemon_common;

use daemon_common::{engine, folder, nonce};
use dockshala_checkers::{
    dockerfile::{Dockerfile, Instruction, Options, Unreadable},
    engine::{BuildFailure, BuildRequest, Engine},
    evidence::step_of_instruction,
};
use std::collections::BTreeMap;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// By hand: what was found to be read in more than one way, or is written in a form that generators do not come to.
const BY_HAND: &[&str] = &[
    "ARG V=7\nFROM BB AS One\nLABEL a=$V\nARG V\nLABEL b=$V c=${V:-x} d=${NO:-y}${NO:+z} e='$V' f=\"$V q\" g=\\$V\nENV V=8\nLABEL h=$V\n",
    "FROM BB\nENV A=1 B=$A\nENV A=2 C=$A\nLABEL a=$A b=x$B c=$C\nENV D  two words  \nLABEL d=$D e=\"${D}\"\n",
    "FROM BB AS base\nARG X=1\nENV Y=$X\nFROM base\nLABEL x=x$X y=$Y\n",
    "FROM scratch AS one\nCOPY a /a\nFROM BB AS two\nFROM BB\nCOPY --from=0 /a /x\nCOPY --from=ONE /a /y\nRUN --mount=from=one,target=/m test -e /m/a\n",
    "FROM BB\nRUN <<EOF\ntrue\nEOF\nRUN cat <<A > /a && cat <<'B' > /b\nx\nA\n$y\nB\nCOPY <<one <<\"two\" /d/\n1\none\n2 $HOME\ntwo\n",
    "FROM BB\nRUN true && \\\n  # a comment\n\n  true\nRUN [\"true\", \\\n \"x\"]\nLABEL a=b \\\n  c=\"d \\\n e\"\n",
    "# escape=`\nFROM BB\nRUN true `\n && true\nLABEL a=c:\\x b=`$x\nWORKDIR /y\n",
    "\u{feff}# syntax-less = x\nFROM BB\r\nLABEL a=b\r\nRUN true \\\r\n  && true\r\n",
    "from BB as x\nrun true\nFrom x\nLabel A=\"b c\" D='e f' g=h\\ i\nUser 1000\nWORKDIR q\nWorkdir r s\n",
    "FROM BB\nARG A B=2 C=\"3 4\"\nLABEL a=x$A b=$B c=$C d=${B#2} e=${C%4} f=${C/ /-}\nEXPOSE $B/udp 80\n",
    "FROM BB\nWORKDIR /x\nWORKDIR y\nENV Z=/z\nWORKDIR $Z/w\nUSER ${NO:-nobody}\nCMD x $Z\nENTRYPOINT [\"y\", \"$Z\"]\n",
    "FROM BB\nRUN ---x true\n",
    "FROM BB\nLABEL x\n",
    "FROM BB AS a\nFROM a AS a\nLABEL x=1\nFROM a\nCOPY --from=a /bin/sh /s\n",
    "FROM BB\nCOPY [\"a\", \"/with space\"]\nCOPY a b /c/\nADD a /e\nVOLUME /v /w\nSTOPSIGNAL 9\nSHELL [\"/bin/sh\", \"-c\"]\nRUN true\n",
    "FROM BB\nONBUILD RUN <<X\ntrue\nX\nHEALTHCHECK --interval=5s CMD true\nMAINTAINER a b\n",
    "FROM BB\nRUN <<\nCOPY a /a\n",
    "FROM BB\nRUN echo <<EOF1<<EOF2\nCOPY a /a\n",
    "FROM --platform=$BUILDPLATFORM BB\nARG TARGETARCH TARGETOS=dos\nLABEL a=$TARGETARCH o=$TARGETOS p=x$BUILDARCH\n",
    "FROM BB AS B.c-d_1\nCOPY --from=b.C-D_1 a /a\n",
    "FROM BB\nRUN true\\\nRUN false\n",
    "FROM BB\nCOPY --from=9 a /a\n",
    "FROM BB AS x\nCOPY --from=y /a /a\nFROM BB AS y\nCOPY --from=x /a /a\n",
    "FROM BB extra words\n",
    "FROM BB AS -x\n",
    "RUN true\n",
    "FROM\n",
    "FROM BB\nCOPY a\n",
    "FROM BB\nENV\n",
    "FROM BB\nNOPE x\n",
    "FROM BB\nRUN <<EOF\ntrue\n",
    "# only a comment\n",
    "FROM BB\nARG\n",
    "FROM BB\nUSER\n",
    "FROM BB\nENV a\n",
    "FROM BB\nENV a=1 b\n",
    "FROM BB\nCMD\n",
    "FROM BB\nLABEL a=${x\n",
    "FROM BB\nLABEL a=\"x\n",
    "FROM ${NONE}\n",
];

/// Repeatable by its number.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }
}

fn generated(seed: u64) -> String {
    const LINES: [&str; 30] = [
        "ENV A=1",
        "ENV A=$B-x",
        "ENV B=\"two words\" C=$A",
        "ENV D three $A",
        "ARG A",
        "ARG B=4",
        "ARG C=$A D",
        "LABEL l1=$A",
        "LABEL l2=\"$B ${C}\" l3='$A'",
        "LABEL l4=${A:-none} l5=${B:+set} l6=a\\ b",
        "LABEL l7 old $A form",
        "LABEL l8=${D-x}${A+y}",
        "WORKDIR /w",
        "WORKDIR sub",
        "WORKDIR $A/x",
        "USER 1000",
        "USER $B",
        "RUN true",
        "RUN true \\\n # c\n && true",
        "RUN <<E\ntrue\nE",
        "COPY a /a",
        "COPY a b /d/",
        "COPY --chown=1:1 a /o",
        "COPY --from=0 /f /f",
        "COPY --from=first /f /g",
        "RUN --mount=from=first,target=/m true",
        "EXPOSE 80",
        "CMD [\"x\"]",
        "CMD x $A",
        "# comment",
    ];
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let mut text = String::new();
    if random.below(2) == 0 {
        text += "ARG A=global\nARG D\n";
    }
    text += "FROM BB AS first\nCOPY a /f\n";
    for stage in 0..1 + random.below(3) {
        match random.below(4) {
            0 => text += "FROM first\n",
            1 => text += &format!("FROM scratch AS s{stage}\nCOPY a /f\n"),
            _ => text += &format!("FROM BB AS S{stage}\nCOPY a /f\n"),
        }
        for _ in 0..random.below(9) {
            let line = LINES[random.below(LINES.len())];
            // `scratch` has nothing to run.
            if !(line.starts_with("RUN") && text.rsplit("FROM ").next().unwrap_or_default().starts_with("scratch")) {
                text += line;
                text.push('\n');
            }
        }
    }
    text
}

#[derive(Default)]
struct Counted {
    built: usize,
    refused: usize,
    values: usize,
    steps: usize,
}

async fn compare(engine: &Engine, text: &str, counted: &mut Counted) {
    let text = text.replace("BB", daemon_common::BUSYBOX);
    let options = Options { arch: engine.info().arch.clone(), ..Options::default() };
    let model = Dockerfile::read(text.as_bytes(), &options);
    let dir = folder(&[("a", "1"), ("b", "2")]);
    let tag = engine.tag(&format!("model-{}", nonce()));
    let request = BuildRequest::new(dir.path(), &text, &tag);
    let outcome = engine.build(request, mpsc::channel(1).0, CancellationToken::new()).await.unwrap();
    let model = match (model, &outcome.failure) {
        (Err(error), Some(BuildFailure::Refused(_))) => {
            counted.refused += 1;
            assert!(!matches!(error, Unreadable::TooBig(_)));
            return;
        }
        (Err(error), built) => panic!("the model refuses what BuildKit does not ({error}): {built:?}\n{text}"),
        // Lenient: what BuildKit refuses, it says better.
        (Ok(_), Some(_)) => return,
        (Ok(model), None) => model,
    };
    counted.built += 1;
    let target = model.target(None).unwrap();
    let reachable = model.reachable(target);
    let steps: Vec<_> = model
        .instructions
        .iter()
        .filter(|i| i.stage.is_some_and(|s| reachable[s]))
        .filter(|i| matches!(i.keyword.as_str(), "RUN" | "COPY" | "ADD" | "WORKDIR"))
        .collect();
    // Two stages that begin alike share their first steps, which BuildKit then tells under the name of one of them.
    let twin = |line: &Instruction| {
        steps
            .iter()
            .any(|other| other.first != line.first && other.expanded == line.expanded && other.keyword == line.keyword)
    };
    for step in &steps {
        let at = step_of_instruction(&model, &outcome.steps, step);
        assert!(at.is_some() || twin(step), "line {} has no step among {:#?}\n{text}", step.first, outcome.steps);
    }
    let told = outcome.steps.iter().filter(|s| !s.name.to_ascii_uppercase().starts_with("FROM ")).count();
    let alone = steps.iter().filter(|step| !twin(step)).count();
    assert!(told >= alone && told <= steps.len(), "{told} {alone} {}\n{:#?}\n{text}", steps.len(), outcome.steps);
    counted.steps += told;

    let config = engine.inspect(&tag).await.unwrap().config.unwrap();
    let labels: BTreeMap<String, String> = config.labels.unwrap_or_default().into_iter().collect();
    let lines: Vec<_> = model.chain(target).into_iter().flat_map(|s| model.of_stage(s)).collect();
    let mut wanted: BTreeMap<String, String> = BTreeMap::new();
    for line in lines.iter().filter(|i| i.keyword == "LABEL") {
        wanted.extend(line.pairs().iter().cloned());
    }
    for (name, value) in &wanted {
        assert_eq!(labels.get(name), Some(value), "label {name}\n{text}");
        counted.values += 1;
    }
    let last = |keyword: &str| lines.iter().rfind(|i| i.keyword == keyword);
    if let Some(user) = last("USER") {
        assert_eq!(config.user.as_deref().unwrap_or_default(), user.expanded, "{text}");
        counted.values += 1;
    }
    if let Some(exec) = last("ENTRYPOINT").and_then(|i| i.exec.clone()) {
        assert_eq!(config.entrypoint, Some(exec), "{text}");
    }
    let _ = engine.remove_image(&tag).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_says_of_a_file_what_the_builder_makes_of_it() {
    let setting =
        |name: &str, default: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (cases, seed) = (setting("DOCKSHALA_DOCKERFILE_CASES", 25), setting("DOCKSHALA_DOCKERFILE_SEED", 1));
    let engine = engine().await;
    let mut counted = Counted::default();
    for text in BY_HAND {
        compare(&engine, text, &mut counted).await;
    }
    for seed in seed..seed + cases {
        compare(&engine, &generated(seed), &mut counted).await;
    }
    // The tests must not have come to test nothing.
    assert!(counted.built as u64 > 10 + cases / 2 && counted.refused > 8, "{} {}", counted.built, counted.refused);
    assert!(counted.values > 40 && counted.steps > 60, "{} {}", counted.values, counted.steps);
}
