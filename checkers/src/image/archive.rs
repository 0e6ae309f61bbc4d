//! One pass over a `docker save` archive: JSON is kept, whatever looks like a layer is read as it comes by, and at the end
//! the manifest says which of it was the image.

use super::{
    Image, Layer, Options, ReadError, Tally,
    layer::{Parsed, Shared},
    manifest::{self, Json},
    merge::{self, Merge},
    paths::clean,
    tar::{Content, Tar, looks_like_tar},
    tree::Tree,
};
use crate::verdict::Sizes;
use flate2::bufread::MultiGzDecoder;
use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Cursor, Read},
    sync::OnceLock,
};

/// Enough of a blob to see what it is: one tar block.
const SNIFF: usize = 512;
const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// How much is unpacked at a time, in bytes.
const UNPACKED: usize = 128 << 10;
/// zstd asks for a window of what the archive says; the encoders in use need 8 MiB, this is 32.
const WINDOW_LOG: u32 = 25;
/// Names of blobs that a manifest may name, at most: more than an archive of ten thousand layers has.
const BLOBS: usize = 100_000;

/// What was found under the names of an archive.
struct Blobs {
    json: Json,
    json_left: usize,
    layers: HashMap<String, Result<Parsed, ReadError>>,
    /// `…/layer.tar` of an old engine may be a link to another one's.
    aliases: HashMap<String, String>,
    /// Bytes that layers may still unpack to.
    budget: u64,
}

pub(super) fn read(archive: &mut impl BufRead, options: &Options) -> Result<Image, ReadError> {
    let mut archive = unpacked(archive)?;
    let mut shared = Shared::new(options)?;
    let mut blobs = Blobs {
        json: Json::new(),
        json_left: options.limits.json,
        layers: HashMap::new(),
        aliases: HashMap::new(),
        budget: options.limits.bytes,
    };
    // The archive itself is bounded by what its layers may unpack to: compression only makes it smaller.
    let mut outer = Tar::new(&mut archive, options.limits.bytes.saturating_mul(2), options.limits.path, true);
    while let Some(header) = outer.next()? {
        if blobs.json.len() + blobs.layers.len() + blobs.aliases.len() >= BLOBS {
            return Err(ReadError::Limit { what: "blobs", limit: BLOBS as u64 });
        }
        let Some(name) = plain_name("", outer.path()) else { continue };
        match header.kind {
            b'0' | 0 => blobs.blob(name, header.size, outer.content(), &mut shared, options)?,
            b'1' | b'2' => {
                let folder =
                    if header.kind == b'2' { name.rsplit_once('/').map_or("", |(folder, _)| folder) } else { "" };
                if let Some(target) = plain_name(folder, outer.link()) {
                    blobs.aliases.insert(name, target);
                }
            }
            _ => {}
        }
    }
    blobs.image(shared, options)
}

/// A tar that may be compressed, by its first bytes: `docker save | gzip` is what people keep on their disks.
pub(super) fn unpacked<'a>(from: &'a mut dyn BufRead) -> Result<Box<dyn BufRead + 'a>, ReadError> {
    let head = from.fill_buf()?;
    Ok(if head.starts_with(&GZIP) {
        Box::new(BufReader::with_capacity(UNPACKED, MultiGzDecoder::new(from)))
    } else if head.starts_with(&ZSTD) {
        Box::new(BufReader::with_capacity(UNPACKED, zstd_decoder(from)?))
    } else {
        Box::new(from)
    })
}

fn zstd_decoder<R: BufRead>(from: R) -> Result<zstd::Decoder<'static, R>, ReadError> {
    let mut decoder = zstd::Decoder::with_buffer(from)?;
    decoder.window_log_max(WINDOW_LOG)?;
    Ok(decoder)
}

