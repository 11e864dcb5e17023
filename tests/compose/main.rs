//! The city in containers: what holds of its files, and, where HAILSTORM_TEST_COMPOSE is set and an engine answers,
//! what it does.

mod engine;
mod file;
mod observed;
mod page;
mod project;
mod rules;
