//! What the lens shows: the tree after each layer, what became of each path, and the bytes of a file.

use super::{
    tests::{Put, dir, docker_archive, file, gone, gzip, layer, oci_archive, read_layers},
    *,
};

fn names(snapshot: &Snapshot<'_>, image: &Image, folder: &str) -> Vec<(String, Option<What>)> {
    let id = image.id(folder).unwrap();
    snapshot.children(id).iter().map(|id| (image.name(*id), snapshot.did(*id))).collect()
}

fn owned(path: &str, bytes: &[u8], uid: u64) -> Put {
    Put::File { path: path.into(), bytes: bytes.to_vec(), mode: 0o644, uid, mtime: 1 }
}

fn image() -> Image {
    read_layers(&[
        vec![dir("app"), file("app/a", &[0; 10]), file("app/b", &[0; 20]), file("app/d/x", &[0; 40])],
        vec![dir("app"), owned("app/a", &[0; 10], 7), gone("app/d"), file("app/new", &[0; 3])],
        vec![file("app/b", &[1; 21])],
    ])
}

#[test]
fn a_snapshot_shows_the_tree_after_a_layer_and_what_the_layer_did() {
    let image = image();
    let own = |name: &str, what| (name.to_owned(), what);
    assert_eq!(names(&image.at(0), &image, "app"), ["a", "b", "d"].map(|n| own(n, Some(What::Added))));
    let second = image.at(1);
    assert_eq!(
        names(&second, &image, "app"),
        [own("a", Some(What::Owner)), own("b", None), own("d", Some(What::Removed)), own("new", Some(What::Added))]
    );
    assert_eq!(names(&second, &image, "app/d"), [own("x", Some(What::Removed))]);
    // A folder that is there again because something in it changed has not changed itself.
    assert_eq!(second.did(image.id("app").unwrap()), None);
    let below = second.below(PathId::ROOT);
    assert_eq!(
        below,
        Below { files: 3, bytes: 33, added: 1, changed: 1, removed: 1, brought: 13, wasted: 10 + 20 + 40 }
    );
    // Shown, though a later layer will replace it.
    assert_eq!(second.entry(image.id("app/b").unwrap()).unwrap().size(), 20);
    let last = image.at(usize::MAX);
    assert_eq!((last.layer(), last.below(image.id("app").unwrap()).bytes), (2, 34));
    assert_eq!(last.below(PathId::ROOT).bytes, image.sizes.final_);
    assert_eq!(last.below(PathId::ROOT).wasted, image.sizes.wasted);
}

#[test]
fn a_path_has_a_story_and_a_hidden_copy_its_fate() {
    let image = image();
    let id = image.id("/app/./a").unwrap();
    let story: Vec<_> = image.story(id).map(|c| (c.layer, c.what)).collect();
    assert_eq!(story, [(0, What::Added), (1, What::Owner)]);
    assert!(image.story(id).nth(1).unwrap().what.is_metadata_only());
    let first = image.story(id).next().unwrap().after.unwrap();
    let fate = image.fate(&first).unwrap();
    assert_eq!((fate.hidden_by, fate.how, fate.bytes, image.path(fate.id())), (1, How::Owner, 10, "app/a".into()));
    assert!(image.fate(&image.get("app/a").unwrap()).is_none());
    assert_eq!(image.hidden_at(id).map(|h| h.put_by).collect::<Vec<_>>(), [0]);
    assert_eq!(image.layers.iter().map(|l| (l.wasted, l.hid)).collect::<Vec<_>>(), [(70, 0), (0, 50), (0, 20)]);
    assert_eq!(image.parent(image.parent(id)), PathId::ROOT);
    assert!(image.id("app/never").is_none());
}

#[test]
fn a_file_is_read_from_any_layer_even_where_it_is_hidden() {
    let layers = [
        layer(&[dir("app"), file("app/key", b"secret"), file("app/big", &[7; 3000])]),
        layer(&[gone("app/key"), Put::Hard("app/two".into(), "app/big".into()), file("./app//odd", b"odd")]),
        layer(&[dir("usr/lib"), Put::Symlink("lib".into(), "usr/lib".into()), file("lib/x", b"through a link")]),
    ];
    let zipped = layers.clone().map(|l| gzip(&l));
    for archive in [docker_archive(&layers), oci_archive(&zipped), gzip(&oci_archive(&layers))] {
        let image = read(archive.as_slice(), &Options::default()).unwrap();
        let open = |entry: &Entry<'_>, most| {
            read_file(archive.as_slice(), &image.source(entry).unwrap(), most, &Limits::default()).unwrap()
        };
        let key = image.story(image.id("app/key").unwrap()).next().unwrap().after.unwrap();
        assert_eq!(open(&key, 100).bytes, b"secret");
        let big = open(&image.get("app/two").unwrap(), 100);
        assert_eq!((big.bytes.len(), big.size, big.is_cut()), (100, 3000, true));
        assert_eq!(open(&image.get("app/odd").unwrap(), 100).bytes, b"odd");
        assert_eq!(open(&image.get("usr/lib/x").unwrap(), 100).bytes, b"through a link");
        assert!(image.source(&image.get("lib").unwrap()).is_none());
        let source = image.source(&key).unwrap();
        assert!(read_file(&archive[..40], &source, 9, &Limits::default()).is_err());
    }
}

#[tokio::test]
async fn a_file_is_read_from_a_stream_too() {
    let archive = docker_archive(&[layer(&[file("a", b"tea")]), layer(&[file("big", &[0; 2 << 20])])]);
    let image = read(archive.as_slice(), &Options::default()).unwrap();
    let source = image.source(&image.get("a").unwrap()).unwrap();
    let content = read_file_stream(std::io::Cursor::new(archive), source, 9, Limits::default()).await.unwrap();
    assert_eq!(content.bytes, b"tea");
}
