//! Which variants' stock changed since it was last announced. Kept in memory, so that the hot path writes nothing for
//! it; what a crash forgets, the look at everything (at start and once a minute) finds.

use contracts::VariantId;
use std::{
    collections::BTreeSet,
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Another instance may have died with marks of its own: everything is looked at once per this long.
const EVERYTHING_EVERY: Duration = Duration::from_secs(60);

#[derive(Clone)]
pub(crate) struct StockWatch(Arc<Mutex<Marks>>);

struct Marks {
    changed: BTreeSet<VariantId>,
    everything_at: Option<Instant>,
}

/// What is to be looked at.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Watched {
    Everything,
    Variants(Vec<VariantId>),
}

impl StockWatch {
    /// Whose first look is at everything.
    pub(crate) fn everything() -> Self {
        Self(Arc::new(Mutex::new(Marks { changed: BTreeSet::new(), everything_at: None })))
    }

    /// To be called after the change is committed: an earlier look would find nothing and forget.
    pub(crate) fn mark(&self, variants: impl IntoIterator<Item = VariantId>) {
        self.marks(|marks| marks.changed.extend(variants));
    }

    /// Takes the marks away. Who cannot act on them gives them back with [`Self::mark`] or [`Self::mark_everything`].
    pub(crate) fn take(&self) -> Watched {
        self.marks(|marks| {
            let changed = mem::take(&mut marks.changed);
            if marks.everything_at.is_some_and(|at| at.elapsed() < EVERYTHING_EVERY) {
                return Watched::Variants(changed.into_iter().collect());
            }
            marks.everything_at = Some(Instant::now());
            Watched::Everything
        })
    }

    pub(crate) fn mark_everything(&self) {
        self.marks(|marks| marks.everything_at = None);
    }

    fn marks<T>(&self, change: impl FnOnce(&mut Marks) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::{StockWatch, Watched};
    use contracts::VariantId;
    use uuid::Uuid;

    #[test]
    fn the_first_look_is_at_everything_and_later_ones_at_what_was_marked_once() {
        let watch = StockWatch::everything();
        let variant: VariantId = Uuid::from_u128(7).into();
        watch.mark([variant]);
        assert_eq!(watch.take(), Watched::Everything);
        watch.mark([variant, variant]);
        assert_eq!(watch.take(), Watched::Variants(vec![variant]));
        assert_eq!(watch.take(), Watched::Variants(vec![]));
        watch.mark_everything();
        assert_eq!(watch.take(), Watched::Everything);
    }
}
