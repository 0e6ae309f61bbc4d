//! What each fuzz target does with its bytes: hand them to the reader in question and hold what comes back to what must be
//! true of it whatever the bytes.
//!
//! The bodies stand here, outside the targets, because `tests/fuzz_regressions.rs` replays `regressions/` with them in the
//! ordinary suite, which has neither a fuzzer nor its crate.
#![allow(dead_code, reason = "each target uses one of them")]

use dockshala_checkers::{
    check::read_answers,
    dockerfile::{Dockerfile, Options, commands, exec_commands, lint::Around, located},
    engine::{
        clean::{self, Stream, Streams},
        ignores,
    },
    evidence::{self, AnswerFacts, Blocked, Evidence, TrueValue},
    goal, image,
    spec::{Answer, Ask, DeletedText, Fixed, Goal, ImageQuestion, ImageTruth, MachineTruth, Truth},
    verdict::{Diagnosis, Fact, Verdict, codes},
};
use std::{collections::BTreeMap, io::Write as _};

/// Bytes as they come from a daemon: an archive of an image, seeded with real ones.
pub(crate) fn archive(data: &[u8]) {
    let image = match image::read(data, &small()) {
        Ok(image) => image,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    sound(&image);
}

/// A program of bytes that builds layers (files, folders, links, whiteouts, replacements) and packs them as one of the
/// layouts: what random bytes seldom come to behind a tar's checksums.
pub(crate) fn layers(data: &[u8]) {
    let mut bytes = data.iter().copied();
    let layout = bytes.next().unwrap_or_default();
    let mut layers: Vec<Vec<u8>> = Vec::new();
    let mut now = tar::Builder::new(Vec::new());
    while let Some(op) = bytes.next() {
        if op >= 0xf0 {
            layers.push(std::mem::replace(&mut now, tar::Builder::new(Vec::new())).into_inner().unwrap_or_default());
            if layers.len() > 12 {
                break;
            }
            continue;
        }
        let name = path(&mut bytes);
        let mut header = if op & 0x10 == 0 { tar::Header::new_gnu() } else { tar::Header::new_ustar() };
        header.set_mode(u32::from(bytes.next().unwrap_or_default()));
        header.set_uid(u64::from(op & 3));
        header.set_mtime(u64::from(op & 1));
        let size = usize::from(bytes.next().unwrap_or_default() & 0x3f);
        let body: Vec<u8> = bytes.by_ref().take(size).collect();
        let kind = match op & 0x0f {
            0..=5 => b'0',
            6 | 7 => b'5',
            8 | 9 => b'2',
            10..=12 => b'1',
            13 => b'S',
            14 => b'x',
            _ => b'L',
        };
        header.set_entry_type(tar::EntryType::new(kind));
        // The crate's own setters refuse what hostile layers have: `..`, absolute paths, a name of 100 bytes.
        let put = |field: &mut [u8], text: &str| {
            let most = text.len().min(field.len());
            field[..most].copy_from_slice(&text.as_bytes()[..most]);
        };
        put(&mut header.as_mut_bytes()[..100], &name);
        if matches!(kind, b'1' | b'2') {
            let to = path(&mut bytes);
            put(&mut header.as_mut_bytes()[157..257], &to);
        }
        header.set_size(body.len() as u64);
        header.set_cksum();
        // A vector takes everything.
        let _ = now.append(&header, body.as_slice());
    }
    layers.push(now.into_inner().unwrap_or_default());
    let archive = packed(&layers, layout);
    let mut options = small();
    options.base_diff_ids = (0..usize::from(layout >> 5)).map(|i| format!("sha256:{i}")).collect();
    if let Ok(image) = image::read(archive.as_slice(), &options) {
        assert_eq!(image.layers.len(), layers.len());
        sound(&image);
    }
}

/// A path of few different parts, so that layers meet in them.
fn path(bytes: &mut impl Iterator<Item = u8>) -> String {
    const PARTS: [&str; 16] =
        ["a", "b", "c", "usr", "bin", "..", ".", "", ".wh.a", ".wh.b", ".wh..wh..opq", ".wh.", "a", "b", "sh", "d"];
    let shape = bytes.next().unwrap_or_default();
    let parts: Vec<&str> =
        (0..1 + shape % 4).map(|_| PARTS[usize::from(bytes.next().unwrap_or_default()) % PARTS.len()]).collect();
    let joined = parts.join("/");
    match shape >> 6 {
        0 | 1 => joined,
        2 => format!("/{joined}"),
        _ => format!("{joined}/"),
    }
}

fn packed(layers: &[Vec<u8>], layout: u8) -> Vec<u8> {
    let ids: Vec<String> = (0..layers.len()).map(|i| format!("sha256:{i}")).collect();
    let history: Vec<_> = (0..layers.len()).map(|i| serde_json::json!({"created_by": format!("RUN {i}")})).collect();
    let config = serde_json::json!({
        "architecture": "amd64", "os": "linux", "config": {},
        "rootfs": {"type": "layers", "diff_ids": ids}, "history": history,
    });
    let blob = |bytes: &[u8]| match layout & 3 {
        1 => {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            let _ = gzip.write_all(bytes);
            gzip.finish().unwrap_or_default()
        }
        2 => zstd::encode_all(bytes, 1).unwrap_or_default(),
        _ => bytes.to_vec(),
    };
    let mut archive = tar::Builder::new(Vec::new());
    let put = |archive: &mut tar::Builder<Vec<u8>>, name: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        let _ = archive.append_data(&mut header, name, bytes);
    };
    let manifest_first = layout & 4 != 0;
    if layout & 8 == 0 {
        let names: Vec<String> = (0..layers.len()).map(|i| format!("l{i}/layer.tar")).collect();
        let manifest = serde_json::json!([{"Config": "c.json", "RepoTags": ["x:1"], "Layers": names}]).to_string();
        if manifest_first {
            put(&mut archive, "manifest.json", manifest.as_bytes());
        }
        for (name, layer) in names.iter().zip(layers) {
            put(&mut archive, name, &blob(layer));
        }
        put(&mut archive, "c.json", config.to_string().as_bytes());
        if !manifest_first {
            put(&mut archive, "manifest.json", manifest.as_bytes());
        }
    } else {
        let digest = |n: usize| format!("{n:064x}");
        let descriptor = |n: usize, kind: &str, size: usize| {
            serde_json::json!({"mediaType": format!("application/vnd.oci.image.{kind}"),
                "digest": format!("sha256:{}", digest(n)), "size": size})
        };
        let blobs: Vec<Vec<u8>> = layers.iter().map(|l| blob(l)).collect();
        let names: Vec<_> =
            blobs.iter().enumerate().map(|(i, b)| descriptor(i + 10, "layer.v1.tar", b.len())).collect();
        let config = config.to_string();
        let manifest = serde_json::json!({"schemaVersion": 2, "config": descriptor(1, "config.v1+json", config.len()),
            "layers": names})
        .to_string();
        let index = serde_json::json!({"schemaVersion": 2,
            "manifests": [descriptor(2, "manifest.v1+json", manifest.len())]})
        .to_string();
        let all = [(1, config.as_bytes()), (2, manifest.as_bytes())];
        if manifest_first {
            put(&mut archive, "index.json", index.as_bytes());
        }
        for (n, bytes) in all.into_iter().chain(blobs.iter().enumerate().map(|(i, b)| (i + 10, b.as_slice()))) {
            put(&mut archive, &format!("blobs/sha256/{}", digest(n)), bytes);
        }
        if !manifest_first {
            put(&mut archive, "index.json", index.as_bytes());
        }
    }
    archive.into_inner().unwrap_or_default()
}

