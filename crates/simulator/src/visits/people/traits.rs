use super::draw::Draw;

/// What stays the same about a person, whatever the kind. Times of the day in minutes after midnight.
pub(super) struct Traits {
    /// The weekday of the first day; Monday is 0.
    pub(super) first_weekday: i64,
    /// Minutes ahead of UTC, at home.
    pub(super) home: i64,
    /// Has a connection at home only.
    pub(super) wifi_only: bool,
    /// Switches the device off on some nights.
    pub(super) off_at_night: bool,
    pub(super) morning: f64,
    pub(super) evening: f64,
    pub(super) weekend_morning: f64,
    pub(super) lunch: f64,
    pub(super) midnight: f64,
    /// Which of the three shifts comes first.
    pub(super) rotation: i64,
}

impl Traits {
    /// Every person draws all of them, in this order.
    pub(super) fn draw(draw: &mut Draw) -> Self {
        Self {
            first_weekday: draw.below(7),
            home: (draw.below(25) - 12) * 60,
            wifi_only: draw.chance(0.25),
            off_at_night: draw.chance(0.5),
            morning: draw.around(420.0, 30.0),
            evening: draw.around(1080.0, 20.0),
            weekend_morning: draw.around(570.0, 30.0),
            lunch: draw.around(735.0, 20.0),
            midnight: draw.around(1440.0, 20.0),
            rotation: draw.below(3),
        }
    }
}
