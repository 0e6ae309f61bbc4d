//! Viva answers are true: the change that a question speaks of is made, the image built again, and what was said is seen.
#![cfg(feature = "daemon-tests")]

mod daemon_common;

use daemon_common::{engine, folder, nonce};
use dockshala_checkers::{
    check::{self, Options, Submission},
    dockerfile::Dockerfile,
    engine::{
        Engine,
        bases::{BaseOptions, Kit},
    },
    evidence::Evidence,
    spec::Spec,
    verdict::{CheckResult, Fact},
    viva::{self, Answer, Change, Question, Shows, changed},
};
use std::{collections::BTreeSet, sync::Arc};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

fn spec(goals: &str) -> Spec {
    let json = format!(
        r#"{{"id":"viva","kind":"dockerfile","images":["dockshala.local/*"],"needs":[],"network":"none","profile":"strict","goals":{goals}}}"#
    );
    serde_json::from_str(&json).unwrap()
}

async fn checked(engine: &Engine, spec: &Spec, dockerfile: &str) -> (Evidence, CheckResult) {
    let dir = folder(&[("Dockerfile", dockerfile), ("menu.txt", "masala\n"), ("notes.md", "secret recipe\n")]);
    let submission = Submission { dir: dir.path().to_owned(), starter: None, label: None };
    let options = Options::new(bases());
    let (tell, _) = mpsc::channel(1);
    check::gather(spec, &submission, Some(engine), &options, tell, CancellationToken::new()).await
}

fn bases() -> BaseOptions {
    BaseOptions { kit: Arc::new(Kit::empty()), ask_registry: false, mirror: None, known: Default::default() }
}

fn right(question: &Question) -> &Answer {
    &question.options.iter().find(|o| o.right).unwrap().answer
}

