//! What a person sees while the demo runs: a table on a terminal, plain lines elsewhere.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::time::{Duration, Instant};

use super::board::Board;
use super::figures::Figures;
use super::phrases::{
    api, clock, documents, grouped, lag_ms, lags, report_to_redis, request_to_offer, seconds, viewers,
    waits_for_room,
};
use crate::fleet::SERVICES;

/// Without a terminal: a line this often.
const PLAIN_INTERVAL: Duration = Duration::from_secs(5);

/// Shows the figures of a run as they change.
pub(crate) struct Screen {
    terminal: bool,
    started: Instant,
    lines_up: usize,
    notices: usize,
    last: Option<(Instant, i64)>,
    last_plain: Option<Instant>,
    ledger_stopped: bool,
    /// Longest lag of each group since the last look at it, ms.
    pub(crate) worst_lag_ms: Vec<(&'static str, i64)>,
}

/// What the table shows besides the figures.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    /// `native`, `docker` or `external`.
    pub(crate) servers: String,
    /// Address of the gateway, if there is one.
    pub(crate) gateway: Option<String>,
    /// What the run is doing: running, closing ...
    pub(crate) phase: &'static str,
    /// City time, if it differs from real time.
    pub(crate) city_time: Option<String>,
}

impl Screen {
    pub(crate) fn new(started: Instant) -> Self {
        let worst_lag_ms = SERVICES.iter().map(|service| (service.name, 0)).collect();
        let terminal = std::io::stdout().is_terminal();
        Self {
            terminal,
            started,
            lines_up: 0,
            notices: 0,
            last: None,
            last_plain: None,
            ledger_stopped: false,
            worst_lag_ms,
        }
    }

    /// Draws the present figures; call once a second.
    pub(crate) fn draw(&mut self, board: &Board, header: &Header, now_ms: i64) {
        let figures = Figures::of(board);
        self.note_lag(&figures, now_ms);
        let rate = self.rate(figures.sum("loadgen", "reports_acknowledged"));
        self.note_ledger(&figures, board);
        self.tell_notices(board);
        if self.terminal {
            let table = self.table(&figures, header, rate, now_ms);
            self.rewrite(&table);
        } else if self.last_plain.is_none_or(|last| last.elapsed() >= PLAIN_INTERVAL) {
            self.last_plain = Some(Instant::now());
            println!("{}", self.plain(&figures, header, rate, now_ms));
        }
    }

    fn note_lag(&mut self, figures: &Figures, now_ms: i64) {
        for (name, worst) in &mut self.worst_lag_ms {
            *worst = (*worst).max(lag_ms(figures, name, now_ms));
        }
    }

    /// Says once if a ledger has ended before its time.
    fn note_ledger(&mut self, figures: &Figures, board: &Board) {
        let stopped = figures.sum("loadgen", "ledger_stopped") > 0;
        if stopped && !std::mem::replace(&mut self.ledger_stopped, true) {
            board.notice(
                "a ledger can't be written any more, see the log; the load goes on without".to_owned(),
            );
        }
    }

    /// Forgets the longest lags seen so far: what was before is for warming up.
    pub(crate) fn forget_lag(&mut self) {
        self.worst_lag_ms.iter_mut().for_each(|(_, worst)| *worst = 0);
    }

    fn rate(&mut self, total: i64) -> f64 {
        let now = Instant::now();
        let rate = self.last.map_or(0.0, |(then, before)| {
            let grown = i32::try_from(total - before).unwrap_or(i32::MAX);
            f64::from(grown) / now.duration_since(then).as_secs_f64().max(0.001)
        });
        self.last = Some((now, total));
        rate
    }

    fn tell_notices(&mut self, board: &Board) {
        let new: Vec<String> = board.with(|state| state.notices[self.notices..].to_vec());
        if new.is_empty() {
            return;
        }
        self.notices += new.len();
        self.clear();
        new.iter().for_each(|notice| println!("  ! {notice}"));
    }

    /// Removes the table, so that other lines can be written where it stood.
    pub(crate) fn clear(&mut self) {
        if self.terminal && self.lines_up > 0 {
            print!("\x1b[{}A\x1b[J", self.lines_up);
            self.lines_up = 0;
        }
    }

    fn rewrite(&mut self, table: &str) {
        self.clear();
        print!("{table}");
        self.lines_up = table.lines().count();
        // A terminal that went away is noticed by the next signal, not here.
        let _gone = std::io::stdout().flush();
    }

    fn table(&self, figures: &Figures, header: &Header, rate: f64, now_ms: i64) -> String {
        let city = |name: &str| figures.sum("loadgen", &format!("city.{name}"));
        let drivers = |name: &str| figures.sum("loadgen", &format!("drivers.{name}"));
        let busy = drivers("to_pickup") + drivers("waiting") + drivers("on_trip");
        let mut text = String::new();
        let city_time =
            header.city_time.as_ref().map(|time| format!("  city time {time}")).unwrap_or_default();
        let mut rows = vec![
            format!(
                "hailstorm  {}{city_time}  {} servers  {}",
                clock(self.started.elapsed()),
                header.servers,
                header.phase
            ),
            format!(
                "  drivers   idle {}  offered {}  to pickup {}  waiting {}  on trip {}  offline {}",
                drivers("idle"),
                drivers("offered"),
                drivers("to_pickup"),
                drivers("waiting"),
                drivers("on_trip"),
                drivers("offline")
            ),
            format!(
                "  reports   {rate:.0}/s  acknowledged {}{}  {}",
                grouped(figures.sum("loadgen", "reports_acknowledged")),
                waits_for_room(figures),
                documents(figures)
            ),
            format!(
                "  trips     requests {}  waiting {}  on trip {}  completed {}  cancelled {}  unfulfilled {}",
                city("requests"),
                (city("open") - busy).max(0),
                drivers("on_trip"),
                city("completed"),
                city("cancelled"),
                city("unfulfilled")
            ),
            format!(
                "  latency   request→offer {}  report→Redis {}",
                request_to_offer(figures),
                report_to_redis(figures)
            ),
            format!("  lag       {}", lags(figures, now_ms, &SERVICES[..4])),
            format!("            {}", lags(figures, now_ms, &SERVICES[4..])),
        ];
        if let Some(gateway) = &header.gateway {
            rows.insert(1, format!("  gateway   {gateway}  {}{}", viewers(figures), api(figures)));
        }
        // A row that wraps would leave its rest behind when the table is drawn again.
        let width = terminal_size::terminal_size().map_or(120, |(width, _)| usize::from(width.0));
        for row in rows {
            let row: String = row.chars().take(width).collect();
            writeln!(text, "{row}").expect("writing to memory succeeds");
        }
        text
    }

    fn plain(&self, figures: &Figures, header: &Header, rate: f64, now_ms: i64) -> String {
        let city = |name: &str| figures.sum("loadgen", &format!("city.{name}"));
        let watched = format!(" | {}{}", viewers(figures), api(figures));
        let watched = if header.gateway.is_some() { watched } else { String::new() };
        format!(
            "{} {} reports {rate:.0}/s requests {} open {} completed {} cancelled {} unfulfilled {} | request→offer {} | report→Redis {} | {} | worst lag {:.1} s{}{watched}",
            clock(self.started.elapsed()),
            header.phase,
            city("requests"),
            city("open"),
            city("completed"),
            city("cancelled"),
            city("unfulfilled"),
            request_to_offer(figures),
            report_to_redis(figures),
            documents(figures),
            seconds(SERVICES.iter().map(|service| lag_ms(figures, service.name, now_ms)).max().unwrap_or(0)),
            waits_for_room(figures),
        )
    }
}
