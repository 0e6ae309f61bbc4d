//! An image as bytes: its layers, its merged tree, what is wasted, and which instruction put each byte there.
