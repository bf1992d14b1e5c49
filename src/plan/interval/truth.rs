//! What is known of a boolean.

/// Whether a boolean may be false, and whether it may be true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truth {
    /// Whether it may be false.
    pub no: bool,
    /// Whether it may be true.
    pub yes: bool,
}

impl Truth {
    /// It may be either.
    pub const ANY: Self = Self { no: true, yes: true };

    /// It is known.
    pub const fn known(value: bool) -> Self {
        Self { no: !value, yes: value }
    }

    /// The value, if it is known.
    #[inline]
    pub fn as_known(self) -> Option<bool> {
        (self.no != self.yes).then_some(self.yes)
    }

    /// The least that contains both.
    #[inline]
    #[must_use]
    pub const fn join(self, other: Self) -> Self {
        Self { no: self.no | other.no, yes: self.yes | other.yes }
    }

    #[inline]
    pub(crate) const fn negated(self) -> Self {
        Self { no: self.yes, yes: self.no }
    }

    #[inline]
    pub(crate) const fn and(self, other: Self) -> Self {
        Self { no: self.no | other.no, yes: self.yes & other.yes }
    }

    #[inline]
    pub(crate) const fn or(self, other: Self) -> Self {
        Self { no: self.no & other.no, yes: self.yes | other.yes }
    }

    #[inline]
    pub(crate) const fn less(self, other: Self) -> Self {
        self.negated().and(other)
    }

    #[inline]
    pub(crate) const fn less_or_equal(self, other: Self) -> Self {
        self.negated().or(other)
    }

    #[inline]
    pub(crate) const fn equal(self, other: Self) -> Self {
        Self { no: (self.no & other.yes) | (self.yes & other.no), yes: (self.no & other.no) | (self.yes & other.yes) }
    }
}
