//! Points of the earth in metres from its centre, for distances that are computed where they are needed.

use crate::atlas::geodesic::Ecef;

/// Points of the earth, one list for each axis, so that a row of distances is computed quickly.
#[derive(Debug, Clone, Default)]
pub struct Points {
    axes: [Vec<f64>; 3],
}

impl Points {
    pub fn new(points: impl IntoIterator<Item = Ecef>) -> Points {
        let mut axes: [Vec<f64>; 3] = Default::default();
        for point in points {
            axes.iter_mut().zip(point).for_each(|(axis, value)| axis.push(value));
        }
        Points { axes }
    }

    pub fn len(&self) -> usize {
        self.axes[0].len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn at(&self, point: usize) -> Ecef {
        [self.axes[0][point], self.axes[1][point], self.axes[2][point]]
    }

    /// From one point to each of these.
    pub fn row(&self, from: Ecef) -> impl Iterator<Item = f64> + '_ {
        let [x, y, z] = &self.axes;
        x.iter().zip(y).zip(z).map(move |((x, y), z)| {
            let (x, y, z) = (x - from[0], y - from[1], z - from[2]);
            (x * x + y * y + z * z).sqrt()
        })
    }

    pub fn one(&self, point: usize, from: Ecef) -> f64 {
        let [x, y, z] = self.at(point);
        let (x, y, z) = (x - from[0], y - from[1], z - from[2]);
        (x * x + y * y + z * z).sqrt()
    }
}
