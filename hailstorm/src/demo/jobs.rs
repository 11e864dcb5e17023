//! The processes of a run: which, how many, with what arguments and environment.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::course::Run;
use super::gateways::Via;
use super::opening::Opening;
use super::options::Replay;
use super::supervisor::{Job, Supervisor};
use crate::fleet::SERVICES;
use crate::log_sender::LOG_TO_KAFKA;

/// Time for a service to finish its batch and leave the group.
const SERVICE_GRACE: Duration = Duration::from_secs(15);

/// Time for the city to bring its trips to an end after it was told to close.
const CITY_GRACE: Duration = Duration::from_secs(90);

/// Requests a second that a gateway allows one client address beside the city's apps: a page or two.
const PAGES_PER_SECOND: f64 = 1_000.0;

/// A gateway takes this many times as many requests of the apps as there are on average.
const APPS_HEADROOM: f64 = 4.0;

/// Most requests a second that a gateway can be told to allow.
const MOST_PER_SECOND: f64 = 1_000_000.0;

impl Run {
    pub(super) fn service_jobs(&self) -> Vec<Job> {
        let members =
            |name| (1..=self.options.members.of(name)).map(move |number| (name, format!("{name}-{number}")));
        let all = SERVICES.iter().flat_map(|service| members(service.name));
        all.map(|(service, member)| self.job(service, member, vec![], true)).collect()
    }

    /// The gateways are stopped before the services: when the city has closed nobody shall ask for anything.
    pub(super) fn gateway_jobs(&self) -> Vec<Job> {
        let job = |(number, address)| {
            let mut args = vec![format!("--listen={address}")];
            if self.options.gateways.via == Via::Gateway {
                args.push(format!("--requests-per-second={}", self.requests_per_second()));
            }
            let job = self.job("gateway", format!("gateway-{number}"), args, true);
            Job { stop: self.gateways_stop.clone(), ..job }
        };
        (1..).zip(self.gateways.addresses()).map(job).collect()
    }

    /// The apps of the city share one address, with the pages of whoever watches here: a limit that fits them all.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1,000 to 1,000,000")]
    fn requests_per_second(&self) -> u32 {
        let options = &self.options;
        let reports =
            f64::from(options.drivers) * options.speed / options.report_every.as_secs_f64().max(0.001);
        // A ride is asked for, accepted, reached, begun, ended ...
        let steps = options.requests_per_minute / 60.0 * 8.0;
        let apps = (reports + steps) * options.gateways.via_share * APPS_HEADROOM;
        (PAGES_PER_SECOND + apps).min(MOST_PER_SECOND) as u32
    }

    /// Starts what sends reports: the processes of the simulated city, which opens at this moment, a replay in its place,
    /// or both. The token is cancelled when all of it has ended.
    pub(super) fn start_apps(&self, supervisor: &mut Supervisor, opening: &Opening) -> CancellationToken {
        let Some(replay) = &self.options.replay else {
            return supervisor.start_all(self.loadgen_jobs(opening));
        };
        let replay_ended = supervisor.start(self.replay_job(replay));
        let Some(rides) = &replay.ride_arguments else { return replay_ended };
        let close = self.apps_stop.child_token();
        let mut args = self.loadgen_args();
        args.extend(rides.iter().cloned());
        let city = self.apps_job("loadgen", 1, args);
        let city_ended = supervisor.start(Job { stop: close.clone(), ..city });
        let all_ended = CancellationToken::new();
        let ended = all_ended.clone();
        tokio::spawn(async move {
            replay_ended.cancelled().await;
            // Rides of a time that is not replayed any more.
            close.cancel();
            city_ended.cancelled().await;
            ended.cancel();
        });
        all_ended
    }

    fn replay_job(&self, replay: &Replay) -> Job {
        let mut args = replay.arguments.clone();
        args.extend(self.options.run_for.map(|span| format!("--for={}", humantime::format_duration(span))));
        self.apps_job("replay", 1, args)
    }

    fn loadgen_jobs(&self, opening: &Opening) -> Vec<Job> {
        let processes = self.options.processes;
        let share = |number| {
            let mut args = self.loadgen_args();
            if processes > 1 {
                args.push(format!("--share={number}/{processes}"));
            }
            if opening.is_fixed {
                args.push(format!("--opens-at-ms={}", opening.at_ms));
            }
            self.apps_job("loadgen", number, args)
        };
        (1..=processes).map(share).collect()
    }

    fn loadgen_args(&self) -> Vec<String> {
        let options = &self.options;
        let mut args = vec![
            format!("--drivers={}", options.drivers),
            format!("--requests-per-minute={}", options.requests_per_minute),
            format!("--report-every={}", humantime::format_duration(options.report_every)),
            format!("--ramp={}", humantime::format_duration(options.ramp)),
            format!("--silent-drivers={}", options.faults.silent_drivers),
            format!("--driver-cancels={}", options.faults.driver_cancels),
            format!("--vanishing-drivers={}", options.faults.vanishing_drivers),
            format!("--rider-cancels={}", options.faults.rider_cancels),
        ];
        args.extend(options.run_for.map(|span| format!("--for={}", humantime::format_duration(span))));
        args.extend(options.trips.as_ref().map(|path| format!("--trips={}", path.display())));
        args.extend(options.ledger.as_ref().map(|dir| format!("--ledger={}", dir.display())));
        if let Some(from) = options.from {
            args.push(format!("--utc-offset-h={}", from.utc_offset_h));
            let has_trips = options.trips.is_some() || options.replay.is_some();
            args.extend(has_trips.then(|| format!("--trips-from-ms={}", from.at.0)));
        }
        if options.gateways.via == Via::Gateway {
            args.push(format!("--gateway={}", self.gateways.urls().collect::<Vec<_>>().join(",")));
            args.push(format!("--via-gateway={}", options.gateways.via_share));
        }
        args
    }

    /// Apps live in memory: if they die, the run has failed.
    fn apps_job(&self, service: &'static str, number: u32, args: Vec<String>) -> Job {
        let job = self.job(service, format!("{service}-{number}"), args, false);
        Job { stop: self.apps_stop.clone(), grace: CITY_GRACE, ..job }
    }

    fn job(&self, service: &'static str, member: String, args: Vec<String>, restart: bool) -> Job {
        let mut env: Vec<(String, String)> = self
            .backends
            .endpoints
            .environment()
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let mut set = |key: &str, value: String| env.push((key.to_owned(), value));
        set("HAILSTORM_NAMESPACE", self.settings.namespace.clone());
        set("HAILSTORM_CITY_CLOCK", self.clock.to_string());
        set("HAILSTORM_MEMBER", member.clone());
        set("HAILSTORM_STATS", "true".to_owned());
        set("HAILSTORM_CITY_SEED", self.options.seed.to_string());
        set("HAILSTORM_SEED", self.options.seed.to_string());
        set(LOG_TO_KAFKA, self.options.log_to_kafka.to_string());
        if let Some(address) = self.observers.next(&member) {
            set(runtime::METRICS_ADDRESS, address.to_string());
        }
        if !self.options.otlp_endpoint.is_empty() {
            set(runtime::OTLP_ENDPOINT, self.options.otlp_endpoint.to_string());
        }
        if let Some(city) = &self.options.city {
            set("HAILSTORM_CITY", city.display().to_string());
        }
        let log = self.logs.join(format!("{member}.log"));
        Job { service, member, args, env, log, restart, stop: CancellationToken::new(), grace: SERVICE_GRACE }
    }
}
