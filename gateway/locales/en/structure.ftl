structure-overview = Overview
structure-services = Services
structure-partners = Partners
structure-colleagues = Colleagues
structure-health = Health of the node
structure-software = Software
structure-flows = Flows
structure-ledger = Ledger
shown-once = This is shown once. Copy it now.
copy = Copy
copied = Copied

structure-kind-employment-service = Public employment service
structure-kind-social-action-centre = Municipal centre for social action
structure-kind-department = Département
structure-kind-mission-locale = Employment of the young
structure-kind-digital-hub = Digital hub
structure-kind-literacy = Literacy association
structure-kind-housing = Housing and shelter
structure-kind-health = Health
structure-kind-legal-aid = Legal aid
structure-kind-food-aid = Food aid
structure-kind-school-or-library = School or library
structure-kind-other = Another association or public body

tasks-title = Left to do
task-services = Publish your services
task-partner = Find a first partner
task-colleagues = Add a colleague
task-compare = Compare the phrase with { $peer }
task-mentions-legales = Complete the legal notice
task-confidentialite = Complete the page on personal data
task-accessibilite = Complete the accessibility statement
overview-services = { $n ->
    [0] no service published
    [one] { $n } service published
   *[other] { $n } services published
}
overview-partners = { $n ->
    [0] no partner
    [one] { $n } partner
   *[other] { $n } partners
}
overview-waiting = { $n ->
    [one] { $n } partner to confirm
   *[other] { $n } partners to confirm
}
overview-awaited = { $n } waiting
overview-colleagues = { $n ->
    [one] { $n } open account
   *[other] { $n } open accounts
}
overview-alarms = { $n ->
    [0] all is well
    [one] { $n } thing to look at
   *[other] { $n } things to look at
}
overview-software = keys of your software
overview-flows = counts by territory
overview-ledger = signed proofs
overview-pages = Public pages
overview-page-mentions-legales = Legal notice
overview-page-confidentialite = Personal data
overview-page-accessibilite = Accessibility

services-none = No service is published yet.
services-places-unknown = places not said
services-places = { $n ->
    [0] full
    [one] { $n } place
   *[other] { $n } places
}
services-days = { $n ->
    [0] first meeting at once
    [one] first meeting within { $n } day
   *[other] first meeting within { $n } days
}
services-said = Given { $since }, valid until { $until }.
services-receives = Without an appointment: { $hours }
services-less = One fewer place
services-more = One place more
services-full = Mark as full
services-details = Exact number, walk-ins
services-places-label = Free places
services-days-label = Days until a first meeting
services-save = Store the places
services-walk-in = Coming without an appointment
services-hours = Hours
services-hours-hint = Write the days as Mo, Tu, We, Th, Fr, Sa, Su. Example: Mo-Fr 09:00-12:00.
services-week = Places a week (optional)
services-receive = Publish the hours
services-receive-no-more = Take the hours back
services-no-number = Write a number, or leave it empty.
services-hours-empty = Write the hours.
services-places-refused = Write 10,000 places and 730 days at most.
services-hours-refused = Check the hours, 255 characters at most, and the places, 10,000 at most.
services-changed-places = Someone changed the places since the page was opened. Now: { $now }. Check, then save.
services-changed-hours = Someone changed this drop-in since the page was opened. Now: { $now }. Check, then publish.
services-changed-none = nothing is published
services-done-places = The places are published.
services-done-accueil = The walk-in hours are published.
services-done-fini = The walk-in hours are taken back.
services-done-retire = The service is no longer published.
withdrawal-title = Withdraw this service
withdrawal-ask = Withdraw “{ $service }”?
withdrawal-found = Colleagues elsewhere will no longer find it, nor its places, nor its walk-in hours.
withdrawal-open = Open referrals to this service go on.
withdrawal-again = To publish it again, import it again.
withdrawal-act = Withdraw the service
withdrawal-changed = Someone changed this service since the page was opened. Check, then withdraw it.
withdrawal-refused = Nothing was withdrawn. Reload the page and try again.

