//! From figures to places in a picture.

/// An axis, from its lowest figure to its highest.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    low: f64,
    high: f64,
    logarithmic: bool,
    /// Where the lowest and the highest stand.
    from: f64,
    to: f64,
}

impl Axis {
    /// In proportion, from 0.
    pub fn plain(high: f64, from: f64, to: f64) -> Axis {
        Axis { low: 0.0, high: if high > 0.0 { high } else { 1.0 }, logarithmic: false, from, to }
    }

    /// Each factor of ten as long as the next, from one power of ten to another.
    pub fn by_tens(low: f64, high: f64, from: f64, to: f64) -> Axis {
        let low = 10f64.powf(low.log10().floor());
        let high = 10f64.powf(high.log10().ceil()).max(low * 10.0);
        Axis { low, high, logarithmic: true, from, to }
    }

    /// By factors, and no further than needed.
    pub fn by_factors(low: f64, high: f64, from: f64, to: f64) -> Axis {
        Axis { low, high: high.max(low * 1.01), logarithmic: true, from, to }
    }

    /// What is below the lowest stands there.
    pub fn place(&self, value: f64) -> f64 {
        let value = value.clamp(self.low, self.high);
        let part = if self.logarithmic {
            (value.log10() - self.low.log10()) / (self.high.log10() - self.low.log10())
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.from + part * (self.to - self.from)
    }

    /// Round figures along it.
    pub fn ticks(&self) -> Vec<f64> {
        if self.logarithmic {
            let first = self.low.log10().ceil() as i32;
            let last = (self.high.log10() + 1e-9).floor() as i32;
            return (first..=last).map(|power| 10f64.powi(power)).collect();
        }
        let rough = self.high / 4.0;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        (0..=4).map(|number| f64::from(number) * step).filter(|tick| *tick <= self.high * 1.001).collect()
    }
}

/// Moves places apart so that none is nearer to the next than this; their order stays.
pub fn apart(places: &[f64], distance: f64, highest: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|one, other| places[*one].total_cmp(&places[*other]));
    let mut moved = places.to_vec();
    let mut least = f64::NEG_INFINITY;
    for number in &order {
        moved[*number] = moved[*number].max(least);
        least = moved[*number] + distance;
    }
    let mut most = highest;
    for number in order.iter().rev() {
        moved[*number] = moved[*number].min(most);
        most = moved[*number] - distance;
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_has_its_place_on_an_axis() {
        let plain = Axis::plain(200.0, 0.0, 100.0);
        assert_eq!((plain.place(0.0), plain.place(50.0), plain.place(500.0)), (0.0, 25.0, 100.0));
        assert_eq!(plain.ticks(), [0.0, 50.0, 100.0, 150.0, 200.0]);
        let tens = Axis::by_tens(0.02, 50.0, 100.0, 0.0);
        assert_eq!((tens.place(0.0), tens.place(0.01), tens.place(100.0)), (100.0, 100.0, 0.0));
        assert_eq!(tens.ticks().len(), 5);
    }

    #[test]
    fn labels_keep_their_distance_and_their_order() {
        assert_eq!(apart(&[10.0, 11.0, 50.0], 10.0, 100.0), [10.0, 20.0, 50.0]);
        assert_eq!(apart(&[99.0, 98.0], 10.0, 100.0), [100.0, 90.0]);
    }
}
