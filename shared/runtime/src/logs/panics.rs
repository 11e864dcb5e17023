//! A panic as a line of the log, so that a log in JSON is JSON to its last line.

use std::panic::PanicHookInfo;

/// From now on a panic is a line. Who asked for backtraces gets the usual text as well.
pub(super) fn become_lines() {
    let usual = std::panic::take_hook();
    let wants_backtrace = std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0");
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(panic = text(panic), place, "a thread panicked");
        if wants_backtrace {
            usual(panic);
        }
    }));
}

fn text<'a>(panic: &'a PanicHookInfo<'_>) -> &'a str {
    let payload = panic.payload();
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text")
}
