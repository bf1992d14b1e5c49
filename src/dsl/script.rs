//! The shape of a script in a body: `"source"`, or an object of `source`, `lang`, `params`.
