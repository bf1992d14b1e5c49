//! What the runtime has to know about a prepared module before an engine reads it: a first custom section of few bytes.

use wasm_encoder::CustomSection;

/// The name of the section.
const NAME: &str = "shardscript";
/// The version of the driver's interface; a module of another version is not run.
const VERSION: u8 = 2;

/// What kind of code the module has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// A call may take any time, so that its code has to be interruptible.
    pub(super) metered: bool,
    /// Strings cross in UTF-16 (AssemblyScript), not in UTF-8.
    pub(super) utf16: bool,
    /// The interpreter does not know an instruction of it, such as SIMD.
    pub(super) native_only: bool,
}

impl Facts {
    /// The section that says so.
    pub(super) fn section(self) -> CustomSection<'static> {
        let Self { metered, utf16, native_only } = self;
        let flags = u8::from(metered) | u8::from(utf16) << 1 | u8::from(native_only) << 2;
        CustomSection { name: NAME.into(), data: vec![VERSION, flags].into() }
    }

    /// Reads them from a prepared module.
    pub(super) fn read(module: &[u8]) -> Option<Self> {
        // Magic number and version, then: section 0, its size, the length of its name, the name, two bytes.
        let body = [&[0, NAME.len() as u8 + 3, NAME.len() as u8], NAME.as_bytes()].concat();
        let [VERSION, flags] = *module.get(8..)?.strip_prefix(&*body)?.get(..2)? else { return None };
        Some(Self { metered: flags & 1 != 0, utf16: flags & 2 != 0, native_only: flags & 4 != 0 })
    }
}