/// Bounds at which a fuzzer's archives end soon.
fn small() -> image::Options {
    let limits = image::Limits {
        entries: 5_000,
        bytes: 8 << 20,
        path: 512,
        names: 1 << 20,
        json: 1 << 18,
        content: 4096,
        ..image::Limits::default()
    };
    image::Options { limits, ..image::Options::default() }
}

/// What is true of every image.
fn sound(image: &image::Image) {
    let total: u64 = image.layers.iter().map(|l| l.bytes).sum();
    assert_eq!(image.sizes.total, total, "total is the sum of the layers");
    assert_eq!(image.sizes.wasted, image.sizes.total - image.sizes.final_, "wasted is the rest");
    assert!(image.sizes.added <= total && image.base_layers <= image.layers.len());
    let mut paths = std::collections::BTreeSet::new();
    for entry in image.entries() {
        let path = entry.path();
        assert!(entry.layer() < image.layers.len(), "{path:?} is of no layer");
        assert!(path.split('/').all(|part| part != ".." && part != "." && !part.is_empty()), "{path:?}");
        // A name that is no safe text is shown with this sign in it: it cannot be asked for, and two may look alike.
        if path.contains(char::REPLACEMENT_CHARACTER) {
            paths.insert(path);
            continue;
        }
        let found = image.get(&path).unwrap_or_else(|| panic!("{path:?} is in the tree and not found"));
        assert_eq!(found.layer(), entry.layer());
        if let Some((parent, _)) = path.rsplit_once('/') {
            assert!(paths.contains(parent), "{path:?} stands before its folder");
        }
        image.follow(&path);
        assert!(paths.insert(path), "a path twice");
    }
    for hidden in &image.hidden {
        assert!(hidden.put_by < image.layers.len() && hidden.hidden_by < image.layers.len());
        image.path_of(hidden);
    }
    for waste in &image.waste {
        assert!(waste.put_by < image.layers.len() && waste.examples.len() <= 5);
    }
}

