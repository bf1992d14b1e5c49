//! Porter's stemmer for English (1980), with the two later changes that Lucene has: `bli` becomes `ble`, `logi`
//! becomes `log`.

/// The stem of a word in lower case.
pub(super) fn stem(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() <= 2 {
        return word.to_owned();
    }
    let mut stem = Stem(letters);
    stem.plurals_and_participles();
    stem.final_y();
    stem.replace_longest(DOUBLE_SUFFIXES);
    stem.replace_longest(FULL_AND_NESS);
    stem.drop_suffix();
    stem.final_e_and_double_l();
    stem.0.into_iter().collect()
}

/// Suffixes and what they become behind a stem that has a vowel followed by a consonant.
type Rules = &'static [(&'static str, &'static str)];

const DOUBLE_SUFFIXES: Rules = &[
    ("ational", "ate"),
    ("tional", "tion"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("izer", "ize"),
    ("bli", "ble"),
    ("alli", "al"),
    ("entli", "ent"),
    ("eli", "e"),
    ("ousli", "ous"),
    ("ization", "ize"),
    ("ation", "ate"),
    ("ator", "ate"),
    ("alism", "al"),
    ("iveness", "ive"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("aliti", "al"),
    ("iviti", "ive"),
    ("biliti", "ble"),
    ("logi", "log"),
];

const FULL_AND_NESS: Rules =
    &[("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", "")];

const DROPPED: &[&str] = &[
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti",
    "ous", "ive", "ize",
];

struct Stem(Vec<char>);

impl Stem {
    fn is_consonant(&self, i: usize) -> bool {
        match self.0[i] {
            'a' | 'e' | 'i' | 'o' | 'u' => false,
            'y' => i == 0 || !self.is_consonant(i - 1),
            _ => true,
        }
    }

    /// How often a vowel is followed by a consonant in the first letters.
    fn measure(&self, length: usize) -> usize {
        (1..length).filter(|i| self.is_consonant(*i) && !self.is_consonant(i - 1)).count()
    }

    fn has_vowel(&self, length: usize) -> bool {
        (0..length).any(|i| !self.is_consonant(i))
    }

    /// The length of what stands before a suffix.
    fn before(&self, suffix: &str) -> Option<usize> {
        let length = self.0.len().checked_sub(suffix.len())?;
        self.0[length..].iter().copied().eq(suffix.chars()).then_some(length)
    }

    fn ends_in_double_consonant(&self) -> bool {
        let n = self.0.len();
        n >= 2 && self.0[n - 1] == self.0[n - 2] && self.is_consonant(n - 1)
    }

    /// Whether the first letters end as in `hop`: consonant, vowel, consonant that is not w, x or y.
    fn ends_short(&self, length: usize) -> bool {
        length >= 3
            && self.is_consonant(length - 1)
            && !self.is_consonant(length - 2)
            && self.is_consonant(length - 3)
            && !matches!(self.0[length - 1], 'w' | 'x' | 'y')
    }

    fn plurals_and_participles(&mut self) {
        if let Some(length) = self.before("sses") {
            self.0.truncate(length + 2);
        } else if let Some(length) = self.before("ies") {
            self.0.truncate(length + 1);
        } else if self.0.ends_with(&['s']) && !self.0.ends_with(&['s', 's']) {
            self.0.pop();
        }
        if let Some(length) = self.before("eed") {
            if self.measure(length) > 0 {
                self.0.pop();
            }
            return;
        }
        let Some(length) = self.before("ed").or_else(|| self.before("ing")) else { return };
        if !self.has_vowel(length) {
            return;
        }
        self.0.truncate(length);
        if ["at", "bl", "iz"].iter().any(|end| self.before(end).is_some()) {
            self.0.push('e');
        } else if self.ends_in_double_consonant() {
            if !matches!(self.0.last(), Some('l' | 's' | 'z')) {
                self.0.pop();
            }
        } else if self.measure(length) == 1 && self.ends_short(length) {
            self.0.push('e');
        }
    }

    fn final_y(&mut self) {
        if let Some(length) = self.before("y")
            && self.has_vowel(length)
        {
            self.0[length] = 'i';
        }
    }

    fn replace_longest(&mut self, rules: Rules) {
        let fits = |(suffix, with): &(&str, &'static str)| Some((self.before(suffix)?, *with));
        if let Some((length, with)) = rules.iter().filter_map(fits).min_by_key(|(length, _)| *length)
            && self.measure(length) > 0
        {
            self.0.truncate(length);
            self.0.extend(with.chars());
        }
    }

    fn drop_suffix(&mut self) {
        let Some(length) = DROPPED.iter().filter_map(|suffix| self.before(suffix)).min() else { return };
        let is_ion = self.0.len() - length == 3 && self.before("ion").is_some();
        if is_ion && !(length > 0 && matches!(self.0[length - 1], 's' | 't')) {
            return;
        }
        if self.measure(length) > 1 {
            self.0.truncate(length);
        }
    }

    fn final_e_and_double_l(&mut self) {
        if let Some(length) = self.before("e") {
            let measure = self.measure(length);
            if measure > 1 || measure == 1 && !self.ends_short(length) {
                self.0.pop();
            }
        }
        let n = self.0.len();
        if self.0.last() == Some(&'l') && self.ends_in_double_consonant() && self.measure(n) > 1 {
            self.0.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn porters_own_examples() {
        for (word, expected) in [
            ("caresses", "caress"),
            ("ponies", "poni"),
            ("ties", "ti"),
            ("cats", "cat"),
            ("feed", "feed"),
            ("agreed", "agre"),
            ("plastered", "plaster"),
            ("bled", "bled"),
            ("motoring", "motor"),
            ("sing", "sing"),
            ("conflated", "conflat"),
            ("troubled", "troubl"),
            ("sized", "size"),
            ("hopping", "hop"),
            ("falling", "fall"),
            ("hissing", "hiss"),
            ("filing", "file"),
            ("happy", "happi"),
            ("sky", "sky"),
            ("relational", "relat"),
            ("conditional", "condit"),
            ("rational", "ration"),
            ("digitizer", "digit"),
            ("vietnamization", "vietnam"),
            ("triplicate", "triplic"),
            ("formative", "form"),
            ("hopefulness", "hope"),
            ("revival", "reviv"),
            ("adoption", "adopt"),
            ("replacement", "replac"),
            ("probate", "probat"),
            ("rate", "rate"),
            ("cease", "ceas"),
            ("controll", "control"),
            ("roll", "roll"),
            ("possibly", "possibl"),
            ("geology", "geologi"),
            ("archaeology", "archaeolog"),
            ("is", "is"),
            ("café", "café"),
            ("lion", "lion"),
            ("quickly", "quickli"),
            ("generalizations", "gener"),
        ] {
            assert_eq!(stem(word), expected, "{word}");
        }
    }
}
