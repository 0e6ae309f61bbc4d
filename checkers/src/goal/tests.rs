//! Goals on hand-written evidence.
