//! The goals an exercise can set, one struct each, as they stand in `exercise.yaml`.
//!
//! A goal is written as its kind alone (`- builds`) or as its kind with what it asks (`- stages: {at-least: 2}`). Its `id`
//! defaults to its kind and must be given when the kind repeats; it never changes, because verdicts are remembered by it.

use super::{
    Answer, ByDigest, Container, ContainerLogs, CopiedOut, FreeSpace, Health, JobOutput, Limits, Logs, OffTerminal,
    Published, Reaches, Registry, Restart, SameFiles, Signal, Survives, Volume, building::*, compose::*, image::*,
    running::*, stack::*,
};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, Visitor},
    ser::SerializeMap,
};
use std::fmt;

/// One thing a submission must show.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    /// Unique within the exercise and immutable.
    pub id: String,
    /// What it asks.
    pub ask: Ask,
}

macro_rules! goals {
    ($($(#[$doc:meta])* $kind:literal $variant:ident;)*) => {
        /// What a goal asks. The variants' `exercise.yaml` names are [`KINDS`].
        #[derive(Debug, Clone, PartialEq)]
        pub enum Ask { $($(#[$doc])* $variant($variant),)* }

        /// Every kind of goal, as `exercise.yaml` spells it.
        pub const KINDS: &[&str] = &[$($kind),*];

        impl Ask {
            /// The kind's name in `exercise.yaml`.
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$variant(_) => $kind,)* }
            }
        }

        impl Goal {
            fn read<'de, A: MapAccess<'de>>(kind: &str, map: &mut A) -> Result<Self, A::Error> {
                match kind {
                    $($kind => {
                        let body: Body<$variant> = map.next_value()?;
                        Ok(Self { id: body.id.unwrap_or_else(|| $kind.to_owned()), ask: Ask::$variant(body.ask) })
                    })*
                    other => Err(de::Error::unknown_variant(other, KINDS)),
                }
            }

            fn bare<E: de::Error>(kind: &str) -> Result<Self, E> {
                $(if kind == $kind {
                    let empty = de::value::MapDeserializer::<_, E>::new(std::iter::empty::<(&str, &str)>());
                    return Ok(Self { id: kind.to_owned(), ask: Ask::$variant($variant::deserialize(empty)?) });
                })*
                Err(de::Error::unknown_variant(kind, KINDS))
            }
        }

        impl Serialize for Goal {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                let mut map = s.serialize_map(Some(1))?;
                match &self.ask {
                    $(Ask::$variant(ask) => map.serialize_entry($kind, &BodyRef { id: &self.id, ask })?,)*
                }
                map.end()
            }
        }
    };
}

goals! {
    /// The Dockerfile parses and its image builds.
    "builds" Builds;
    /// How many stages the target really needs.
    "stages" Stages;
    /// What the last stage is built from.
    "final-base" FinalBase;
    /// Bytes that the submission adds above its base image.
    "added" Added;
    /// Bytes of the whole image.
    "total" Total;
    /// Bytes that the submission stores and no container can see.
    "waste" Waste;
    /// Layers that the image of another stage has in common with this one.
    "layer-shares" LayerShares;
    /// A value that the build is given and that the image must not hold.
    "no-secret" NoSecret;
    /// Measured against the exercise's starter on this machine.
    "smaller-than-starter" SmallerThanStarter;
    /// Paths and tools that the final image must not hold.
    "absent" Absent;
    /// Paths that the final image must hold.
    "present" Present;
    /// Which user the container runs as.
    "user" User;
    /// What another Dockerfile of the same folder must show.
    "with-file" WithFile;
    /// What the container prints and how it ends.
    "runs" Runs;
    /// What the container answers over HTTP.
    "http" Http;
    /// Steps that stay cached when a file is edited.
    "cached-after-edit" CachedAfterEdit;
    /// An instruction that the Dockerfile must or must not have.
    "instruction" Instruction;
    /// A HEALTHCHECK that turns healthy, and unhealthy when it should.
    "health" Health;
    /// A signal ends the container as it should.
    "signal" Signal;
    /// What the container prints while it goes on running.
    "logs" Logs;
    /// The stack is accepted and all its services run.
    "deploys" Deploys;
    /// How many tasks of a service run.
    "replicas" Replicas;
    /// A killed task is replaced.
    "heals" Heals;
    /// A new release comes without too many tasks down at once.
    "rolling-update" RollingUpdate;
    /// A bad release is taken back by the swarm itself.
    "rolls-back" RollsBack;
    /// A secret reaches a service as a file, and nobody else.
    "service-secret" ServiceSecret;
    /// A config reaches a service as a file.
    "service-config" ServiceConfig;
    /// One service reaches another by its name.
    "service-reaches" ServiceReaches;
    /// A drained node's tasks move to the others.
    "drains" Drains;
    /// The compose file is valid and harmless, and has what it must.
    "compose-config" ComposeConfig;
    /// Every service of the compose file comes up.
    "compose-up" ComposeUp;
    /// What a service publishes on the machine.
    "compose-published" ComposePublished;
    /// A service starts only after another is healthy.
    "compose-order" ComposeOrder;
    /// A file reaches services as a secret and leaks nowhere.
    "compose-secret" ComposeSecret;
    /// What a service of the project answers over HTTP.
    "compose-http" ComposeHttp;
    /// What was written survives `down` and `up`.
    "compose-data" ComposeData;
    /// Which services can reach each other.
    "compose-network" ComposeNetwork;
    /// A service that ended comes back, or stays down.
    "compose-restart" ComposeRestart;
    /// Which services start with which profiles.
    "compose-profiles" ComposeProfiles;
    /// Nothing that lint warns of is left.
    "lint-clean" LintClean;
    /// Bytes of the folder that a build may be sent.
    "context" Context;
    /// An edit that breaks the program must fail the build, in the step that is meant.
    "fails-when-broken" FailsWhenBroken;
    /// A step that runs again begins with what it had the first time.
    "reuses-cache" ReusesCache;
    /// An answer of `answers.yaml` is true.
    "answer" Answer;
    /// A job outlives its terminal.
    "survives" Survives;
    /// A job's output lands in a file.
    "job-output" JobOutput;
    /// A job holds no stream of the terminal that closed.
    "off-terminal" OffTerminal;
    /// A container is there, in that state.
    "container" Container;
    /// What a container may use.
    "limits" Limits;
    /// A container comes back after a crash and stays down after a stop.
    "restart" Restart;
    /// A port is published on the right addresses.
    "published" Published;
    /// A volume holds a file.
    "volume" Volume;
    /// Two volumes hold the same files.
    "same-files" SameFiles;
    /// One container reaches another by name, or does not.
    "reaches" Reaches;
    /// What a container printed.
    "container-logs" ContainerLogs;
    /// A file of a container lies outside it.
    "copied-out" CopiedOut;
    /// What is no longer needed is gone.
    "free-space" FreeSpace;
    /// An image is in the registry.
    "registry" Registry;
    /// A container runs from an image named by its digest.
    "by-digest" ByDigest;
}

// `#[serde(flatten)]` costs `deny_unknown_fields`, so that a misspelt field would be ignored in silence: the id is taken
// out of the map by hand instead.
struct Body<T> {
    id: Option<String>,
    ask: T,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Body<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Split<'a, A> {
            map: A,
            id: &'a mut Option<String>,
        }
        impl<'de, A: MapAccess<'de>> MapAccess<'de> for Split<'_, A> {
            type Error = A::Error;
            fn next_key_seed<K: de::DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
                loop {
                    let Some(key) = self.map.next_key::<String>()? else { return Ok(None) };
                    if key == "id" {
                        *self.id = Some(self.map.next_value()?);
                        continue;
                    }
                    return seed.deserialize(de::value::StringDeserializer::new(key)).map(Some);
                }
            }
            fn next_value_seed<V: de::DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
                self.map.next_value_seed(seed)
            }
        }
        struct BodyVisitor<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for BodyVisitor<T> {
            type Value = Body<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("what the goal asks, as a map")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Body<T>, A::Error> {
                let mut id = None;
                let ask = T::deserialize(de::value::MapAccessDeserializer::new(Split { map, id: &mut id }))?;
                Ok(Body { id, ask })
            }
        }
        d.deserialize_map(BodyVisitor(std::marker::PhantomData))
    }
}

