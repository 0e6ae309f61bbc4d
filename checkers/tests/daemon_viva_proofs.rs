//! Every template of the viva, proved by building again: the right answer is so, and each wrong one that is offered is not.
//!
//! An answer is tried, never compared with what the checker itself said of it: its line is taken out, its stage is made to
//! fail, its number is counted on the daemon. Several questions ask about the same lines, so what was built without a line is
//! kept and serves them all.
#![cfg(feature = "daemon-tests")]

mod daemon_common;

use daemon_common::{BUSYBOX, docker, engine, folder, image, nonce};
use dockshala_checkers::{
    check::{self, Options, Submission},
    dockerfile::Dockerfile,
    engine::{
        BuildRequest, Engine,
        bases::{BaseOptions, Kit},
    },
    evidence::Evidence,
    spec::Spec,
    verdict::{CheckResult, Fact},
    viva::{self, Answer, Question, TEMPLATES, changed},
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Owners, users, bases and stages of a chai shop's image.
const SHOP: &[&str] = &[
    "path-line",
    "tool-line",
    "path-base",
    "tool-base",
    "saves",
    "base-share",
    "runs-as",
    "user-line",
    "unused-stage",
    "final-base",
    "no-layer",
    "own-layers",
    "command-line",
];
/// What lines of a ticket counter's image weigh.
const COUNTER: &[&str] = &["hidden-by", "still-holds", "heaviest", "brought", "dev-line"];
/// What a railway kitchen's image builds again.
const KITCHEN: &[&str] = &["rebuilt-cause", "first-again", "cache-left"];

#[test]
fn every_template_has_a_proof() {
    let proved: BTreeSet<&str> = [SHOP, COUNTER, KITCHEN].concat().into_iter().collect();
    assert_eq!(
        proved,
        TEMPLATES.iter().copied().collect(),
        "a template without a proof, or a proof without a template"
    );
}

const MENU: (&str, &str) = ("menu.txt", "masala\n");

/// A submission and the ways to do without its lines.
struct Tried<'a> {
    engine: &'a Engine,
    spec: Spec,
    files: Vec<(&'static str, &'static str)>,
    dockerfile: String,
    /// What stands in for a line that others need; any other is taken out.
    instead: HashMap<u32, String>,
    checked: HashMap<String, (Evidence, CheckResult)>,
    built: HashMap<String, String>,
}

impl<'a> Tried<'a> {
    fn new(engine: &'a Engine, goals: &str, files: Vec<(&'static str, &'static str)>, dockerfile: String) -> Self {
        let json = format!(
            r#"{{"id":"viva","kind":"dockerfile","images":["dockshala.local/*"],"needs":[],"network":"none","profile":"strict","goals":{goals}}}"#
        );
        Self {
            engine,
            spec: serde_json::from_str(&json).unwrap(),
            files,
            dockerfile,
            instead: HashMap::new(),
            checked: HashMap::new(),
            built: HashMap::new(),
        }
    }

    fn instead(mut self, line: u32, text: String) -> Self {
        self.instead.insert(line, text);
        self
    }

    fn model(&self) -> Dockerfile {
        Dockerfile::read(self.dockerfile.as_bytes(), &Default::default()).unwrap()
    }

    fn without(&self, line: u32) -> String {
        let last = self.model().at_line(line).unwrap().last;
        changed(&self.dockerfile, line, last, self.instead.get(&line).map(String::as_str))
    }

    async fn check(&mut self, dockerfile: &str) -> &(Evidence, CheckResult) {
        if !self.checked.contains_key(dockerfile) {
            let dir = folder(&[self.files.as_slice(), &[("Dockerfile", dockerfile)]].concat());
            let submission = Submission { dir: dir.path().to_owned(), starter: None, label: None };
            let kit = Arc::new(Kit::empty());
            let options =
                Options::new(BaseOptions { kit, ask_registry: false, mirror: None, known: Default::default() });
            let (tell, _) = mpsc::channel(1);
            let cancel = CancellationToken::new();
            let found = check::gather(&self.spec, &submission, Some(self.engine), &options, tell, cancel).await;
            self.checked.insert(dockerfile.to_owned(), found);
        }
        &self.checked[dockerfile]
    }

