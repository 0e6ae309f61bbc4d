//! Why a claim came to nothing.

use super::{Fault, Report};
use crate::{course::Lang, lab::claims::ClaimError};
use std::fmt::Display;

/// What stopped the claim `id`.
pub fn claim(lang: &Lang, id: &str, error: &ClaimError) -> Report {
    match error {
        ClaimError::Engine(error) => super::engine(lang, error),
        ClaimError::NoBase(image) => Report::new(lang, Fault::Machine, "claim.no-base", &[("image", image)]),
        ClaimError::Refused(refusal) => {
            let args: [(&str, &dyn Display); 2] = [("claim", &id), ("what", &refusal.what())];
            Report::new(lang, Fault::Course, "claim.refused", &args)
        }
        error => Report::new(lang, Fault::Machine, "claim.stopped", &[("message", error)]),
    }
}
