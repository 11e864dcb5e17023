//! Where what is found is written: standard output, in order of time.

use std::io::{BufWriter, ErrorKind, IsTerminal, Stdout, Write};

use anyhow::Context;

use super::entry::{Entry, Medium};

/// Standard output.
pub(super) struct Paper {
    out: BufWriter<Stdout>,
    style: Style,
}

enum Style {
    Json,
    Readable(Medium),
}

impl Paper {
    pub(super) fn new(json: bool) -> Self {
        let out = std::io::stdout();
        let medium = if out.is_terminal() { Medium::Terminal } else { Medium::File };
        let style = if json { Style::Json } else { Style::Readable(medium) };
        Self { out: BufWriter::new(out), style }
    }

    /// Writes entries in order of time, and takes them away; `false` if nobody reads any more (`| head`).
    pub(super) fn print(&mut self, entries: &mut Vec<Entry>) -> anyhow::Result<bool> {
        entries.sort_by_key(|entry| (entry.at_us, entry.partition, entry.offset));
        match self.write(entries.drain(..)) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
            written => written.map(|()| true).context("failed to write to standard output"),
        }
    }

    fn write(&mut self, entries: impl Iterator<Item = Entry>) -> std::io::Result<()> {
        for entry in entries {
            let text = match self.style {
                Style::Json => entry.json(),
                Style::Readable(medium) => entry.readable(medium),
            };
            writeln!(self.out, "{text}")?;
        }
        self.out.flush()
    }
}
