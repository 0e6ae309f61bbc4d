//! Takes away what steps made: by our label, and by the stage's own prefix. What fails here is reaped later.
//!
//! Tags go before the volume that says that their run lives (reap.rs); images before the tags of others could matter.

use super::{STAGE, labels};
use crate::{engine::Engine, spec::steps::Names};
use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListImagesOptionsBuilder, ListNetworksOptionsBuilder, ListVolumesOptionsBuilder,
    RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder, RemoveVolumeOptionsBuilder,
};
use std::collections::HashMap;

/// Containers, images, networks and volumes of a stage.
pub(super) async fn all(engine: &Engine, names: &Names) {
    let docker = engine.docker();
    let prefix = format!("{}-", names.prefix);
    let mine = |name: &str| name.trim_start_matches('/').starts_with(&prefix);
    let filters: HashMap<&str, Vec<&str>> = [("label", vec![labels::RUN])].into();
    let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
    for container in docker.list_containers(Some(options)).await.unwrap_or_default() {
        if container.names.iter().flatten().any(|name| mine(name)) {
            let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
            let _ = docker.remove_container(&container.id.unwrap_or_default(), Some(options)).await;
        }
    }
    images(engine, names).await;
    let options = ListNetworksOptionsBuilder::new().filters(&filters).build();
    for network in docker.list_networks(Some(options)).await.unwrap_or_default() {
        if network.name.as_deref().is_some_and(mine) {
            let _ = docker.remove_network(&network.id.unwrap_or_default()).await;
        }
    }
    let options = ListVolumesOptionsBuilder::new().filters(&filters).build();
    let volumes = docker.list_volumes(Some(options)).await.ok().and_then(|v| v.volumes).unwrap_or_default();
    for volume in volumes.iter().filter(|v| mine(&v.name)) {
        let options = RemoveVolumeOptionsBuilder::new().force(true).build();
        let _ = docker.remove_volume(&volume.name, Some(options)).await;
    }
}

/// Names that the steps gave, to images of theirs and of others; then images of theirs that have no name.
async fn images(engine: &Engine, names: &Names) {
    let segment = format!("/{}/", names.prefix);
    let all = engine.docker().list_images(Some(ListImagesOptionsBuilder::new().all(true).build())).await;
    let all = all.unwrap_or_default();
    let named = all.iter().flat_map(|image| image.repo_tags.iter().chain(&image.repo_digests));
    let mut gone: Vec<String> = named.filter(|name| name.contains(&segment)).cloned().collect();
    let ours = all.iter().filter(|image| image.labels.get(STAGE) == Some(&names.prefix));
    gone.extend(ours.map(|image| image.id.clone()));
    for name in gone {
        let options = RemoveImageOptionsBuilder::new().force(true).noprune(true).build();
        let _ = engine.docker().remove_image(&name, Some(options), None).await;
    }
}
