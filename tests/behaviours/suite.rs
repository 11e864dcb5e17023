//! All behaviours, in the order in which they are tried.

use crate::servers::Test;
use crate::{
    breaking, caretaker, command, contract, gateway, happy, hunts, leaks, load, logs, observe, pages,
    planted, poison, riders_and_drivers, traces,
};

/// Those that may have others beside them.
pub(crate) const TOGETHER: &[&[Test]] = &[
    happy::TESTS,
    breaking::OF_SERVICES,
    poison::TESTS,
    riders_and_drivers::TESTS,
    gateway::TESTS,
    contract::TESTS,
    traces::TESTS,
    logs::TESTS,
    load::WITHOUT_HURRY,
    // On servers of their own.
    caretaker::TESTS,
];

/// Those that break the servers, or look at how fast things go, or at what a machine is left with.
pub(crate) const ALONE: &[&[Test]] = &[
    breaking::OF_SERVERS,
    gateway::WITHOUT_SERVERS,
    planted::TESTS,
    command::TESTS,
    pages::TESTS,
    load::IN_TIME,
    observe::TESTS,
    hunts::TESTS,
    leaks::TESTS,
];
