//! Goals: evidence in, verdict out. One file per kind, each a pure function.
