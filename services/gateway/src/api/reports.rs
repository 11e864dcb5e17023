//! Location reports: one or many at once, each checked before any is written.

use std::borrow::Cow;
use std::fmt;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::{CityClock, CityMs, DriverId, LatLng, RealMs};
use events::Contract;
use events::contract::{MAX_AGE_MS, MAX_AHEAD_MS};
use events::driver_locations::LocationReport;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use utoipa::openapi::{ArrayBuilder, OneOfBuilder, Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::caller::Caller;
use super::city_map::CityMap;
use super::duty::Accepted;
use super::event_log::write;
use super::extract::{Id, JsonBody, trip_id};
use super::number::some_whole;
use super::object::Object;
use super::problem::{FieldError, Problem};
use super::problem_kind as kinds;
use super::state::AppState;

/// Reports of one request at most.
const MOST: usize = 1000;

/// Wrong fields that are told of one request.
const MOST_ERRORS: usize = 20;

/// Real time that a report may spend on its way into Kafka: consumers must not find it too old then.
const ON_THE_WAY_MS: i64 = 5_000;

/// Where a driver was at a moment.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LocationReport)]
pub(crate) struct Report {
    /// When it was measured, city time in ms; now by default.
    #[serde(default, deserialize_with = "some_whole")]
    #[schema(minimum = 0, maximum = 9007199254740991_u64)]
    at_ms: Option<i64>,
    /// Degrees north.
    #[schema(minimum = -90.0, maximum = 90.0, example = 46.002)]
    lat: f64,
    /// Degrees east.
    #[schema(minimum = -180.0, maximum = 180.0, example = 0.497)]
    lon: f64,
    /// Degrees clockwise from north; 0 by default.
    #[serde(default, deserialize_with = "some_whole")]
    #[schema(maximum = 359)]
    heading: Option<u16>,
    /// Metres per second; 0 by default.
    #[schema(minimum = 0.0, maximum = 100.0)]
    speed: Option<f64>,
    /// The trip it drives on: from the acceptance to the end.
    #[schema(
        pattern = "^88[0-9a-f]{8}fffff\\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
    )]
    trip: Option<String>,
    /// Metres driven since the rider got in; only with a rider on board.
    #[serde(default, deserialize_with = "some_whole")]
    #[schema(format = Int64, maximum = 4294967295_u64)]
    odometer_m: Option<u32>,
}

/// The reports of one request.
#[derive(Debug)]
pub(crate) struct Reports(Vec<Report>);

/// The moments that a report may name.
#[derive(Clone, Copy, Debug)]
struct Span {
    now: CityMs,
    earliest: CityMs,
    latest: CityMs,
}

/// Takes reports of a driver; all or none.
#[utoipa::path(post, path = "/v1/drivers/{id}/reports", tag = "drivers",
    params(("id" = u64, Path, description = "The driver's number.", minimum = 0, maximum = 9007199254740991_u64)),
    request_body = Reports,
    responses(
        (status = 202, description = "Safe in Kafka.", body = Accepted),
        (status = 422, description = "`invalid-report`: values that can't be, a time over a day ago or over an hour \
            ahead. `outside-city`: over 20 km from the city."),
        (status = 503, description = "`kafka-unavailable`: not acknowledged; send the same again."),
    ))]
pub(crate) async fn report(
    State(state): State<AppState>,
    caller: Caller,
    Id(driver): Id<DriverId>,
    JsonBody(Reports(reports)): JsonBody<Reports>,
) -> Result<(StatusCode, Json<Accepted>), Problem> {
    let span = Span::at(RealMs(state.now_ms()), &state.view.clock());
    let records = checked(driver, &reports, span, &state.city)?;
    let accepted = records.len();
    write(state.log.as_ref(), caller, records.iter().map(Contract::to_record)).await?;
    Ok((StatusCode::ACCEPTED, Json(Accepted { accepted })))
}

