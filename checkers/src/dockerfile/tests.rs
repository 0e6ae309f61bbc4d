//! Tests of the model as a whole.

use super::*;
use proptest::prelude::*;

fn read(text: &str) -> Dockerfile {
    Dockerfile::read(text.as_bytes(), &Options::default()).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

fn refused(text: &str) -> (u32, String) {
    match Dockerfile::read(text.as_bytes(), &Options::default()) {
        Err(Unreadable::Syntax { line, message }) => (line, message),
        other => panic!("{other:?}\n{text}"),
    }
}

#[test]
fn references_of_every_kind_and_reachability() {
    let file = read(
        "ARG V=1.26\nARG IMG=golang:${V}\nFROM ${IMG} AS Build\nRUN go build\nFROM alpine AS unused\nFROM scratch AS tools\n\
         COPY --from=busybox:1.37 /bin/sh /sh\nFROM debian\nCOPY --from=BUILD /app /app\nCOPY --from=2 /sh /sh\n\
         RUN --mount=type=bind,from=node:24,target=/n --mount=type=cache,target=/c true\n",
    );
    assert_eq!(file.stages[0].base, Base::Image("golang:1.26".into()));
    assert_eq!(file.reachable(3), [true, false, true, true]);
    let images: Vec<_> = file.images(3).into_iter().map(|(name, lines)| format!("{name}@{lines:?}")).collect();
    assert_eq!(images, ["golang:1.26@[3]", "busybox:1.37@[7]", "debian@[8]", "node:24@[11]"]);
    assert_eq!(file.final_base(3), ("debian".into(), 8));
    assert_eq!(file.target(Some("build")), Some(0));
    assert_eq!(file.target(Some("1")), Some(1));
    assert_eq!(file.target(Some("nope")), None);
}

#[test]
fn what_stands_behind_onbuild_refers_from_the_stages_that_run_it() {
    let text = "FROM busybox:1.37 AS tools\nRUN true\nFROM alpine:3 AS kit\nONBUILD COPY --from=tools /t /t\n\
                ONBUILD RUN --mount=type=bind,from=node:24,target=/n \\\n  true\nFROM kit AS one\nFROM kit\n";
    let file = read(text);
    assert_eq!(file.reachable(3), [true, true, false, true]);
    assert_eq!(file.reachable(1), [false, true, false, false], "nothing runs it in the stage that it stands in");
    let images: Vec<_> = file.images(3).into_iter().map(|(name, lines)| format!("{name}@{lines:?}")).collect();
    assert_eq!(images, ["busybox:1.37@[1]", "alpine:3@[3]", "node:24@[5]"]);
    // Two stages run it; it is written once.
    let local = [("node:24".to_owned(), "x/node".to_owned())].into();
    assert_eq!(file.rewritten(&local, false), text.replace("from=node:24", "from=x/node"));
    let newer: Vec<_> = file.newer_features().into_iter().map(|f| (f.name, f.since, f.line)).collect();
    assert_eq!(newer, [("ONBUILD COPY from".into(), (1, 11), 4), ("ONBUILD RUN from".into(), (1, 11), 5)]);
    assert!(read("FROM a AS p\nONBUILD COPY x /\nFROM p\n").newer_features().is_empty());
    // A grandchild runs nothing; and nothing bounds a hostile file but a limit.
    let file = read("FROM t AS tools\nFROM a AS p\nONBUILD COPY --from=tools /t /t\nFROM p AS q\nFROM q\n");
    assert_eq!(file.references.len(), 5);
    let many = format!("FROM a AS p\n{}{}", "ONBUILD RUN true\n".repeat(900), "FROM p\n".repeat(900));
    assert!(Dockerfile::read(many.as_bytes(), &Options::default()).is_err());
}

#[test]
fn engines_have_the_frontend_of_the_buildkit_that_they_vendor() {
    let of = |engine: &str| frontend_of_engine(engine);
    assert_eq!([of("20.10.24"), of("23.0.6"), of("24.0.9"), of("25.0.3")], [(1, 2), (1, 4), (1, 5), (1, 6)]);
}

#[test]
fn a_stage_built_from_a_stage_stands_on_its_base() {
    let file = read("FROM node:24 AS Base\nENV A=1\nFROM base AS deps\nFROM base\nCOPY $A /x\n");
    assert_eq!(file.chain(2), [0, 2]);
    assert_eq!(file.final_base(2), ("node:24".into(), 1));
    assert_eq!(file.instructions.last().unwrap().expanded, "1 /x");
    assert_eq!(file.reachable(2), [true, false, true]);
    assert_eq!(read("FROM node:24 AS Base\nFROM Base\n").stages[1].base, Base::Image("Base".into()));
}

#[test]
fn global_args_are_for_from_only_until_declared_again() {
    let file = read(
        "ARG V=7\nFROM a:$V\nLABEL v=$V\nARG V\nLABEL v=$V arch=$TARGETARCH\nARG TARGETARCH V=9\nLABEL v=$V-$TARGETARCH\n",
    );
    let labels: Vec<_> =
        file.instructions.iter().filter(|i| i.keyword == "LABEL").map(|i| i.expanded.as_str()).collect();
    assert_eq!(labels, ["v=", "v=7 arch=", "v=9-amd64"]);
    let options = Options { args: [("V".to_owned(), "8".to_owned())].into(), arch: "arm64".into() };
    let file = Dockerfile::read(b"ARG V=7\nFROM --platform=$BUILDPLATFORM a:$V-$TARGETARCH\n", &options).unwrap();
    assert_eq!(file.stages[0].base, Base::Image("a:8-arm64".into()));
}

#[test]
fn a_rewritten_file_keeps_its_lines_and_the_rest() {
    let text = "\u{feff}# syntax=docker/dockerfile:1\r\n# escape=`\r\nARG V=24\r\nfrom --platform=linux/amd64 `\r\n  node:${V} as b\r\n\
                RUN --mount=from=golang:1.26,target=/g true\r\nFROM b\r\nCOPY --from=golang:1.26 /x /x\r\n";
    let images = [("node:24", "local/node:24"), ("golang:1.26", "local/go"), ("b", "never")];
    let images = images.map(|(a, b)| (a.to_owned(), b.to_owned())).into();
    assert_eq!(
        read(text).rewritten(&images, true),
        "\u{feff}# escape=`\r\n#\r\nARG V=24\r\nfrom --platform=linux/amd64 `\r\n  local/node:24 as b\r\n\
         RUN --mount=from=local/go,target=/g true\r\nFROM b\r\nCOPY --from=local/go /x /x\r\n"
    );
    assert_eq!(read(text).rewritten(&BTreeMap::new(), false), text);
}

#[test]
fn a_word_broken_by_a_continuation_is_replaced_whole() {
    let images = [("node:24".to_owned(), "x/node".to_owned())].into();
    assert_eq!(read("FROM no\\\nde:24 AS a\n").rewritten(&images, true), "FROM x/node\\\n AS a\n");
}

#[test]
fn what_no_builder_takes_is_refused_with_its_line() {
    for (text, line, part) in [
        ("FROM a\n\nRUNN x\n", 3, "did you mean RUN?"),
        ("FROM a\nFORM b\n", 2, "did you mean FROM?"),
        ("RUN x\nFROM a\n", 1, "before FROM"),
        ("ARG A=1\n", 1, "no FROM"),
        ("FROM a b c d\n", 1, "one or three"),
        ("FROM a AS 1b\n", 1, "invalid name"),
        ("FROM ${X}\n", 1, "should not be blank"),
        ("FROM a\nCOPY x\n", 2, "at least two arguments"),
        ("FROM a\nWORKDIR\n", 2, "at least one argument"),
        ("FROM a\nRUN <<EOF\necho\n", 2, "unterminated"),
        ("FROM a AS x\nCOPY --from=y /a /a\nFROM a AS y\nCOPY --from=x /a /a\n", 1, "circular"),
        ("FROM a AS x\nCOPY --from=x /a /a\n", 1, "circular"),
        ("FROM a\nCOPY --from=3 /a /a\n", 2, "no stage 3"),
    ] {
        let (at, message) = refused(text);
        assert_eq!(at, line, "{text}: {message}");
        assert!(message.contains(part), "{text}: {message}");
    }
}

#[test]
fn sizes_and_encodings_have_their_errors() {
    let read = |bytes: &[u8]| Dockerfile::read(bytes, &Options::default()).unwrap_err();
    assert_eq!(read(b""), Unreadable::Empty);
    assert_eq!(read(b"\xef\xbb\xbf# only a comment\n\n"), Unreadable::Empty);
    assert_eq!(read(&vec![b'#'; 10_000_000]), Unreadable::TooBig(10_000_000));
    assert_eq!(read(b"FROM a\nRUN \xff\n"), Unreadable::NotUtf8 { offset: 11, line: 2 });
    assert_eq!(read(b"\xff\xfeF\0R\0"), Unreadable::NotUtf8 { offset: 0, line: 1 });
}

#[test]
fn commands_of_every_form() {
    let file = read(
        "FROM a\nRUN [\"npm\", \"ci\"]\nRUN <<EOF\nset -e\nnpm ci\nEOF\nRUN <<EOF bash -e\nnpm ci\nEOF\n\
         RUN cat <<EOF >x\nnpm ci\nEOF\nRUN --mount=type=cache,target=/c npm \\\n  # why\n  ci\nRUN python3 <<EOF\nnpm ci\nEOF\n\
         HEALTHCHECK --interval=1s CMD npm ci\nRUN <<EOF\n#!/bin/bash\nnpm ci\nEOF\n",
    );
    let found: Vec<_> =
        file.instructions.iter().filter(|i| any_matches(&i.commands(), "npm ci")).map(|i| (i.first, i.last)).collect();
    assert_eq!(found, [(2, 2), (3, 6), (7, 9), (13, 15), (19, 19), (20, 23)]);
}

#[test]
fn newer_features_name_their_line() {
    let file = read("FROM a\nCOPY --parents a b /c/\nCOPY <<EOF /x\nhi\nEOF\nRUN --mount=type=cache,target=/c true\n");
    let found: Vec<_> = file.newer_features().into_iter().map(|f| (f.name, f.line)).collect();
    assert_eq!(found, [("COPY --parents".to_owned(), 2), ("heredoc".to_owned(), 3)]);
}

#[test]
fn hostile_files_cost_little() {
    let doubling = format!("FROM a\nENV A=xxxxxxxx\n{}{}", "ENV A=$A$A\n".repeat(40), "USER $A\n".repeat(20_000));
    read(&doubling);
    read(&format!("FROM a\nLABEL x={}\n", "${".repeat(100_000)));
    read(&format!("FROM a\n{}", "ENV A=$A$A$A b=$A\n".repeat(10_000)));
    refused(&"FROM a AS b\n".repeat(20_000));
    read(&format!("FROM a\nRUN {}\n", "$(".repeat(100_000)));
}

/// The oracle: on files that both read, parse-dockerfile finds the same instructions at the same lines.
fn agrees_with_the_oracle(text: &str) {
    let (Ok(ours), Ok(theirs)) =
        (Dockerfile::read(text.as_bytes(), &Options::default()), parse_dockerfile::parse(text))
    else {
        return;
    };
    use parse_dockerfile::Instruction as I;
    let theirs: Vec<(&str, u32)> = theirs
        .instructions
        .iter()
        .map(|i| {
            let (name, span) = match i {
                I::From(i) => ("FROM", &i.from.span),
                I::Run(i) => ("RUN", &i.run.span),
                I::Copy(i) => ("COPY", &i.copy.span),
                I::Env(i) => ("ENV", &i.env.span),
                I::Arg(i) => ("ARG", &i.arg.span),
                I::Cmd(i) => ("CMD", &i.cmd.span),
                I::Workdir(i) => ("WORKDIR", &i.workdir.span),
                I::User(i) => ("USER", &i.user.span),
                other => panic!("not generated: {other:?}"),
            };
            (name, text[..span.start].matches('\n').count() as u32 + 1)
        })
        .collect();
    let ours: Vec<(&str, u32)> = ours.instructions.iter().map(|i| (i.keyword.as_str(), i.first)).collect();
    assert_eq!(ours, theirs, "{text}");
}

proptest! {
    #[test]
    fn any_bytes_give_a_model_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Dockerfile::read(&bytes, &Options::default());
    }

    #[test]
    fn any_pieces_give_a_model_or_an_error_and_survive_rewriting(
        pieces in proptest::collection::vec(prop::sample::select(vec![
            "FROM ", "a", " AS ", "b", "\n", "\r\n", "\\\n", "RUN ", "COPY ", "--from=", "0", "b", "--mount=", "from=", ",",
            "<<EOF", "EOF\n", "<<-'X Y'", "\"", "'", "$", "${", "a:-", "}", "[", "]", "\"x\"", "# ", "# syntax=x", "# escape=`",
            "`\n", "ENV ", "ARG ", "=", "é", "\u{feff}", "\t", " ", "--", "$(", ")", "CMD ", "x", "ONBUILD ", "HEALTHCHECK ",
        ]), 0..60)
    ) {
        let text = pieces.concat();
        if let Ok(file) = Dockerfile::read(text.as_bytes(), &Options::default()) {
            let target = file.target(None).unwrap();
            for instruction in &file.instructions {
                instruction.commands();
                instruction.copies();
                instruction.mounts();
                prop_assert!(instruction.first <= instruction.last);
            }
            let images: BTreeMap<String, String> =
                file.images(target).into_iter().map(|(name, _)| (name, "stand.in/x:1".to_owned())).collect();
            let again = file.rewritten(&images, true);
            prop_assert_eq!(again.matches('\n').count(), text.matches('\n').count());
            // A file that has been rewritten names only stand-ins (names of stages may have changed their meaning not).
            if let Ok(file) = Dockerfile::read(again.as_bytes(), &Options::default()) {
                for (name, _) in file.images(file.target(None).unwrap()) {
                    prop_assert_eq!(name, "stand.in/x:1");
                }
            }
        }
    }

    #[test]
    fn ordinary_files_are_read_as_the_oracle_reads_them(
        lines in proptest::collection::vec(prop::sample::select(vec![
            "FROM a\n", "from b AS c\n", "RUN x && \\\n  y\n", "RUN <<EOF\nFROM z\nEOF\n", "COPY a b /c\n", "# comment\n", "\n",
            "ENV A=1 \\\n    # inside\n    B=\"2 3\"\n", "CMD [\"x\", \"y\"]\n", "ARG Z=9\n", "WORKDIR /x\n", "USER me\n",
            "COPY <<A <<B /d/\n1\nA\n2\nB\n", "RUN --mount=type=cache,target=/x y\r\n",
        ]), 1..20)
    ) {
        agrees_with_the_oracle(&lines.concat());
    }
}
