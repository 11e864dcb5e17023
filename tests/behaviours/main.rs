//! The city on real servers, started once for all tests of the run: what users rely on, while things break.
//!
//! Each test runs the command as a user would, on the shared servers with a namespace of its own, does its mischief
//! while the city lives, and then judges the exit code and the report, which holds the audit.

mod breaking;
mod city;
mod command;
mod happy;
mod planted;
mod poison;
mod records;
mod riders_and_drivers;
mod servers;

use libtest_mimic::Arguments;

use crate::servers::{Servers, Test};

fn main() {
    let mut arguments = Arguments::from_args();
    // The tests share two cores and break the servers they share: one after the other.
    arguments.test_threads = Some(1);
    let tests: Vec<Test> = [
        happy::TESTS,
        breaking::TESTS,
        poison::TESTS,
        riders_and_drivers::TESTS,
        planted::TESTS,
        command::TESTS,
    ]
    .concat();
    let servers = Servers::default();
    let trials = tests.into_iter().map(|test| servers.trial(test));
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    servers.stop();
    conclusion.exit();
}