import-title = Publish services
import-file = data·inclusion file
import-file-hint = JSON or CSV, schema v1, one million characters at most.
import-act = Publish these services
import-no-file = Choose a file.
import-unreadable = This file could not be read. It must hold services in JSON or CSV, data·inclusion v1.
import-done = It is published
import-nothing = No service was published.
import-accepted = { $n ->
    [one] { $n } new service
   *[other] { $n } new services
}
import-updated = { $n ->
    [one] { $n } service updated
   *[other] { $n } services updated
}
import-unchanged = { $n ->
    [one] { $n } service unchanged
   *[other] { $n } services unchanged
}
import-replaced = Former communes replaced
import-refused = Services refused
import-place = Place
import-service = Id
import-field = Field
import-why = Why
import-see = See the services
import-line = Line
export-title = Keep a copy of your services
export-hint = Everything your structure publishes, in data·inclusion v1. Publishing this file again changes nothing.
export-json = Services and structure (JSON)
export-services = Services (CSV, for a spreadsheet)
export-structure = Structure (CSV, for a spreadsheet)

colleagues-add = Add a colleague
colleagues-name-hint = A short name without spaces, to sign in with.
colleagues-name-empty = Write an account name.
colleagues-refused-name = This name is taken, or does not fit: 60 characters at most.
colleagues-roles = What this colleague may do
colleagues-role-empty = Tick one role at least.
colleagues-work-hint = Optional. A partner sees it when this colleague accepts a referral.
colleagues-work-name = Work name
colleagues-work-contact = Work phone or e-mail
colleagues-work-half = Write the name and the contact, or leave both empty.
colleagues-add-act = Add this colleague
role-what-counsellor = Supports people, sends referrals and answers them.
role-what-coordinator = Sees the whole team, publishes places.
role-what-admin = Runs accounts, partners and services. Sees no person.
role-what-auditor = Reads the ledger and the flows. Sees no person.
colleague-title = An account
colleague-back = All colleagues
colleague-closed = account closed
colleague-rights = Roles and contact
colleague-save = Save the roles and the contact
colleague-link-title = Sign-in link
colleague-link-what = A link that works once. This colleague then chooses a password.
colleague-link-act = Create a sign-in link
colleague-link-until = Give it to this colleague and to nobody else. Valid until { $date }.
colleague-link-back = I have copied the link
colleague-code-what = For someone who lost their phone.
colleague-code-act = Remove their six-digit code
colleague-no-code = This account has no six-digit code.
colleague-close-what = Their sessions end at once. Nothing is erased.
colleague-close-act = Close this account
colleague-open-act = Open this account again
colleague-changed = Someone changed this account since the page was opened. Now: { $now }. Check, then save.
colleague-done-ajoute = The account is created. Now give them a sign-in link.
colleague-done-change = It is stored.
colleague-done-code = Their six-digit code is removed.
colleague-done-ferme = The account is closed.
colleague-done-ouvert = The account is open again.

