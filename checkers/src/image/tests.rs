//! Archives made in the test, of every layout and with everything that goes wrong.

use super::*;
use std::io::Write as _;

/// What a test layer puts.
#[derive(Debug, Clone)]
pub(super) enum Put {
    File { path: String, bytes: Vec<u8>, mode: u32, uid: u64, mtime: u64 },
    Dir(String),
    Symlink(String, String),
    Hard(String, String),
}

pub(super) fn file(path: &str, bytes: &[u8]) -> Put {
    Put::File { path: path.to_owned(), bytes: bytes.to_vec(), mode: 0o644, uid: 0, mtime: 1 }
}

pub(super) fn dir(path: &str) -> Put {
    Put::Dir(path.to_owned())
}

pub(super) fn gone(path: &str) -> Put {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(f, n)| (f, n));
    file(&format!("{folder}{}.wh.{name}", if folder.is_empty() { "" } else { "/" }), b"")
}

fn opaque(folder: &str) -> Put {
    file(&format!("{folder}/.wh..wh..opq"), b"")
}

fn append(
    tar: &mut ::tar::Builder<Vec<u8>>,
    path: &str,
    kind: u8,
    link: Option<&str>,
    bytes: &[u8],
    (mode, uid, mtime): (u32, u64, u64),
) {
    let mut header = ::tar::Header::new_gnu();
    header.set_entry_type(::tar::EntryType::new(kind));
    header.set_size(bytes.len() as u64);
    header.set_mode(mode);
    header.set_uid(uid);
    header.set_gid(uid);
    header.set_mtime(mtime);
    // The crate's own setters refuse `..` and absolute paths, which hostile layers have.
    let put = |field: &mut [u8], text: &str| field[..text.len()].copy_from_slice(text.as_bytes());
    if path.len() > 100 {
        long_name(tar, b'L', path);
        put(&mut header.as_mut_bytes()[..100], &path[..100]);
    } else {
        put(&mut header.as_mut_bytes()[..100], path);
    }
    if let Some(link) = link {
        if link.len() > 100 {
            long_name(tar, b'K', link);
        } else {
            put(&mut header.as_mut_bytes()[157..257], link);
        }
    }
    header.set_cksum();
    tar.append(&header, bytes).unwrap();
}

fn long_name(tar: &mut ::tar::Builder<Vec<u8>>, kind: u8, name: &str) {
    let mut header = ::tar::Header::new_gnu();
    header.set_entry_type(::tar::EntryType::new(kind));
    header.set_size(name.len() as u64 + 1);
    header.as_mut_bytes()[..13].copy_from_slice(b"././@LongLink");
    header.set_cksum();
    tar.append(&header, [name.as_bytes(), b"\0"].concat().as_slice()).unwrap();
}

pub(super) fn layer(puts: &[Put]) -> Vec<u8> {
    let mut tar = ::tar::Builder::new(vec![]);
    for put in puts {
        match put {
            Put::File { path, bytes, mode, uid, mtime } => {
                append(&mut tar, path, b'0', None, bytes, (*mode, *uid, *mtime))
            }
            Put::Dir(path) => append(&mut tar, path, b'5', None, b"", (0o755, 0, 1)),
            Put::Symlink(path, to) => append(&mut tar, path, b'2', Some(to), b"", (0o777, 0, 1)),
            Put::Hard(path, to) => append(&mut tar, path, b'1', Some(to), b"", (0o644, 0, 1)),
        }
    }
    tar.into_inner().unwrap()
}

fn config(layers: usize) -> String {
    let ids: Vec<String> = (0..layers).map(|i| format!("sha256:{i}")).collect();
    let mut history: Vec<serde_json::Value> =
        (0..layers).map(|i| serde_json::json!({"created_by": format!("RUN step {i}")})).collect();
    history.insert(layers.min(1), serde_json::json!({"created_by": "ENV A=b", "empty_layer": true}));
    serde_json::json!({
        "architecture": "amd64", "os": "linux",
        "config": {"User": "app", "Env": ["A=b"], "Entrypoint": ["/bin/x"], "Cmd": null, "WorkingDir": "/app",
                   "ExposedPorts": {"8080/tcp": {}}, "Labels": {"k": "v"},
                   "Healthcheck": {"Test": ["CMD-SHELL", "true"], "Interval": 5_000_000_000_u64}},
        "rootfs": {"type": "layers", "diff_ids": ids}, "history": history,
    })
    .to_string()
}

