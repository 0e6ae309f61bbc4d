//! Each rule on a file that has it, on files that do not, and with the line that it proposes.

use super::*;
use crate::dockerfile::Options;
use proptest::prelude::*;
use rstest::rstest;

fn read(text: &str) -> Dockerfile {
    Dockerfile::recover(text.as_bytes(), &Options::default()).unwrap_or_else(|e| panic!("{e}\n{text}")).0
}

fn lint(text: &str) -> Vec<Finding> {
    let ignored = |path: &str| path == "secret.env";
    read(text).lint(&Around { ignored: Some(&ignored), builder: &[] })
}

/// Rule, line, what it points at, and the line that it proposes (empty where it proposes none).
fn told(text: &str, rule: &str) -> Vec<(u32, String, String)> {
    let all = lint(text);
    let of = all.iter().filter(|f| f.rule == rule);
    of.map(|f| (f.line, text[f.span.clone()].to_owned(), f.mended_line(text).unwrap_or_default())).collect()
}

#[rstest]
#[case("StageNameCasing", "FROM a:1 AS Builder\n", 1, "Builder", "FROM a:1 AS builder")]
#[case("FromAsCasing", "FROM a:1 as b\n", 1, "as", "FROM a:1 AS b")]
#[case("NoEmptyContinuation", "FROM a:1\nRUN x && \\\n\n  y\n", 3, "", "")]
#[case("ConsistentInstructionCasing", "FROM a:1\nrun x\n", 2, "run", "RUN x")]
#[case("ConsistentInstructionCasing", "from a:1\nrun x\nUser me\n", 3, "User", "user me")]
#[case("DuplicateStageName", "FROM a:1 AS x\nFROM b:1 AS X\n", 2, "X", "")]
#[case("ReservedStageName", "FROM a:1 AS scratch\n", 1, "scratch", "")]
#[case("JSONArgsRecommended", "FROM a:1\nCMD node server.js\n", 2, "node server.js", r#"CMD ["node", "server.js"]"#)]
#[case("JSONArgsRecommended", "FROM a:1\nENTRYPOINT java $OPTS\n", 2, "java $OPTS", "")]
#[case(
    "MaintainerDeprecated",
    "FROM a:1\nMAINTAINER Asha <a@b.in>\n",
    2,
    "MAINTAINER",
    "LABEL org.opencontainers.image.authors=\"Asha <a@b.in>\""
)]
#[case("UndefinedArgInFrom", "ARG TAG=1\nFROM a:${TGA}\n", 2, "${TGA}", "")]
#[case("WorkdirRelativePath", "FROM a:1\nWORKDIR app\n", 2, "app", "WORKDIR /app")]
#[case("UndefinedVar", "ARG V=7\nFROM a:1\nLABEL v=$V\n", 3, "$V", "")]
#[case("UndefinedVar", "FROM a:1\nENV VERSION=7\nLABEL v=${VERSIN}\n", 3, "${VERSIN}", "")]
#[case("UndefinedVar", "FROM scratch\nCOPY a $DEST\n", 2, "$DEST", "")]
#[case("MultipleInstructionsDisallowed", "FROM a:1\nCMD [\"a\"]\nCMD [\"b\"]\n", 2, "CMD", "")]
#[case("LegacyKeyValueFormat", "FROM a:1\nENV PORT 3000\n", 2, "PORT 3000", "ENV PORT=3000")]
#[case("LegacyKeyValueFormat", "FROM a:1\nLABEL who Asha Rao\n", 2, "who Asha Rao", "LABEL who=\"Asha Rao\"")]
#[case("RedundantTargetPlatform", "FROM --platform=$TARGETPLATFORM a:1\n", 1, "$TARGETPLATFORM", "FROM a:1")]
#[case("SecretsUsedInArgOrEnv", "FROM a:1\nENV DB_PASSWORD=x\n", 2, "DB_PASSWORD", "")]
#[case("SecretsUsedInArgOrEnv", "ARG NPM_TOKEN\nFROM a:1\n", 1, "NPM_TOKEN", "")]
#[case("InvalidDefaultArgInFrom", "ARG TAG\nFROM busybox:${TAG}\n", 2, "busybox:${TAG}", "")]
#[case("FromPlatformFlagConstDisallowed", "FROM --platform=linux/amd64 a:1\n", 1, "linux/amd64", "")]
#[case("CopyIgnoredFile", "FROM a:1\nCOPY ./secret.env /x\n", 2, "./secret.env", "")]
#[case(
    "InvalidDefinitionDescription",
    "# check=experimental=all\n# the version\nARG VERSION=1\nFROM a:1\n",
    2,
    "# the version",
    ""
)]
#[case("ExposeProtoCasing", "FROM a:1\nEXPOSE 53/UDP\n", 2, "53/UDP", "EXPOSE 53/udp")]
#[case("ExposeInvalidFormat", "FROM a:1\nEXPOSE 80:8080\n", 2, "80:8080", "EXPOSE 8080")]
#[case("LastUserRoot", "FROM a:1\nUSER app\nUSER root\n", 3, "root", "")]
#[case("NoSudo", "FROM a:1\nRUN sudo mkdir /x\n", 2, "sudo", "RUN mkdir /x")]
#[case("BaseImageUntagged", "FROM localhost:5000/node\n", 1, "localhost:5000/node", "")]
#[case("BaseImageLatest", "FROM a:1\nCOPY --from=nginx:latest /a /a\n", 2, "nginx:latest", "")]
#[case("AptUnpinned", "FROM a:1\nRUN apt-get update && apt-get install -y git\n", 2, "apt-get install", "")]
#[case(
    "AptListsLeft",
    "FROM a:1\nRUN set -e; \\\n  apt-get update && apt-get -y install git=1\n",
    3,
    "apt-get update",
    ""
)]
#[case("PipUnpinned", "FROM a:1\nRUN pip install --no-cache-dir flask\n", 2, "pip install", "")]
#[case("AptAssumeYes", "FROM a:1\nRUN apt-get install git\n", 2, "apt-get install", "RUN apt-get install -y git")]
#[case(
    "AptRecommends",
    "FROM a:1\nRUN <<EOF\napt-get update\n\tapt-get install -y git\nEOF\n",
    4,
    "apt-get install",
    "\tapt-get install --no-install-recommends -y git"
)]
#[case("ApkUnpinned", "FROM a:1\nRUN apk add --no-cache git\n", 2, "apk add", "")]
#[case("ApkCacheLeft", "FROM a:1\nRUN apk add git=1\n", 2, "apk add", "RUN apk add --no-cache git=1")]
#[case("AddInsteadOfCopy", "FROM a:1\nADD src /src\n", 2, "ADD", "COPY src /src")]
#[case("CopyFromUnknownStage", "FROM a:1 AS builder\nFROM a:1\nCOPY --from=buidler /a /a\n", 3, "buidler", "")]
#[case(
    "PipCacheLeft",
    "FROM a:1\nRUN python3 -m pip install -r r.txt\n",
    2,
    "python3 -m pip install",
    "RUN python3 -m pip install --no-cache-dir -r r.txt"
)]
#[case("CopyRelativeDestination", "FROM a:1\nCOPY src app/\n", 2, "app/", "")]
#[case("HealthcheckMissing", "FROM a:1\nEXPOSE 80\nCMD [\"x\"]\n", 2, "80", "")]
#[case("ConsecutiveRuns", "FROM a:1\nRUN a\nRUN b\nRUN c\n", 3, "RUN", "")]
#[case("CopyWholeStage", "FROM a:1 AS x\nFROM a:1\nCOPY --from=x / /\n", 3, "/ /", "")]
#[case(
    "PipeHidesFailure",
    "FROM a:1\nRUN curl -sL https://x.in/a.tgz | tar xz\n",
    2,
    "curl -sL https://x.in/a.tgz",
    ""
)]
#[case("AptUpdateAlone", "FROM a:1\nRUN apt-get update\nRUN apt-get install -y git\n", 2, "apt-get update", "")]
#[case(
    "CleanedTooLate",
    "FROM a:1\nRUN apt-get update && apt-get install -y git\nRUN rm -rf /var/lib/apt/lists/*\n",
    3,
    "rm -rf /var/lib/apt/lists/*",
    ""
)]
#[case(
    "ChownAfterCopy",
    "FROM a:1\nWORKDIR /app\nCOPY . .\nRUN adduser x && chown -R x:x /app\n",
    4,
    "chown -R x:x /app",
    ""
)]
#[case("SourcesBeforeInstall", "FROM a:1\nWORKDIR /app\nCOPY . .\nRUN npm ci\n", 3, ". .", "")]
fn a_rule_tells_its_line_its_place_and_the_better_line(
    #[case] rule: &str,
    #[case] text: &str,
    #[case] line: u32,
    #[case] at: &str,
    #[case] better: &str,
) {
    assert_eq!(told(text, rule), [(line, at.to_owned(), better.to_owned())], "{:#?}", lint(text));
    let skipped = format!("# check=skip={}\n{}", rule.to_lowercase(), text.replace("# check=experimental=all\n", ""));
    assert_eq!(told(&skipped, rule), []);
}

