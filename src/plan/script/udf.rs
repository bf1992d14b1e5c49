//! A script that is the name of a deployed UDF.

use crate::plan::udf::{Catalog, UdfRuntime};

/// The language of a source for which none is named: that of the UDF whose name it is, else Painless.
pub fn default_language(source: &str, catalog: &Catalog) -> &'static str {
    catalog.find(source).map_or("painless", |profile| profile.runtime.language())
}

/// Whether the sources of a language are names of UDFs.
pub fn is_udf_language(lang: &str) -> bool {
    UdfRuntime::LANGUAGES.contains(&lang)
}
