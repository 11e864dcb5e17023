//! The city on real servers, started once for all tests of the run: what users rely on, while things break.
//!
//! Each test runs the command as a user would, on the shared servers with a namespace of its own, does its mischief
//! while the city lives, and then judges the exit code and the report, which holds the audit.

mod api;
mod breaking;
mod browser;
mod caretaker;
mod city;
mod command;
mod containers;
mod contract;
mod gateway;
mod happy;
mod hunts;
mod leaks;
mod load;
mod logs;
mod observe;
mod own;
mod pages;
mod planted;
mod poison;
mod provider;
mod records;
mod riders_and_drivers;
mod servers;
mod suite;
mod tools;
mod traces;

fn main() {
    if leaks::is_subject() {
        return servers::run(&[], &[leaks::SUBJECTS]);
    }
    servers::run(suite::TOGETHER, suite::ALONE);
}
