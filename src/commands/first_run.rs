//! What somebody reads who starts the program without any option: what it is about to do.

use super::odds::measured_rate;
use crate::config::SearchSettings;
use crate::report::Detail;
use crate::report::streams::Streams;
use crate::text::number;
use crate::text::span::seconds;

/// Whether a person is there to read it, and the search begins here.
pub(super) fn is_wanted(settings: &SearchSettings) -> bool {
    let continued = settings.session.as_ref().is_some_and(|s| s.continued);
    settings.style().terminal && settings.detail != Detail::Quiet && !continued
}

/// Says what is searched for, how long that takes on this machine, and where the key goes.
///
/// # Errors
/// The rate can't be measured.
pub(super) fn introduce(
    settings: &SearchSettings,
    streams: &mut Streams<'_>,
) -> anyhow::Result<()> {
    let (rate, _) = measured_rate(Some(&settings.wanted))?;
    lines(settings, rate)
        .iter()
        .for_each(|line| streams.say(line));
    Ok(())
}

fn lines(settings: &SearchSettings, rate: f64) -> [String; 3] {
    [
        format!(
            "Without options keygen searches for {}: the first 8 digits are the last 8, or their reverse. \
             Others: keygen --prefix F8; free IDs of your mesh: keygen ids.",
            settings.wanted.describe()
        ),
        format!(
            "That takes {} on average on this machine, at {}.",
            seconds(settings.odds().expected() / rate),
            number::rate(rate)
        ),
        format!(
            "The key goes to {}, readable only by you. Ctrl-C ends the search.",
            settings.store.folder().display()
        ),
    ]
}
