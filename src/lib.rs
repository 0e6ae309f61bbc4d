//! Dockshala: a Docker course in the terminal that builds the learner's image, measures it, and says which line cost what.
