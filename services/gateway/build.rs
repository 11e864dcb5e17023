//! Compiles the crate anew when the built pages change: they are embedded.

fn main() {
    println!("cargo::rerun-if-changed=../../web/dist");
}
