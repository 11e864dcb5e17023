//! Tables of a saved run in Markdown pages, between `<!-- bench:NAME -->` and `<!-- /bench -->`.
//!
//! NAME is a scenario, or `conditions` for the machine and the servers. Each region says which saved run it shows, so
//! that a test can tell whether it still shows it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::plots;
use crate::repository::Repository;
use crate::saved::{Conditions, SavedRun};
use crate::table;

/// The pages that may have regions.
const PAGES: [&str; 2] = ["README.md", "docs/bench.md"];

/// Where drawings lie.
const PLOTS: &str = "docs/plots";

const OPEN: &str = "<!-- bench:";
const OPEN_END: &str = " -->";
const CLOSE: &str = "<!-- /bench -->";

/// Before the name of the saved run in a region.
const SOURCE: &str = "Measured on ";

/// A region of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// What is shown.
    pub name: String,
    /// What stands between the markers.
    pub text: String,
    start: usize,
    end: usize,
}

impl Region {
    /// The file name of the saved run that it shows; none if it is empty.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        let line = self.text.lines().find(|line| line.starts_with(SOURCE))?;
        line.rsplit_once("bench/results/").and_then(|(_, rest)| rest.split_once('`')).map(|(name, _)| name)
    }
}

/// The regions of a page, in order.
///
/// # Errors
/// If one is not closed.
pub fn regions(page: &str) -> anyhow::Result<Vec<Region>> {
    let mut regions = Vec::new();
    let mut from = 0;
    while let Some(found) = page[from..].find(OPEN) {
        let name_start = from + found + OPEN.len();
        let rest = &page[name_start..];
        let name_end = rest.find(OPEN_END).context("a bench marker does not end on its line")?;
        let name = rest[..name_end].to_owned();
        let start = name_start + name_end + OPEN_END.len();
        let length =
            page[start..].find(CLOSE).with_context(|| format!("the marker bench:{name} is not closed"))?;
        let end = start + length;
        regions.push(Region { name, text: page[start..end].to_owned(), start, end });
        from = end + CLOSE.len();
    }
    Ok(regions)
}

/// What a region of that name holds for a saved run; `file` is the name of its file.
///
/// # Errors
/// If there is nothing of that name in the run.
pub fn region(name: &str, file: &str, run: &SavedRun) -> anyhow::Result<String> {
    let body = if name == "conditions" { conditions(run) } else { tables(name, run)? };
    Ok(format!("\n{body}\n{}{}\n", source(file, run), repetitions(name, run)))
}

/// When, of what and on what was measured: regions of a page may be of different runs.
fn source(file: &str, run: &SavedRun) -> String {
    let Conditions { started, commit, dirty, machine, servers, .. } = &run.conditions;
    let day = started.get(..10).unwrap_or_default();
    let dirty = if *dirty { ", with changes on top" } else { "" };
    let (cpu, cores, kafka) = (&machine.cpu, machine.cores, &servers.kafka);
    format!(
        "{SOURCE}{day} at commit {commit}{dirty}, on {cores} cores of {cpu} and with Kafka {kafka}; every repetition is in `bench/results/{file}`."
    )
}

/// How often was measured, where it is not as often as the run says.
fn repetitions(name: &str, run: &SavedRun) -> String {
    let parts = run.parts.iter().filter(|part| part.scenario.name() == name);
    let mut counts: Vec<String> = parts.map(|part| part.repetitions().to_string()).collect();
    if counts.iter().all(|count| *count == run.conditions.repetitions.to_string()) {
        return String::new();
    }
    if counts.iter().all(|count| *count == counts[0]) {
        counts.truncate(1);
    }
    let by_table = if counts.len() > 1 { ", table by table" } else { "" };
    format!(" Repetitions{by_table}: {}.", counts.join(", "))
}

fn tables(name: &str, run: &SavedRun) -> anyhow::Result<String> {
    let parts = run.parts.iter().filter(|part| part.scenario.name() == name);
    let tables: Vec<String> = parts.map(table::markdown).collect();
    if tables.is_empty() {
        bail!("the saved run has no scenario {name}");
    }
    Ok(tables.join("\n"))
}

