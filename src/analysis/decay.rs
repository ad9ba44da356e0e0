//! Decay: how much a facility counts for people at a distance. Weights are 1 or less near by and never below 0.

use serde::Serialize;

/// How a weight falls with distance. Outside the catchment every weight is 0; its edge is inside.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Decay {
    /// 1 within the catchment (Luo & Wang 2003).
    Flat,
    /// The weight of the first zone that the distance is in; 0 beyond the last (Luo & Qi 2009).
    Steps { steps: Vec<Step> },
    /// `(exp(-(d/d0)²/2) - exp(-1/2)) / (1 - exp(-1/2))`: 1 at no distance and 0 at the edge d0 (Dai 2010).
    Gaussian,
    /// `exp(-d² / 2σ²)`, not shifted: at the edge it still weighs something (as PySAL access has it).
    GaussianPlain { sigma_m: f64 },
    /// `exp(-d / scale)`: 1/e at the scale.
    Exponential { scale_m: f64 },
    /// `(min / max(d, min))^exponent`: 1 up to the smallest distance that is told apart. A constant factor makes no
    /// difference to any method here, so the weight begins at 1.
    Power { exponent: f64, min_m: f64 },
    /// `1 - d/d0`: 0 at the edge.
    Linear,
}

/// A zone of a catchment: from the zone before up to this distance, inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Step {
    pub up_to_m: f64,
    pub weight: f64,
}

/// Weights of zones at parts of a catchment, with their source.
pub struct Zones {
    /// Part of the catchment's radius, weight.
    pub parts: &'static [(f64, f64)],
    pub source: &'static str,
}

/// The slow decay of Luo & Qi. They made it for car journeys of 10, 20 and 30 minutes.
pub const LUO_QI_SLOW: Zones = Zones {
    parts: &[(1.0 / 3.0, 1.0), (2.0 / 3.0, 0.68), (1.0, 0.22)],
    source: "Luo & Qi 2009, slow decay, made for 10, 20 and 30 minutes by car; here thirds of the radius",
};

/// The weights of Wan, Zou & Sternberg, as PySAL access has them, made for 10, 20, 30 and 60 minutes.
pub const WAN: Zones = Zones {
    parts: &[(1.0 / 6.0, 0.962), (1.0 / 3.0, 0.704), (0.5, 0.377), (1.0, 0.042)],
    source: "Wan, Zou & Sternberg 2012, made for 10, 20, 30 and 60 minutes by car; here parts of the radius",
};

impl Zones {
    /// The zones of a catchment of this radius, in metres.
    pub fn of(&self, within_m: f64) -> Decay {
        let step = |(part, weight): &(f64, f64)| Step { up_to_m: part * within_m, weight: *weight };
        Decay::Steps { steps: self.parts.iter().map(step).collect() }
    }
}

/// Names that [`Decay::read`] knows.
pub const NAMES: [&str; 6] = ["flat", "gaussian", "gaussian_plain", "exponential", "power", "linear"];

/// What a decay leaves of less than this is nothing: nobody goes that far, and the products of such weights are below what
/// a number can hold, so that capacity would be lost.
pub const LEAST: f64 = 1e-100;

impl Decay {
    /// The weight of a distance in a catchment of radius `within_m`, both in metres. 0 beyond the radius, and for a
    /// distance that is no number, and where a decay leaves less than [`LEAST`].
    pub fn weight(&self, metres: f64, within_m: f64) -> f64 {
        if metres.is_nan() || metres > within_m {
            return 0.0;
        }
        let weight = match self {
            Decay::Flat => 1.0,
            Decay::Steps { steps } => steps.iter().find(|step| metres <= step.up_to_m).map_or(0.0, |step| step.weight),
            Decay::Gaussian => {
                let (part, edge) = (metres / within_m, (-0.5f64).exp());
                // A catchment of no radius holds what is at no distance.
                if within_m > 0.0 { (((-0.5 * part * part).exp() - edge) / (1.0 - edge)).max(0.0) } else { 1.0 }
            }
            Decay::GaussianPlain { sigma_m } => (-0.5 * (metres / sigma_m).powi(2)).exp(),
            Decay::Exponential { scale_m } => (-metres / scale_m).exp(),
            Decay::Power { exponent, min_m } => (min_m / metres.max(*min_m)).powf(*exponent),
            Decay::Linear => {
                if within_m > 0.0 {
                    1.0 - metres / within_m
                } else {
                    1.0
                }
            }
        };
        // Weights that somebody names are theirs.
        let named = matches!(self, Decay::Steps { .. });
        if weight >= LEAST || named { weight } else { 0.0 }
    }

