//! Opens the city in a browser, when it is there to be opened.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::process::Command;

use super::board::Board;

/// Programs that open an address with whatever people like; the first that is there is taken.
const OPENERS: [&str; 3] = ["xdg-open", "wslview", "open"];

/// A gateway that does not listen after this long is no reason to wait longer.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(100);

/// An opener that still runs after this long has become a browser.
const OPENED: Duration = Duration::from_secs(5);

/// Opens an address once somebody listens there; if that fails, a notice says so.
pub(super) fn open(address: SocketAddr, url: String, board: Board) {
    tokio::spawn(async move {
        let listens = async {
            while TcpStream::connect(address).await.is_err() {
                tokio::time::sleep(LOOK).await;
            }
        };
        let opened = match tokio::time::timeout(LONGEST_WAIT, listens).await {
            Ok(()) => start(&OPENERS, &url).await,
            Err(_) => Err("nobody listens there".to_owned()),
        };
        if let Err(reason) = opened {
            board.notice(format!("could not open {url} in a browser: {reason}"));
        }
    });
}

/// Starts the first opener that is there.
async fn start(openers: &[&str], url: &str) -> Result<(), String> {
    for opener in openers {
        let mut command = Command::new(opener);
        command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // Ctrl-C here is not meant for the browser.
        command.process_group(0);
        let Ok(mut child) = command.spawn() else { continue };
        return match tokio::time::timeout(OPENED, child.wait()).await {
            Ok(Ok(status)) if !status.success() => Err(format!("{opener} failed ({status})")),
            Ok(Err(error)) => Err(format!("{opener} failed ({error})")),
            Ok(Ok(_)) | Err(_) => Ok(()),
        };
    }
    Err(format!("there is none of {}", openers.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_opener_that_is_there_is_taken_and_its_failure_told() {
        let url = "http://127.0.0.1:1/";
        for (openers, outcome) in [
            (&["no-such-opener", "true", "false"][..], Ok(())),
            (&["false", "true"], Err("false failed (exit status: 1)")),
            (&["no-such-opener"], Err("there is none of no-such-opener")),
        ] {
            assert_eq!(start(openers, url).await, outcome.map_err(str::to_owned), "{openers:?}");
        }
    }
}
