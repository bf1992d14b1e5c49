//! The frames between a node and a worker: a request and its answer, each of a fixed size. What has no fixed size lies in
//! the shared area.
//!
//! A worker runs code of users, which may write to the channel: an answer is taken only if every part of it is as it can be.

/// What a worker is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// To load the UDF that the area describes.
    Load = 1,
    /// To call it for the rows of the area.
    Call = 2,
    /// To say what the functions of a file take.
    Inspect = 3,
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is done.
    Done,
    /// Code of the user raised.
    Raised,
    /// There was not enough memory.
    Memory,
    /// The function gave a value that it must not give.
    Wrong,
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) outcome: Outcome,
    /// Among the rows of the request, the one that failed.
    pub(super) row: Option<u32>,
    /// How many bytes of the area belong to the answer; of strings, the bytes of their text.
    pub(super) length: u32,
}

/// The bytes of a request.
pub(super) const REQUEST: usize = 17;
/// The bytes of an answer.
pub(super) const ANSWER: usize = 21;

/// The frame of a request; its answer repeats `nonce`.
pub(super) fn request(request: Request, nonce: u64, rows: u32, length: u32) -> [u8; REQUEST] {
    let mut frame = [0; REQUEST];
    frame[0] = request as u8;
    frame[1..9].copy_from_slice(&nonce.to_ne_bytes());
    frame[9..13].copy_from_slice(&rows.to_ne_bytes());
    frame[13..].copy_from_slice(&length.to_ne_bytes());
    frame
}

/// Reads the answer to a request of so many rows, with an area of so many bytes; `None`: it is none.
pub(super) fn answer(frame: &[u8; ANSWER], nonce: u64, rows: u32, area: usize) -> Option<Answer> {
    let (kind, rest) = frame.split_first()?;
    let (echo, rest) = rest.split_first_chunk()?;
    let (row, length) = rest.split_first_chunk()?;
    let row = match i64::from_ne_bytes(*row) {
        -1 => None,
        row => Some(u32::try_from(row).ok().filter(|row| *row < rows)?),
    };
    let outcome = match kind {
        1 => Outcome::Done,
        2 => Outcome::Raised,
        3 => Outcome::Memory,
        4 => Outcome::Wrong,
        _ => return None,
    };
    let length = u32::from_ne_bytes(length.try_into().ok()?);
    let fits = length as usize <= area && u64::from_ne_bytes(*echo) == nonce;
    fits.then_some(Answer { outcome, row, length })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, nonce: u64, row: i64, length: u32) -> [u8; ANSWER] {
        let bytes = [&[kind][..], &nonce.to_ne_bytes(), &row.to_ne_bytes(), &length.to_ne_bytes()].concat();
        bytes.try_into().unwrap()
    }

    #[test]
    fn answers_are_taken_only_whole() {
        let read = |kind, nonce, row, length| answer(&frame(kind, nonce, row, length), 7, 10, 1000);
        let done = Answer { outcome: Outcome::Done, row: None, length: 1000 };
        assert_eq!(read(1, 7, -1, 1000), Some(done));
        assert_eq!(read(4, 7, 9, 0), Some(Answer { outcome: Outcome::Wrong, row: Some(9), length: 0 }));
        for (kind, nonce, row, length) in [
            (0, 7, -1, 0),
            (5, 7, -1, 0),
            (1, 8, -1, 0),
            (1, 7, 10, 0),
            (1, 7, -2, 0),
            (1, 7, i64::MAX, 0),
            (1, 7, -1, 1001),
        ] {
            assert_eq!(read(kind, nonce, row, length), None, "{kind} {nonce} {row} {length}");
        }
    }
}
