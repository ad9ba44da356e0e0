//! Parts of a snapshot of the record: keys and JSON of records of one sort, packed and compressed.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::RegistryError;

/// How large the text of a part grows before the next begins: small enough to share out among the cores.
const FULL: usize = 1024 * 1024;

/// Records being packed.
#[derive(Default)]
pub(super) struct PartWriter {
    text: Vec<u8>,
    pub records: i64,
}

impl PartWriter {
    pub fn add(&mut self, key: &str, json: &[u8]) {
        for bytes in [key.as_bytes(), json] {
            // cannot be more: PostgreSQL holds no value of 4 GB.
            self.text.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
            self.text.extend_from_slice(bytes);
        }
        self.records += 1;
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub fn is_full(&self) -> bool {
        self.text.len() >= FULL
    }

    pub fn compress(self) -> Result<Vec<u8>, RegistryError> {
        let mut encoder = DeflateEncoder::new(Vec::with_capacity(self.text.len() / 4), Compression::fast());
        encoder.write_all(&self.text).and_then(|()| encoder.finish()).map_err(unreadable)
    }
}

/// The text of a part.
pub(super) struct Part(Vec<u8>);

impl Part {
    pub fn read(body: &[u8]) -> Result<Part, RegistryError> {
        let mut text = Vec::with_capacity(FULL + FULL / 4);
        DeflateDecoder::new(body).read_to_end(&mut text).map_err(unreadable)?;
        Ok(Part(text))
    }

    /// Each key with its JSON, in their order.
    pub fn records(&self) -> impl Iterator<Item = Result<(&str, &[u8]), RegistryError>> {
        let mut rest = &*self.0;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let read = value(&mut rest).zip(value(&mut rest));
            let read = read.and_then(|(key, json)| Some((std::str::from_utf8(key).ok()?, json)));
            if read.is_none() {
                rest = &[];
            }
            Some(read.ok_or_else(|| RegistryError::Internal("a part of a snapshot cannot be read".to_owned())))
        })
    }
}

fn value<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let (value, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    *rest = after;
    Some(value)
}

fn unreadable(error: std::io::Error) -> RegistryError {
    RegistryError::Internal(format!("a part of a snapshot: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_gives_back_what_was_packed_and_a_torn_one_an_error() {
        let mut writer = PartWriter::default();
        let told: Vec<(String, String)> =
            (0..500).map(|number| (format!("键{number}"), format!("{{\"名\":\"{}\"}}", "甲".repeat(number)))).collect();
        for (key, json) in &told {
            writer.add(key, json.as_bytes());
        }
        assert_eq!(writer.records, 500);
        let body = writer.compress().expect("packs");
        let part = Part::read(&body).expect("unpacks");
        let read: Vec<_> = part
            .records()
            .map(|record| record.map(|(key, json)| (key.to_owned(), String::from_utf8_lossy(json).into_owned())))
            .collect::<Result<_, _>>()
            .expect("readable");
        assert_eq!(read, told);
        assert!(Part::read(&body[..body.len() / 2]).is_err());
        assert!(Part(vec![0, 0, 0, 9, 1]).records().any(|record| record.is_err()));
    }
}
