use std::collections::HashMap;

use background_sync::policy::{Origin, Partition, PermissionState, SyncKind};
use embedder_traits::{AllowOrDeny, PermissionFeature};
use webdriver::command::SetPermissionState;

/// The kind of sync that a permission of Servo's is for, if it is for any. Servo has one for one-shot syncs, and none for
/// periodic ones.
#[must_use]
pub const fn kind_of(feature: PermissionFeature) -> Option<SyncKind> {
    match feature {
        PermissionFeature::BackgroundSync => Some(SyncKind::OneShot),
        PermissionFeature::Geolocation
        | PermissionFeature::Notifications
        | PermissionFeature::Push
        | PermissionFeature::Midi
        | PermissionFeature::Camera
        | PermissionFeature::Microphone
        | PermissionFeature::Speaker
        | PermissionFeature::DeviceInfo
        | PermissionFeature::Bluetooth
        | PermissionFeature::PersistentStorage
        | PermissionFeature::ScreenWakeLock(_)
        | PermissionFeature::Gamepad => None,
    }
}

/// The permission's feature for syncs of a kind.
#[must_use]
pub const fn feature_of(kind: SyncKind) -> Option<PermissionFeature> {
    match kind {
        SyncKind::OneShot => Some(PermissionFeature::BackgroundSync),
        SyncKind::Periodic => None,
    }
}

/// The permission's state after a user's decision, or before there is any.
#[must_use]
pub const fn state_of(decision: Option<AllowOrDeny>) -> PermissionState {
    match decision {
        Some(AllowOrDeny::Allow) => PermissionState::Granted,
        Some(AllowOrDeny::Deny) => PermissionState::Denied,
        None => PermissionState::Prompt,
    }
}

/// What a test that sets a permission through `WebDriver` decides for the user.
#[must_use]
pub const fn decision_of(state: &SetPermissionState) -> Option<AllowOrDeny> {
    match state {
        SetPermissionState::Granted => Some(AllowOrDeny::Allow),
        SetPermissionState::Denied => Some(AllowOrDeny::Deny),
        SetPermissionState::Prompt => None,
    }
}

/// What users decided about one-shot syncs, by origin. Servo keeps decisions for each global only, so somebody has to.
#[derive(Debug, Default)]
pub(crate) struct Permissions(HashMap<(Partition, Origin), AllowOrDeny>);

impl Permissions {
    pub(crate) fn decide(&mut self, partition: Partition, origin: Origin, decision: Option<AllowOrDeny>) {
        let site = (partition, origin);
        match decision {
            Some(decision) => drop(self.0.insert(site, decision)),
            None => drop(self.0.remove(&site)),
        }
    }

    /// What nobody can be asked for is not granted.
    pub(crate) fn state(&self, partition: Partition, origin: &Origin, kind: SyncKind) -> PermissionState {
        match kind {
            SyncKind::OneShot => state_of(self.0.get(&(partition, origin.clone())).copied()),
            SyncKind::Periodic => PermissionState::Denied,
        }
    }
}

#[cfg(test)]
mod tests {
    use embedder_traits::WakeLockType;

    use super::*;

    #[test]
    fn a_kind_has_its_feature_and_others_have_none() {
        assert_eq!(feature_of(SyncKind::OneShot).and_then(kind_of), Some(SyncKind::OneShot));
        assert!(feature_of(SyncKind::Periodic).is_none());
        assert_eq!(kind_of(PermissionFeature::ScreenWakeLock(WakeLockType::Screen)), None);
        assert_eq!(kind_of(PermissionFeature::Notifications), None);
    }

    #[test]
    fn a_decision_holds_until_it_is_taken_back_for_its_own_origin_and_partition() {
        let origin = |name: &str| Origin::parse(name).unwrap();
        let (a, b) = (origin("https://a.example"), origin("https://b.example"));
        let (profile, private) = (crate::partition(false), crate::partition(true));
        let mut permissions = Permissions::default();
        permissions.decide(profile, a.clone(), decision_of(&SetPermissionState::Denied));
        let state =
            |permissions: &Permissions, partition, origin| permissions.state(partition, origin, SyncKind::OneShot);
        assert_eq!(state(&permissions, profile, &a), PermissionState::Denied);
        assert_eq!(state(&permissions, private, &a), PermissionState::Prompt);
        assert_eq!(state(&permissions, profile, &b), PermissionState::Prompt);
        assert_eq!(permissions.state(profile, &b, SyncKind::Periodic), PermissionState::Denied);
        permissions.decide(profile, a.clone(), decision_of(&SetPermissionState::Granted));
        assert_eq!(state(&permissions, profile, &a), PermissionState::Granted);
        permissions.decide(profile, a.clone(), decision_of(&SetPermissionState::Prompt));
        assert_eq!(state(&permissions, profile, &a), PermissionState::Prompt);
    }
}
