//! A Dockerfile as a model: stages, instructions, where each stands in the file.