/// `manifest.json` and `layer.tar`s, as engines before 25 write it; the manifest last.
pub(super) fn docker_archive(layers: &[Vec<u8>]) -> Vec<u8> {
    let mut tar = ::tar::Builder::new(vec![]);
    for (i, layer) in layers.iter().enumerate() {
        append(&mut tar, &format!("l{i}/VERSION"), b'0', None, b"1.0", (0o644, 0, 0));
        append(&mut tar, &format!("l{i}/layer.tar"), b'0', None, layer, (0o644, 0, 0));
    }
    append(&mut tar, "conf.json", b'0', None, config(layers.len()).as_bytes(), (0o644, 0, 0));
    let names: Vec<String> = (0..layers.len()).map(|i| format!("l{i}/layer.tar")).collect();
    let manifest = serde_json::json!([{"Config": "conf.json", "RepoTags": ["x:1"], "Layers": names}]).to_string();
    append(&mut tar, "manifest.json", b'0', None, manifest.as_bytes(), (0o644, 0, 0));
    tar.into_inner().unwrap()
}

/// An OCI layout with an image index that also names an attestation and a platform that is not there.
pub(super) fn oci_archive(layers: &[Vec<u8>]) -> Vec<u8> {
    let mut tar = ::tar::Builder::new(vec![]);
    let mut blob = |name: &str, bytes: &[u8]| append(&mut tar, name, b'0', None, bytes, (0o644, 0, 0));
    let descriptor = |digest: &str| serde_json::json!({"digest": format!("sha256:{digest}"), "size": 1});
    let names: Vec<_> = (0..layers.len()).map(|i| descriptor(&format!("layer{i}"))).collect();
    blob(
        "blobs/sha256/index",
        serde_json::json!({"manifests": [
            {"digest": "sha256:elsewhere", "platform": {"architecture": "arm64", "os": "linux"}},
            {"digest": "sha256:attest", "platform": {"architecture": "unknown", "os": "unknown"},
             "annotations": {"vnd.docker.reference.type": "attestation-manifest"}},
            {"digest": "sha256:image", "platform": {"architecture": "amd64", "os": "linux"}},
        ]})
        .to_string()
        .as_bytes(),
    );
    blob("blobs/sha256/attest", br#"{"config": {"digest": "sha256:no"}, "layers": [{"digest": "sha256:no"}]}"#);
    for (i, layer) in layers.iter().enumerate() {
        blob(&format!("blobs/sha256/layer{i}"), layer);
    }
    blob(
        "blobs/sha256/image",
        serde_json::json!({"config": descriptor("conf"), "layers": names}).to_string().as_bytes(),
    );
    blob("blobs/sha256/conf", config(layers.len()).as_bytes());
    blob("index.json", br#"{"manifests": [{"digest": "sha256:index", "annotations": {"io.containerd.image.name": "docker.io/library/x:1"}}]}"#);
    tar.into_inner().unwrap()
}

pub(super) fn read_layers(layers: &[Vec<Put>]) -> Image {
    let layers: Vec<_> = layers.iter().map(|l| layer(l)).collect();
    read(docker_archive(&layers).as_slice(), &Options::default()).unwrap()
}

fn paths(image: &Image) -> Vec<String> {
    image.entries().map(|e| e.path()).collect()
}

fn sizes(image: &Image) -> [u64; 4] {
    let Sizes { total, final_, wasted, added } = image.sizes;
    [total, final_, wasted, added]
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

#[test]
fn both_layouts_and_all_three_encodings_read_the_same() {
    let plain: Vec<_> =
        [vec![dir("a"), file("a/x", &[7; 5000])], vec![file("a/x", &[8; 60]), file("b", b"12")], vec![]]
            .iter()
            .map(|l| layer(l))
            .collect();
    let mixed = vec![gzip(&plain[0]), zstd::encode_all(plain[1].as_slice(), 1).unwrap(), plain[2].clone()];
    for archive in [docker_archive(&plain), oci_archive(&plain), oci_archive(&mixed), docker_archive(&mixed)] {
        let image = read(archive.as_slice(), &Options { base_diff_ids: vec!["sha256:0".into()], ..Options::default() })
            .unwrap();
        assert_eq!(sizes(&image), [5062, 62, 5000, 62]);
        assert_eq!(paths(&image), ["a", "a/x", "b"]);
        assert_eq!(image.base_layers, 1);
        assert_eq!(image.get("/a/x").unwrap().layer(), 1);
        let steps: Vec<_> = image.layers.iter().map(|l| l.created_by.clone().unwrap()).collect();
        assert_eq!(steps, ["RUN step 0", "RUN step 1", "RUN step 2"]);
        assert_eq!(image.history[1], HistoryRow { created_by: "ENV A=b".into(), layer: None });
        assert_eq!(
            (image.config.user.as_str(), image.config.exposed.as_slice()),
            ("app", &["8080/tcp".to_owned()][..])
        );
        assert_eq!(image.config.health.as_ref().unwrap().interval, Some(std::time::Duration::from_secs(5)));
    }
}

#[test]
fn an_image_of_several_is_chosen_by_its_tag() {
    let archive = oci_archive(&[layer(&[file("a", b"1")])]);
    let options = |name: &str| Options { reference: Some(name.to_owned()), ..Options::default() };
    assert!(read(archive.as_slice(), &options("docker.io/library/x:1")).is_ok());
    let error = read(archive.as_slice(), &options("y")).unwrap_err();
    assert!(error.to_string().contains("docker.io/library/x:1"), "{error}");
    let arm = Options { arch: Some("arm64".into()), ..Options::default() };
    assert!(matches!(read(archive.as_slice(), &arm), Err(ReadError::NoSuchImage { .. })));
}

#[test]
fn whiteouts_hide_what_is_below_wherever_they_stand() {
    let image = read_layers(&[
        vec![
            dir("d"),
            file("d/a", &[0; 10]),
            file("d/b", &[0; 20]),
            dir("e"),
            file("e/a", &[0; 40]),
            file("keep", &[0; 80]),
        ],
        // The opaque mark comes after what the same layer puts there, and the whiteout of `e` before `e` is made anew.
        vec![gone("e"), dir("e"), file("e/new", &[0; 1]), file("d/c", &[0; 2]), opaque("d"), gone("nothing")],
    ]);
    assert_eq!(paths(&image), ["d", "d/c", "e", "e/new", "keep"]);
    assert_eq!(sizes(&image), [153, 83, 70, 153]);
    assert_eq!(image.layers[1].removed, Tally { files: 3, bytes: 70 });
    assert_eq!(image.waste.len(), 1);
    let Waste { put_by: 0, hidden_by: 1, how: How::Removed, tally, examples } = &image.waste[0] else { panic!() };
    assert_eq!((tally.bytes, examples[0].as_str()), (70, "e/a"));
}

#[test]
fn a_folder_replaced_by_a_file_takes_its_children_along() {
    let image = read_layers(&[vec![file("d/x/y", &[0; 10])], vec![file("d", &[0; 3])], vec![file("d/z", &[0; 4])]]);
    assert_eq!(paths(&image), ["d", "d/z"]);
    assert_eq!(sizes(&image), [17, 4, 13, 17]);
    assert_eq!(image.hidden.len(), 2);
    assert_eq!(image.path_of(&image.hidden[0]), "d/x/y");
}

#[test]
fn a_hard_linked_file_is_charged_while_one_of_its_names_survives() {
    let hard = |path: &str, to: &str| Put::Hard(path.into(), to.into());
    let base = vec![file("a", &[0; 100]), hard("b", "a"), hard("c", "/b"), hard("bad", "missing")];
    // chmod of one name copies the file up, and the other names still need the old one.
    let chmod = vec![Put::File { path: "a".into(), bytes: vec![0; 100], mode: 0o600, uid: 0, mtime: 1 }];
    let image = read_layers(&[base.clone(), chmod.clone()]);
    assert_eq!(sizes(&image), [200, 200, 0, 200]);
    assert_eq!(image.get("b").unwrap().links(), 2);
    assert_eq!(image.ignored, 1, "a link to nothing");
    let image = read_layers(&[base, chmod, vec![gone("b"), gone("c")]]);
    assert_eq!(sizes(&image), [200, 100, 100, 200]);
    assert_eq!((image.hidden[0].put_by, image.hidden[0].hidden_by), (0, 2));
}

#[test]
fn what_rewrote_a_file_is_told_by_its_header() {
    let at = |path: &str, (mode, uid, mtime)| Put::File { path: path.into(), bytes: vec![0; 1000], mode, uid, mtime };
    let image = read_layers(&[
        vec![
            at("own", (0o644, 0, 5)),
            at("mode", (0o644, 0, 5)),
            at("again", (0o644, 0, 5)),
            at("other", (0o644, 0, 5)),
        ],
        vec![
            at("own", (0o644, 7, 5)),
            at("mode", (0o755, 0, 5)),
            at("again", (0o644, 0, 5)),
            at("other", (0o644, 0, 6)),
        ],
    ]);
    let mut how: Vec<How> = image.waste.iter().map(|w| w.how).collect();
    how.sort();
    assert_eq!(how, [How::Replaced, How::Owner, How::Mode, How::Again]);
    let own = image.get("own").unwrap();
    assert_eq!(image.earlier(&own).count(), 1);
    assert_eq!((own.uid(), own.layer(), image.layers[1].changed.files), (7, 1, 4));
}

#[test]
fn links_are_followed_inside_the_image_only() {
    let link = |path: &str, to: &str| Put::Symlink(path.into(), to.into());
    let image = read_layers(&[
        vec![
            dir("usr/lib"),
            link("lib", "usr/lib"),
            link("up", "../../../usr"),
            link("loop", "loop"),
            file("usr/lib/x", b"1"),
        ],
        // A tar that goes through the link, as tools outside Docker write it.
        vec![file("lib/y", b"22"), gone("lib/x")],
    ]);
    assert_eq!(paths(&image), ["lib", "loop", "up", "usr", "usr/lib", "usr/lib/y"]);
    assert_eq!(image.follow("/up/lib/y").unwrap().size(), 2);
    assert!(image.follow("loop/x").is_none());
    assert_eq!(image.get("lib").unwrap().target().as_deref(), Some("usr/lib"));
}

#[test]
fn long_names_and_hostile_ones() {
    let long = format!("{}/x", "n".repeat(300));
    let image = read_layers(&[vec![
        file(&long, b"1"),
        file("../out", b"22"),
        file("a/../../out", b"22"),
        file("/abs", b"333"),
        file("./dot", b"4444"),
        file("esc\x1b[31m", b"5"),
    ]]);
    assert_eq!(image.ignored, 2);
    assert_eq!(paths(&image), ["abs", "dot", "esc\u{fffd}[31m", long.rsplit_once('/').unwrap().0, &long]);
    assert_eq!(image.sizes.final_, 9);
    let too_long = "d/".repeat(3000);
    let archive = docker_archive(&[layer(&[file(&too_long, b"1")])]);
    assert!(matches!(read(archive.as_slice(), &Options::default()), Err(ReadError::Limit { .. })));
}

#[test]
fn a_truncated_or_changed_archive_is_an_error_and_never_a_panic() {
    let layers = [layer(&[dir("a"), file("a/x", &[7; 3000])]), gzip(&layer(&[file("y", &[1; 9000])]))];
    for archive in [docker_archive(&layers), oci_archive(&layers)] {
        for end in (0..archive.len() - 1024).step_by(37) {
            assert!(read(&archive[..end], &Options::default()).is_err(), "cut at {end}");
        }
        for at in (0..archive.len()).step_by(23) {
            let mut changed = archive.clone();
            changed[at] ^= 0x55;
            // Some changes are harmless; none may panic or run on.
            let _ = read(changed.as_slice(), &Options::default());
        }
    }
    assert!(matches!(read(&b""[..], &Options::default()), Err(ReadError::Truncated)));
    assert!(read(&[0; 1024][..], &Options::default()).unwrap_err().to_string().contains("neither"));
}

#[test]
fn bounds_hold() {
    let many: Vec<_> = (0..50).map(|i| file(&format!("f{i}"), b"")).collect();
    let zeros = file("zeros", &vec![0; 4 << 20]);
    let cases = [
        (vec![layer(&many)], Limits { entries: 40, ..Limits::default() }, "files"),
        (vec![layer(&many)], Limits { names: 100, ..Limits::default() }, "bytes of file names"),
        (vec![gzip(&layer(&[zeros]))], Limits { bytes: 1 << 20, ..Limits::default() }, "bytes unpacked"),
        (vec![layer(&[])], Limits { json: 10, ..Limits::default() }, "bytes of manifests"),
    ];
    for (layers, limits, expected) in cases {
        let error = read(docker_archive(&layers).as_slice(), &Options { limits, ..Options::default() }).unwrap_err();
        let ReadError::Limit { what, .. } = error else { panic!("{error}") };
        assert_eq!(what, expected);
    }
}

#[test]
fn a_layer_that_is_missing_or_no_tar_is_said() {
    let mut tar = ::tar::Builder::new(vec![]);
    append(&mut tar, "conf.json", b'0', None, config(1).as_bytes(), (0o644, 0, 0));
    append(
        &mut tar,
        "manifest.json",
        b'0',
        None,
        br#"[{"Config":"conf.json","Layers":["l/layer.tar"]}]"#,
        (0o644, 0, 0),
    );
    let archive = tar.into_inner().unwrap();
    assert!(
        matches!(read(archive.as_slice(), &Options::default()), Err(ReadError::Missing(name)) if name == "l/layer.tar")
    );
    let garbage = docker_archive(&[b"no tar at all".to_vec()]);
    assert!(matches!(read(garbage.as_slice(), &Options::default()), Err(ReadError::Malformed(_))));
    let cut = gzip(&layer(&[file("y", &[1; 9000])]));
    let cut = docker_archive(&[cut[..cut.len() - 12].to_vec()]);
    assert!(read(cut.as_slice(), &Options::default()).is_err());
}

#[test]
fn sparse_files_count_in_full() {
    // GNU's old form: 'S', 512 bytes stored, 1,000,000 logical.
    let mut tar = ::tar::Builder::new(vec![]);
    let mut header = ::tar::Header::new_gnu();
    header.set_entry_type(::tar::EntryType::new(b'S'));
    header.set_size(512);
    header.set_mode(0o644);
    header.as_mut_bytes()[..4].copy_from_slice(b"hole");
    header.as_mut_bytes()[483..494].copy_from_slice(b"00003641100");
    header.set_cksum();
    tar.append(&header, [1; 512].as_slice()).unwrap();
    // PAX's: the record tells the full length.
    let record = b"33 GNU.sparse.realsize=2000000\n";
    let record = [format!("{}", record.len()).as_bytes(), &record[2..]].concat();
    append(&mut tar, "pax", b'x', None, &record, (0o644, 0, 0));
    append(&mut tar, "hole2", b'0', None, &[1; 512], (0o644, 0, 0));
    let archive = docker_archive(&[tar.into_inner().unwrap()]);
    let image = read(archive.as_slice(), &Options::default()).unwrap();
    assert_eq!(image.sizes.total, 1_000_000 + 2_000_000);
}

#[test]
fn accounts_and_executables_are_known_without_a_second_pass() {
    let mut elf = vec![0; 200];
    elf[..6].copy_from_slice(b"\x7fELF\x02\x01");
    elf[18] = 62;
    elf[32] = 64;
    elf[54] = 56;
    elf[56] = 1;
    elf[64] = 3;
    elf[64 + 8] = 120;
    elf[64 + 32] = 20;
    elf[120..140].copy_from_slice(b"/lib64/ld-linux.so.2");
    let mut fixed = elf.clone();
    fixed[64] = 1;
    let exec = |path: &str, bytes: &[u8]| Put::File {
        path: path.into(),
        bytes: bytes.to_vec(),
        mode: 0o755,
        uid: 0,
        mtime: 1,
    };
    let image = read_layers(&[
        vec![file("etc/passwd", b"root:x:0:0"), exec("dyn", &elf), exec("static", &fixed), exec("cut", &elf[..130])],
        vec![file("etc/passwd", b"app:x:1000:1000"), exec("run.sh", b"#!/bin/sh -e\n:\n"), exec("text", b"hello")],
    ]);
    assert_eq!(image.content("/etc/passwd"), Some(&b"app:x:1000:1000"[..]));
    assert_eq!(image.content("etc/group"), None);
    let what = |path: &str| image.get(path).unwrap().executable().cloned();
    assert_eq!(what("dyn"), Some(Executable::Elf { machine: 62, loader: Some("/lib64/ld-linux.so.2".into()) }));
    assert_eq!(what("static"), Some(Executable::Elf { machine: 62, loader: None }));
    assert_eq!(what("run.sh"), Some(Executable::Script { interpreter: "/bin/sh".into() }));
    assert_eq!((what("cut"), what("text")), (None, None));
}

#[test]
fn one_layer_twice_and_a_linked_layer_count_each_time() {
    let mut tar = ::tar::Builder::new(vec![]);
    append(&mut tar, "a/layer.tar", b'0', None, &layer(&[file("x", &[0; 100])]), (0o644, 0, 0));
    append(&mut tar, "b/layer.tar", b'2', Some("../a/layer.tar"), b"", (0o777, 0, 0));
    append(&mut tar, "conf.json", b'0', None, config(3).as_bytes(), (0o644, 0, 0));
    let manifest = br#"[{"Config":"conf.json","RepoTags":null,"Layers":["a/layer.tar","b/layer.tar","a/layer.tar"]}]"#;
    append(&mut tar, "manifest.json", b'0', None, manifest, (0o644, 0, 0));
    let image = read(tar.into_inner().unwrap().as_slice(), &Options::default()).unwrap();
    assert_eq!(sizes(&image), [300, 100, 200, 300]);
    assert!(image.waste.iter().all(|w| w.how == How::Again));
}

#[tokio::test]
async fn a_stream_reads_like_a_slice_and_tells_its_own_errors() {
    let archive = docker_archive(&[layer(&[file("a", &vec![7; 3 << 20])])]);
    let image = read_stream(std::io::Cursor::new(archive.clone()), Options::default()).await.unwrap();
    assert_eq!(image.sizes.total, 3 << 20);
    let (mut write, half) = tokio::io::duplex(1 << 16);
    let feeding = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        let _ = write.write_all(&archive[..1 << 20]).await;
    });
    assert!(matches!(read_stream(half, Options::default()).await, Err(ReadError::Truncated)));
    feeding.await.unwrap();
}

#[test]
fn digests_are_of_the_whole_content_however_much_of_it_was_looked_at() {
    use sha2::Digest as _;
    let big: Vec<u8> = (0..700_000_u32).map(|n| (n % 251) as u8).collect();
    // A script, a wanted file, a secret, a big one: each is read in another way before it is digested.
    let files: [(&str, Vec<u8>, u32); 4] = [
        ("run.sh", [b"#!/bin/sh\n", big.as_slice()].concat(), 0o755),
        ("etc/passwd", [b"root:x:0:0\n", &big[..300_000]].concat(), 0o644),
        ("root/.ssh/id_rsa", [&b"-----BEGIN RSA PRIVATE KEY-----\n"[..], &big[..30_000]].concat(), 0o600),
        ("big", big.clone(), 0o644),
    ];
    let put = |(path, bytes, mode): &(&str, Vec<u8>, u32)| Put::File {
        path: (*path).to_owned(),
        bytes: bytes.clone(),
        mode: *mode,
        uid: 0,
        mtime: 1,
    };
    let mut puts: Vec<Put> = files.iter().map(put).collect();
    puts.push(file("empty", b""));
    puts.push(Put::Hard("twin".into(), "big".into()));
    let archive = docker_archive(&[gzip(&layer(&puts))]);
    for secrets in [vec![], vec![b"chai-5f2e9a-ilaychi".to_vec()]] {
        let image = read(archive.as_slice(), &Options { digests: true, secrets, ..Options::default() }).unwrap();
        for (path, bytes, _) in &files {
            let whole = sha2::Sha256::digest(bytes);
            assert_eq!(image.get(path).unwrap().digest().unwrap(), whole[..16], "{path}");
        }
        assert_eq!(image.get("twin").unwrap().digest(), image.get("big").unwrap().digest());
        assert_eq!(image.get("empty").unwrap().digest(), None);
        assert!(image.get("run.sh").unwrap().executable().is_some(), "what is looked for is found all the same");
        assert_eq!(image.secret_files().len(), 1);
    }
    let image = read(archive.as_slice(), &Options::default()).unwrap();
    assert!(image.entries().all(|entry| entry.digest().is_none()));
}
