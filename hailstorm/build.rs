//! Leaves one function of the Kafka client out of the command: docs/adr/0011-a-function-of-the-client-is-left-out.md.

const SOURCE: &str = "src/leader_discovery.c";

fn main() {
    println!("cargo::rerun-if-changed={SOURCE}");
    // The linker of other systems can't do this. They keep the function, and its fault.
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        return;
    }
    for object in cc::Build::new().file(SOURCE).compile_intermediates() {
        println!("cargo::rustc-link-arg-bins={}", object.display());
    }
    println!("cargo::rustc-link-arg-bins=-Wl,--wrap=rd_kafka_metadata_update_op");
}
