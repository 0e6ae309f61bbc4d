//! An exercise: what to do, what is judged, and the specimens that keep its goals honest.

use dockshala_checkers::spec::{Feature, Goal, Kind, Network, Profile, Size};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::super::lang::Text;

/// `exercise.yaml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExerciseFile {
    /// Immutable; never derived from order or folder.
    pub id: String,
    /// What a submission consists of.
    pub kind: Kind,
    /// What it is called.
    pub title: Text,
    /// How long it takes.
    pub minutes: u32,
    /// Memory that it takes.
    pub ram: Size,
    /// Disk that it takes.
    pub disk: Size,
    /// Lessons that it practises.
    pub teaches: Vec<String>,
    /// Every base image a submission may use.
    #[serde(default)]
    pub images: Vec<String>,
    /// What the daemon must be able to do.
    #[serde(default)]
    pub needs: Vec<Feature>,
    /// What a build may reach.
    #[serde(default)]
    pub network: Network,
    /// How a container of the submission is confined.
    #[serde(default)]
    pub profile: Profile,
    /// What the submission must show.
    pub goals: Vec<Goal>,
}

/// `specimen.yaml` of a bad specimen.
///
/// A specimen's `answers.yaml` may hold `{{true GOAL}}` where the answer depends on the machine: the gate puts the truth
/// there that it has just measured (`{{true GOAL 2}}`: the second element of a list). A learner's file is never filled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SpecimenFile {
    /// Files of the starter that are not part of it.
    #[serde(default)]
    pub delete: Vec<String>,
    /// Goal id → the diagnosis code with which it must fail. Every other goal must pass or be skipped.
    #[serde(default)]
    pub fails: BTreeMap<String, String>,
    /// The Dockerfile lines blamed, over all failing goals; `[]` for none at all. Left out, they are not compared.
    #[serde(default)]
    pub lines: Option<Vec<u32>>,
    /// Engines (the beginning of their version, or a storage driver) on which it must fail in another way.
    #[serde(default)]
    pub engines: BTreeMap<String, OnEngine>,
    /// Why this specimen is kept.
    #[serde(default)]
    pub note: String,
}

/// How a specimen fails on one engine.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OnEngine {
    /// In place of [`SpecimenFile::fails`].
    #[serde(default)]
    pub fails: BTreeMap<String, String>,
    /// In place of [`SpecimenFile::lines`].
    #[serde(default)]
    pub lines: Option<Vec<u32>>,
}
