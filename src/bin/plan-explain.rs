//! `plan-explain`: plans, explains and runs search bodies.

fn main() {}
