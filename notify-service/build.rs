//! `sqlx::migrate!` embeds the files; a new migration alone must rebuild the crate.
fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
