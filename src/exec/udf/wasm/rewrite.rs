//! Writes the module that runs: what the deployed one has, its imports replaced, and a driver with a memory of its own.
//!
//! ```text
//! imports              =>  functions of the same index that answer them
//! functions            =>  the same; those that no call reaches trap
//! start, _initialize   =>  one exported function that calls both: starting is under a deadline, too
//! exports              =>  dropped; `drive`, `columns`, `start` are the only ones
//! custom sections      =>  dropped; one of ours comes first, and the driver of native code last, where that is another
//! ```
//!
//! No index changes, so code is copied as it stands.

use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, DataCountSection, ElementSection, Elements, ExportKind, ExportSection, Function, FunctionSection,
    GlobalSection, MemorySection, MemoryType, Module, RawSection, SectionId, TableSection, TypeSection, ValType,
};

use crate::error::Result;
use crate::exec::udf::wasm::driver::{driver, simd_driver};
use crate::exec::udf::wasm::facts::Facts;
use crate::exec::udf::wasm::inspect::{Inspected, invalid};
use crate::exec::udf::wasm::layout;
use crate::exec::udf::wasm::reach;
use crate::exec::udf::wasm::signature::{Signature, Text};
use crate::exec::udf::wasm::simd;

/// The exported driver.
pub(super) const DRIVE: &str = "drive";
/// The exported memory of the driver.
pub(super) const COLUMNS: &str = "columns";
/// The exported function that is called once, before all others.
pub(super) const START: &str = "start";

/// Writes a module anew; `udf` is what errors call it.
pub(super) fn rewrite(module: &Inspected<'_>, signature: &Signature, udf: &str) -> Result<Vec<u8>> {
    Writer { module, signature, roundtrip: RoundtripReencoder }.write().map_err(|e| invalid(udf, &e))
}

struct Writer<'a> {
    module: &'a Inspected<'a>,
    signature: &'a Signature,
    roundtrip: RoundtripReencoder,
}

/// What is wrong is only shown.
fn shown(e: &impl ToString) -> String {
    e.to_string()
}

impl Writer<'_> {
    fn write(&mut self) -> Result<Vec<u8>, String> {
        let Self { module, signature, .. } = *self;
        let memory = module.memory_count;
        let starts = self.starts();
        let mut roots = self.roots();
        roots.extend(&starts);
        let reach = reach::walk(module, &roots).map_err(|e| shown(&e))?;
        let facts = Facts {
            // The strings of a batch may be of any length, and so is the work of copying them.
            metered: reach.metered || signature.text.is_some(),
            utf16: matches!(signature.text, Some(Text::Utf16 { .. })),
            // The interpreter goes on at a wrong place when its fuel ends at the growth of a table.
            native_only: module.native_only || reach.grows_table,
        };
        let first = (module.imports.len() + module.functions.len()) as u32;
        let ty = module.types.len() as u32;
        let mut functions = FunctionSection::new();
        let types = module.imports.iter().map(|(_, ty)| ty).chain(&module.functions);
        types.chain(&[ty, ty + 1]).for_each(|ty| _ = functions.function(*ty));
        let mut exports = ExportSection::new();
        exports.export(DRIVE, ExportKind::Func, first).export(COLUMNS, ExportKind::Memory, memory);
        if !starts.is_empty() {
            exports.export(START, ExportKind::Func, first + 1);
        }

        let mut out = Module::new();
        out.section(&facts.section()).section(&self.types()?).section(&functions);
        if let Some(section) = &module.tables {
            let mut tables = TableSection::new();
            self.roundtrip.parse_table_section(&mut tables, section.clone()).map_err(|e| shown(&e))?;
            out.section(&tables);
        }
        out.section(&self.memories()?);
        if let Some(section) = &module.globals {
            let mut globals = GlobalSection::new();
            self.roundtrip.parse_global_section(&mut globals, section.clone()).map_err(|e| shown(&e))?;
            out.section(&globals);
        }
        out.section(&exports);
        if module.elements.is_some() || !reach.referred.is_empty() {
            out.section(&self.elements(&reach.referred)?);
        }
        if let Some(count) = module.data_count {
            out.section(&DataCountSection { count });
        }
        out.section(&self.code(&reach.reached, &starts));
        if let Some(data) = module.data {
            out.section(&RawSection { id: SectionId::Data as u8, data });
        }
        if let Some(driver) = simd_driver(module, signature) {
            out.section(&simd::section(driver));
        }
        Ok(out.finish())
    }

    /// What is called once before all else: the start function, and the constructors of a WASI reactor.
    fn starts(&self) -> Vec<u32> {
        let initialize = self.module.export("_initialize").filter(|function| {
            let ty = self.module.type_of(*function);
            ty.params().is_empty() && ty.results().is_empty() && self.module.start != Some(*function)
        });
        self.module.start.into_iter().chain(initialize).collect()
    }

    /// What the driver calls.
    fn roots(&self) -> Vec<u32> {
        let mut roots = vec![self.signature.function];
        match self.signature.text {
            None => {}
            Some(Text::Utf8 { alloc }) => roots.extend(alloc),
            Some(Text::Utf16 { new, pin }) => {
                roots.extend(new);
                roots.extend(pin.into_iter().flat_map(|(pin, unpin)| [pin, unpin]));
            }
        }
        roots
    }

    fn types(&mut self) -> Result<TypeSection, String> {
        let mut types = TypeSection::new();
        if let Some(section) = &self.module.type_section {
            self.roundtrip.parse_type_section(&mut types, section.clone()).map_err(|e| shown(&e))?;
        }
        types.ty().function([ValType::I32, ValType::I32], [ValType::I32]);
        types.ty().function([], []);
        Ok(types)
    }

    fn memories(&mut self) -> Result<MemorySection, String> {
        let mut memories = MemorySection::new();
        if let Some(section) = &self.module.memories {
            self.roundtrip.parse_memory_section(&mut memories, section.clone()).map_err(|e| shown(&e))?;
        }
        let minimum = layout::pages(self.signature.passed.len(), self.signature.text.is_some());
        // Text makes it grow; numbers do not.
        let maximum = if self.signature.text.is_some() { None } else { Some(minimum) };
        memories.memory(MemoryType { minimum, maximum, memory64: false, shared: false, page_size_log2: None });
        Ok(memories)
    }

    /// Without exports, functions that code makes references to are declared here.
    fn elements(&mut self, referred: &[u32]) -> Result<ElementSection, String> {
        let mut elements = ElementSection::new();
        if let Some(section) = &self.module.elements {
            self.roundtrip.parse_element_section(&mut elements, section.clone()).map_err(|e| shown(&e))?;
        }
        if !referred.is_empty() {
            elements.declared(Elements::Functions(referred.into()));
        }
        Ok(elements)
    }

    fn code(&self, reached: &[bool], starts: &[u32]) -> CodeSection {
        let module = self.module;
        let mut code = CodeSection::new();
        for (import, _) in &module.imports {
            code.function(&import.function(module.memory_count, module.has_memory32));
        }
        let mut unreached = Function::new(NO_LOCALS);
        unreached.instructions().unreachable().end();
        for (body, reached) in module.bodies.iter().zip(reached) {
            if *reached {
                code.raw(body.as_bytes());
            } else {
                code.function(&unreached);
            }
        }
        code.function(&driver(module, self.signature));
        let mut start = Function::new(NO_LOCALS);
        let mut calls = start.instructions();
        starts.iter().for_each(|function| _ = calls.call(*function));
        calls.end();
        code.function(&start);
        code
    }
}

/// A function's locals, where it has none.
const NO_LOCALS: [(u32, ValType); 0] = [];
