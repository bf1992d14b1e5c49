//! The reference page of functions is what the code says: `docs/reference/functions.md` (`UPDATE=1` rewrites it).

use std::fmt::Write;

use shardscript::plan::function::FUNCTIONS;
use shardscript::plan::function::column::COLUMN_FORMS;

#[test]
fn the_reference_page_is_up_to_date() {
    let path = "docs/reference/functions.md";
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == page, "{path} is not what the functions say: run this test with UPDATE=1");
}

fn page() -> String {
    let mut page = String::from(
        "# Functions of the expression tree\n\n\
         Written by a test from `src/plan/function`; do not edit. A cost is an estimate in nanoseconds a document.\n",
    );
    for (family, functions) in FUNCTIONS {
        write!(page, "\n## {family}\n\n| function | gives | example | cost |\n|---|---|---|---|\n").unwrap();
        for f in *functions {
            let args: Vec<_> = f.args.iter().map(ToString::to_string).collect();
            let (call, value) = f.example;
            let (name, args, result, summary, cost) = (f.name, args.join(", "), f.result, f.summary, f.cost);
            let value = value.replace('|', "\\|");
            writeln!(page, "| `{name}({args})` -> {result} | {summary} | `{call}` = `{value}` | {cost} |").unwrap();
        }
    }
    page.push_str("\n## Column forms\n\nTheir first argument is a column, or a tree over a single one.\n\n| form | gives |\n|---|---|\n");
    for form in COLUMN_FORMS {
        let args: String = form.args.iter().map(|arg| format!(", {arg}")).collect();
        let result = form.result.map_or(format!("the {}'s type", form.of), |ty| ty.to_string());
        let null = if form.nullable { ", or null" } else { "" };
        writeln!(page, "| `{}({}{args})` -> {result}{null} | {} |", form.name, form.of, form.summary).unwrap();
    }
    page
}
