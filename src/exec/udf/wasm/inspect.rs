//! Reads a module that somebody wants to deploy: is it valid, within the limits, and what does it import and export?
//!
//! Whatever it is made of, this ends: parsing is linear in the size of the module, and its size is looked at first.

use wasmparser::{
    ElementSectionReader, Encoding, ExternalKind, FuncType, FunctionBody, FunctionSectionReader, GlobalSectionReader,
    KnownCustom, MemorySectionReader, Name, NameSectionReader, Operator, Parser, Payload, TableSectionReader, TypeRef,
    TypeSectionReader, ValidPayload, Validator, WasmFeatures,
};

use crate::error::{Code, Error, Result};
use crate::exec::udf::limits::{Limit, Limits, exceeded};
use crate::exec::udf::wasm::sizes;
use crate::exec::udf::wasm::wasi::Import;

/// A valid module, in parts; they borrow its bytes.
#[derive(Debug, Default)]
pub(super) struct Inspected<'a> {
    pub(super) types: Vec<FuncType>,
    pub(super) type_section: Option<TypeSectionReader<'a>>,
    /// What is imported, and its type; these are the first functions.
    pub(super) imports: Vec<(&'static Import, u32)>,
    /// The types of the functions that are not imported.
    pub(super) functions: Vec<u32>,
    pub(super) bodies: Vec<FunctionBody<'a>>,
    pub(super) tables: Option<TableSectionReader<'a>>,
    pub(super) memories: Option<MemorySectionReader<'a>>,
    /// How many memories there are.
    pub(super) memory_count: u32,
    /// Whether the first of them is there and has 32-bit addresses.
    pub(super) has_memory32: bool,
    pub(super) globals: Option<GlobalSectionReader<'a>>,
    /// The functions that are exported.
    pub(super) exports: Vec<(&'a str, u32)>,
    pub(super) start: Option<u32>,
    pub(super) elements: Option<ElementSectionReader<'a>>,
    /// The functions that element segments and globals refer to.
    pub(super) referred: Vec<u32>,
    pub(super) data_count: Option<u32>,
    /// The data section, as it stands.
    pub(super) data: Option<&'a [u8]>,
    /// The names of parameters, where the compiler left some: function, parameter, name.
    pub(super) local_names: Vec<(u32, u32, &'a str)>,
    /// Whether instructions are used that the interpreter does not have.
    pub(super) native_only: bool,
}

/// What both engines run.
fn common_features() -> WasmFeatures {
    WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::TAIL_CALL
        | WasmFeatures::FLOATS
        | WasmFeatures::MULTI_MEMORY
        | WasmFeatures::EXTENDED_CONST
}

/// What the compiler runs beyond that, with the same bits on every machine.
fn native_features() -> WasmFeatures {
    common_features() | WasmFeatures::SIMD | WasmFeatures::MEMORY64
}

/// Reads a module; `udf` is what errors call it.
pub(super) fn inspect<'a>(wasm: &'a [u8], udf: &str, limits: &Limits) -> Result<Inspected<'a>> {
    if !Parser::is_core_wasm(wasm) {
        return Err(Error::new(Code::InvalidUdf, format!("the file of UDF [{udf}] is no WebAssembly module")));
    }
    sizes::check_module(wasm, udf, limits)?;
    let native_only = match validate(wasm, common_features()) {
        Ok(()) => false,
        Err(_) => validate(wasm, native_features()).map(|()| true).map_err(|e| invalid(udf, &e.to_string()))?,
    };
    let mut inspected = Inspected { native_only, ..Inspected::default() };
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(|e| invalid(udf, &e.to_string()))?;
        inspected.add(wasm, payload, udf, limits)?;
    }
    Ok(inspected)
}

/// Whether the compiler takes what was written of a module: engines have limits of their own, on the number of memories for one.
pub(super) fn check_native(code: &[u8], udf: &str) -> Result<()> {
    validate(code, native_features()).map_err(|e| invalid(udf, &e.to_string()))
}

fn validate(wasm: &[u8], features: WasmFeatures) -> wasmparser::Result<()> {
    let mut validator = Validator::new_with_features(features);
    let mut allocations = wasmparser::FuncValidatorAllocations::default();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        // Names are for people: engines do not read them, and neither are they a reason to refuse a module.
        if matches!(payload, Payload::CustomSection(_)) {
            continue;
        }
        if let ValidPayload::Func(function, body) = validator.payload(&payload)? {
            let mut function = function.into_validator(allocations);
            function.validate(&body)?;
            allocations = function.into_allocations();
        }
    }
    Ok(())
}