fn conditions(run: &SavedRun) -> String {
    let conditions = &run.conditions;
    let (machine, servers) = (&conditions.machine, &conditions.servers);
    let mut rows = vec![
        ("processor", format!("{}, {} cores", machine.cpu, machine.cores)),
        ("memory", format!("{} MiB", machine.memory_mib)),
        ("kernel", machine.kernel.clone()),
        (
            "Kafka, Redis, MongoDB",
            format!("{}, {}, {} ({})", servers.kafka, servers.redis, servers.mongodb, servers.mode),
        ),
        ("command", format!("`hailstorm {}`", conditions.arguments.join(" "))),
        ("repetitions", conditions.repetitions.to_string()),
    ];
    if let Some(software) = &conditions.software {
        rows.insert(4, ("other software", software.to_string()));
    }
    let rows: String = rows.iter().map(|(name, value)| format!("| {name} | {value} |\n")).collect();
    format!("| | |\n| --- | --- |\n{rows}")
}

/// The page with all its regions filled from a saved run; those of scenarios that the run has not stay as they are.
///
/// # Errors
/// If a marker is broken.
pub fn fill(page: &str, file: &str, run: &SavedRun) -> anyhow::Result<String> {
    let mut filled = String::with_capacity(page.len());
    let mut from = 0;
    for old in regions(page)? {
        filled.push_str(&page[from..old.start]);
        filled.push_str(&region(&old.name, file, run).unwrap_or_else(|_absent| old.text.clone()));
        from = old.end;
    }
    filled.push_str(&page[from..]);
    Ok(filled)
}

/// Fills the pages of a repository from the newest saved run, or from a given one, and draws what it has; returns the
/// files that changed.
///
/// # Errors
/// If there is no saved run, or a page can't be read or written.
pub fn render(repository: &Repository, from: Option<&Path>) -> anyhow::Result<Vec<PathBuf>> {
    let (path, run) = match from {
        Some(path) => (path.to_owned(), SavedRun::read(path)?),
        None => SavedRun::newest(&repository.results())?
            .context("there is no saved run in bench/results: make one with `hailstorm bench --save`")?,
    };
    let file = path.file_name().context("a saved run has a file name")?.to_string_lossy().into_owned();
    let mut changed = Vec::new();
    for (name, svg) in plots::plots(&file, &run)? {
        let path = repository.root().join(PLOTS).join(format!("{name}.svg"));
        if fs::read_to_string(&path).is_ok_and(|old| old == svg) {
            continue;
        }
        fs::create_dir_all(repository.root().join(PLOTS)).context("failed to make the folder of drawings")?;
        fs::write(&path, svg).with_context(|| format!("failed to write {}", path.display()))?;
        changed.push(path);
    }
    for page in PAGES.map(|page| repository.root().join(page)) {
        let Ok(text) = fs::read_to_string(&page) else { continue };
        let filled =
            fill(&text, &file, &run).with_context(|| format!("failed to fill {}", page.display()))?;
        if filled != text {
            fs::write(&page, filled).with_context(|| format!("failed to write {}", page.display()))?;
            changed.push(page);
        }
    }
    Ok(changed)
}

/// The regions that do not show what the saved run they name holds, as sentences.
///
/// # Errors
/// If a marker is broken or a page can't be read.
pub fn stale(repository: &Repository) -> anyhow::Result<Vec<String>> {
    let mut stale = Vec::new();
    for page in PAGES {
        let Ok(text) = fs::read_to_string(repository.root().join(page)) else { continue };
        for old in regions(&text)?.iter().filter(|old| !old.text.trim().is_empty()) {
            let Some(file) = old.source() else {
                stale.push(format!("{page}: bench:{} names no saved run", old.name));
                continue;
            };
            let expected = SavedRun::read(&repository.results().join(file))
                .and_then(|run| region(&old.name, file, &run));
            match expected {
                Ok(expected) if expected == old.text => {}
                Ok(_) => stale.push(format!(
                    "{page}: bench:{} differs from {file}: run `hailstorm bench render`",
                    old.name
                )),
                Err(error) => stale.push(format!("{page}: bench:{}: {error:#}", old.name)),
            }
        }
    }
    stale.extend(stale_plots(repository)?);
    Ok(stale)
}

