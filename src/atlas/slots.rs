//! Slots: the entries of a snapshot by number, in leaves that snapshots share. Two steps lead to an entry, whatever their
//! number: a search takes them for every facility that it finds.

use std::sync::Arc;

use super::entry::Entry;

/// A change copies one leaf, and the list of leaves.
const LEAF: usize = 256;

type Leaf = [Option<Arc<Entry>>];

#[derive(Clone, Default)]
pub(super) struct Slots {
    /// Each of the same size; beyond `len` they are empty.
    leaves: Vec<Arc<Leaf>>,
    len: usize,
}

impl Slots {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn get(&self, slot: usize) -> Option<&Arc<Entry>> {
        self.leaves.get(slot / LEAF)?[slot % LEAF].as_ref()
    }

    /// Puts an entry, or nothing, into a slot that is there.
    pub fn set(&mut self, slot: usize, entry: Option<Arc<Entry>>) {
        if let Some(leaf) = self.leaves.get_mut(slot / LEAF) {
            Arc::make_mut(leaf)[slot % LEAF] = entry;
        }
    }

    pub fn push(&mut self, entry: Option<Arc<Entry>>) {
        if self.len == self.leaves.len() * LEAF {
            self.leaves.push(std::iter::repeat_n(None, LEAF).collect());
        }
        self.len += 1;
        self.set(self.len - 1, entry);
    }

    /// The leaves, each with the number of its first slot.
    pub fn leaves(&self) -> impl Iterator<Item = (u32, &Leaf)> {
        (0..).step_by(LEAF).zip(self.leaves.iter().map(|leaf| &**leaf))
    }

    /// All that is there, with its number.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Arc<Entry>)> {
        self.leaves()
            .flat_map(|(first, leaf)| (first..).zip(leaf))
            .filter_map(|(slot, entry)| Some((slot, entry.as_ref()?)))
    }
}

impl FromIterator<Arc<Entry>> for Slots {
    fn from_iter<I: IntoIterator<Item = Arc<Entry>>>(entries: I) -> Slots {
        let mut slots = Slots::default();
        entries.into_iter().for_each(|entry| slots.push(Some(entry)));
        slots
    }
}