/// A Dockerfile: read, looked at from every side, linted, mended, rewritten.
pub(crate) fn dockerfile(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        for command in located(text) {
            for span in command.spans {
                assert!(text.get(span.clone()).is_some(), "{span:?} of {} bytes", text.len());
            }
        }
        commands(text);
        exec_commands(&text.split(' ').map(str::to_owned).collect::<Vec<_>>());
    }
    let Ok((file, problems)) = Dockerfile::recover(data, &Options::default()) else { return };
    let lines = file.source.split('\n').count() as u32;
    let ignored = |path: &str| path.starts_with('a');
    for finding in file.lint(&Around { ignored: Some(&ignored), builder: &[] }) {
        assert!(finding.line >= 1 && finding.line <= lines, "{finding:?}");
        let at = file.source.get(finding.span.clone()).unwrap_or_else(|| panic!("{finding:?}"));
        assert!(!at.contains('\n'), "{finding:?}");
        let before = file.source[..finding.span.start].matches('\n').count() as u32 + 1;
        assert_eq!(before, finding.line, "{finding:?}");
        finding.mended(&file.source);
    }
    if !problems.is_empty() {
        assert_eq!(Dockerfile::read(data, &Options::default()).err().as_ref(), problems.first());
        return;
    }
    for now in &file.instructions {
        assert!(now.first <= now.last && now.first > 0);
        now.commands();
        now.copies();
        now.mounts();
        now.one_line();
    }
    let Some(target) = file.target(None) else { panic!("a file without a target") };
    file.reachable(target);
    file.chain(target);
    file.final_base(target);
    file.newer_features();
    let images: BTreeMap<String, String> =
        file.images(target).into_iter().map(|(name, _)| (name, "stand.in/x:1".to_owned())).collect();
    let again = file.rewritten(&images, true);
    assert_eq!(again.matches('\n').count(), file.source.matches('\n').count(), "every line stays in its place");
}

/// `.dockerignore`: the first line is a path, the rest are patterns.
pub(crate) fn ignore(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some((path, patterns)) = text.split_once('\n') else { return };
    if let Ok(decided) = ignores(patterns, path) {
        assert_eq!(ignores(patterns, path).ok(), Some(decided));
        // What a comment or a blank line adds is nothing.
        assert_eq!(ignores(&format!("# x\n\n{patterns}\n"), path).ok(), Some(decided));
    }
}