/// The drawings that are not what the saved run they name makes, or that no page shows, as sentences.
fn stale_plots(repository: &Repository) -> anyhow::Result<Vec<String>> {
    let mut stale = Vec::new();
    let Ok(entries) = fs::read_dir(repository.root().join(PLOTS)) else { return Ok(stale) };
    let pages = PAGES.map(|page| fs::read_to_string(repository.root().join(page)).unwrap_or_default());
    for path in entries.flatten().map(|entry| entry.path()) {
        let svg = fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
        let drawn = plots::source(&svg).map(|file| {
            let run = SavedRun::read(&repository.results().join(file))?;
            plots::plots(file, &run)
        });
        let name = path.file_stem().unwrap_or_default();
        let shown = format!("plots/{}.svg)", name.display());
        if !pages.iter().any(|page| page.contains(&shown)) {
            stale.push(format!("{}: no page shows it", path.display()));
        }
        let is_fresh = |(other, again): &(&str, String)| name == *other && *again == svg;
        match drawn {
            Some(Ok(drawn)) if drawn.iter().any(is_fresh) => {}
            Some(Err(error)) => stale.push(format!("{}: {error:#}", path.display())),
            _ => stale.push(format!(
                "{}: differs from its saved run: run `hailstorm bench render`",
                path.display()
            )),
        }
    }
    Ok(stale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saved::tests::run;

    const PAGE: &str = "# A\n<!-- bench:produce -->\n<!-- /bench -->\ntext\n<!-- bench:conditions -->\n<!-- /bench -->\nend\n";

    #[test]
    fn regions_are_filled_and_the_rest_stays() {
        let filled = fill(PAGE, "r.json", &run("2026-11-21T08:00:00Z")).unwrap();
        assert!(filled.starts_with("# A\n<!-- bench:produce -->\n1,000 reports:\n\n| "), "{filled}");
        assert!(filled.contains("in `bench/results/r.json`.\n<!-- /bench -->\ntext\n"), "{filled}");
        assert!(
            filled.contains("| processor | Some CPU, 2 cores |")
                && filled.ends_with("<!-- /bench -->\nend\n")
        );
        assert_eq!(fill(&filled, "r.json", &run("2026-11-21T08:00:00Z")).unwrap(), filled);
        let regions = regions(&filled).unwrap();
        assert!(regions.iter().all(|region| region.source() == Some("r.json")));
    }

    #[test]
    fn a_region_says_on_what_it_was_measured_and_how_often_if_it_was_less_often() {
        let mut run = run("2026-11-21T08:00:00Z");
        let text = region("produce", "r.json", &run).unwrap();
        let said = "at commit abc1234, on 2 cores of Some CPU and with Kafka 4.3.1; every";
        assert!(text.contains(said) && !text.contains("Repetitions"), "{text}");
        run.conditions.repetitions = 5;
        assert!(region("produce", "r.json", &run).unwrap().ends_with("`. Repetitions: 2.\n"));
        let mut once = run.parts[0].clone();
        once.series.iter_mut().for_each(|series| series.repetitions.truncate(1));
        run.parts.push(once);
        let text = region("produce", "r.json", &run).unwrap();
        assert!(text.ends_with("`bench/results/r.json`. Repetitions, table by table: 2, 1.\n"), "{text}");
        assert!(region("conditions", "r.json", &run).unwrap().ends_with("r.json`.\n"));
    }

    #[test]
    fn a_scenario_that_was_not_measured_leaves_its_region_alone() {
        let page = "<!-- bench:matching -->\nold\n<!-- /bench -->";
        assert_eq!(fill(page, "r.json", &run("2026-11-21T08:00:00Z")).unwrap(), page);
        assert!(regions("<!-- bench:x -->\n").is_err());
    }

    #[test]
    fn a_region_that_was_changed_by_hand_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::at(folder.path());
        std::fs::write(folder.path().join("README.md"), PAGE).unwrap();
        assert!(render(&repository, None).is_err());
        assert_eq!(stale(&repository).unwrap(), Vec::<String>::new());
        run("2026-11-21T08:00:00Z").save(&repository.results()).unwrap();
        assert_eq!(render(&repository, None).unwrap().len(), 1);
        assert_eq!(stale(&repository).unwrap(), Vec::<String>::new());
        let page = std::fs::read_to_string(folder.path().join("README.md")).unwrap();
        std::fs::write(folder.path().join("README.md"), page.replace("245,000", "345,000")).unwrap();
        let found = stale(&repository).unwrap();
        assert!(found.len() == 1 && found[0].contains("README.md: bench:produce differs"), "{found:?}");
    }

    #[test]
    fn a_drawing_that_no_page_shows_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::at(folder.path());
        let (page, drawing) = (folder.path().join("README.md"), folder.path().join(PLOTS).join("city.svg"));
        std::fs::create_dir_all(drawing.parent().unwrap()).unwrap();
        std::fs::write(&drawing, "<svg/>").unwrap();
        for (text, complaints) in [("no drawing", 2), ("![a city](docs/plots/city.svg)", 1)] {
            std::fs::write(&page, text).unwrap();
            let found = stale(&repository).unwrap();
            assert_eq!(found.len(), complaints, "{found:?}");
            assert_eq!(found[0].ends_with("city.svg: no page shows it"), complaints == 2, "{found:?}");
        }
    }
}
