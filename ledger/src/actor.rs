//! One who asserts: a person with a key, signing events for a ledger.

use ed25519_dalek::SigningKey;
use rand_core::CryptoRng;

use crate::domain::event::{Assurance, Body, Event, KeyEvent};
use crate::domain::ids::{EventId, KeyId, PersonId, Possession, PublicKey};
use crate::domain::time::Millis;
use crate::dsse::SignedEvent;
use crate::possession;
use crate::wire;

/// A person with a signing key, at one ledger.
#[derive(Clone)]
pub struct Actor {
    /// Who.
    pub person: PersonId,
    /// Origin of the ledger.
    pub ledger: String,
    key: SigningKey,
}

impl std::fmt::Debug for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Actor({} at {})", self.person, self.ledger)
    }
}

impl Actor {
    /// A person with a key.
    #[must_use]
    pub fn new(person: PersonId, ledger: impl Into<String>, key: SigningKey) -> Self {
        Self { person, ledger: ledger.into(), key }
    }

    /// The public half of the key.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.key.verifying_key().to_bytes())
    }

    /// The key's id.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        KeyId::of(&self.public_key())
    }

    /// What enrols this actor's key: with the proof that only its holder can make.
    #[must_use]
    pub fn enrolment(&self) -> Body {
        let (person, key, proof) = (self.person, self.public_key(), self.possession());
        Body::Key(KeyEvent::Enrolled { person, key, proof })
    }

    /// What puts this actor's key in the place of an old one of the same person.
    #[must_use]
    pub fn rotation_from(&self, old: KeyId) -> Body {
        let (person, new, proof) = (self.person, self.public_key(), self.possession());
        Body::Key(KeyEvent::Rotated { person, old, new, proof })
    }

    fn possession(&self) -> Possession {
        possession::prove(&self.key, &self.ledger, self.person)
    }

    /// An event that this actor asserts in person, whatever the stream's revision.
    pub fn event(&self, now: Millis, rng: &mut dyn CryptoRng, body: Body) -> Event {
        let id = event_id(now, rng);
        Event::plain(id, self.ledger.clone(), self.person, now, body)
    }

    /// An event of a person in a session that this actor, the ledger, witnesses.
    pub fn witnessed(
        &self,
        now: Millis,
        rng: &mut dyn CryptoRng,
        (person, grant): (PersonId, EventId),
        body: Body,
    ) -> Event {
        let own = self.event(now, rng, body);
        Event { actor: person, assurance: Assurance::ServerWitnessed, grant: Some(grant), ..own }
    }

    /// Signs an event.
    #[must_use]
    pub fn sign(&self, event: &Event) -> SignedEvent {
        SignedEvent::sign(&self.key, wire::encode_event(event))
    }

    /// Makes and signs an event that this actor asserts in person.
    pub fn assert(&self, now: Millis, rng: &mut dyn CryptoRng, body: Body) -> SignedEvent {
        let event = self.event(now, rng, body);
        self.sign(&event)
    }
}

/// A fresh UUIDv7 of a moment.
pub fn event_id(now: Millis, rng: &mut dyn CryptoRng) -> EventId {
    let mut id = [0; 16];
    rng.fill_bytes(&mut id[6..]);
    id[..6].copy_from_slice(&now.0.max(0).to_be_bytes()[2..]);
    id[6] = 0x70 | (id[6] & 0x0f);
    id[8] = 0x80 | (id[8] & 0x3f);
    EventId(id)
}

/// A random id of any other kind, shown as a UUIDv4.
pub fn random_id(rng: &mut dyn CryptoRng) -> [u8; 16] {
    let mut id = [0; 16];
    rng.fill_bytes(&mut id);
    id[6] = 0x40 | (id[6] & 0x0f);
    id[8] = 0x80 | (id[8] & 0x3f);
    id
}
