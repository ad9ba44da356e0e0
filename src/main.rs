//! Reads the command line, starts logging, runs one command, exits 0, 1 or 2.

fn main() {}
