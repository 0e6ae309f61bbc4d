//! What a Dockerfile builds FROM: found locally, pulled once the learner has agreed, or stood in for.
//!
//! All bases are on the daemon before a build starts, so that a build never pulls unasked. A stand-in lives under a name
//! of its own and is never tagged with the real one: nothing else on the machine may take it for the real image.

mod kit;
mod reference;
mod resolve;

pub use kit::{Contract, ContractCommand, Debootstrap, Fetch, Kit, Needed, Root, StandInRecipe};
pub use reference::Reference;
pub use resolve::{Base, BaseOptions, Why, resolve};
