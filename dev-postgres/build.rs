//! Puts the PostgreSQL that comes along where `include_bytes!` finds it.
//!
//! A build script is not told where cargo unpacked a dependency, so it asks: `cargo metadata` on a manifest with this
//! one dependency. Not on the workspace: that would want every platform's packages, and `--offline` fails on a machine
//! that has only what this build needs. Cargo has fetched the package by now, since Cargo.toml names it.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const VERSION: &str = "0.2.7";
const ARCHIVE: &str = "lib/pglite-runtime.tar.zst";
/// Targets it is made for; the same stand in Cargo.toml.
const TARGETS: [&str; 4] =
    ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "x86_64-apple-darwin", "aarch64-apple-darwin"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(bundled)");
    let target = variable("TARGET")?;
    println!("cargo::rustc-env=BUNDLE_TARGET={target}");
    println!("cargo::rustc-env=BUNDLE_VERSION={VERSION}");
    if !TARGETS.contains(&target.as_str()) {
        return Ok(());
    }
    let out = PathBuf::from(variable("OUT_DIR")?);
    let package = format!("pglite-rs-lib-{target}");
    let folder = package_folder(&out.join("probe"), &package)?;
    // Copied, since cargo may clear out its registry folder between two builds.
    let copy = out.join("postgres.tar.zst");
    fs::copy(folder.join(ARCHIVE), &copy).map_err(|e| format!("copying {ARCHIVE} out of {package} {VERSION}: {e}"))?;
    println!("cargo::rustc-env=BUNDLE_ARCHIVE={}", copy.display());
    println!("cargo::rustc-cfg=bundled");
    Ok(())
}

fn package_folder(probe: &Path, package: &str) -> Result<PathBuf, Box<dyn Error>> {
    fs::create_dir_all(probe)?;
    fs::write(probe.join("lib.rs"), "")?;
    let manifest = probe.join("Cargo.toml");
    fs::write(
        &manifest,
        format!(
            "[workspace]\n[package]\nname = \"probe\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
             [lib]\npath = \"lib.rs\"\n[dependencies]\n{package} = \"={VERSION}\"\n"
        ),
    )?;
    let ask = |offline: &[&str]| -> Result<Vec<u8>, Box<dyn Error>> {
        // Run in the crate's folder, so that its `.cargo/config.toml` (a mirror, vendored sources) counts.
        let output = Command::new(variable("CARGO")?)
            .args(["metadata", "--format-version=1", "--manifest-path"])
            .arg(&manifest)
            .args(offline)
            .current_dir(variable("CARGO_MANIFEST_DIR")?)
            .output()?;
        if output.status.success() { Ok(output.stdout) } else { Err(String::from_utf8_lossy(&output.stderr).into()) }
    };
    // Without network first; with it should a newer cargo keep less of its index at hand.
    let answer = ask(&["--offline"])
        .or_else(|_| ask(&[]))
        .map_err(|e| format!("cargo metadata could not tell where {package} {VERSION} lies:\n{e}"))?;
    let metadata: serde_json::Value = serde_json::from_slice(&answer)?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata lists no packages")?;
    let found = packages.iter().find(|p| p["name"] == package).and_then(|p| p["manifest_path"].as_str());
    let manifest = found.ok_or_else(|| format!("cargo metadata does not list {package}"))?;
    Ok(Path::new(manifest).parent().ok_or("a manifest without a folder")?.to_owned())
}

fn variable(name: &str) -> Result<String, Box<dyn Error>> {
    let value = env::var_os(name).ok_or_else(|| format!("cargo did not set {name}"))?;
    value.into_string().map_err(|_| format!("{name} is not text").into())
}