impl<'a> Inspected<'a> {
    fn add(&mut self, wasm: &'a [u8], payload: Payload<'a>, udf: &str, limits: &Limits) -> Result<()> {
        let broken = |e: wasmparser::Error| invalid(udf, &e.to_string());
        match payload {
            Payload::Version { encoding: Encoding::Component, .. } => {
                return Err(invalid(udf, "is a component, not a module"));
            }
            Payload::TypeSection(section) => {
                self.types = section.clone().into_iter_err_on_gc_types().collect::<Result<_, _>>().map_err(broken)?;
                self.type_section = Some(section);
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    self.add_import(import.map_err(broken)?, udf)?;
                }
            }
            Payload::FunctionSection(section) => self.add_functions(section).map_err(broken)?,
            Payload::TableSection(section) => {
                let mut elements = 0u64;
                for table in section.clone() {
                    elements = elements.saturating_add(table.map_err(broken)?.ty.initial);
                }
                if elements > limits.table as u64 {
                    return Err(exceeded(udf, Limit::Table, format!("{} elements", limits.table)));
                }
                self.tables = Some(section);
            }
            Payload::MemorySection(section) => {
                let mut bytes = 0u64;
                for (index, memory) in section.clone().into_iter().enumerate() {
                    let memory = memory.map_err(broken)?;
                    bytes = bytes.saturating_add(memory.initial.saturating_mul(64 << 10));
                    self.has_memory32 |= index == 0 && !memory.memory64;
                }
                if bytes > limits.memory as u64 {
                    return Err(exceeded(udf, Limit::Memory, format!("{} bytes", limits.memory)));
                }
                self.memory_count = section.count();
                self.memories = Some(section);
            }
            Payload::GlobalSection(section) => {
                for global in section.clone() {
                    self.refer(global.map_err(broken)?.init_expr.get_operators_reader()).map_err(broken)?;
                }
                self.globals = Some(section);
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.map_err(broken)?;
                    if matches!(export.kind, ExternalKind::Func) {
                        self.exports.push((export.name, export.index));
                    }
                }
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(section) => {
                self.add_elements(section.clone()).map_err(broken)?;
                self.elements = Some(section);
            }
            Payload::DataCountSection { count, .. } => self.data_count = Some(count),
            Payload::DataSection(section) => self.data = Some(&wasm[section.range()]),
            Payload::CodeSectionEntry(body) => {
                sizes::check_body(self, &body, udf).map_err(broken)??;
                self.bodies.push(body);
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(names) = section.as_known() {
                    // What cannot be read is as if it were not there.
                    drop(self.add_names(names));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn add_import(&mut self, import: wasmparser::Import<'a>, udf: &str) -> Result<()> {
        let wasmparser::Import { module, name, ty } = import;
        let refused = |what: &str| {
            let (module, name) = (short(module), short(name));
            Error::new(Code::InvalidUdf, format!("the module of UDF [{udf}] imports {what} [{module}.{name}]"))
                .expected(
                    "no imports but `env.abort` and functions of WASI preview 1, which are answered but give nothing",
                )
        };
        let TypeRef::Func(ty) = ty else {
            return Err(refused("what is no function:"));
        };
        let import = Import::find(module, name).ok_or_else(|| refused("an unknown function"))?;
        if !import.is_of_type(&self.types[ty as usize]) {
            return Err(refused("with another type than it has: the function"));
        }
        self.imports.push((import, ty));
        Ok(())
    }

    fn add_functions(&mut self, section: FunctionSectionReader<'a>) -> wasmparser::Result<()> {
        self.functions = section.into_iter().collect::<Result<_, _>>()?;
        Ok(())
    }

    fn add_elements(&mut self, section: ElementSectionReader<'a>) -> wasmparser::Result<()> {
        for segment in section {
            match segment?.items {
                wasmparser::ElementItems::Functions(functions) => {
                    for function in functions {
                        self.referred.push(function?);
                    }
                }
                wasmparser::ElementItems::Expressions(_, expressions) => {
                    for expression in expressions {
                        self.refer(expression?.get_operators_reader())?;
                    }
                }
            }
        }
        Ok(())
    }

    fn refer(&mut self, operators: wasmparser::OperatorsReader<'a>) -> wasmparser::Result<()> {
        for operator in operators {
            if let Operator::RefFunc { function_index } = operator? {
                self.referred.push(function_index);
            }
        }
        Ok(())
    }

    fn add_names(&mut self, names: NameSectionReader<'a>) -> wasmparser::Result<()> {
        for subsection in names {
            let Name::Local(functions) = subsection? else { continue };
            for function in functions {
                let function = function?;
                for local in function.names {
                    let local = local?;
                    self.local_names.push((function.index, local.index, local.name));
                }
            }
        }
        Ok(())
    }

    /// The type of a function.
    pub(super) fn type_of(&self, function: u32) -> &FuncType {
        let function = function as usize;
        let ty = match self.imports.get(function) {
            Some((_, ty)) => *ty,
            None => self.functions[function - self.imports.len()],
        };
        &self.types[ty as usize]
    }

    /// The exported function of that name.
    pub(super) fn export(&self, name: &str) -> Option<u32> {
        self.exports.iter().find(|(export, _)| *export == name).map(|(_, function)| *function)
    }

    /// The name that a compiler left for a parameter.
    pub(super) fn parameter_name(&self, function: u32, parameter: u32) -> Option<&'a str> {
        self.local_names.iter().find(|(f, p, _)| (*f, *p) == (function, parameter)).map(|(_, _, name)| *name)
    }
}

/// A name that a module has, as errors show it.
pub(super) fn short(name: &str) -> String {
    const SHOWN: usize = 80;
    match name.char_indices().nth(SHOWN) {
        None => name.to_owned(),
        Some((end, _)) => format!("{}..", &name[..end]),
    }
}

/// The error of a module that cannot be deployed.
pub(super) fn invalid(udf: &str, reason: &str) -> Error {
    Error::new(Code::InvalidUdf, format!("the module of UDF [{udf}] is not valid: {reason}"))
}
