//! What may be chosen to make a need precise, from the closed lists that nodes know.

use super::seen;
use crate::tongue::Tongue;

/// The highest number of a closed list that nodes may exchange.
const NUMBER_MAX: i32 = 199;

/// Something to choose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Choice {
    /// Its number in its list.
    pub(crate) number: String,
    /// What it says.
    pub(crate) words: String,
}

/// Everything there is to choose from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Choices {
    /// Practical constraints.
    pub(crate) constraints: Vec<Choice>,
    /// What the person can use.
    pub(crate) equipment: Vec<Choice>,
    /// What connection the person can afford.
    pub(crate) connections: Vec<Choice>,
    /// What the sender may state.
    pub(crate) statements: Vec<Choice>,
}

/// Every entry of a closed list but «not said», with its number.
pub(super) fn all<T: TryFrom<i32>>() -> impl Iterator<Item = (i32, T)> {
    (1..=NUMBER_MAX).filter_map(|number| Some((number, T::try_from(number).ok()?)))
}

fn choices<T: TryFrom<i32>>(tongue: Tongue, words: impl Fn(Tongue, T) -> String) -> Vec<Choice> {
    all().map(|(number, one)| Choice { number: number.to_string(), words: words(tongue, one) }).collect()
}

impl Choices {
    /// In the visitor's words.
    pub(crate) fn of(tongue: Tongue) -> Self {
        Self {
            constraints: choices(tongue, seen::constraint),
            equipment: choices(tongue, seen::equipment),
            connections: choices(tongue, seen::connection),
            statements: choices(tongue, seen::statement),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tongue::Language;

    #[test]
    fn every_entry_of_a_list_is_offered_in_words() {
        let choices = Choices::of(Tongue(Language::French));
        let counts = [&choices.constraints, &choices.equipment, &choices.connections, &choices.statements];
        assert_eq!(counts.map(Vec::len), [11, 5, 4, 8]);
        for choice in counts.into_iter().flatten() {
            assert!(!choice.words.is_empty() && !choice.words.contains("Unknown"), "{choice:?}");
        }
    }
}