    /// The distances at which a weight jumps, in metres.
    pub fn edges(&self) -> Vec<f64> {
        match self {
            Decay::Steps { steps } => steps.iter().map(|step| step.up_to_m).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether its weights are set by the catchment's radius, which must then be finite.
    pub fn needs_radius(&self) -> bool {
        matches!(self, Decay::Gaussian | Decay::Linear)
    }

    /// Reads zones as `1000:1,2000:0.68,3000:0.22`: up to so many metres, this weight. The error says what is wrong.
    pub fn read_steps(text: &str) -> Result<Decay, String> {
        let pair = |part: &str| {
            let (metres, weight) = part.split_once(':')?;
            let step = Step { up_to_m: positive(metres)?, weight: weight.trim().parse().ok()? };
            (step.weight.is_finite() && step.weight >= 0.0).then_some(step)
        };
        let read: Option<Vec<Step>> = text.split(',').map(pair).collect();
        let mut steps = read.ok_or("not metres:weight pairs, such as 1000:1,2000:0.68,3000:0.22")?;
        steps.sort_by(|a, b| a.up_to_m.total_cmp(&b.up_to_m));
        if steps.windows(2).any(|pair| pair[0].up_to_m == pair[1].up_to_m) {
            return Err("two zones end at the same distance".to_owned());
        }
        if steps.iter().all(|step| step.weight == 0.0) {
            return Err("every zone weighs nothing".to_owned());
        }
        Ok(Decay::Steps { steps })
    }

    /// Reads a name and its parameters: `gaussian` (Dai's, over the radius), `gaussian:1500` (plain, σ in metres),
    /// `exponential:1000` (metres to 1/e; a number below 1 is the rate a metre), `power:1.5:100` (exponent, and the
    /// smallest distance in metres), `linear`, `flat`. Parameters may be named: `power:exponent=1.5,min=100`.
    pub fn read(text: &str) -> Result<Decay, String> {
        let mut parts = text.split([':', ',', '(', ')', ';']).map(str::trim).filter(|part| !part.is_empty());
        let name = parts.next().unwrap_or_default().to_lowercase().replace(['-', ' '], "_");
        let given: Vec<(&str, &str)> = parts
            .map(|part| part.split_once('=').map_or(("", part), |(key, value)| (key.trim(), value.trim())))
            .collect();
        let find = |at: usize, keys: &[&str]| {
            let named = given.iter().find(|(key, _)| keys.contains(key));
            named.or_else(|| given.get(at).filter(|(key, _)| key.is_empty())).map(|(_, value)| *value)
        };
        let known: &[&[&str]] = match name.as_str() {
            "flat" | "binary" | "none" | "linear" => &[],
            "gaussian" | "gaussian_plain" => &[&["sigma", "sigma_m"]],
            "exponential" | "exp" => &[&["scale", "scale_m"], &["rate", "beta"]],
            "power" | "inverse_power" => &[&["exponent", "alpha", "beta"], &["min", "min_m", "min_dist"]],
            _ => return Err(format!("\"{name}\" is no known decay")),
        };
        let most = if name.starts_with("exp") { 1 } else { known.len() };
        let stranger = given.iter().find(|(key, _)| !key.is_empty() && !known.iter().any(|keys| keys.contains(key)));
        if let Some((key, _)) = stranger {
            return Err(format!("{name} has no parameter \"{key}\""));
        }
        if given.len() > most {
            return Err(format!("{name} takes {most} parameters"));
        }
        match name.as_str() {
            "gaussian" if given.is_empty() => Ok(Decay::Gaussian),
            "gaussian" | "gaussian_plain" => {
                let sigma_m = find(0, &["sigma", "sigma_m"]).and_then(positive);
                Ok(Decay::GaussianPlain { sigma_m: sigma_m.ok_or("needs σ in metres: gaussian_plain:1500")? })
            }
            "exponential" | "exp" => {
                let rate = find(1, &["rate", "beta"]).and_then(positive).map(|rate| 1.0 / rate);
                let bare = find(0, &["scale", "scale_m"]).and_then(positive);
                let scale_m = rate.or(bare.map(|value| if value < 1.0 { 1.0 / value } else { value }));
                let scale_m = scale_m.ok_or("needs the metres at which the weight is 1/e: exponential:1000")?;
                Ok(Decay::Exponential { scale_m })
            }
            "power" | "inverse_power" => {
                let exponent = find(0, &["exponent", "alpha", "beta"]).and_then(|text| text.parse::<f64>().ok());
                let exponent = exponent.map(f64::abs).filter(|value| *value > 0.0 && *value <= 20.0);
                let min_m = find(1, &["min", "min_m", "min_dist"]).and_then(positive);
                let needs = "needs an exponent, and the metres below which distances are not told apart: power:1.5:100";
                Ok(Decay::Power { exponent: exponent.ok_or(needs)?, min_m: min_m.ok_or(needs)? })
            }
            "linear" => Ok(Decay::Linear),
            _ => Ok(Decay::Flat),
        }
    }
}

/// A number above 0 and below a billion.
fn positive(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|value| *value > 0.0 && *value < 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decay_is_read_from_its_name_and_parameters() {
        let plain = Decay::GaussianPlain { sigma_m: 1500.0 };
        for (text, decay) in [
            ("gaussian", Decay::Gaussian),
            ("gaussian:1500", plain.clone()),
            ("Gaussian-Plain(sigma=1500)", plain),
            ("exponential:1000", Decay::Exponential { scale_m: 1000.0 }),
            ("exponential:0.001", Decay::Exponential { scale_m: 1000.0 }),
            ("exponential:beta=0.001", Decay::Exponential { scale_m: 1000.0 }),
            ("power:-1.5:100", Decay::Power { exponent: 1.5, min_m: 100.0 }),
            ("power:min=100,exponent=1.5", Decay::Power { exponent: 1.5, min_m: 100.0 }),
            ("linear", Decay::Linear),
        ] {
            assert_eq!(Decay::read(text), Ok(decay), "{text}");
        }
        for text in
            ["", "gausian", "power:1", "power:0:100", "exponential", "exponential:-1", "linear:3", "power:1:2:3"]
        {
            assert!(Decay::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn zones_are_read_in_any_order_and_nonsense_is_refused() {
        let steps = Decay::read_steps("2000:0.68,1000:1").expect("zones");
        assert_eq!([1000.0, 1000.1, 2000.0, 2000.1].map(|d| steps.weight(d, 5000.0)), [1.0, 0.68, 0.68, 0.0]);
        for text in ["1000", "1000:1,", "1000:x", "-1:1", "1000:-1", "1000:NaN", "1000:1,1000:2", "1000:0"] {
            assert!(Decay::read_steps(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_edge_is_inside_and_beyond_it_nothing_counts() {
        let all = [
            Decay::Flat,
            Decay::Gaussian,
            Decay::GaussianPlain { sigma_m: 900.0 },
            Decay::Linear,
            LUO_QI_SLOW.of(3000.0),
        ];
        for decay in all {
            assert_eq!(decay.weight(0.0, 3000.0), 1.0, "{decay:?}");
            assert!((0.0..=1.0).contains(&decay.weight(3000.0, 3000.0)), "{decay:?}");
            assert_eq!(decay.weight(3000.0f64.next_up(), 3000.0), 0.0, "{decay:?}");
            assert_eq!(decay.weight(f64::NAN, 3000.0), 0.0);
            assert_eq!(decay.weight(0.0, 0.0), 1.0, "{decay:?} at a catchment of no radius");
        }
        assert_eq!(LUO_QI_SLOW.of(3000.0).weight(3000.0, 3000.0), 0.22);
        assert_eq!(Decay::Power { exponent: 2.0, min_m: 100.0 }.weight(0.0, 3000.0), 1.0);
        assert!((Decay::Power { exponent: 2.0, min_m: 100.0 }.weight(200.0, 3000.0) - 0.25).abs() < 1e-15);
        // Dai's at half the radius: (exp(-1/8) - exp(-1/2)) / (1 - exp(-1/2)).
        assert!((Decay::Gaussian.weight(500.0, 1000.0) - 0.701_366_6).abs() < 1e-6);
    }
}