    /// Whether the question's diagnosis is still given.
    async fn told(&mut self, dockerfile: &str, question: &Question) -> bool {
        let (evidence, result) = self.check(dockerfile).await;
        let built = evidence.build.as_ref().unwrap_or_else(|e| panic!("{e:?}"));
        assert_eq!(built.failure, None, "a proof must build:\n{dockerfile}");
        let mut told = result.goals.iter().filter_map(|g| g.diagnosis.as_ref());
        told.any(|d| Some(&d.code) == question.code.as_ref())
    }

    async fn total(&mut self, dockerfile: &str) -> u64 {
        self.check(dockerfile).await.0.image.as_ref().unwrap_or_else(|e| panic!("{e:?}\n{dockerfile}")).sizes.total
    }

    /// By how much the image is lighter without a line.
    async fn weighs(&mut self, line: u32) -> u64 {
        let (all, without) = (self.dockerfile.clone(), self.without(line));
        self.total(&all).await.saturating_sub(self.total(&without).await)
    }

    /// Builds it and gives its tag; none where it does not build.
    async fn build(&mut self, dockerfile: &str, target: Option<&str>) -> Option<String> {
        self.build_with(dockerfile, target, &[]).await
    }

    async fn build_with(&mut self, text: &str, target: Option<&str>, more: &[(&str, &str)]) -> Option<String> {
        let dir = folder(&[self.files.as_slice(), more].concat());
        let tag = self.engine.tag(&format!("viva-{}", self.built.len()));
        let mut request = BuildRequest::new(dir.path(), text, &tag);
        request.target = target.map(str::to_owned);
        let outcome = self.engine.build(request, mpsc::channel(1).0, CancellationToken::new()).await.unwrap();
        self.built.insert(tag.clone(), text.to_owned());
        outcome.failure.is_none().then_some(tag)
    }

    async fn inspected(&mut self, dockerfile: &str, format: &str) -> String {
        let tag = self.build(dockerfile, None).await.unwrap_or_else(|| panic!("does not build:\n{dockerfile}"));
        docker(&["image", "inspect", "-f", format, &tag])
    }

    async fn layers(&mut self, dockerfile: &str, target: Option<&str>) -> Vec<String> {
        let tag = self.build(dockerfile, target).await.unwrap_or_else(|| panic!("does not build:\n{dockerfile}"));
        layers_of(&tag)
    }

    /// What a command in its container prints.
    async fn says(&mut self, dockerfile: &str, command: &[&str]) -> String {
        let tag = self.build(dockerfile, None).await.unwrap_or_else(|| panic!("does not build:\n{dockerfile}"));
        let labels: Vec<String> = self.engine.label_arguments().iter().map(|l| format!("--label={l}")).collect();
        let mut args = vec!["run", "--rm", "--network=none"];
        args.extend(labels.iter().map(String::as_str));
        args.push(&tag);
        args.extend(command);
        docker(&args)
    }

