//! Drawings as SVG: lines over a logarithmic plane, and bars of parts that add up.

use std::fmt::Debug;
use std::ops::Range;

use anyhow::{Context, anyhow, ensure};
use plotters::prelude::*;

/// Width and height, pixels.
const SIZE: (u32, u32) = (760, 420);

/// Height of a bar with its name above it, and of what is around all bars, pixels.
const BAR: u32 = 46;
const AROUND_BARS: u32 = 96;

const FONT: &str = "sans-serif";

/// Told apart in grey too (Okabe and Ito 2008, "Color Universal Design"), and grey itself.
const COLOURS: [RGBColor; 9] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
    RGBColor(240, 228, 66),
    RGBColor(128, 128, 128),
];

/// Lines over a plane, both of whose axes are logarithmic.
pub(crate) struct Lines {
    pub(crate) title: &'static str,
    pub(crate) x: &'static str,
    pub(crate) y: &'static str,
    /// Name and points of each; points that are not above 0 are left out.
    pub(crate) lines: Vec<(&'static str, Vec<(f64, f64)>)>,
}

/// Bars, each of parts that add up.
pub(crate) struct Bars {
    pub(crate) title: &'static str,
    pub(crate) unit: &'static str,
    /// Names of the parts, the same for all bars.
    pub(crate) parts: Vec<&'static str>,
    /// Name and parts of each.
    pub(crate) bars: Vec<(String, Vec<f64>)>,
}

impl Lines {
    /// As SVG.
    ///
    /// # Errors
    /// If there is no point to draw.
    pub(crate) fn svg(&self) -> anyhow::Result<String> {
        let drawable = |(x, y): &&(f64, f64)| *x > 0.0 && *y > 0.0;
        let points = || self.lines.iter().flat_map(|(_, points)| points).filter(drawable);
        let (x, y) = (decades(points().map(|point| point.0))?, decades(points().map(|point| point.1))?);
        let mut svg = String::new();
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        drawn(root.fill(&WHITE))?;
        let mut builder = ChartBuilder::on(&root);
        builder
            .caption(self.title, (FONT, 18))
            .margin(14)
            .margin_right(40)
            .x_label_area_size(44)
            .y_label_area_size(64);
        let mut chart = drawn(builder.build_cartesian_2d(x.log_scale(), y.log_scale()))?;
        let mut mesh = chart.configure_mesh();
        mesh.x_desc(self.x).y_desc(self.y).label_style((FONT, 13)).axis_desc_style((FONT, 14));
        mesh.x_label_formatter(&short).y_label_formatter(&short);
        drawn(mesh.light_line_style(BLACK.mix(0.05)).bold_line_style(BLACK.mix(0.15)).draw())?;
        for ((name, points), colour) in self.lines.iter().zip(COLOURS.iter().cycle()) {
            let points: Vec<(f64, f64)> = points.iter().filter(drawable).copied().collect();
            let line = drawn(chart.draw_series(LineSeries::new(points.clone(), colour.stroke_width(2))))?;
            line.label(*name).legend(|(x, y)| Rectangle::new([(x, y - 4), (x + 14, y + 4)], colour.filled()));
            drawn(chart.draw_series(points.iter().map(|point| Circle::new(*point, 3, colour.filled()))))?;
        }
        let mut legend = chart.configure_series_labels();
        legend.position(SeriesLabelPosition::UpperLeft).label_font((FONT, 13));
        drawn(legend.background_style(WHITE.mix(0.8)).border_style(BLACK.mix(0.2)).draw())?;
        drop(chart);
        drawn(root.present())?;
        drop(root);
        Ok(svg)
    }
}

impl Bars {
    /// As SVG.
    ///
    /// # Errors
    /// If there is no bar to draw.
    pub(crate) fn svg(&self) -> anyhow::Result<String> {
        let longest = self.bars.iter().map(|(_, parts)| parts.iter().sum::<f64>()).fold(0.0, f64::max);
        ensure!(longest > 0.0, "there is nothing to draw");
        let height = BAR * u32::try_from(self.bars.len())? + AROUND_BARS;
        let mut svg = String::new();
        let root = SVGBackend::with_string(&mut svg, (SIZE.0, height)).into_drawing_area();
        drawn(root.fill(&WHITE))?;
        let mut builder = ChartBuilder::on(&root);
        builder.caption(self.title, (FONT, 18)).margin(14).x_label_area_size(40);
        // From above: the first bar is the topmost.
        let (x, y) = (0.0..longest * 1.02, self.bars.len() as f64..0.0);
        let mut chart = drawn(builder.build_cartesian_2d(x, y))?;
        let mut mesh = chart.configure_mesh();
        mesh.disable_y_mesh().disable_y_axis().x_desc(self.unit).label_style((FONT, 13));
        drawn(mesh.light_line_style(BLACK.mix(0.05)).bold_line_style(BLACK.mix(0.15)).draw())?;
        for (place, part) in self.parts.iter().enumerate() {
            let colour = COLOURS[place % COLOURS.len()];
            let bars = self.bars.iter().enumerate().map(|(row, (_, parts))| {
                let from: f64 = parts.iter().take(place).sum();
                let to = from + parts.get(place).copied().unwrap_or(0.0);
                Rectangle::new([(from, row as f64 + 0.45), (to, row as f64 + 0.95)], colour.filled())
            });
            let bars = drawn(chart.draw_series(bars))?;
            bars.label(*part)
                .legend(move |(x, y)| Rectangle::new([(x, y - 4), (x + 14, y + 4)], colour.filled()));
        }
        let names = self.bars.iter().enumerate();
        let names =
            names.map(|(row, (name, _))| Text::new(name.clone(), (0.0, row as f64 + 0.08), (FONT, 13)));
        drawn(chart.draw_series(names))?;
        let mut legend = chart.configure_series_labels();
        legend.position(SeriesLabelPosition::LowerRight).label_font((FONT, 13));
        drawn(legend.background_style(WHITE.mix(0.8)).border_style(BLACK.mix(0.2)).draw())?;
        drop(chart);
        drawn(root.present())?;
        drop(root);
        Ok(svg)
    }
}

/// A label that leaves room for the next one: `0.1`, `500`, `20k`, `1M`.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as the library asks for it")]
fn short(value: &f64) -> String {
    match *value {
        millions if millions >= 1e6 => format!("{}M", millions / 1e6),
        thousands if thousands >= 1e3 => format!("{}k", thousands / 1e3),
        value => value.to_string(),
    }
}

/// From the power of ten below all values to the one above them.
fn decades(values: impl Iterator<Item = f64>) -> anyhow::Result<Range<f64>> {
    let ends = values.fold(None, |ends: Option<(f64, f64)>, value| {
        let (least, most) = ends.unwrap_or((value, value));
        Some((least.min(value), most.max(value)))
    });
    let (least, most) = ends.context("there is nothing to draw")?;
    let from = 10_f64.powf(least.log10().floor());
    Ok(from..10_f64.powf(most.log10().ceil()).max(from * 10.0))
}

/// The library's errors borrow what is drawn on.
fn drawn<T, E: Debug>(result: Result<T, E>) -> anyhow::Result<T> {
    result.map_err(|error| anyhow!("failed to draw: {error:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_drawn_between_powers_of_ten() {
        assert_eq!(decades([30.0, 2.0, 700.0].into_iter()).unwrap(), 1.0..1000.0);
        assert_eq!(decades([10.0].into_iter()).unwrap(), 10.0..100.0);
        let lines = vec![("ours", vec![(1.0, 20.0), (100.0, 3.0), (5.0, 0.0)])];
        let svg = Lines { title: "t", x: "documents", y: "µs", lines }.svg().unwrap();
        assert!(svg.starts_with("<svg") && svg.matches("<circle").count() == 2, "{svg}");
        assert!(svg.contains("documents") && svg.contains("ours"), "{svg}");
        assert!(Lines { title: "t", x: "x", y: "y", lines: vec![] }.svg().is_err());
    }

    #[test]
    fn labels_are_short() {
        assert_eq!(
            [0.1, 5.0, 500.0, 1e3, 9e4, 1e6].map(|value| short(&value)),
            ["0.1", "5", "500", "1k", "90k", "1M"]
        );
    }

    #[test]
    fn bars_are_parts_side_by_side() {
        let bars = vec![("straight".to_owned(), vec![5.0, 1.0]), ("ours".to_owned(), vec![2.0, 3.0])];
        let svg = Bars { title: "t", unit: "µs", parts: vec!["client", "Kafka"], bars }.svg().unwrap();
        assert!(svg.contains("straight") && svg.contains("Kafka"), "{svg}");
        assert!(Bars { title: "t", unit: "µs", parts: vec![], bars: vec![] }.svg().is_err());
    }
}