/// A name of the archive without `.`, `..` and doubled slashes, relative to a folder of it; none for one that leads out.
pub(super) fn plain_name(folder: &str, name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

impl Blobs {
    fn blob<R: BufRead>(
        &mut self,
        name: String,
        size: u64,
        mut content: Content<'_, R>,
        shared: &mut Shared,
        options: &Options,
    ) -> Result<(), ReadError> {
        let mut head = vec![];
        content.by_ref().take(SNIFF as u64).read_to_end(&mut head)?;
        let whole = Cursor::new(&head).chain(&mut content);
        let parsed = if head.starts_with(&GZIP) {
            self.layer(BufReader::with_capacity(UNPACKED, MultiGzDecoder::new(whole)), shared, options)
        } else if head.starts_with(&ZSTD) {
            self.layer(BufReader::with_capacity(UNPACKED, zstd_decoder(whole)?), shared, options)
        } else if looks_like_tar(&head) {
            self.layer(whole, shared, options)
        } else {
            return self.json(name, size, whole);
        };
        // A blob that is no layer after all (a chart, an attestation) matters only if the manifest names it as one; a
        // stream that broke shows when the rest of the blob is passed over.
        match parsed {
            Err(error @ ReadError::Limit { .. }) => return Err(error),
            parsed => self.layers.insert(name, parsed),
        };
        Ok(())
    }

    fn layer(&mut self, tar: impl BufRead, shared: &mut Shared, options: &Options) -> Result<Parsed, ReadError> {
        let mut tar = Tar::new(tar, self.budget, options.limits.path, false);
        let parsed = shared.layer(&mut tar, options).and_then(|parsed| tar.drain().map(|()| parsed));
        self.budget = tar.budget();
        parsed
    }

    fn json(&mut self, name: String, size: u64, content: impl Read) -> Result<(), ReadError> {
        // Attestations are JSON too, and longer than any manifest; only what is needed must fit.
        if usize::try_from(size).is_ok_and(|size| size <= self.json_left.min(4 << 20)) {
            let mut bytes = Vec::new();
            content.take(size).read_to_end(&mut bytes)?;
            self.json_left -= bytes.len();
            self.json.insert(name, Ok(bytes));
        } else {
            self.json.insert(name, Err(size));
        }
        Ok(())
    }

    fn image(mut self, shared: Shared, options: &Options) -> Result<Image, ReadError> {
        let found = manifest::find(&self.json, options)?;
        let in_config = self.json.get(&found.name).and_then(|json| json.as_ref().ok());
        let in_config = in_config.map_or(0, |json| shared.needles.in_bytes(json));
        let base_layers = found.diff_ids.iter().zip(&options.base_diff_ids).take_while(|(a, b)| a == b).count();
        let mut created_by = vec![None; found.blobs.len()];
        for row in &found.history {
            if let Some(layer) = row.layer {
                created_by[layer] = Some(row.created_by.clone());
            }
        }
        let mut merge = Merge::new(Tree::new(shared), &options.limits);
        let (mut layers, mut blobs) = (vec![], vec![]);
        for (index, ((blob, diff_id), created_by)) in found.blobs.iter().zip(found.diff_ids).zip(created_by).enumerate()
        {
            let name = self.resolve(blob);
            let parsed = match self.layers.get(&name) {
                Some(Ok(parsed)) => parsed,
                Some(Err(_)) => match self.layers.remove(&name) {
                    Some(Err(error)) => return Err(error),
                    _ => return Err(ReadError::Missing(clean(name.as_bytes()))),
                },
                None if self.json.contains_key(&name) => {
                    return Err(ReadError::Malformed(format!("layer {} is no tar", clean(name.as_bytes()))));
                }
                None => return Err(ReadError::Missing(clean(name.as_bytes()))),
            };
            let mut layer = Layer {
                diff_id,
                created_by,
                bytes: parsed.bytes,
                base: index < base_layers,
                added: Tally::default(),
                changed: Tally::default(),
                removed: Tally::default(),
                wasted: 0,
                hid: 0,
            };
            merge.apply(index, &mut layer, parsed)?;
            layers.push(layer);
            blobs.push(name);
        }
        for hidden in &merge.hidden {
            let wasted = &mut layers[hidden.put_by].wasted;
            *wasted = wasted.saturating_add(hidden.bytes);
            let hid = &mut layers[hidden.hidden_by].hid;
            *hid = hid.saturating_add(hidden.bytes);
        }
        let total = layers.iter().map(|l| l.bytes).fold(0, u64::saturating_add);
        let sizes = Sizes {
            total,
            final_: merge.seen,
            wasted: total.saturating_sub(merge.seen),
            added: layers.iter().filter(|l| !l.base).map(|l| l.bytes).fold(0, u64::saturating_add),
        };
        Ok(Image {
            config: found.config,
            layers,
            history: found.history,
            sizes,
            base_layers,
            waste: merge::waste(&merge.hidden, &merge.tree),
            hidden: merge.hidden,
            ignored: merge.ignored,
            in_config: (0..16).filter(|bit| in_config & 1 << bit != 0).collect(),
            tree: merge.tree,
            log: merge.log,
            blobs,
            index: OnceLock::new(),
        })
    }

    /// The name under which a blob's bytes stand.
    fn resolve(&self, name: &str) -> String {
        let mut name = plain_name("", name.as_bytes()).unwrap_or_default();
        for _ in 0..8 {
            match self.aliases.get(&name) {
                Some(target) if !self.layers.contains_key(&name) => name.clone_from(target),
                _ => break,
            }
        }
        name
    }
}