    /// Whether an answer is true, as building shows.
    async fn holds(&mut self, question: &Question, answer: &Answer) -> bool {
        let all = self.dockerfile.clone();
        let without = |of: &Self| match answer {
            Answer::Line { number, .. } => of.without(*number),
            other => panic!("{}: {other:?} is no line", question.template),
        };
        let about = |name: &str| match &question.about[name] {
            Fact::Text(text) => text.clone(),
            other => panic!("{other:?} is no text"),
        };
        match (question.template.as_str(), answer) {
            // Without the line that is to blame, the diagnosis is gone.
            (
                "path-line" | "tool-line" | "path-base" | "tool-base" | "cache-left" | "dev-line" | "rebuilt-cause",
                _,
            ) => {
                let text = without(self);
                !self.told(&text, question).await
            }
            // Without the line that hid it, it can be seen.
            ("hidden-by", _) => {
                let (text, look) = (without(self), format!("test -e {} && echo there || echo gone", about("path")));
                self.says(&text, &["sh", "-c", &look]).await == "there"
            }
            // Only without the line that put it there is its weight gone.
            ("still-holds", Answer::Line { number, .. }) => self.weighs(*number).await >= 4_000_000,
            ("heaviest", Answer::Line { number, .. }) => {
                let mut others = Vec::new();
                for line in self.model().instructions.iter().map(|i| i.first).collect::<Vec<_>>() {
                    if line != *number {
                        others.push(self.weighs(line).await);
                    }
                }
                self.weighs(*number).await > others.into_iter().max().unwrap()
            }
            ("brought", Answer::Bytes(bytes)) => {
                let Fact::Count(line) = question.about["line"] else { panic!("{question:?}") };
                self.weighs(line as u32).await == *bytes
            }
            ("saves", Answer::Bytes(bytes)) => {
                let line = question.change.as_ref().unwrap().line;
                self.weighs(line).await == *bytes
            }
            ("base-share", Answer::Bytes(bytes)) => {
                self.total(&format!("FROM {}\nCMD [\"ls\"]\n", about("base"))).await == *bytes
            }
            ("runs-as", Answer::Name(name)) => self.says(&all, &["id", "-un"]).await == *name,
            ("user-line", _) => {
                let text = without(self);
                self.says(&all, &["id", "-u"]).await != self.says(&text, &["id", "-u"]).await
            }
            // A stage that is not needed may as well fail.
            ("unused-stage", Answer::Name(stage)) => {
                let model = self.model();
                let stage = model.stages.iter().find(|s| s.label() == *stage).unwrap();
                let last = model.of_stage(stage.index).map(|i| i.last).max().unwrap();
                let mut lines: Vec<&str> = all.lines().collect();
                lines.insert(last as usize, "RUN exit 7");
                self.build(&lines.join("\n"), None).await.is_some()
            }
            // An image stands on what its layers begin with; a stage is built as far as its own name.
            ("final-base", Answer::Name(name)) => {
                let model = self.model();
                let base = match model.stages.iter().any(|s| s.name.as_ref() == Some(name)) {
                    true => self.layers(&all, Some(name)).await,
                    false => layers_of(name),
                };
                self.layers(&all, None).await.starts_with(&base)
            }
            ("no-layer", _) => {
                let text = without(self);
                self.layers(&all, None).await.len() == self.layers(&text, None).await.len()
            }
            ("own-layers", Answer::Count(count)) => {
                let base = self.model().final_base(self.model().target(None).unwrap()).0;
                (self.layers(&all, None).await.len() - layers_of(&base).len()) as u64 == *count
            }
            ("command-line", _) => {
                let (text, command) = (without(self), "{{json .Config.Entrypoint}} {{json .Config.Cmd}}");
                self.inspected(&all, command).await != self.inspected(&text, command).await
            }
            // Up to the line before it everything is the same after the edit, and with it no longer.
            ("first-again", Answer::Line { number, .. }) => {
                let edited = format!("{}one more\n", MENU.1);
                let mut same = Vec::new();
                for lines in [*number - 1, *number] {
                    let text: String = all.lines().take(lines as usize).map(|l| format!("{l}\n")).collect();
                    let [one, two] =
                        [self.build(&text, None).await, self.build_with(&text, None, &[(MENU.0, &edited)]).await];
                    same.push(layers_of(&one.unwrap()) == layers_of(&two.unwrap()));
                }
                same == [true, false]
            }
            (template, answer) => panic!("{template}: no proof of {answer:?}"),
        }
    }

    /// Tries every answer to each of these questions.
    async fn prove(mut self, templates: &[&str]) {
        let dockerfile = self.dockerfile.clone();
        let (evidence, result) = self.check(&dockerfile).await;
        let questions = viva::questions(evidence, &result.goals);
        let asked: BTreeSet<&str> = questions.iter().map(|q| q.template.as_str()).collect();
        for template in templates {
            let question = questions.iter().find(|q| q.template == *template);
            let question =
                question.unwrap_or_else(|| panic!("{template} was not asked: {asked:?}\n{:#?}", result_of(&self)));
            for option in &question.options {
                let holds = self.holds(question, &option.answer).await;
                assert_eq!(holds, option.right, "{template}: {:?} of {question:#?}\n{dockerfile}", option.answer);
            }
        }
    }
}

fn result_of<'t>(tried: &'t Tried<'_>) -> &'t CheckResult {
    &tried.checked[&tried.dockerfile].1
}

fn layers_of(image: &str) -> Vec<String> {
    let json = docker(&["image", "inspect", "-f", "{{json .RootFS.Layers}}", image]);
    serde_json::from_str(&json).unwrap()
}

