//! What a Dockerfile builds FROM: found locally, pulled once the learner has agreed, or stood in for.
//!
//! All bases are on the daemon before a build starts, so that a build never pulls unasked. A stand-in lives under a name
//! of its own and is never tagged with the real one: nothing else on the machine may take it for the real image.

mod bundle;
mod contract;
mod kit;
mod make;
mod pull;
mod reference;
mod resolve;

pub use bundle::{Bundle, BundleError, Bundled, examine, load, replaces, save};
pub use contract::{Breach, ContractError, verify};
pub use kit::{Contract, ContractCommand, Debootstrap, Fetch, Kit, Needed, Root, StandInRecipe};
pub use make::{KitError, KitEvent, KitImage, Obstacle, RECIPE, State, make, plan, state};
pub use pull::{LayerProgress, Phase, PullError, PullProgress, pull};
pub use reference::Reference;
pub use resolve::{Base, BaseOptions, Why, resolve};
