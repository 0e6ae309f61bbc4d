//! Measured facts about a submission, gathered once and shared by all its goals.