/// A base that holds things of its own and shares no layer with busybox.
async fn stocked(engine: &Engine) -> String {
    // An empty /fares, so that a `chown` of it builds without the line that fills it.
    let stock =
        "touch /fares && mkdir /opt && head -c 200000 /dev/zero > /opt/recipes.txt && cp /bin/true /usr/local/bin/gcc";
    // Copied whole, it would be busybox's own layer again.
    let copies = format!("COPY --from={BUSYBOX} /etc /etc\nCOPY --from={BUSYBOX} /bin /bin\n");
    let dockerfile = format!("FROM scratch\n{copies}RUN mkdir -p /usr/local/bin && {stock}\n");
    image(engine, "stocked", &dockerfile).await
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_users_bases_and_stages() {
    let engine = engine().await;
    let base = stocked(&engine).await;
    let goals = r#"["builds",
        {"absent": {"id": "own-path", "paths": ["srv/notes.md"]}},
        {"absent": {"id": "own-tool", "tools": ["cc"]}},
        {"absent": {"id": "base-path", "paths": ["opt/recipes.txt"]}},
        {"absent": {"id": "base-tool", "tools": ["gcc"]}},
        {"total": {"at-most": "1 MB"}},
        {"stages": {"named": ["idle"]}},
        {"final-base": {"one-of": ["scratch"]}},
        {"user": {"not-root": true}}]"#;
    let dockerfile = format!(
        "FROM {base} AS idle\n\
         RUN echo idle > /idle\n\
         FROM {BUSYBOX} AS made\n\
         RUN echo made > /made\n\
         USER 7\n\
         CMD [\"cat\", \"/made\"]\n\
         FROM {base}\n\
         LABEL nonce={}\n\
         COPY --from=made /made /made\n\
         RUN head -c 3000000 /dev/urandom > /fares\n\
         RUN head -c 1000000 /dev/urandom > /tickets\n\
         RUN chown 10001:10001 /fares\n\
         COPY notes.md /srv/\n\
         COPY menu.txt /srv/\n\
         RUN cp /bin/true /bin/cc\n\
         USER 10001\n\
         CMD [\"cat\", \"/srv/menu.txt\"]\n\
         USER root\n\
         CMD [\"ls\"]\n",
        nonce()
    );
    let files = vec![MENU, ("notes.md", "secret recipe\n")];
    let tried = Tried::new(&engine, goals, files, dockerfile).instead(7, format!("FROM {BUSYBOX}"));
    tried.prove(SHOP).await;
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lines_weigh_and_hide() {
    let engine = engine().await;
    let base = stocked(&engine).await;
    let dockerfile = format!(
        "FROM {BUSYBOX}\n\
         LABEL nonce={}\n\
         RUN head -c 4000000 /dev/urandom > /tickets\n\
         RUN head -c 300000 /dev/urandom > /menu\n\
         RUN rm -f /tickets\n\
         WORKDIR /srv\n\
         COPY package.json ./\n\
         RUN mkdir -p node_modules/jest && head -c 3000000 /dev/urandom > node_modules/jest/index.js\n\
         CMD [\"ls\"]\n",
        nonce()
    );
    let package = r#"{"name": "counter", "dependencies": {"express": "5"}, "devDependencies": {"jest": "30"}}"#;
    let goals = r#"["builds", {"added": {"at-most": "1 MB"}}]"#;
    let tried = Tried::new(&engine, goals, vec![("package.json", package)], dockerfile);
    tried.instead(1, format!("FROM {base}")).prove(COUNTER).await;
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_built_again_and_what_a_package_manager_left() {
    let engine = engine().await;
    let base = stocked(&engine).await;
    let dockerfile = format!(
        "FROM {BUSYBOX}\n\
         LABEL nonce={}\n\
         RUN mkdir -p /var/cache/apt/archives && head -c 2000000 /dev/urandom > /var/cache/apt/archives/chai.deb\n\
         WORKDIR /srv\n\
         COPY . .\n\
         RUN sleep 0.1\n\
         RUN echo done > /done\n\
         CMD [\"ls\"]\n",
        nonce()
    );
    let goals = r#"["builds", {"added": {"at-most": "1 MB"}},
        {"cached-after-edit": {"edit": {"file": "menu.txt", "append": "{nonce}"}, "still-cached": {"command": "sleep"}}}]"#;
    // The step that is asked about cannot be taken out: that it is another step shows that its own text is not the cause.
    let tried = Tried::new(&engine, goals, vec![MENU], dockerfile).instead(6, "RUN sleep 0.2".to_owned());
    tried.instead(1, format!("FROM {base}")).prove(KITCHEN).await;
    engine.close().await.unwrap();
}