partners-list = Your partners
partners-none = No partner yet.
partners-waiting = Waiting
partners-new = New partner
partners-new-what = Create an invitation, or paste the one you received.
partners-invite = Create an invitation
partners-join-label = Invitation received
partners-join-hint = Paste the whole link.
partners-join = Join this partner
partners-join-empty = Paste the link of the invitation.
partners-join-unreachable = The other structure does not answer. Check that it is online, then try again.
partners-join-refused = This link is no longer valid, or was used already. Ask for another invitation.
partners-invitations = Invitations created here
partners-done-refuse = The exchange is given up. Tell the other structure by phone.
partners-done-retiree = The invitation is taken back: its link opens nothing any more.
peer-trust-paired = partner since { $date }
peer-trust-suspended = suspended since { $date }
peer-trust-removed = removed since { $date }
pairing-awaits-us = to confirm here
pairing-awaits-them = waits for the other structure
pairing-paired = confirmed
pairing-failed = given up
invitation-title = Invitation
invitation-what = Give this link to the admin of the other structure, by hand or by a safe channel. Valid until { $date }.
invitation-made = This invitation is created, but its link can no longer be shown. If you did not copy it, create another one.
invitation-another = Create another invitation
invitation-next = Wait for the other structure
invitation-open = valid until { $date }
invitation-expired = nobody came in time
invitation-used = used
invitation-dead = blocked after too many tries
invitation-withdrawn = taken back
invitation-withdraw = Take this invitation back
invitation-wrong-proofs = someone tried without the right link
invitation-late-claims = someone else has this link too
pairing-title = Confirm a partner
pairing-theirs = You have confirmed. { $peer } has yet to confirm.
pairing-for-admin = An admin must compare the phrase.
pairing-compare = Compare the phrase
pairing-compare-what = Phone { $peer }. Read this phrase to each other. It must be the same, word for word.
pairing-read = Read the partnership contract
pairing-confirm = Confirm
pairing-accepted = We have read the contract and accept it
pairing-same = The phrase is the same: confirm
pairing-other = The phrase is different: give up
pairing-until = To be done before { $date }.
pairing-agreement-changed = Your agreement has changed since the two structures talked: it cannot be confirmed like this any more. Give up, then begin again.
pairing-give-up = Give this exchange up
pairing-unread = Tick that you have read the contract and accept it.
partner-title = A partner
partner-back = All partners
partner-kind = Structure
partner-endpoints = Address of the node
partner-number = Number
partner-suspendre = Suspend this partner
partner-reprendre = Resume the exchanges
partner-retirer = Remove this partner
partner-suspendre-ask = Suspend { $peer }?
partner-reprendre-ask = Resume the exchanges with { $peer }?
partner-retirer-ask = Remove { $peer }?
partner-suspendre-what = No referral passes any more. Stops and erasures still pass. You can resume later.
partner-reprendre-what = Referrals pass again, both ways.
partner-retirer-what = This is final. Nothing passes any more but stops and erasures. It would take a new invitation.
partner-reason = Why?
partner-reason-empty = Choose a reason.
partner-done-partenaire = This structure is your partner.
partner-done-suspendre = This partner is suspended.
partner-done-reprendre = Referrals pass again.
partner-done-retirer = This partner is removed.
peer-change-reason-partnership-ended = The partnership is over
peer-change-reason-structure-closed = The structure has closed
peer-change-reason-agreement-broken = The contract is not kept
peer-change-reason-key-compromise = A key may be in other hands
peer-change-reason-equivocation = Its messages contradict each other
peer-change-reason-other = Another reason

health-alarms = To look at
health-fine = All is well.
health-call = Phone:
health-node = This node
health-version = Version
health-started = Started
health-not-delivered = Nothing has reached this partner since { $date }.
health-waiting = { $n ->
    [one] { $n } message waits.
   *[other] { $n } messages wait.
}
health-parked = { $n ->
    [one] { $n } message set aside: it could not leave.
   *[other] { $n } messages set aside: they could not leave.
}
health-clocks = { $n ->
    [one] The two clocks are { $n } minute apart. Set them right.
   *[other] The two clocks are { $n } minutes apart. Set them right.
}
health-refused = { $n ->
    [one] { $n } message of this partner was refused.
   *[other] { $n } messages of this partner were refused.
}
health-heard = Heard last { $when }.
health-never-heard = Not heard yet.
link-state-open = linked
link-state-closed = cannot be reached
link-state-endings-only = stops only
link-state-pairing = to confirm
link-state-suspended = suspended
link-state-removed = removed
alarm-messages-set-aside = Messages for { $peer } could not leave. Call this structure.
alarm-partner-removed-messages-wait = { $peer } was removed and messages wait for it. Call this structure, also about stops.
alarm-ledger-contradiction = { $peer } signed two ledgers that contradict each other. Call this structure.
alarm-ledger-unproven = { $peer } does not prove that its ledger goes on from the one before. Call this structure.
alarm-more-threads = More referrals need a look. See what there is to do.
alarm-delayed-act-refused = An act that was asked could not be done. Open the referral.
alarm-erasure-receipt-missing = { $peer } has not signed the erasure. Call this structure.
alarm-event-without-effect = { $peer } sent a message that was not allowed. It has no effect.
alarm-forked = { $peer } sent two different versions of what happened. The exchange is blocked: call this structure.
alarm-handover-unconfirmed = { $peer } has not confirmed the handover. Keep supporting the person, and call.
alarm-disclosure-held = { $peer } accepted, but the name and contact have not left yet. Check the time on your machine and on theirs.

