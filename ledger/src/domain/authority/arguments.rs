//! Why each row of the table is safe: what stops the side that gains from setting it alone, and how it is undone.

use super::super::event::BodyKind;

/// The argument for a kind of event, one sentence or two.
#[must_use]
pub fn argument(kind: BodyKind) -> &'static str {
    use BodyKind as K;
    match kind {
        K::LedgerFounded => "Nobody is there yet; two founders, so that one lost key orphans nothing.",
        K::OrganisationRegistered => {
            "A new organisation has no members; it stands where its parent's steward says."
        }
        K::OrganisationLinked => "Moves whoever belongs to it, so the actor must reach both ends.",
        K::KeyEnrolled => {
            "Only the person brings a key, and the key signs for it. One that came by a code is its issuer's hand for the term, and roles name their keys."
        }
        K::KeyRotated => {
            "By the old key itself, so the hand stays the same. The ledger's keys are the founders', and a new one is its bringer's hand for the term; the other founder's key changes after the term."
        }
        K::KeyRevoked => {
            "Cannot be undone: at once by an own key, after the term by a code, with a second person by staff."
        }
        K::RoleGranted => {
            "Nobody gives more than they hold, or anything to themselves; the keys named are compared with the holder's. On a ledger's first day all keys are by a founder's code, so a role may name such a key; what it does waits or takes another hand. Undone by revoking."
        }
        K::RoleRevoked => {
            "By who could grant it, undone by granting it again; or laid down by its holder, after the term by a code. A founder's alone is not granted again: the other founder ends it after the term, and nobody the last."
        }
        K::MemberRegistered => {
            "The person is new, so nobody else loses a right. Who lives elsewhere is affiliated, not registered again."
        }
        K::MemberAffiliated => {
            "Gives rights over the person: the gaining side only proposes, and the person, staff of the home, or a steward above both answers. Either side ends it."
        }
        K::ReportInFiled => {
            "The person or the home files. From the receiving community it is an invitation that waits for them."
        }
        K::ReportInAnswered => "Answers what the other side filed; nobody accepts themselves.",
        K::ReportInEnded => "Takes rights away and gives none; filed anew it begins again.",
        K::PolicyAdopted => {
            "Holds for later days only, the same for all; no policy shortens the term below 7 days."
        }
        K::ActivityPlanned => "Concerns the organisation's own calendar.",
        K::ActivityPublished => "Shows what was planned; undone by cancelling.",
        K::ActivityClosed => "Ends sign-ups; hours that were served are recorded all the same.",
        K::ActivityCancelled => "Takes no confirmed hour away; planned anew.",
        K::ShiftOpened => "Offers places and assigns nobody.",
        K::SignedUp => "The person, or staff of the home on the person's word; withdrawn at any time.",
        K::SignUpWithdrawn => "As signing up, which it undoes.",
        K::AttendanceTaken => {
            "A later roll call replaces it; minutes count only when recorded and confirmed."
        }
        K::HoursRecorded => "Counts nothing before another person confirms.",
        K::HoursConfirmed => {
            "Volunteer, recorder and confirmer are three persons, and neither of the last two has a key by the other's code; corrected by two."
        }
        K::HoursCorrected => {
            "Of a row not confirmed yet at once; a confirmed one loses minutes, so a second person stands for it."
        }
        K::CreditTransferred => {
            "Cannot be taken back: at once by an own key, after the term by a code; out of a fund with a second person, never to the payer."
        }
        K::CreditHeld => "Undone by voiding; without settling it goes back when it runs out.",
        K::CreditSettled => "Cannot be taken back: at once by an own key, after the term by a code.",
        K::CreditVoided => "Credit goes back to whom it came from.",
        K::WishPosted => {
            "Shown to nobody outside before another member of staff vets it; withdrawn at any time."
        }
        K::WishVetted => {
            "By another than who posted it, neither with a key by the other's code; the sentence carries no name."
        }
        K::WishClaimed => "Released at any time; by a code, naming others waits the term.",
        K::WishReleased => "Gives up a claim of one's own; claimed again.",
        K::WishFulfilled => "A statement about one's own claim; counts when the resident confirms.",
        K::WishConfirmed => {
            "The resident, or staff of the resident's home at the door; not who posted or claimed it, and after the term by a code of who claimed it."
        }
        K::WishLapsed => "By the clock and the policy alone.",
        K::WishWithdrawn => "Takes a wish off the board; posted anew.",
        K::ListPublished => {
            "Cannot be unseen: a second person stands for it, and it can be recomputed by whoever may see it."
        }
        K::MemberExempted => {
            "Decides about somebody's standing: a second person stands for it, never about oneself."
        }
        K::StateDigest => "Says what everybody can compute.",
        K::RulesAdopted => "Only versions that every build has; what was derived before stays.",
        K::ClockCorrected => "A founder's alone; every entry keeps its position, and the audit shows it.",
        K::ErasureRequested => {
            "Cannot be undone: at once by an own key, after the term by a code, with a second person and the term by staff; never of an office holder."
        }
        K::PersonalDataErased => "Carries out what was asked for and took effect.",
        K::SessionGranted => {
            "By staff of the home, whose hand it stays: it reads by no role that they could not grant, and what cannot be undone waits."
        }
        K::SessionOpened => "Says that the code was typed in.",
        K::SessionClosed => {
            "Takes a hand away that could object: at once by an own key or the session itself, after the term by a code, with a second person by staff. An unused code is called back at once; that of another desk waits alike while something waits that a code asserted."
        }
        K::RecordAccessed => "The trace of a look; gives nothing.",
        K::ConsentGiven => {
            "A published name cannot be unseen: at once by an own key, after the term by a code, with a second person on staff's word. Withdrawn at once."
        }
        K::ActApproved => {
            "By whom the act waits for: the other side; or another with the same right. Neither of the two has a key by the other's code, nor both by codes of one issuer within the term."
        }
        K::ActStopped => {
            "Nothing happens to anybody; asserted again. Of two hands of one person the older decides."
        }
        K::ActTookEffect => "By the clock alone, if the rules still allow it.",
    }
}
