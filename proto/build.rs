//! Compiles every `.proto` file under `relais/*/v1` without `protoc`, in one pass: messages always, gRPC stubs behind
//! the features `peer` and `desk`, and the descriptor set (with comments) beside them.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

/// The packages, and the feature that opens each package's gRPC stubs.
const PACKAGES: [(&str, &str); 2] = [("relais.peer.v1", "peer"), ("relais.desk.v1", "desk")];

/// Messages that hold what concerns a person or a secret: `src/lib.rs` prints them as `[sealed content]`.
const NEVER_PRINTED: [&str; 2] = [".relais.peer.v1.ContentPart", ".relais.peer.v1.SealedContent"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=relais");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let files = protos()?;
    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_imports(true).include_source_info(true).open_files(&files)?;
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    let descriptors = compiler.file_descriptor_set();
    let mut builder =
        tonic_prost_build::configure().build_transport(false).out_dir(&out).skip_debug(NEVER_PRINTED);
    for (package, feature) in PACKAGES {
        let gate = format!("#[cfg(feature = \"{feature}\")]");
        builder = builder.client_mod_attribute(package, &gate).server_mod_attribute(package, &gate);
    }
    builder.compile_fds(descriptors)?;
    fill_missing(&out)
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

/// Leaves an empty module for a package without files.
fn fill_missing(out: &Path) -> Result<(), Box<dyn Error>> {
    for (package, _) in PACKAGES {
        let module = out.join(format!("{package}.rs"));
        if !module.exists() {
            fs::write(module, "")?;
        }
    }
    Ok(())
}