software-what = A key lets one of your programs talk to this node.
software-persons = A key that opens referrals or people is created in “My account”, by each professional.
software-none = No key for the moment.
software-for = For the account { $user }, until { $date }.
software-used = Used { $when }.
software-never-used = Never used.
software-revoke = Remove this key
software-new = New key
software-name = Name of the program
software-name-empty = Write the name of the program.
software-refused-name = This name is taken, or does not fit: 60 characters at most.
software-scopes = What the key allows
software-scope-empty = Tick one right at least.
software-user = Account
software-user-hint = The key can never do more than this account.
software-days = Valid for (days)
software-days-hint = Empty: 90 days. 366 at most.
software-create = Create the key
software-key-title = Key created
software-key-until = valid until { $date }
software-back = I have copied the key
software-done-revoque = The key is removed.
scope-threads-list = Read the list of referrals, without names
scope-threads-read = Read a whole referral
scope-threads-act = Send and answer
scope-follow-ups = See and open the people I support
scope-inquiries = Ask partners who can take a need, and answer them
scope-services-read = Read services
scope-services-write = Publish services and places
scope-flows-read = Read the flows

flows-what = What this node sent and received. A small number reads “0–10”; nothing is added up.
flows-level = Territory
flows-when = Quarter
flows-show = Show the numbers
quarter-1 = Quarter 1
quarter-2 = Quarter 2
quarter-3 = Quarter 3
quarter-4 = Quarter 4
flows-quarter = { $quarter } of { $year }
flows-caption = Flows, { $quarter } of { $year }
flows-none = Nothing was counted for this quarter.
flows-territory = Territory
flows-side = Way
flows-end = End
flows-outcome = Outcome
flows-count = Number
flows-sent = sent
flows-received = received
flows-live = going on
flows-few = 0–10
level-commune = Commune
level-epci = Group of communes
level-departement = Département
level-region = Région
level-france = France

ledger-holds = The ledger is intact.
ledger-broken = The ledger contradicts itself. Stop the node and tell your administrator.
ledger-leaves-missing = Leaves signed: { $signed }. Leaves there: { $held }. Some are missing.
ledger-not-as-signed = The first { $signed } leaves are not those that were signed.
ledger-leaf-missing = Leaf { $place } is missing.
ledger-other-tree = The leaves do not give the tree kept beside them.
ledger-tree-not-whole = The tree kept beside the leaves is not whole.
ledger-checkpoint-bad = A checkpoint kept is not signed by this structure, or is damaged.
ledger-corrupt = Something stored in the ledger is damaged.
ledger-not-checked = The ledger could not be checked. Try again.
ledger-size = Leaves
ledger-signed = Signed leaves
ledger-root = Root
ledger-checkpoint = Latest signed checkpoint
ledger-checkpoint-what = Keep it: it proves later that nothing was taken away.
ledger-peers = Partners’ ledgers
ledger-peers-caption = What this node knows of them
ledger-no-peers = No partner’s ledger is known yet.
ledger-peer = Partner
ledger-seen = Seen
ledger-state = State
ledger-holds-short = intact
ledger-broken-short = contradicts itself
peer-trust-awaited = confirmed here on { $date }, not seen yet
partner-awaited = You confirmed { $when }. The node of { $peer } was never seen: this organisation has not confirmed, said no, or cannot be reached. Call them.
partner-awaited-do = Check the address together, then begin the exchange anew. To give up, suspend: you can begin again.
partner-awaited-introduce = Ask for the introduction again
partner-awaited-invite = Invite again
link-state-awaited = not seen yet
alarm-partner-never-met = { $peer } has still not been seen. Call them, check the address together, then begin the exchange anew or suspend.
invitation-for = For { $peer }.
