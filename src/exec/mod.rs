//! Runs plans over real documents: shards, operators, kernels, merge, response. It sees no JSON bodies.
