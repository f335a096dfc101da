//! Fresh starts, several made at once: what costs an inversion costs one for all of them.

use super::worker::WorkerError;
use crate::blind::{Origin, Starts};
use crate::engine::point::Point;
use crate::engine::{Backend, BasePoint, Centre, EngineError};
use crate::key::KeyError;

/// Starts that are made at once, in a tenth to half of a millisecond.
const BATCH: usize = 32;

/// Where lanes may search from, drawn and not yet used. Secret starts are wiped when this is dropped.
pub(crate) struct FreshStarts {
    /// Where nothing multiplies it right, starts are computed one by one.
    base: Option<BasePoint>,
    drawn: Vec<(Origin, Centre)>,
}

impl FreshStarts {
    /// None drawn yet, for a worker that computes on `backend`.
    pub(crate) fn new(backend: Backend) -> Self {
        let base = match backend {
            Backend::OpenCl => BasePoint::on_fastest(),
            _ => BasePoint::on(backend),
        };
        Self {
            base: base.ok(),
            drawn: Vec::new(),
        }
    }

    /// Where a lane searches from now, which no other does, and the centre of its first sweep.
    ///
    /// # Errors
    /// The operating system gives no random bytes, or the point of a start is none of the curve.
    pub(crate) fn take(
        &mut self,
        starts: &Starts,
        lane: usize,
    ) -> Result<(Origin, Centre), WorkerError> {
        while let Some(fresh) = self.drawn.pop() {
            // Others may have found all claims of a public start since it was drawn.
            if starts.has_room(&fresh.0) {
                return Ok(fresh);
            }
        }
        self.drawn = self.draw(starts, lane)?;
        let fresh = self.drawn.pop();
        Ok(fresh.ok_or(EngineError::NotAPoint { lane })?)
    }

    /// A batch of starts, of which the first one drawn is the last.
    fn draw(&self, starts: &Starts, lane: usize) -> Result<Vec<(Origin, Centre)>, WorkerError> {
        let drawn = (0..BATCH).map(|_| starts.draw());
        let origins = drawn.collect::<Result<Vec<_>, _>>()?;
        let points = match self.multiples(&origins) {
            Some(points) => points,
            None => points_of(&origins)?.ok_or(EngineError::NotAPoint { lane })?,
        };
        let centres = Centre::all(&points);
        let origins = origins.into_iter().zip(points);
        let origins = origins.map(|(origin, point)| origin.at_point(point));
        Ok(origins.zip(centres).rev().collect())
    }

    /// Where these lanes begin; nothing where one begins beyond a public start, or where what comes out is wrong.
    fn multiples(&self, origins: &[Origin]) -> Option<Vec<Point>> {
        let scalars: Option<Vec<_>> = origins.iter().map(Origin::scalar).collect();
        self.base.as_ref()?.multiples(&scalars?).ok()
    }
}

/// The same by curve25519-dalek; nothing where one is no point.
fn points_of(origins: &[Origin]) -> Result<Option<Vec<Point>>, KeyError> {
    let publics = origins.iter().map(|origin| origin.public_at(0));
    let publics = publics.collect::<Result<Vec<_>, _>>()?;
    Ok(publics.iter().map(Point::decompress).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::blind::PublicStart;
    use crate::key::Start;

    fn public(starts: &[u8]) -> Vec<PublicStart> {
        let start = |byte: &u8| PublicStart::from_bytes(Start::from_bytes(&[*byte; 32]).public());
        starts.iter().map(|byte| start(byte).unwrap()).collect()
    }

    #[test]
    fn every_lane_gets_a_start_of_its_own_with_its_centre_also_where_nothing_multiplies_right() {
        let one_by_one = FreshStarts {
            base: None,
            drawn: Vec::new(),
        };
        let starts = Starts::default();
        let mut seen = HashSet::new();
        for mut fresh in [FreshStarts::new(Backend::detect()), one_by_one] {
            for lane in 0..3 * BATCH {
                let (origin, centre) = fresh.take(&starts, lane).unwrap();
                let public = centre.point().compress();
                assert_eq!(origin.public_at(0).unwrap(), public);
                assert_eq!(origin.public_by_point(0).unwrap(), public);
                assert!(seen.insert(public));
            }
        }
    }

    #[test]
    fn a_public_start_that_lost_its_room_since_it_was_drawn_is_passed_over() {
        let list = public(&[1, 2]);
        let (starts, mut fresh) = (
            Starts::new(&list, Some(2), |_| 0),
            FreshStarts::new(Backend::detect()),
        );
        let first = |fresh: &mut FreshStarts| fresh.take(&starts, 0).unwrap().0;
        assert_eq!(first(&mut fresh).public_start(), Some(&list[0]));
        starts.count(list[1].bytes());
        let all = (0..2 * BATCH).map(|_| first(&mut fresh));
        assert!(
            all.into_iter()
                .all(|origin| origin.public_start() == Some(&list[0]))
        );
    }

    #[test]
    fn where_no_public_start_has_room_lanes_still_get_one() {
        let list = public(&[1]);
        let starts = Starts::new(&list, Some(1), |_| 1);
        assert!(FreshStarts::new(Backend::detect()).take(&starts, 0).is_ok());
    }
}
