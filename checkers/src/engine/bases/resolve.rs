//! Which image a FROM gets: the real one where it is here, else its stand-in, else what it would cost to have it.

use super::{Kit, Reference, StandInRecipe};
use crate::engine::{Engine, EngineError, clean};
use bollard::{errors::Error, models::ImageInspect, query_parameters::ListImagesOptionsBuilder};
use futures_util::future::try_join_all;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// How long the registry may take to say whether it has an image. It is asked only when all else has failed, and a learner
/// waits for it.
const REGISTRY: Duration = Duration::from_secs(5);
/// How many images are offered in place of one that is not to be had.
const OFFERED: usize = 12;

/// Where bases may come from.
#[derive(Debug, Clone)]
pub struct BaseOptions {
    /// The stand-ins.
    pub kit: Arc<Kit>,
    /// Ask the registry whether it has what is not here. Nothing is ever pulled.
    pub ask_registry: bool,
    /// A mirror to ask in place of it, `host` or `host:port`.
    pub mirror: Option<String>,
    /// Download sizes in bytes of well-known images, by name.
    pub known: BTreeMap<String, u64>,
}

/// What becomes of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// `FROM scratch`: no image, and none needed.
    Scratch,
    /// The real image is here.
    Present {
        /// The name to build from.
        local: String,
        /// Its layers, bottom first.
        diff_ids: Vec<String>,
    },
    /// A stand-in takes its place.
    StandIn {
        /// The name to build from.
        local: String,
        /// What is in it: `go 1.24`.
        version: String,
        /// What a learner could notice, each by language.
        differs: Vec<BTreeMap<String, String>>,
        /// Its layers, bottom first.
        diff_ids: Vec<String>,
    },
    /// Not here, and the registry has it. Not pulled before the learner has agreed.
    Pullable {
        /// What is downloaded, where known.
        bytes: Option<u64>,
    },
    /// Not to be had.
    Unavailable {
        /// Why.
        why: Why,
        /// What could be built from instead, likeliest first.
        available: Vec<String>,
    },
}

/// Why an image is not to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Docker would refuse the name.
    BadName,
    /// Not here, and nobody asked the registry.
    NotHere,
    /// The registry knows no such image, or does not give it to us: its words.
    Refused(String),
    /// No registry answers: the daemon's words.
    Unreachable(String),
}

impl Base {
    /// The local image to build from, where there is one.
    pub fn local(&self) -> Option<&str> {
        match self {
            Self::Present { local, .. } | Self::StandIn { local, .. } => Some(local),
            _ => None,
        }
    }

    /// Its layers' diff ids, bottom first: what `added` is counted above.
    pub fn diff_ids(&self) -> &[String] {
        match self {
            Self::Present { diff_ids, .. } | Self::StandIn { diff_ids, .. } => diff_ids,
            _ => &[],
        }
    }
}

/// Finds an image for each reference, as the Dockerfile writes them. Changes nothing on the daemon.
pub async fn resolve(
    engine: &Engine,
    references: &[String],
    options: &BaseOptions,
) -> Result<BTreeMap<String, Base>, EngineError> {
    let mut unique: Vec<&String> = references.iter().collect();
    unique.sort();
    unique.dedup();
    let found = try_join_all(
        unique
            .into_iter()
            .map(|text| async move { Ok::<_, EngineError>((text.clone(), one(engine, text, options).await?)) }),
    );
    Ok(found.await?.into_iter().collect())
}

async fn one(engine: &Engine, text: &str, options: &BaseOptions) -> Result<Base, EngineError> {
    if text == "scratch" {
        return Ok(Base::Scratch);
    }
    let Some(reference) = Reference::parse(text) else {
        return Ok(Base::Unavailable { why: Why::BadName, available: vec![] });
    };
    if let Some(image) = look(engine, &reference.to_string()).await? {
        return Ok(Base::Present { local: reference.to_string(), diff_ids: diff_ids(&image) });
    }
    let kit = &options.kit;
    if let Some(stand_in) = kit.stand_in(&reference)
        && let Some((local, image)) = present(engine, kit, &reference, stand_in).await?
    {
        return Ok(Base::StandIn {
            local,
            version: stand_in.version(),
            differs: stand_in.differs.clone(),
            diff_ids: diff_ids(&image),
        });
    }
    let why = if options.ask_registry {
        ask(engine, &reference, options.mirror.as_deref()).await
    } else {
        Some(Why::NotHere)
    };
    match why {
        None => Ok(Base::Pullable { bytes: options.known.get(&reference.to_string()).copied() }),
        Some(why) => Ok(Base::Unavailable { why, available: available(engine, kit, &reference).await? }),
    }
}