/// Output of a hostile container on two streams, in chunks: what comes out is fit for a terminal, and the same however the
/// streams are cut and woven into each other.
pub(crate) fn logs(data: &[u8]) {
    let Some((&[cut, share], data)) = data.split_first_chunk() else { return };
    let whole = cleaned([data]);
    let pieces = cleaned(data.chunks(usize::from(cut % 17) + 1));
    assert_eq!(whole, pieces, "the chunks' borders show");
    let (out, err) = data.split_at(data.len() * usize::from(share) / 256);
    let (mut rest, mut turn) = ([out, err], cut);
    let (mut streams, mut said) = (Streams::default(), [Vec::new(), Vec::new()]);
    // Which stream is next and how much of it comes, of a few bits that go round.
    while let Some(of) = [turn & 1, 1 - (turn & 1)].map(usize::from).into_iter().find(|&of| !rest[of].is_empty()) {
        let (chunk, left) = rest[of].split_at(usize::from(turn >> 4).clamp(1, rest[of].len()));
        rest[of] = left;
        said[of].extend(streams.push([Stream::Out, Stream::Err][of], chunk));
        turn = turn.rotate_left(3).wrapping_mul(5).wrapping_add(share);
    }
    let ends: Vec<String> = streams.finish().collect();
    let alone = [cleaned([out]), cleaned([err])];
    let whole_lines = |of: usize| alone[of].len() - said[of].len();
    assert!(whole_lines(0) <= 1 && whole_lines(1) <= 1, "a stream's lines are its own");
    assert!(said.iter().zip(&alone).all(|(said, alone)| alone.starts_with(said)), "the other stream shows");
    assert_eq!(ends, [&alone[0][said[0].len()..], &alone[1][said[1].len()..]].concat());
    for line in &whole {
        assert!(line.len() <= 4096, "a line of {} bytes", line.len());
        for c in line.chars() {
            let bad = (c.is_control() && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            assert!(!bad, "{c:?} came through");
        }
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let line = clean::line(text);
        assert!(!line.contains(['\n', '\x1b']));
        assert_eq!(clean::line(&line), line, "cleaning twice changes nothing");
    }
}

fn cleaned<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
    let mut cleaner = clean::Cleaner::new();
    let mut lines = Vec::new();
    for chunk in chunks {
        lines.extend(cleaner.push(chunk));
    }
    lines.extend(cleaner.finish());
    lines
}

/// The goals of an exercise as a pack may write them: read, written, read again.
pub(crate) fn spec(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(goals) = serde_yaml::from_str::<Vec<Goal>>(text) else { return };
    let json = serde_json::to_string(&goals).unwrap_or_default();
    if let Ok(again) = serde_json::from_str::<Vec<Goal>>(&json) {
        assert_eq!(again.len(), goals.len());
    }
}

/// A learner's `answers.yaml`: read, and held against every kind of truth. A verdict comes whatever was written, and what of it
/// is shown is fit for a terminal.
pub(crate) fn answers(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(given) = read_answers(&text) else { return };
    for words in given.values() {
        assert!(words.iter().all(|word| !word.is_empty() && word.trim() == word), "{words:?}");
    }
    let list = |all: &[&str]| all.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    let image = |what| Truth::Image(ImageTruth { from: "shop.tar".into(), what });
    let truths = [
        (Truth::Machine(MachineTruth::Architecture), TrueValue::OneOf(list(&["amd64", "x86_64"]))),
        (image(ImageQuestion::Layers), TrueValue::Count { value: 4, not: 7 }),
        (image(ImageQuestion::WithoutLayer), TrueValue::Set { all: list(&["ENV", "CMD"]), others: list(&["RUN"]) }),
        (image(ImageQuestion::LayerSizes(2)), TrueValue::Sizes(vec![8_200_000, 1_050, 0])),
        (
            image(ImageQuestion::DeletedText(DeletedText { file: "app/.env".into(), take: "PIN=(.*)".into() })),
            TrueValue::Hidden { hidden: list(&["4711"]), visible: list(&["chai"]) },
        ),
    ];
    let fixed = Truth::Fixed(Fixed { value: "type-1".into(), wrong: [("type-2".into(), BTreeMap::new())].into() });
    let goals: Vec<Goal> = (given.keys())
        .flat_map(|id| truths.iter().map(|(truth, _)| truth).chain([&fixed]).map(move |is| (id, is.clone())))
        .map(|(id, is)| Goal { id: id.clone(), ask: Ask::Answer(Answer { is, find: None }) })
        .collect();
    let blocked = || Blocked::failed(Diagnosis::new(codes::NO_DOCKERFILE));
    let mut evidence = Evidence::of_text(Err(blocked()), blocked());
    let truths = truths.into_iter().map(|(truth, value)| (evidence::key(&truth), Ok(value))).collect();
    evidence.answers = Some(AnswerFacts { given: Ok(given), truths });
    for one in &goals {
        let result = goal::judge(one, &goals, &evidence);
        assert!(matches!(result.verdict, Verdict::Passed | Verdict::Failed), "{result:?}");
        let shown = result.measured.values().chain(result.diagnosis.iter().flat_map(|d| d.facts.values()));
        for fact in shown {
            let texts = match fact {
                Fact::Text(text) => std::slice::from_ref(text),
                Fact::List(all) => all,
                _ => continue,
            };
            let bad = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            assert!(texts.iter().all(|text| !text.contains(bad)), "{fact:?}");
        }
    }
}
