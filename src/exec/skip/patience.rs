//! When fine zones are judged: as long as it is not in vain.

/// Whether fine zones are judged: where nothing was skipped several times, only now and then.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Patience {
    /// How many judged windows in a row have been visited as a whole.
    in_vain: u32,
    /// How many windows are visited as a whole without being judged.
    unjudged: u32,
}

impl Patience {
    /// How many windows in a row may be judged in vain.
    const LIMIT: u32 = 4;
    /// So many windows are not judged then, twice as many each time, but no more than this.
    const MOST: u32 = 64;

    /// Whether the next window is judged.
    pub(crate) fn judges(&mut self) -> bool {
        let judges = self.unjudged == 0;
        self.unjudged = self.unjudged.saturating_sub(1);
        judges
    }

    /// Whether the last judgement was not in vain: then several windows may be judged ahead.
    pub(super) fn is_full(&self) -> bool {
        self.in_vain == 0
    }

    /// A window was judged.
    pub(crate) fn learn(&mut self, skipped: bool) {
        self.in_vain = if skipped { 0 } else { self.in_vain + 1 };
        if self.in_vain >= Self::LIMIT {
            self.unjudged = (1 << (self.in_vain - Self::LIMIT + 2).min(16)).min(Self::MOST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_ends_and_comes_back() {
        let mut patience = Patience::default();
        let mut judged = 0;
        for _ in 0..1000 {
            if patience.judges() {
                judged += 1;
                patience.learn(false);
            }
        }
        assert!((8..40).contains(&judged), "{judged}");
        while !patience.judges() {}
        patience.learn(true);
        assert!(patience.judges() && patience.judges());
    }
}
