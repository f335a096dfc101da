//! What a running search shows of itself: the moment that its pictures are drawn from.

use std::io;
use std::time::Duration;

use super::exports;
use super::records::Records;
use super::survey::Moment;
use crate::app::event_loop::Search;
use crate::app::search_state::Control;
use crate::exit::Ending;
use crate::report::progress::Progress;
use crate::session::active::Live;
use crate::status::Standing;

impl Search {
    /// Shows itself where others look, who find a first picture there.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(super) fn showing(mut self, exports: exports::Opened) -> io::Result<Self> {
        self.show(self.clock.now());
        self.outside.start(exports)?;
        Ok(self)
    }

    /// Shows others where the search stands.
    pub(super) fn show(&mut self, now: Duration) {
        self.outside
            .tick(&moment(&self.control, &self.records, &self.progress, now));
    }

    /// Where the search stands now.
    pub(super) fn standing(&mut self, now: Duration) -> Standing {
        let moment = moment(&self.control, &self.records, &self.progress, now);
        self.outside.draw(&moment)
    }

    /// Shows others that it has ended, after its last count.
    pub(super) fn show_end(&mut self, ending: Ending) {
        let now = self.clock.now();
        self.progress = self
            .control
            .progress(now, self.clock.wall(), self.shared.tested());
        self.outside.end(
            &moment(&self.control, &self.records, &self.progress, now),
            ending,
        );
    }
}

fn moment<'a>(
    control: &Control,
    records: &'a Records,
    progress: &'a Progress,
    now: Duration,
) -> Moment<'a> {
    let session = records.session();
    Moment {
        now,
        progress,
        session: session.map(|session| session.name().as_str()),
        checkpoint: session.and_then(Live::written),
        stops: control.should_stop(),
    }
}
