//! Regions that the words of a search name beside a name: 宿城区吕良养老院, 吕良养老院 宿城区, 宿城 吕良.

use std::ops::Range;

use super::needle::folded;
use super::regions::RegionTree;
use crate::care::clean::clean_text;
use crate::care::{Level, Region};

/// What may follow the proper name of a region whose whole name is searched: 宿迁 is 宿迁市.
pub(super) const RANKS: [&str; 11] = ["省", "市", "县", "区", "镇", "乡", "村", "街道", "社区", "地区", "自治区"];

/// A path of regions and a name, in characters: no searched word is longer.
const LONGEST_PATH: usize = 200;
/// Of more words none is taken for a region.
const MOST_WORDS: usize = 4;

/// One way to read the words: what they look for, and where.
pub(super) struct Named {
    pub rest: String,
    /// The turns of the regions that it may lie in.
    pub turns: Vec<Range<u32>>,
}

/// Every way to read the words as a name and regions that it lies in; none where they name no region.
pub(super) fn named(regions: &RegionTree, query: &str) -> Vec<Named> {
    let mut ways = by_words(regions, query);
    ways.extend(by_beginning(regions, query));
    ways
}

/// Words with blanks between, in any order: those that are regions, with their rank or without, and the rest.
fn by_words(regions: &RegionTree, query: &str) -> Vec<Named> {
    let query = clean_text(query);
    let words: Vec<&str> = query.split(' ').collect();
    if !(2..=MOST_WORDS).contains(&words.len()) {
        return Vec::new();
    }
    let spelt: Vec<Vec<char>> = words.iter().map(|word| folded(word).collect()).collect();
    let mut found: Vec<Vec<Range<u32>>> = vec![Vec::new(); words.len()];
    // A nation has hundreds of thousands of regions: most are told apart by their first character.
    let is = |word: &[char], name: &str| {
        let rest = word.len() >= 2 && begins(folded(name), word);
        let rest: Option<String> = rest.then(|| folded(name).skip(word.len()).collect());
        rest.is_some_and(|rest| rest.is_empty() || RANKS.contains(&&*rest))
    };
    for region in regions.iter() {
        for (word, found) in spelt.iter().zip(&mut found) {
            if is(word, &region.name) {
                found.push(regions.turns(&region.code));
            }
        }
    }
    let ways = 1..(1u32 << words.len()) - 1;
    ways.filter_map(|way| {
        let is_region = |at: usize| way >> at & 1 == 1;
        let mut turns: Option<Vec<Range<u32>>> = None;
        for found in (0..words.len()).filter(|at| is_region(*at)).map(|at| &found[at]) {
            turns = Some(turns.map_or_else(|| found.clone(), |held| narrowed(&held, found)));
        }
        let turns = turns.filter(|turns| !turns.is_empty())?;
        let rest: Vec<&str> = (0..words.len()).filter(|at| !is_region(*at)).map(|at| words[at]).collect();
        Some(Named { rest: rest.join(" "), turns })
    })
    .collect()
}

/// Whether letters begin with a word.
fn begins(mut letters: impl Iterator<Item = char>, word: &[char]) -> bool {
    word.iter().all(|letter| letters.next() == Some(*letter))
}

/// Of two lists of regions those that lie in one of the other.
fn narrowed(one: &[Range<u32>], other: &[Range<u32>]) -> Vec<Range<u32>> {
    let within = |inner: &Range<u32>, outer: &[Range<u32>]| {
        outer.iter().any(|outer| outer.start <= inner.start && inner.end <= outer.end)
    };
    let inner = one.iter().filter(|turns| within(turns, other));
    inner.chain(other.iter().filter(|turns| within(turns, one))).cloned().collect()
}

/// The regions that the words begin with, without a sign between, the narrowest of these.
fn by_beginning(regions: &RegionTree, query: &str) -> Option<Named> {
    let words: Vec<char> = folded(&clean_text(query)).take(LONGEST_PATH).collect();
    let (mut rest, mut within) = (words.as_slice(), None::<&Region>);
    for _ in 0..Level::ALL.len() {
        let named = |region: &&Region| {
            let mut length = 0;
            let begun = folded(&region.name).all(|letter| {
                length += 1;
                rest.get(length - 1) == Some(&letter)
            });
            let begun = begun && length >= 2 && length < rest.len();
            (begun && within.is_none_or(|above| regions.is_within(&region.code, &above.code))).then_some(length)
        };
        // Of several of one name the first by code, of names that begin alike the longest.
        let next = regions.iter().filter_map(|region| Some((named(&region)?, region)));
        let next = next.filter(|(_, region)| within.is_none_or(|above| above.code != region.code));
        let Some((length, region)) = next.reduce(|best, next| if next.0 > best.0 { next } else { best }) else {
            break;
        };
        (rest, within) = (&rest[length..], Some(region));
    }
    let turns = vec![regions.turns(&within?.code)];
    Some(Named { rest: rest.iter().collect(), turns })
}
