//! What fuzzing ever found, and a sound file for each target, replayed in the ordinary suite with the fuzz targets' own bodies.

#[path = "../fuzz/bodies.rs"]
mod bodies;
#[path = "../fuzz/bundle.rs"]
mod bundle;

use std::{fs, path::Path};

/// A target and its body.
type Target = (&'static str, fn(&[u8]));

#[test]
fn what_fuzzing_found_stays_mended() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/regressions");
    let targets: [Target; 8] = [
        ("archive", bodies::archive),
        ("layers", bodies::layers),
        ("dockerfile", bodies::dockerfile),
        ("ignore", bodies::ignore),
        ("logs", bodies::logs),
        ("spec", bodies::spec),
        ("answers", bodies::answers),
        ("bundle", bundle::bundle),
    ];
    for (name, body) in targets {
        let mut replayed = 0;
        for entry in fs::read_dir(root.join(name)).unwrap().flatten() {
            body(&fs::read(entry.path()).unwrap());
            replayed += 1;
        }
        assert!(replayed > 0, "nothing of {name} was replayed");
    }
}