/// All reports as they are written, if all of them can be.
fn checked(
    driver: DriverId,
    reports: &[Report],
    span: Span,
    city: &CityMap,
) -> Result<Vec<LocationReport>, Problem> {
    let mut records = Vec::with_capacity(reports.len());
    let (mut errors, mut is_only_outside) = (Vec::new(), true);
    for (index, report) in reports.iter().enumerate() {
        match report.record(driver, span) {
            Ok(record) if city.reaches(record.position()) => records.push(record),
            Ok(_) => errors.push(at(index, "lat", "over 20 km from the city")),
            Err((field, detail)) => {
                is_only_outside = false;
                errors.push(at(index, field, detail));
            }
        }
        if errors.len() == MOST_ERRORS {
            break;
        }
    }
    if errors.is_empty() {
        return Ok(records);
    }
    let kind = if is_only_outside { &kinds::OUTSIDE_CITY } else { &kinds::INVALID_REPORT };
    Err(Problem::of_fields(kind, errors))
}

fn at(index: usize, field: &str, detail: impl Into<String>) -> FieldError {
    FieldError { index: Some(index), field: field.to_owned(), detail: detail.into() }
}

impl Span {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "some seconds, sped up")]
    fn at(now: RealMs, clock: &CityClock) -> Self {
        let on_the_way_ms = (ON_THE_WAY_MS as f64 * clock.speed()).min(MAX_AGE_MS as f64) as i64;
        let now = clock.city_at(now);
        Self { now, earliest: now.plus_ms(on_the_way_ms - MAX_AGE_MS), latest: now.plus_ms(MAX_AHEAD_MS) }
    }
}

impl Report {
    /// The report as it is written, or the field that is wrong and why.
    #[expect(clippy::cast_possible_truncation, reason = "a speed needs no more than seven digits")]
    fn record(&self, driver: DriverId, span: Span) -> Result<LocationReport, (&'static str, String)> {
        let position = LatLng::new(self.lat, self.lon);
        let position = position.map_err(|error| ("lat", error.to_string()))?.rounded();
        let at = self.at_ms.map_or(span.now, CityMs);
        if at < span.earliest {
            return Err(("at_ms", "over a day ago in the city's time".to_owned()));
        }
        if at > span.latest {
            return Err(("at_ms", "over an hour ahead of the city's time".to_owned()));
        }
        let speed = self.speed.unwrap_or(0.0);
        if !(0.0..=100.0).contains(&speed) {
            return Err(("speed", format!("{speed} is not within 0..=100 metres per second")));
        }
        let heading = self.heading.unwrap_or(0);
        if heading >= 360 {
            return Err(("heading", format!("{heading} is not below 360")));
        }
        let trip = self.trip.as_deref().map(|text| trip_id(text).ok_or("this is no id of a trip"));
        let trip = trip.transpose().map_err(|detail| ("trip", detail.to_owned()))?;
        let (lat, lon, odometer_m) = (position.lat, position.lon, self.odometer_m);
        let record = LocationReport { driver, at, lat, lon, heading, speed: speed as f32, trip, odometer_m };
        record.check().map_err(|invalid| ("", invalid.to_string()))?;
        Ok(record)
    }
}