/// Whether the second check shows what the change was to show.
fn shown(change: &Change, question: &Question, before: &(Evidence, CheckResult), after: &(Evidence, CheckResult)) {
    let image = |of: &(Evidence, CheckResult)| of.0.image.clone().unwrap_or_else(|e| panic!("{question:?}: {e:?}"));
    let (first, second) = (image(before), image(after));
    match &change.shows {
        Shows::Gone => {
            let failing = |of: &CheckResult| {
                let told = of.goals.iter().filter_map(|g| g.diagnosis.as_ref());
                told.filter(|d| Some(&d.code) == question.code.as_ref()).count()
            };
            assert_eq!((failing(&before.1), failing(&after.1)), (1, 0), "{question:?}");
        }
        Shows::Less(bytes) => {
            assert_eq!(first.sizes.total - second.sizes.total, *bytes, "{question:?}");
            assert_eq!(right(question), &Answer::Bytes(*bytes));
        }
        Shows::OtherUser => assert_ne!(first.config.user, second.config.user, "{question:?}"),
        Shows::SameLayers => assert_eq!(first.layers.len(), second.layers.len(), "{question:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_change_that_a_question_speaks_of_shows_its_answer() {
    let engine = engine().await;
    let goals = r#"["builds",
        {"absent": {"paths": ["srv/notes.md"], "tools": ["gcc"]}},
        {"total": {"at-most": "1 MB"}},
        {"user": {"not-root": true}}]"#;
    let spec = spec(goals);
    let dockerfile = format!(
        "FROM dockshala.local/busybox:1.37\n\
         LABEL nonce={}\n\
         RUN head -c 3000000 /dev/urandom > /fares\n\
         RUN head -c 1000000 /dev/urandom > /tickets\n\
         RUN chown 10001:10001 /fares\n\
         RUN rm /tickets\n\
         COPY menu.txt /srv/\n\
         COPY notes.md /srv/\n\
         RUN cp /bin/true /bin/gcc\n\
         USER 10001\n\
         CMD [\"cat\", \"/srv/menu.txt\"]\n\
         USER root\n",
        nonce()
    );
    let before = checked(&engine, &spec, &dockerfile).await;
    let questions = viva::questions(&before.0, &before.1.goals);
    let names: BTreeSet<&str> = questions.iter().map(|q| q.template.as_str()).collect();
    for wanted in ["hidden-by", "saves", "path-line", "base-share", "runs-as", "user-line", "no-layer", "own-layers"] {
        assert!(names.contains(wanted), "{wanted}: {names:?}");
    }
    let model = Dockerfile::read(dockerfile.as_bytes(), &Default::default()).unwrap();
    let mut tried = 0;
    for question in &questions {
        let Some(change) = &question.change else { continue };
        let last = model.at_line(change.line).unwrap().last;
        let again = changed(&dockerfile, change.line, last, change.with.as_deref());
        let after = checked(&engine, &spec, &again).await;
        shown(change, question, &before, &after);
        tried += 1;
    }
    assert!(tried >= 4, "{names:?}");
    // Answers without a change of their own, against what was made here.
    let of = |name: &str| questions.iter().find(|q| q.template == name).unwrap();
    // Two lines of the same weight: there is no heaviest to ask for.
    assert!(!names.contains("heaviest"));
    assert!(matches!(right(of("user-line")), Answer::Line { number: 12, .. }));
    assert_eq!(right(of("runs-as")), &Answer::Name("root".into()));
    assert_eq!(right(of("own-layers")), &Answer::Count(7));
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_deleted_file_weighs_is_still_there_until_its_line_goes() {
    let engine = engine().await;
    let spec = spec(r#"["builds", {"total": {"at-most": "1 MB"}}]"#);
    let dockerfile = format!(
        "FROM dockshala.local/busybox:1.37\nLABEL nonce={}\nRUN head -c 4000000 /dev/urandom > /tickets\nRUN rm /tickets\nCMD [\"ls\"]\n",
        nonce()
    );
    let before = checked(&engine, &spec, &dockerfile).await;
    let questions = viva::questions(&before.0, &before.1.goals);
    let holds = questions.iter().find(|q| q.template == "still-holds").expect("a question about the deleted file");
    assert!(matches!(right(holds), Answer::Line { number: 3, .. }), "{holds:?}");
    assert_eq!(holds.about["path"], Fact::Text("/tickets".into()));
    // Without the line that deletes it the image is no bigger; without the line that made it, it is.
    let without = |line| changed(&dockerfile, line, line, None);
    let kept = checked(&engine, &spec, &without(4)).await.0.image.unwrap().sizes;
    let total = before.0.image.as_ref().unwrap().sizes.total;
    assert_eq!(kept.total, total);
    let never = checked(&engine, &spec, &without(3).replace("RUN rm", "RUN rm -f")).await.0.image.unwrap().sizes;
    assert_eq!(total - never.total, 4_000_000);
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_that_breaks_the_cache_is_the_one_whose_move_mends_it() {
    let engine = engine().await;
    let goals = r#"["builds", {"cached-after-edit": {"edit": {"file": "menu.txt", "append": "{nonce}"}, "still-cached": {"command": "sleep"}}}]"#;
    let spec = spec(goals);
    let head = format!("FROM dockshala.local/busybox:1.37\nLABEL nonce={}\n", nonce());
    let dockerfile = format!("{head}WORKDIR /srv\nCOPY . .\nRUN sleep 0.1\nRUN echo done > /done\nCMD [\"ls\"]\n");
    let before = checked(&engine, &spec, &dockerfile).await;
    let questions = viva::questions(&before.0, &before.1.goals);
    let cause = questions.iter().find(|q| q.template == "rebuilt-cause").expect("a question about the cache");
    assert!(matches!(right(cause), Answer::Line { number: 4, .. }), "{cause:?}");
    let first = questions.iter().find(|q| q.template == "first-again").unwrap();
    assert!(matches!(right(first), Answer::Line { number: 4, .. }), "{first:?}");
    let mended = format!("{head}WORKDIR /srv\nRUN sleep 0.1\nRUN echo done > /done\nCOPY . .\nCMD [\"ls\"]\n");
    let after = checked(&engine, &spec, &mended).await;
    assert_eq!(after.1.exit_code(), 0, "{:?}", after.1.goals);
    engine.close().await.unwrap();
}
