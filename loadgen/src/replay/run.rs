//! Replays a recording until its end, or until told to stop.

use domain::RealMs;
use runtime::{Running, Service, clock};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::config::Config;
use super::figures::Figures;
use super::on_roads::OnRoads;
use super::player::Player;
use super::recording::Recording;
use super::sender::Sender;
use crate::schedule::STEP;

/// Reports handed over between two looks at whether to stop, some milliseconds.
const ROUND: u32 = 1_000;

/// Replays a recording; returns when everything sent is acknowledged.
///
/// # Errors
/// If the recording can't be used, or reports were not acknowledged.
pub fn run(config: Config, service: Service) -> Running {
    Box::pin(serve(config, service))
}

async fn serve(config: Config, service: Service) -> anyhow::Result<()> {
    let (options, city) = (config.recording.clone(), config.city.clone());
    let (recording, roads) = tokio::task::spawn_blocking(move || {
        let recording = Recording::read(&options)?;
        let roads = OnRoads::read(city.as_deref(), &recording.pings)?;
        anyhow::Ok((recording, roads))
    })
    .await??;
    for remark in &recording.remarks {
        tracing::warn!(remark, "recording");
    }
    let (pings, cabs) = (recording.pings.len(), recording.cab_numbers.len());
    let end = service.stop.child_token();
    let mut sender = Sender::new(&config.kafka, &service.stats, &end)?;
    let begun = RealMs(clock::now_ms());
    let beside_road = roads.as_ref().map(OnRoads::beside);
    let mut player = Player::new(recording, roads, &config, begun)?;
    let skipped = player.skipped();
    let (copies, speed) = (config.copies.copies, config.speed());
    service.readiness.set_ready();
    tracing::info!(
        pings,
        cabs,
        copies,
        speed,
        skipped,
        from_ms = player.place_at(begun).0,
        "the replay begins"
    );
    if copies > 1 {
        let spread_s = config.copies.spread.as_secs();
        tracing::info!(
            spread_s,
            beside_road,
            "copies are moved in time by up to this, and their drivers ahead by 20 to 300 m on the road, or by up to 500 m where none is near or known"
        );
    }
    if let Some(span) = config.run_for {
        let ended = end.clone();
        tokio::spawn(async move {
            tokio::time::sleep(span).await;
            ended.cancel();
        });
    }
    let handed_over = play(&mut player, &mut sender, &Figures::new(&service.stats), &end).await?;
    tracing::info!(reports = handed_over, drivers = player.drivers(), "the replay ends");
    sender.finish(handed_over).await
}

/// Hands over what is due until nothing is left or `end` comes; gives how many reports that were.
async fn play(
    player: &mut Player,
    sender: &mut Sender,
    figures: &Figures,
    end: &CancellationToken,
) -> anyhow::Result<u64> {
    let mut steps = interval(STEP);
    steps.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut handed_over = 0;
    'steps: while !end.is_cancelled() {
        let now = RealMs(clock::now_ms());
        let mut left = ROUND;
        while left > 0
            && let Some(due) = player.next(now)
        {
            if !sender.hand_over(&due).await? {
                break 'steps;
            }
            handed_over += 1;
            left -= 1;
        }
        figures.show(player, handed_over, now);
        sender.show();
        if player.is_done() {
            break;
        }
        if left > 0 {
            tokio::select! {
                _ = steps.tick() => (),
                () = end.cancelled() => (),
            }
        } else {
            tokio::task::yield_now().await;
        }
    }
    figures.show(player, handed_over, RealMs(clock::now_ms()));
    Ok(handed_over)
}
