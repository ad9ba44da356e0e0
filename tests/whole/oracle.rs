//! The independent word: PostGIS, whose geodesics are PROJ's own, and a small source of chance with a seed.

use silver_atlas::registry::Address;
use tokio_postgres::{Client, NoTls};

/// SplitMix64 (Steele, Lea and Flood 2014): the same numbers on every machine.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A point anywhere: mostly in clusters, sometimes at the poles, the antimeridian or anywhere at all.
    pub fn point(&mut self) -> (f64, f64) {
        match self.below(20) {
            0 => (self.between(-180.0, 180.0), [90.0, -90.0][self.below(2) as usize]),
            1 => ([180.0, -180.0, 179.9999, -179.9999][self.below(4) as usize], self.between(-60.0, 60.0)),
            2 | 3 => (self.between(-180.0, 180.0), self.between(-90.0, 90.0)),
            cluster => {
                let (lon, lat) = (100.0 + cluster as f64, 25.0 + (cluster % 7) as f64);
                (lon + self.between(-0.3, 0.3), lat + self.between(-0.3, 0.3))
            }
        }
    }
}

pub async fn connect(address: &Address) -> Client {
    let (client, line) = tokio_postgres::connect(&address.url, NoTls).await.expect("the test's database");
    tokio::spawn(line);
    client
}