impl<'de> Deserialize<'de> for Reports {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Reports;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a report or a list of 1 to {MOST} reports")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Reports, A::Error> {
                Report::deserialize(MapAccessDeserializer::new(map)).map(|report| Reports(vec![report]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Reports, A::Error> {
                let reports = Vec::<Object<Report>>::deserialize(SeqAccessDeserializer::new(list))?;
                if !(1..=MOST).contains(&reports.len()) {
                    return Err(serde::de::Error::invalid_length(reports.len(), &self));
                }
                Ok(Reports(reports.into_iter().map(|Object(report)| report).collect()))
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

impl PartialSchema for Reports {
    fn schema() -> RefOr<Schema> {
        let one = Ref::from_schema_name(Report::name());
        let many = ArrayBuilder::new().items(one.clone()).min_items(Some(1)).max_items(Some(MOST));
        let description = "One report, or up to 1,000 in the order in which they were measured.";
        OneOfBuilder::new().item(one).item(many).description(Some(description)).into()
    }
}

impl ToSchema for Reports {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("LocationReports")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Report::name().into_owned(), Report::schema()));
        Report::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use roads::{CityOptions, RoadNetwork};
    use testkit::town;

    use super::*;

    const NOW: RealMs = RealMs(town::START_MS);

    fn good(city: &CityMap) -> Report {
        let LatLng { lat, lon } = city.network.bounding_box().centre();
        Report { lat, lon, ..Report::default() }
    }

    #[test]
    fn a_report_that_can_not_be_is_told_by_index_and_field_and_none_is_taken() {
        let city = CityMap::new(RoadNetwork::generate(1, &CityOptions::default()));
        let good = good(&city);
        let span = Span::at(NOW, &CityClock::REAL);
        let broken = |change: fn(&mut Report)| {
            let mut report = good.clone();
            change(&mut report);
            report
        };
        for (report, field) in [
            (broken(|report| report.lat = 91.0), "lat"),
            (broken(|report| report.lon = f64::NAN), "lat"),
            (broken(|report| report.heading = Some(360)), "heading"),
            (broken(|report| report.speed = Some(-0.1)), "speed"),
            (broken(|report| report.speed = Some(f64::NAN)), "speed"),
            (broken(|report| report.speed = Some(1e39)), "speed"),
            (broken(|report| report.at_ms = Some(NOW.0 - MAX_AGE_MS + ON_THE_WAY_MS - 1)), "at_ms"),
            (broken(|report| report.at_ms = Some(NOW.0 + MAX_AHEAD_MS + 1)), "at_ms"),
            (broken(|report| report.at_ms = Some(i64::MIN)), "at_ms"),
            (broken(|report| report.at_ms = Some(i64::MAX)), "at_ms"),
            (broken(|report| report.trip = Some("x".to_owned())), "trip"),
        ] {
            let problem = checked(town::DRIVER, &[good.clone(), report], span, &city).unwrap_err();
            assert_eq!(problem.kind.slug, "invalid-report");
            let told = format!("{problem:?}");
            assert!(told.contains(&format!("index: Some(1), field: {field:?}")), "{told}");
        }
        let outside = broken(|report| report.lat += 1.0);
        let problem = checked(town::DRIVER, &[outside], span, &city).unwrap_err();
        assert_eq!(problem.kind.slug, "outside-city");
        assert_eq!(checked(town::DRIVER, &[good.clone(), good], span, &city).unwrap().len(), 2);
    }

    #[test]
    fn the_oldest_report_that_is_taken_is_still_taken_by_consumers() {
        let clock = CityClock::new(NOW, CityMs(0), 60.0);
        let span = Span::at(NOW, &clock);
        let later = clock.city_at(NOW.plus_ms(ON_THE_WAY_MS));
        assert!(later.since(span.earliest) <= MAX_AGE_MS);
    }

    #[test]
    fn one_or_many_are_read_but_not_none_and_not_too_many() {
        let one = r#"{"lat":1,"lon":2}"#;
        let many = |count: usize| format!("[{}]", vec![one; count].join(","));
        let read = |text: &str| serde_json::from_str::<Reports>(text).map(|reports| reports.0.len());
        assert_eq!(read(one).unwrap(), 1);
        assert_eq!(read(&many(1)).unwrap(), 1);
        assert_eq!(read(&many(MOST)).unwrap(), MOST);
        for text in [
            many(0),
            many(MOST + 1),
            "7".to_owned(),
            "null".to_owned(),
            r#"[{"lat":1}]"#.to_owned(),
            "[[0,1,2]]".to_owned(),
        ] {
            assert!(read(&text).is_err(), "{:.40}", text);
        }
    }
}