#[test]
fn every_rule_has_a_case() {
    let source = include_str!("tests.rs");
    for rule in RULES.iter().filter(|rule| rule.id != "InvalidBaseImagePlatform") {
        assert!(source.contains(&format!("\"{}\"", rule.id)), "{} is not tested", rule.id);
    }
}

/// Good files of every kind: whatever is told of them is a false alarm.
#[rstest]
#[case(
    "FROM golang:1.26 AS build\nWORKDIR /src\nCOPY go.mod go.sum ./\nRUN go mod download\nCOPY . .\nRUN go build -o /out/x\nFROM scratch\nCOPY --from=build /out/x /x\nUSER 65532\nENTRYPOINT [\"/x\"]\n"
)]
#[case(
    "FROM debian:trixie-slim\nRUN --mount=type=cache,target=/var/lib/apt,sharing=locked --mount=type=cache,target=/var/cache/apt apt-get update && apt-get install -y --no-install-recommends git=1\n"
)]
#[case(
    "FROM debian:trixie-slim AS build\nRUN apt-get update && apt-get install -y gcc=1\nFROM debian:trixie-slim\nCOPY --from=build /a /a\n"
)]
#[case(
    "FROM python:3.13-slim\nENV PIP_NO_CACHE_DIR=1\nRUN pip install flask==3.1 && pip install -r r.txt --find-links /w\n"
)]
#[case("FROM python:3.13-slim\nRUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt\n")]
#[case(
    "FROM node:24-slim\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN curl https://x.in | tar x\nCMD node x.js\n"
)]
#[case("FROM a:1\nRUN set -o pipefail && curl https://x.in | tar x\n")]
#[case("FROM a:1\nRUN echo x | tee /y && cat /y | sort || true\n")]
#[case("FROM a:1\nADD https://x.in/a.tgz /a\nADD rootfs.tar.xz /\nADD --checksum=sha256:x https://x.in/b /b\n")]
#[case(
    "ARG TAG=1\nFROM a:${TAG}\nARG TAG\nENV PATH=/x:$PATH HOME_DIR=${HOME:-/root}\nLABEL v=$TAG q='$nope' e=\\$no d=${nope:-1}\n"
)]
#[case("FROM --platform=$BUILDPLATFORM a:1 AS b\nFROM --platform=linux/amd64 a:1 AS b-amd64\nCOPY --from=b /x /x\n")]
#[case("FROM a:1\nENV KEYBOARD=in AUTHOR=asha PUBLIC_KEY=x MONKEY=1\nEXPOSE 80/tcp 443 9000-9010/udp\n")]
#[case("FROM a:1\nWORKDIR /app\nWORKDIR sub\nCOPY x y/\n")]
#[case("FROM a:1 AS base\nWORKDIR /app\nFROM base\nCOPY x y/\nWORKDIR sub\n")]
#[case(
    "FROM a:1\nRUN apt-get update && apt-get install -y --no-install-recommends x=1 && rm -rf /var/lib/apt/lists/*\nUSER root\nRUN x\nUSER app\n"
)]
#[case("FROM a:1\nCOPY --chown=app:app . /app\nRUN chown app /var/run && chmod -R 755 /opt/tool\n")]
#[case("FROM a:1\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . /app\nRUN npm run build\n")]
#[case("FROM a:1\nCMD exec java $OPTS\n")]
#[case("FROM scratch\nCOPY x .\n")]
#[case("FROM a:1@sha256:abc\nCMD [\"x\"]\nHEALTHCHECK CMD x\n")]
#[case("from a:1 as b\nrun x\nfrom b\ncmd [\"x\"]\n")]
#[case("FROM a:1 AS x\nFROM scratch\nCOPY --from=x / /\n")]
#[case("FROM a:1\nRUN --mount=type=bind,from=tools,target=/t x\nCOPY --from=ghcr.io/a/b:1 /x /x\n")]
fn a_good_file_gives_no_warning(#[case] text: &str) {
    let ours = |f: &Finding| f.level == Level::Warning && !told_of_root_destination(f);
    let found: Vec<_> = lint(text).into_iter().filter(ours).collect();
    assert!(found.is_empty(), "{text}\n{found:#?}");
}