/// The stand-in under the asked name, or under any other of its names where a bundle brought only some.
async fn present(
    engine: &Engine,
    kit: &Kit,
    reference: &Reference,
    stand_in: &StandInRecipe,
) -> Result<Option<(String, ImageInspect)>, EngineError> {
    for local in std::iter::once(kit.local(reference)).chain(kit.locals(stand_in)) {
        if let Some(image) = look(engine, &local).await? {
            return Ok(Some((local, image)));
        }
    }
    Ok(None)
}

async fn look(engine: &Engine, image: &str) -> Result<Option<ImageInspect>, EngineError> {
    match engine.inspect(image).await {
        Ok(image) => Ok(Some(image)),
        Err(EngineError::NoImage(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn diff_ids(image: &ImageInspect) -> Vec<String> {
    image.root_fs.as_ref().and_then(|root| root.layers.clone()).unwrap_or_default()
}

/// Why the registry does not give an image; none where it does. The daemon asks, not we: it is the one that would pull, and
/// it knows its proxies, mirrors and certificates.
async fn ask(engine: &Engine, reference: &Reference, mirror: Option<&str>) -> Option<Why> {
    let name = match mirror {
        Some(mirror) => reference.at_mirror(mirror).to_string(),
        None => reference.to_string(),
    };
    match tokio::time::timeout(REGISTRY, engine.docker().inspect_registry_image(&name, None)).await {
        Ok(Ok(_)) => None,
        Ok(Err(Error::DockerResponseServerError { status_code: 401 | 403 | 404, message })) => {
            Some(Why::Refused(clean::line(&message)))
        }
        Ok(Err(Error::DockerResponseServerError { message, .. })) => Some(Why::Unreachable(clean::line(&message))),
        Ok(Err(error)) => Some(Why::Unreachable(clean::line(&error.to_string()))),
        Err(_) => Some(Why::Unreachable(format!("no answer within {} s", REGISTRY.as_secs()))),
    }
}

/// Images on the daemon, and stand-ins by the names that they stand in for: those of the same repository first, then what
/// the kit covers. Other images of the learner's are nobody's base and are not offered.
async fn available(engine: &Engine, kit: &Kit, wanted: &Reference) -> Result<Vec<String>, EngineError> {
    let options = ListImagesOptionsBuilder::new().build();
    let images = engine.docker().list_images(Some(options)).await.map_err(crate::engine::daemon_error)?;
    let tags = images.iter().flat_map(|image| &image.repo_tags);
    Ok(offer(tags.map(String::as_str), kit, wanted))
}

fn offer<'a>(tags: impl Iterator<Item = &'a str>, kit: &Kit, wanted: &Reference) -> Vec<String> {
    let (mut near, mut kits) = (vec![], vec![]);
    for tag in tags {
        let stood_in = kit.real(tag).filter(|real| kit.stand_in(real).is_some());
        let is_kit = stood_in.is_some();
        let Some(real) = stood_in.or_else(|| Reference::parse(tag)) else { continue };
        if (real.domain(), real.path()) == (wanted.domain(), wanted.path()) {
            near.push(real.to_string());
        } else if is_kit {
            kits.push(real.to_string());
        }
    }
    near.sort();
    kits.sort();
    near.extend(kits);
    near.dedup();
    near.truncate(OFFERED);
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_is_of_the_same_repository_first() {
        let mut kit = Kit::empty();
        let recipe: StandInRecipe = serde_json::from_value(serde_json::json!({
            "names": ["golang:1.26", "debian:13"], "folder": "x", "versions": {}, "disk": "1 MB", "contract": {},
        }))
        .unwrap();
        kit.images.push(recipe);
        let tags = [
            "mine:1",
            "golang:1.22",
            "dockshala.local/golang:1.26",
            "dockshala.local/debian:13",
            "dockshala.local/run-1:x",
        ];
        let wanted = Reference::parse("golang:1.25").unwrap();
        assert_eq!(offer(tags.into_iter(), &kit, &wanted), ["golang:1.22", "golang:1.26", "debian:13"]);
    }
}
