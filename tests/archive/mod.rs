//! Archives of images as `docker save` writes them, made by the test itself: what is in them is known to the byte.

/// A layer's tar under construction.
pub struct Layer(tar::Builder<Vec<u8>>);

impl Layer {
    fn put(&mut self, path: &str, kind: tar::EntryType, bytes: &[u8], (mode, uid): (u32, u64), link: Option<&str>) {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(bytes.len() as u64);
        header.set_mode(mode);
        header.set_uid(uid);
        header.set_gid(uid);
        header.set_mtime(1);
        match link {
            Some(target) => self.0.append_link(&mut header, path, target).unwrap(),
            None => self.0.append_data(&mut header, path, bytes).unwrap(),
        }
    }

    /// A file of root's.
    pub fn file(mut self, path: &str, bytes: &[u8]) -> Self {
        self.put(path, tar::EntryType::Regular, bytes, (0o644, 0), None);
        self
    }

    /// The same of somebody else's.
    pub fn owned(mut self, path: &str, bytes: &[u8], uid: u64) -> Self {
        self.put(path, tar::EntryType::Regular, bytes, (0o644, uid), None);
        self
    }

    /// A symbolic link.
    pub fn link(mut self, path: &str, target: &str) -> Self {
        self.put(path, tar::EntryType::Symlink, b"", (0o777, 0), Some(target));
        self
    }

    /// What deletes a path.
    pub fn gone(mut self, path: &str) -> Self {
        let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
        let whiteout = format!("{folder}{}.wh.{name}", if folder.is_empty() { "" } else { "/" });
        self.put(&whiteout, tar::EntryType::Regular, b"", (0o644, 0), None);
        self
    }
}

/// An empty layer.
pub fn layer() -> Layer {
    Layer(tar::Builder::new(Vec::new()))
}

/// An archive of one image. A step without a layer changed only settings.
pub fn archive(tag: &str, steps: Vec<(&str, Option<Layer>)>) -> Vec<u8> {
    let mut history = Vec::new();
    let (mut ids, mut names) = (Vec::new(), Vec::new());
    let mut out = tar::Builder::new(Vec::new());
    let mut put = |name: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        out.append_data(&mut header, name, bytes).unwrap();
    };
    for (instruction, layer) in steps {
        let empty = layer.is_none();
        history.push(serde_json::json!({ "created_by": instruction, "empty_layer": empty }));
        if let Some(layer) = layer {
            let bytes = layer.0.into_inner().unwrap();
            let name = format!("layer{}/layer.tar", names.len());
            // Alike where the bytes are alike, as a digest is.
            let sum =
                bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3));
            ids.push(format!("sha256:{sum:016x}"));
            put(&name, &bytes);
            names.push(name);
        }
    }
    let config = serde_json::json!({
        "architecture": "amd64", "os": "linux", "config": {},
        "rootfs": { "type": "layers", "diff_ids": ids }, "history": history,
    });
    put("config.json", config.to_string().as_bytes());
    let manifest = serde_json::json!([{ "Config": "config.json", "RepoTags": [tag], "Layers": names }]);
    put("manifest.json", manifest.to_string().as_bytes());
    out.into_inner().unwrap()
}

/// A chai shop's server, with every mistake that a lesson speaks of.
pub fn chai() -> Vec<u8> {
    archive(
        "chai:1",
        vec![
            (
                "ADD rootfs.tar / # buildkit",
                Some(
                    layer()
                        .file("bin/busybox", &[1; 400_000])
                        .link("bin/sh", "busybox")
                        .file("etc/motd", b"namaste\n")
                        .file("usr/share/doc/readme.txt", &[b'x'; 60_000]),
                ),
            ),
            ("ENV PORT=8080", None),
            (
                "COPY app /app # buildkit",
                Some(
                    layer()
                        .file("app/server", &[2; 900_000])
                        .file("app/menu.txt", b"chai 10\nsamosa 15\n\x1b[31mred\x1b[0m\n")
                        .file("app/.env", b"TOKEN=xyz\n"),
                ),
            ),
            (
                "RUN /bin/sh -c chown -R 1000 /app # buildkit",
                Some(layer().owned("app/server", &[2; 900_000], 1000).owned("app/.env", b"TOKEN=xyz\n", 1000)),
            ),
            ("RUN /bin/sh -c fetch > /tmp/cache # buildkit", Some(layer().file("tmp/cache", &[3; 300_000]))),
            ("RUN /bin/sh -c rm /tmp/cache /app/.env # buildkit", Some(layer().gone("tmp/cache").gone("app/.env"))),
            ("CMD [\"/app/server\"]", None),
        ],
    )
}