#[derive(Serialize)]
struct BodyRef<'a, T> {
    id: &'a str,
    #[serde(flatten)]
    ask: &'a T,
}

impl<'de> Deserialize<'de> for Goal {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct GoalVisitor;
        impl<'de> Visitor<'de> for GoalVisitor {
            type Value = Goal;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a goal: its kind, or its kind with what it asks")
            }
            fn visit_str<E: de::Error>(self, kind: &str) -> Result<Goal, E> {
                Goal::bare(kind)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Goal, A::Error> {
                let kind: String = map.next_key()?.ok_or_else(|| de::Error::custom("a goal with no kind"))?;
                let goal = Goal::read(&kind, &mut map)?;
                if let Some(more) = map.next_key::<String>()? {
                    return Err(de::Error::custom(format!("a second kind `{more}` in one goal; begin a new `-`")));
                }
                Ok(goal)
            }
        }
        d.deserialize_any(GoalVisitor)
    }
}

/// `with-file`: another Dockerfile of the same folder is built (`docker build -f FILE`), and another goal is asked of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WithFile {
    /// The file, in the submission's own folder.
    pub file: String,
    /// What is asked: any goal of kind `dockerfile` but this one.
    pub meets: Box<Goal>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Goal, String> {
        serde_json::from_str(json).map_err(|e| e.to_string())
    }

    #[test]
    fn a_goal_is_its_kind_alone_or_with_what_it_asks() {
        assert_eq!(read(r#""builds""#).unwrap().id, "builds");
        let goal = read(r#"{"stages": {"id": "two", "at-least": 2}}"#).unwrap();
        assert_eq!(goal.id, "two");
        assert_eq!(goal.ask, Ask::Stages(Stages { at_least: Some(2), ..Stages::default() }));
    }

    #[test]
    fn a_misspelt_field_or_kind_is_refused() {
        assert!(read(r#"{"stages": {"atleast": 2}}"#).unwrap_err().contains("atleast"));
        assert!(read(r#""build""#).unwrap_err().contains("build"));
        assert!(read(r#"{"builds": {}, "stages": {}}"#).unwrap_err().contains("second kind"));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let json = r#"{"runs":{"id":"says","stdout":"namaste","exit":0,"within":"5000ms"}}"#;
        let goal = read(json).unwrap();
        assert_eq!(serde_json::to_string(&goal).unwrap(), json);
    }
}
