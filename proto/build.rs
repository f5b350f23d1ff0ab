//! Compiles every `.proto` file under `relais/*/v1` without `protoc`, in one pass: messages always, gRPC stubs behind
//! the features `peer` and `desk`, and the descriptor set (with comments) beside them.

use std::{env, error::Error, fmt::Write as _, fs, path::PathBuf};
use tonic_prost_build::FileDescriptorSet;

/// The packages, and the feature that opens each package's gRPC stubs.
const PACKAGES: [(&str, &str); 2] = [("relais.peer.v1", "peer"), ("relais.desk.v1", "desk")];

/// Files whose messages concern a person: they print as `[personal]`, so that no log, error or test output shows one.
const PERSONAL_FILES: [&str; 3] =
    ["relais/peer/v1/content.proto", "relais/peer/v1/seal.proto", "relais/desk/v1/"];

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script where to write through the environment"
)]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=relais");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_imports(true).include_source_info(true).open_files(protos()?)?;
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    let descriptors = compiler.file_descriptor_set();
    let personal = personal_types(&descriptors)?;
    fs::write(out.join("personal.rs"), personal.debug)?;
    let mut builder =
        tonic_prost_build::configure().build_transport(false).out_dir(&out).skip_debug(personal.paths);
    for (package, feature) in PACKAGES {
        let gate = format!("#[cfg(feature = \"{feature}\")]");
        builder = builder.client_mod_attribute(package, &gate).server_mod_attribute(package, &gate);
    }
    builder.compile_fds(descriptors)?;
    Ok(())
}

/// Every `.proto` file under `relais/*/v1`, sorted.
fn protos() -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for package in fs::read_dir("relais")? {
        let folder = package?.path().join("v1");
        for file in fs::read_dir(&folder)? {
            let file = file?.path();
            if file.extension().is_some_and(|ending| ending == "proto") {
                files.push(file);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Types that never print: their protobuf paths, and their `Debug` in Rust.
#[derive(Default)]
struct Personal {
    paths: Vec<String>,
    debug: String,
}

/// Every message and oneof of [`PERSONAL_FILES`], nested ones as well.
fn personal_types(descriptors: &FileDescriptorSet) -> Result<Personal, Box<dyn Error>> {
    let mut personal = Personal::default();
    let ours = |name: &str| PERSONAL_FILES.iter().any(|file| name.starts_with(file));
    for file in descriptors.file.iter().filter(|file| ours(file.name())) {
        let rust = file.package().replacen("relais", "crate", 1).replace('.', "::");
        let path = format!(".{}", file.package());
        let mut open: Vec<_> =
            file.message_type.iter().map(|message| (path.clone(), rust.clone(), message)).collect();
        while let Some((path, rust, message)) = open.pop() {
            if message.options.as_ref().is_some_and(|options| options.map_entry()) {
                continue;
            }
            let path = format!("{path}.{}", message.name());
            let inner = format!("{rust}::{}", snake_case(message.name()));
            print_nothing(&mut personal.debug, &format!("{rust}::{}", message.name()))?;
            for oneof in message.oneof_decl.iter().filter(|oneof| !oneof.name().starts_with('_')) {
                print_nothing(&mut personal.debug, &format!("{inner}::{}", camel_case(oneof.name())))?;
            }
            open.extend(message.nested_type.iter().map(|nested| (path.clone(), inner.clone(), nested)));
            personal.paths.push(path);
        }
    }
    Ok(personal)
}

fn print_nothing(debug: &mut String, rust: &str) -> Result<(), Box<dyn Error>> {
    writeln!(debug, "impl ::core::fmt::Debug for {rust} {{")?;
    writeln!(debug, "    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {{")?;
    writeln!(debug, "        f.write_str(\"[personal]\")\n    }}\n}}")?;
    Ok(())
}

/// `CamelCase` to `snake_case`, as prost names the module of a message.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// `snake_case` to `CamelCase`, as prost names the type of a oneof.
fn camel_case(name: &str) -> String {
    let word = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    name.split('_').filter(|part| !part.is_empty()).map(word).collect()
}
