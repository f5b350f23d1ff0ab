//! Distances around one place.

use super::listing::e6;

/// Centimetres of a millionth of a degree of latitude, in thousandths: 11.1195 cm.
const MICRODEGREE: i64 = 11_120;
const SHRINK_ONE: f64 = 65_536.0;

/// Distances from one place: on a plane that touches the Earth there, in whole numbers, so that every node finds the same.
/// Within 100 km it is the great circle to half a percent.
pub(super) struct Compass {
    latitude: i64,
    longitude: i64,
    /// How much shorter a degree of longitude is here than one of latitude, in 65,536ths.
    shrink: i64,
}

impl Compass {
    pub(super) fn at(centre: (f64, f64)) -> Self {
        let (latitude, longitude) = e6(centre);
        // At most 65,536.
        let shrink = (centre.0.to_radians().cos() * SHRINK_ONE).round() as i64;
        Self { latitude: latitude.into(), longitude: longitude.into(), shrink }
    }

    pub(super) fn metres_to(&self, (latitude, longitude): (i32, i32)) -> u32 {
        let north = i64::from(latitude) - self.latitude;
        let east = (i64::from(longitude) - self.longitude) * self.shrink / 65_536;
        // At most 180 and 360 million: the squares hold in 64 bits.
        let microdegrees = (north * north + east * east).isqrt();
        u32::try_from(microdegrees * MICRODEGREE / 100_000).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::territory::{commune, distance_km};

    #[test]
    fn distances_are_those_of_the_great_circle_near_by() {
        for (from, to) in [("17300", "17415"), ("75056", "78646"), ("97411", "97416"), ("2A004", "2B033")] {
            let centre = |code: &str| commune(code).unwrap().commune().centre().unwrap();
            let exact = distance_km(centre(from), centre(to)) * 1_000.0;
            let told = f64::from(Compass::at(centre(from)).metres_to(e6(centre(to))));
            assert!((told - exact).abs() <= exact * 0.005 + 20.0, "{from} to {to}: {told} m for {exact} m");
        }
    }
}
