//! Words as Lucene's standard tokenizer finds them: Unicode's word boundaries, and which of the pieces are words.
//!
//! The boundaries come from `unicode-segmentation`. Two things differ: Lucene keeps `a:b` together (later Unicode
//! versions do not), and it keeps a run of a South East Asian script together.

use unicode_segmentation::UnicodeSegmentation;

/// What a character is in a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// A letter of a script that is written with spaces.
    Letter,
    /// A decimal digit.
    Digit,
    /// A character of a run, such as Katakana.
    Katakana,
    /// A character that is a word by itself, such as an ideograph or Hiragana.
    Alone,
    /// A letter of a script that is written without spaces, such as Thai.
    Run,
    /// Anything else.
    Other,
}

/// Calls `word` with the start and end of each word of a text.
pub(super) fn words(text: &str, word: &mut dyn FnMut(usize, usize)) {
    let mut pieces = text.split_word_bound_indices().peekable();
    while let Some((start, piece)) = pieces.next() {
        let mut end = start + piece.len();
        match class_of(piece) {
            Class::Run => {
                while let Some((_, next)) = pieces.next_if(|(_, next)| class_of(next) == Class::Run) {
                    end += next.len();
                }
            }
            Class::Letter | Class::Digit => {
                // A colon between letters: the piece behind it belongs to the word, and may end before a colon again.
                while text[..end].chars().next_back().is_some_and(|c| class(c) == Class::Letter) {
                    let mut ahead = pieces.clone();
                    let colon = ahead.next().filter(|(_, p)| matches!(*p, ":" | "\u{fe13}" | "\u{fe55}" | "\u{ff1a}"));
                    let next =
                        ahead.next().filter(|(_, p)| p.chars().next().is_some_and(|c| class(c) == Class::Letter));
                    let (Some(_), Some((at, next))) = (colon, next) else { break };
                    end = at + next.len();
                    pieces = ahead;
                }
            }
            Class::Katakana | Class::Alone => {}
            Class::Other if is_emoji(piece) => {}
            Class::Other => continue,
        }
        word(start, end);
    }
}

/// What a piece is: what its first character is that is anything (`_` before a word is nothing).
fn class_of(piece: &str) -> Class {
    piece.chars().map(class).find(|c| *c != Class::Other).unwrap_or(Class::Other)
}

fn class(c: char) -> Class {
    match c {
        'a'..='z' | 'A'..='Z' => Class::Letter,
        '0'..='9' => Class::Digit,
        '\0'..='\u{7f}' => Class::Other,
        // Thai, Lao, Myanmar, Khmer, Tai Le, New Tai Lue, Tai Tham, Myanmar extended, Tai Viet, Ahom.
        '\u{e01}'..='\u{e3a}'
        | '\u{e40}'..='\u{e4e}'
        | '\u{e81}'..='\u{ecd}'
        | '\u{edc}'..='\u{edf}'
        | '\u{1000}'..='\u{103f}'
        | '\u{1050}'..='\u{108f}'
        | '\u{109a}'..='\u{109f}'
        | '\u{1780}'..='\u{17d3}'
        | '\u{17d7}'
        | '\u{17dc}'
        | '\u{17dd}'
        | '\u{1950}'..='\u{1974}'
        | '\u{1980}'..='\u{19c9}'
        | '\u{1a20}'..='\u{1a7c}'
        | '\u{aa60}'..='\u{aa7f}'
        | '\u{a9e0}'..='\u{a9ef}'
        | '\u{a9fa}'..='\u{a9fe}'
        | '\u{aa80}'..='\u{aadf}'
        | '\u{11700}'..='\u{1172b}' => Class::Run,
        // Hiragana.
        '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{309f}' | '\u{1b001}'..='\u{1b11f}' | '\u{1f200}' => Class::Alone,
        '\u{3031}'..='\u{3035}'
        | '\u{309b}'
        | '\u{309c}'
        | '\u{30a0}'..='\u{30fa}'
        | '\u{30fc}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{32d0}'..='\u{32fe}'
        | '\u{3300}'..='\u{3357}'
        | '\u{ff66}'..='\u{ff9d}'
        | '\u{1b000}' => Class::Katakana,
        // Han.
        '\u{2e80}'..='\u{2fd5}'
        | '\u{3007}'
        | '\u{3021}'..='\u{3029}'
        | '\u{3038}'..='\u{303a}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{fad9}'
        | '\u{20000}'..='\u{323af}' => Class::Alone,
        c if c.is_alphabetic() => Class::Letter,
        c if c.is_numeric() && is_decimal(c) => Class::Digit,
        _ => Class::Other,
    }
}

/// Whether a number sign is a decimal digit: no boundary is between those.
fn is_decimal(c: char) -> bool {
    has_no_boundary('1', c)
}

/// Whether a piece without letters is a word: a pictograph, a flag, a keycap.
fn is_emoji(piece: &str) -> bool {
    let mut chars = piece.chars();
    let Some(first) = chars.next() else { return false };
    let is_flag = |c: char| ('\u{1f1e6}'..='\u{1f1ff}').contains(&c);
    if is_flag(first) {
        return chars.next().is_some_and(is_flag);
    }
    match first {
        '#' | '*' => piece.ends_with('\u{20e3}'),
        // No boundary is between a joiner and a pictograph.
        _ => !first.is_ascii() && has_no_boundary('\u{200d}', first),
    }
}

fn has_no_boundary(before: char, c: char) -> bool {
    let mut buffer = [0; 8];
    let length = before.encode_utf8(&mut buffer).len();
    let length = length + c.encode_utf8(&mut buffer[length..]).len();
    std::str::from_utf8(&buffer[..length]).is_ok_and(|pair| pair.split_word_bounds().nth(1).is_none())
}
