//! A run from servers to saved figures.

use std::pin::Pin;
use std::process::ExitCode;

use anyhow::{Context, bail};
use backends::{Backends, Mode};
use mongodb::bson::doc;
use tokio_util::sync::CancellationToken;

use crate::keeper::Keeper;
use crate::lab::Lab;
use crate::machine::Machine;
use crate::options::{Action, Options};
use crate::outcome::Part;
use crate::peer::Peer;
use crate::repository::{Checkout, Repository};
use crate::saved::{Conditions, Versions};
use crate::scenario::{Plan, Scenario};
use crate::settings::Settings;
use crate::software::Software;
use crate::windows::{self, Supply};
use crate::{batching, city, consume, direct, growth, guard, produce, render, services, table, tutorial};

/// Riders in the windows of matching.
const WINDOWS: [usize; 3] = [100, 1_000, 5_000];

/// A benchmark under way; in a box as `runtime::Running` is.
pub type Running = Pin<Box<dyn Future<Output = anyhow::Result<ExitCode>>>>;

/// Measures, or renders what was measured.
///
/// # Errors
/// Whatever keeps it from that, a broken bound, or `stop`.
pub fn run(options: Options, stop: CancellationToken) -> Running {
    Box::pin(bench(options, stop))
}

async fn bench(options: Options, stop: CancellationToken) -> anyhow::Result<ExitCode> {
    if let Some(Action::Render { from }) = &options.action {
        let changed = render::render(&Repository::here()?, from.as_deref())?;
        changed.iter().for_each(|page| println!("{} is new", page.display()));
        if changed.is_empty() {
            println!("no page has changed");
        }
        return Ok(ExitCode::SUCCESS);
    }
    // Before anything is measured: what can't be saved need not be waited for.
    let repository = options.save.then(Repository::here).transpose()?;
    let checkout = repository.as_ref().map(Repository::checkout).transpose()?;
    let (wanted, peer) = runnable(&options).await?;
    let started =
        jiff::Timestamp::from_millisecond(runtime::clock::now_ms()).context("the clock is wrong")?;
    let lab = tokio::select! {
        backends = backends::start(&options.backends, |progress| eprintln!("  {progress}")) => {
            Lab::new(backends?, Plan::new(options.quick, options.repetitions))?
        }
        () = stop.cancelled() => bail!("stopped while the servers were starting"),
    };
    let conditions = conditions(&lab, started, checkout, peer.as_ref()).await;
    let mut keeper = Keeper::new(conditions, repository.as_ref().map(Repository::results).as_deref())?;
    let measured = tokio::select! {
        measured = measure(&lab, &wanted, peer.as_ref(), &mut keeper) => measured,
        () = stop.cancelled() => Err(anyhow::anyhow!("stopped by a signal")),
    };
    eprintln!("  stopping the servers");
    let stopped = lab.backends.stop().await.context("failed to stop the servers");
    if let Some(story) = keeper.story() {
        println!("{story}");
    }
    measured.and(stopped)?;
    if options.guard {
        guard::check(keeper.parts())?.iter().for_each(|line| println!("{line}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Under what conditions is measured; without a checkout nothing is saved.
async fn conditions(
    lab: &Lab,
    started: jiff::Timestamp,
    checkout: Option<Checkout>,
    peer: Option<&Peer>,
) -> Conditions {
    let mode = lab.backends.mode;
    let (commit, dirty) =
        checkout.map_or_else(Default::default, |checkout| (checkout.commit, checkout.dirty));
    Conditions {
        started: started.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        commit,
        dirty,
        arguments: std::env::args().skip(1).collect(),
        repetitions: lab.plan.repetitions,
        quick: lab.plan.quick,
        machine: Machine::this(),
        servers: versions(&lab.backends).await,
        software: Some(Software::of(mode, peer).await),
        settings: Some(Settings::of(mode)),
    }
}

/// The scenarios that are wanted, and the peer that one of them needs. Who names none gets those that this machine
/// can run.
async fn runnable(options: &Options) -> anyhow::Result<(Vec<Scenario>, Option<Peer>)> {
    let mut wanted = options.wanted();
    if !wanted.contains(&Scenario::Tutorial) {
        return Ok((wanted, None));
    }
    match Peer::find().await {
        Ok(peer) => Ok((wanted, Some(peer))),
        Err(error) if options.scenarios.is_empty() => {
            eprintln!("  {} is left out: {error:#}", Scenario::Tutorial);
            wanted.retain(|scenario| *scenario != Scenario::Tutorial);
            Ok((wanted, None))
        }
        Err(error) => Err(error.context("scenario tutorial can't be measured")),
    }
}

/// Measures one scenario after the other; shows and keeps each as soon as it is done.
async fn measure(
    lab: &Lab,
    scenarios: &[Scenario],
    peer: Option<&Peer>,
    keeper: &mut Keeper,
) -> anyhow::Result<()> {
    for scenario in scenarios {
        let parts = match scenario {
            Scenario::Produce => produce::run(lab).await,
            Scenario::Consume => consume::run(lab).await,
            Scenario::Services => services::run(lab).await,
            Scenario::Matching => matching(lab).await,
            Scenario::Batching => batching::run(lab).await,
            Scenario::Direct => direct::run(lab).await,
            Scenario::Tutorial => tutorial::run(lab, peer.context("its peer was not looked for")?).await,
            Scenario::Growth => growth::run(lab).await,
            Scenario::City => city::run(lab).await,
        };
        let parts = parts.with_context(|| format!("scenario {scenario} failed"))?;
        let parts: Vec<Part> = parts.into_iter().map(Part::rounded).collect();
        parts.iter().for_each(|part| println!("\n{}", table::text(part)));
        keeper.add(parts)?;
    }
    Ok(())
}

async fn matching(lab: &Lab) -> anyhow::Result<Vec<Part>> {
    let mut parts = Vec::new();
    for supply in [Supply::Plenty, Supply::Enough, Supply::Scarce] {
        eprintln!("  matching: windows, {supply:?}");
        parts.push(windows::run(supply, &WINDOWS, lab.plan.repetitions).await?);
    }
    eprintln!("  matching: whole windows, candidates from Redis");
    parts.push(lab.while_servers_live(windows::run_search(lab, &WINDOWS)).await?);
    Ok(parts)
}

/// What the servers say of themselves; the broker tells its version to nobody.
async fn versions(backends: &Backends) -> Versions {
    let unknown = || "unknown".to_owned();
    let kafka = if backends.mode == Mode::External { unknown() } else { backends::KAFKA_VERSION.to_owned() };
    Versions {
        mode: backends.mode.to_string(),
        kafka,
        redis: redis_version(&backends.endpoints.redis_url).await.unwrap_or_else(|_| unknown()),
        mongodb: mongodb_version(&backends.endpoints.mongodb_uri).await.unwrap_or_else(|_| unknown()),
    }
}

async fn redis_version(url: &str) -> anyhow::Result<String> {
    let mut connection = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
    let info: String = redis::cmd("INFO").arg("server").query_async(&mut connection).await?;
    let line = info.lines().find_map(|line| line.strip_prefix("redis_version:"));
    Ok(line.context("redis did not tell its version")?.trim().to_owned())
}

async fn mongodb_version(uri: &str) -> anyhow::Result<String> {
    let client = mongodb::Client::with_uri_str(uri).await?;
    let info = client.database("admin").run_command(doc! { "buildInfo": 1 }).await?;
    Ok(info.get_str("version")?.to_owned())
}
