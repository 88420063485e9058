//! The store's encoding, read field by field.
//!
//! What a record looks like is said by its types and by serde. Reading a million of them through it takes several
//! times as long as reading this plain encoding by hand; that both read the same is what the tests of
//! [`StoredDecoder`](crate::StoredDecoder) are for.

use std::time::Duration;

use background_sync_policy::SyncKind;

use crate::{
    Damage, MinInterval, NetworkIdentity, Observed, Schedule, Sequence, Series, StoredState, StoredWait, Tag, WallTime,
};

/// What is left of the bytes of a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'b>(&'b [u8]);

type Read<T> = Result<T, Damage>;

impl<'b> Fields<'b> {
    pub(crate) fn of(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    /// What was not read yet.
    pub(crate) fn rest(self) -> &'b [u8] {
        self.0
    }

    /// A record ends here.
    pub(crate) fn end(self) -> Read<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Damage::Malformed) }
    }

    pub(crate) fn sequence(&mut self) -> Read<Sequence> {
        Ok(Sequence(self.number(u64::BITS)?))
    }

    pub(crate) fn kind(&mut self) -> Read<SyncKind> {
        match self.variant()? {
            0 => Ok(SyncKind::OneShot),
            1 => Ok(SyncKind::Periodic),
            _ => Err(Damage::Malformed),
        }
    }

    pub(crate) fn tag(&mut self) -> Read<Tag> {
        match self.variant()? {
            0 => {
                let length = self.length()?;
                let (text, rest) = self.0.split_at_checked(length).ok_or(Damage::Malformed)?;
                self.0 = rest;
                Ok(Tag::from(std::str::from_utf8(text).map_err(|_| Damage::Malformed)?))
            }
            1 => {
                let length = self.length()?;
                // Each takes a byte at least: no more are waited for than there can be.
                let mut units = Vec::with_capacity(length.min(self.0.len()));
                for _ in 0..length {
                    units.push(self.number(u16::BITS)? as u16);
                }
                Ok(Tag::from_utf16(&units))
            }
            _ => Err(Damage::Malformed),
        }
    }

    pub(crate) fn state(&mut self) -> Read<StoredState> {
        Ok(match self.variant()? {
            0 if self.flag()? => StoredState::Pending(Some(self.wait()?)),
            0 => StoredState::Pending(None),
            1 => StoredState::Waiting(self.wait()?, self.flag()?),
            2 => StoredState::Firing(self.flag()?),
            3 => StoredState::ReregisteredWhileFiring,
            _ => return Err(Damage::Malformed),
        })
    }

    pub(crate) fn series(&mut self) -> Read<Series> {
        let [attempts, free_in_a_row, free_in_all] = [self.word()?, self.word()?, self.word()?];
        Ok(Series { attempts, free_in_a_row, free_in_all })
    }

    pub(crate) fn observed(&mut self) -> Read<Observed> {
        Ok(Observed { wall: self.wall()?, running: self.duration()? })
    }

    pub(crate) fn network(&mut self) -> Read<Option<NetworkIdentity>> {
        Ok(if self.flag()? { Some(NetworkIdentity::from(self.number(u64::BITS)?)) } else { None })
    }

    pub(crate) fn schedule(&mut self) -> Read<Option<Schedule>> {
        if !self.flag()? {
            return Ok(None);
        }
        let min_interval = MinInterval::from_ms(self.number(u64::BITS)?);
        Ok(Some(Schedule::new(min_interval, self.wall()?)))
    }

    fn wait(&mut self) -> Read<StoredWait> {
        Ok(StoredWait { until: self.wall()?, length: self.duration()? })
    }

    /// Numbers with a sign have it in the lowest bit.
    fn wall(&mut self) -> Read<WallTime> {
        let folded = self.number(u64::BITS)?;
        let sign = (folded & 1).wrapping_neg();
        Ok(WallTime::from_unix_ms(((folded >> 1) ^ sign).cast_signed()))
    }

    fn duration(&mut self) -> Read<Duration> {
        let (seconds, nanos) = (self.number(u64::BITS)?, self.word()?);
        Duration::from_secs(seconds).checked_add(Duration::from_nanos(nanos.into())).ok_or(Damage::Malformed)
    }

    /// There is something, or there is nothing.
    fn flag(&mut self) -> Read<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Damage::Malformed),
        }
    }

    fn variant(&mut self) -> Read<u32> {
        self.word()
    }

    #[inline]
    fn word(&mut self) -> Read<u32> {
        Ok(self.number(u32::BITS)? as u32)
    }

    fn length(&mut self) -> Read<usize> {
        Ok(self.number(usize::BITS)? as usize)
    }

    /// A number of at most so many bits: seven in a byte, the lowest first, and a mark on each but the last byte.
    #[inline]
    fn number(&mut self, bits: u32) -> Read<u64> {
        match self.0.split_first() {
            Some((small @ 0..0x80, rest)) => {
                self.0 = rest;
                Ok(u64::from(*small))
            }
            Some(_) | None => self.large_number(bits),
        }
    }

    fn large_number(&mut self, bits: u32) -> Read<u64> {
        let mut number = 0;
        for shift in (0..bits).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                let room = bits - shift;
                return if room < 7 && byte >> room != 0 { Err(Damage::Malformed) } else { Ok(number) };
            }
        }
        Err(Damage::Malformed)
    }

    #[inline]
    fn byte(&mut self) -> Read<u8> {
        let (first, rest) = self.0.split_first().ok_or(Damage::Malformed)?;
        self.0 = rest;
        Ok(*first)
    }
}
