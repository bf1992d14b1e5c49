//! A search body: its keys, read and lowered into a logical plan.