/// Two of the files above copy to `./` without WORKDIR to stay short.
fn told_of_root_destination(finding: &Finding) -> bool {
    finding.rule == "CopyRelativeDestination" && finding.facts["path"] == Fact::Text("./".into())
}

#[test]
fn what_the_builder_found_is_added_once() {
    let file = read("FROM a:1 as b\nRUN x && \\\n\n  y\n");
    let builder = [
        ("FromAsCasing".to_owned(), Some(1), "casing".to_owned()),
        ("NoEmptyContinuation".to_owned(), Some(2), "empty".to_owned()),
        ("InvalidBaseImagePlatform".to_owned(), Some(1), "Base image a:1 was pulled\u{1b}[31m".to_owned()),
        (String::new(), None, "no rule".to_owned()),
    ];
    let found = file.lint(&Around { ignored: None, builder: &builder });
    let rules: Vec<_> = found.iter().map(|f| (f.rule.as_str(), f.line)).collect();
    assert_eq!(rules, [("InvalidBaseImagePlatform", 1), ("FromAsCasing", 1), ("NoEmptyContinuation", 3)]);
    assert_eq!(found[0].facts["message"], Fact::Text("Base image a:1 was pulled[31m".into()));
}

#[test]
fn a_file_with_several_bad_lines_is_still_linted_and_each_of_them_told() {
    let text = "FROM a:1 AS 9x\nRUNN x\nCMD node x.js\nCOPY x\nCOPY --from=9 /a /a\n";
    let (file, problems) = Dockerfile::recover(text.as_bytes(), &Options::default()).unwrap();
    let mut lines: Vec<u32> = problems
        .iter()
        .map(|p| if let crate::dockerfile::Unreadable::Syntax { line, .. } = p { *line } else { 0 })
        .collect();
    lines.sort_unstable();
    assert_eq!(lines, [1, 2, 4, 5]);
    let found = file.lint(&Around::default());
    assert!(found.iter().any(|f| (f.rule.as_str(), f.line) == ("JSONArgsRecommended", 3)), "{found:#?}");
    let (file, problems) = Dockerfile::recover(b"RUN x\nARG A\n", &Options::default()).unwrap();
    assert_eq!((file.target(None), problems.len()), (None, 2));
    file.lint(&Around::default());
}

