//! Hands tokens of this crate's analyzers to tantivy: packed into one text, unpacked by a tokenizer of its own.
//!
//! tantivy's form for ready-made tokens (`PreTokenizedString`) is cloned, token by token, for every writer of a segment, and
//! fixes the gap between two values at one position, which Lucene lets the mapping say.
//!
//! ```text
//! position length term, position length term, ...    as in "0 5 quick1 3 fox"
//! ```

use std::fmt::Write;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// The name under which the tokenizer is registered with tantivy.
pub(super) const PACKED: &str = "packed";

/// Packs the tokens of a field's values.
pub(super) struct Packer {
    packed: String,
    /// How many positions lie between two values.
    gap: u32,
    /// Where the positions of the next value count from.
    base: u32,
}

impl Packer {
    pub(super) fn new(gap: u32) -> Self {
        Self { packed: String::new(), gap, base: 0 }
    }

    /// Adds the tokens of a value: positions from 0, and terms.
    pub(super) fn push_value<'a>(&mut self, tokens: impl IntoIterator<Item = (u32, &'a str)>) {
        let mut end = self.base;
        for (position, term) in tokens {
            let position = self.base.saturating_add(position);
            // Writing to a string cannot fail.
            let _ = write!(self.packed, "{position} {} {term}", term.len());
            end = position.saturating_add(1);
        }
        self.base = end.saturating_add(self.gap);
    }

    /// The packed tokens.
    pub(super) fn finish(self) -> String {
        self.packed
    }
}

/// The tokenizer that unpacks.
#[derive(Clone, Default)]
pub(super) struct Unpacker {
    token: Token,
}

impl Tokenizer for Unpacker {
    type TokenStream<'a> = Unpacked<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Unpacked<'a> {
        Unpacked { rest: text, token: &mut self.token }
    }
}

/// The tokens of a packed text.
pub(super) struct Unpacked<'a> {
    rest: &'a str,
    token: &'a mut Token,
}

impl Unpacked<'_> {
    fn next(&mut self) -> Option<()> {
        let (position, rest) = self.rest.split_once(' ')?;
        let (length, rest) = rest.split_once(' ')?;
        let (term, rest) = rest.split_at_checked(length.parse().ok()?)?;
        self.token.position = position.parse().ok()?;
        self.token.text.clear();
        self.token.text.push_str(term);
        self.rest = rest;
        Some(())
    }
}

impl TokenStream for Unpacked<'_> {
    fn advance(&mut self) -> bool {
        self.next().is_some()
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_values_with_lucenes_gap() {
        let mut packer = Packer::new(100);
        packer.push_value([(0, "quick"), (2, "7 3 x")]);
        packer.push_value([]);
        packer.push_value([(0, "é"), (1, "")]);
        let packed = packer.finish();
        let mut unpacker = Unpacker::default();
        let mut stream = unpacker.token_stream(&packed);
        let mut found = Vec::new();
        while stream.advance() {
            found.push((stream.token().position, stream.token().text.clone()));
        }
        let expected = [(0, "quick"), (2, "7 3 x"), (203, "é"), (204, "")];
        assert_eq!(found, expected.map(|(position, term)| (position, term.to_owned())));
    }
}
