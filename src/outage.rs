//! What is tried again and again and may fail many times in a row: told are the first failure, and that it works again.

/// Whether something fails.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outage {
    lasts: bool,
}

/// What is worth telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Turn<E> {
    /// It failed after it had worked.
    Failed(E),
    /// It works after it had failed.
    Recovered,
}

impl Outage {
    /// Takes in how an attempt went.
    pub(crate) fn observe<E>(&mut self, failure: Option<E>) -> Option<Turn<E>> {
        let lasted = std::mem::replace(&mut self.lasts, failure.is_some());
        match failure {
            Some(failure) => (!lasted).then_some(Turn::Failed(failure)),
            None => lasted.then_some(Turn::Recovered),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_of_a_row_and_its_end_are_told() {
        let mut outage = Outage::default();
        let attempts = [None, Some(1), Some(2), None, None, Some(3)];
        let told: Vec<_> = attempts.into_iter().map(|a| outage.observe(a)).collect();
        let (first, again) = (Some(Turn::Failed(1)), Some(Turn::Failed(3)));
        assert_eq!(
            told,
            [None, first, None, Some(Turn::Recovered), None, again]
        );
    }
}