#[test]
fn hostile_files_cost_little() {
    for text in [
        format!("FROM a:1\n{}", "ENV AAAAAA=1 BBBBBB=$CCCCCC\n".repeat(20_000)),
        format!("FROM a:1\nRUN {}\n", "apt-get install x | ".repeat(20_000)),
        format!("FROM a:1\n{}", "RUN npm ci\n".repeat(1_900)),
        format!("FROM a:1\n{}", "COPY . .\nRUN chown -R a .\n".repeat(900)),
        (0..900).map(|i| format!("FROM s{} AS s{i}\nUSER a$b\n", i - 1)).collect(),
    ] {
        lint(&text);
    }
}

proptest! {
    /// What a finding proposes is a file that can be read and that no longer has it there.
    #[test]
    fn a_mended_file_no_longer_has_the_finding(
        pieces in proptest::collection::vec(prop::sample::select(vec![
            "FROM a:1 as B\n", "from c\n", "FROM --platform=$TARGETPLATFORM x:1\n", "run sudo apt-get install git\n",
            "RUN apk add \\\n  curl\n", "RUN sh -c 'apt-get install x'\n", "RUN <<-E\n\t\tapk add नाम\n\tE\n", "CMD node 'a b' c\n",
            "cmd x $y\n", "ENV A b c\n", "ENV A  b\n", "LABEL k \"v w\"\n", "ADD a b\n", "add x /y\n", "WORKDIR x\n", "WORKDIR \"y z\"\n",
            "EXPOSE 1:2/TCP 3/Udp\n", "MAINTAINER मैं <x@y>\n", "RUN pip install -r r\r\n", "RUN \\\n  pip \\\n install x\n", "RUN FOO=1 apt-get \\\n# c\n\n install y\n",
            "\u{feff}", "# escape=`\n",
        ]), 1..12)
    ) {
        let text = pieces.concat();
        if let Ok((file, problems)) = Dockerfile::recover(text.as_bytes(), &Options::default()) {
            let before = file.lint(&Around::default());
            for finding in &before {
                let Some(mended) = finding.mended(&text) else { continue };
                let (file, new) = Dockerfile::recover(mended.as_bytes(), &Options::default()).unwrap();
                prop_assert!(new.len() <= problems.len(), "{finding:?}\n{mended}");
                let after = file.lint(&Around::default());
                let count = |all: &[Finding]| all.iter().filter(|f| f.rule == finding.rule).count();
                prop_assert!(count(&after) < count(&before), "{finding:?}\n{mended}");
            }
        }
    }
}
