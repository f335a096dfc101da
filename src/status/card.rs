//! How a card of a search is, for people and for scripts.

use meshcore_keygen_gpu::CardReadings;
use serde::{Deserialize, Serialize};

use crate::text::number::{percent, rate};

/// A card and what it did since the process began.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct CardStatus {
    /// The number of its worker, from 1.
    pub worker: usize,
    /// The device, such as "gpu:0".
    pub device: String,
    /// Its name, as its driver has it.
    pub name: String,
    /// The state of its worker, as the supervisor names it, once known.
    pub state: Option<String>,
    /// Candidates a second: lately while the search runs, of all its work once that has ended.
    pub rate: Option<f64>,
    /// Candidates that it tested.
    pub candidates: u64,
    /// Their share of what all workers tested.
    pub share: Option<f64>,
    /// What its sensors read, once they were.
    pub readings: Option<CardReadings>,
}

impl CardStatus {
    /// For people: "gpu:0 NVIDIA H200 (worker 3): healthy, 28.1 billion/s, 98.2 % of the candidates, 57 °C".
    pub(crate) fn text(&self) -> String {
        let known = [
            self.state.clone(),
            self.rate.map(rate),
            (self.share).map(|share| format!("{} of the candidates", percent(share))),
            // Why nothing can be read is said by keygen doctor.
            (self.readings.as_ref())
                .filter(|readings| readings.unreadable.is_none())
                .map(CardReadings::text),
        ];
        let known: Vec<_> = known.into_iter().flatten().collect();
        format!(
            "{} {} (worker {}): {}",
            self.device,
            self.name,
            self.worker,
            known.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_told_in_one_line_of_what_is_known() {
        let card = CardStatus {
            worker: 3,
            device: "gpu:0".to_owned(),
            name: "NVIDIA H200".to_owned(),
            state: Some("healthy".to_owned()),
            rate: Some(28.1e9),
            candidates: 982,
            share: Some(0.982),
            readings: Some(CardReadings {
                celsius: Some(57.0),
                watts: Some(513.0),
                ..CardReadings::default()
            }),
        };
        assert_eq!(
            card.text(),
            "gpu:0 NVIDIA H200 (worker 3): healthy, 28.1 billion/s, 98 % of the candidates, 57 °C, 513 W"
        );
        let unread = CardStatus {
            rate: None,
            readings: Some(CardReadings::unreadable(
                "gpu:0".to_owned(),
                "no library".to_owned(),
            )),
            ..card
        };
        assert_eq!(
            unread.text(),
            "gpu:0 NVIDIA H200 (worker 3): healthy, 98 % of the candidates"
        );
    }

    #[test]
    fn what_one_process_answers_another_one_reads() {
        let card = CardStatus {
            worker: 2,
            readings: Some(CardReadings {
                celsius: Some(57.0),
                throttled: Some(Vec::new()),
                ..CardReadings::default()
            }),
            ..CardStatus::default()
        };
        let text = serde_json::to_string(&card).unwrap();
        assert_eq!(serde_json::from_str::<CardStatus>(&text).unwrap(), card);
    }
}
