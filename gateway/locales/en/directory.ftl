structure-directory = Directory
overview-directory = who is known, and since when
directory-lead = Your node knows { $structures }, yours included, and { $services }.
directory-count = { $n ->
    [one] { $n } structure
   *[other] { $n } structures
}
directory-services = { $n ->
    [0] no service
    [one] { $n } service
   *[other] { $n } services
}
directory-to-look-at = To look at
directory-conflict = { $n ->
    [one] Signed two different versions of the same record. Both are kept as proof.
   *[other] Signed two different versions of { $n } records. All are kept as proof.
}
directory-conflict-do = Call this structure: its node may have been copied, or restored from an old backup. Without an explanation, refuse it.
directory-conflicting = Structures that contradict themselves
directory-refused = Refused structures
directory-see-all = See all of them ({ $n })
directory-state = What is kept here
directory-departements = Départements
directory-everywhere = all of France
directory-kept-none = None: say it below, or publish your sites. Your partners and national services are kept.
directory-kept-chosen = { $places }: your choice. Your partners and national services are kept as well.
directory-kept-home = { $places }: where your structure works. Your partners and national services are kept as well.
directory-open = Open data
directory-unread = Set aside
directory-unread-count = { $n ->
    [one] { $n } record that another version of the program wrote
   *[other] { $n } records that another version of the program wrote
}
directory-open-none = None is loaded.
directory-open-loading = They are still being read.
directory-open-source = { $source }: { $services }, loaded { $when }. Newest record: { $newest }.
directory-choose = Choose the départements
directory-choose-what = Of which départements do you keep the structures?
directory-choice-home = Where our structure works
directory-choice-france = All of France
directory-choice-list = Those I write below
directory-choice-empty = Choose one of the three answers.
directory-codes = Numbers of the départements
directory-codes-hint = For example: 17, 79, 2A, 971.
directory-codes-empty = Write the number of at least one département.
directory-kept-refused-departements = One of these numbers is not that of a département. Check them: 128 at most.
directory-choose-warns = Structures of other départements are erased here, except your partners. If you change your mind, they will come back little by little.
directory-choose-act = Keep these départements
directory-done-departements = Noted. What is missing comes little by little through your partners.
directory-comparisons = Compared with your partners
directory-comparisons-all = When, and how it ended
directory-never-compared = not yet since the start
directory-compared-nothing-new = nothing new
directory-compared-exchanged = records exchanged
directory-compared-partly = not finished, more is coming
directory-compared-answered = at its request
directory-compared-unanswered = no answer
directory-compared-unreadable = answer cannot be read
directory-harmless = What was not taken, nothing serious
directory-not-taken = { $what }, the last time { $when }.
directory-not-taken-forged = { $n ->
    [one] { $n } record not signed by its structure
   *[other] { $n } records not signed by their structure
}
directory-not-taken-forged-do = Call this partner: someone may be pretending to be a structure.
directory-not-taken-unreadable = { $n ->
    [one] { $n } record that cannot be read, or breaks the rules
   *[other] { $n } records that cannot be read, or break the rules
}
directory-not-taken-unreadable-do = Ask this partner to update its program.
directory-not-taken-rival = { $n ->
    [one] { $n } record of a structure that signs two identities against each other, brought by this partner
   *[other] { $n } records of structures that sign two identities against each other, brought by this partner
}
directory-not-taken-rival-do = It is not this partner’s doing. Someone may have stolen the keys of that structure: the node’s log names it.
directory-not-taken-returned = { $n ->
    [one] { $n } record of your structure that your node did not know any more
   *[other] { $n } records of your structure that your node did not know any more
}
directory-not-taken-returned-do = If the folder of the node comes from a copy, check your services. If not, someone may have stolen your keys: change them.
directory-not-taken-ahead = { $n ->
    [one] { $n } record in your name that your node cannot have signed
   *[other] { $n } records in your name that your node cannot have signed
}
directory-not-taken-ahead-do = Someone else has your keys: change them with “relais identity rotate”.
directory-not-taken-insistent = { $n ->
    [one] { $n } request that breaks the rules
   *[other] { $n } requests that break the rules
}
directory-not-taken-insistent-do = Ask this partner to update its program. If it goes on, suspend it.
directory-not-taken-early = { $n ->
    [one] { $n } record dated later than now
   *[other] { $n } records dated later than now
}
directory-not-taken-early-do = Check the clock of your machine, then call this partner.
directory-not-taken-full = { $n ->
    [one] { $n } record too many
   *[other] { $n } records too many
}
directory-not-taken-full-do = Your node can keep no more. Choose fewer départements.
directory-not-taken-late = { $n ->
    [one] { $n } record out of date
   *[other] { $n } records out of date
}
directory-not-taken-unwanted = { $n ->
    [one] { $n } record that you do not keep
   *[other] { $n } records that you do not keep
}
directory-not-taken-halves = { $n ->
    [one] { $n } incomplete record, asked for again
   *[other] { $n } incomplete records, asked for again
}
directory-not-taken-version = { $n ->
    [one] { $n } record of another version of the program
   *[other] { $n } records of another version of the program
}
directory-not-taken-other = { $n ->
    [one] { $n } record, for another reason
   *[other] { $n } records, for another reason
}
directory-structures = Structures
directory-structure-title = Structure of the directory
directory-search = Search by name
directory-search-act = Search
directory-found = { $n ->
    [0] No structure found.
    [one] { $n } structure found.
   *[other] { $n } structures found.
}
directory-back = See the whole directory
directory-unnamed = Structure without a name
directory-and-others = { $names } and others
directory-standing-own = your structure
directory-standing-partner = partner
directory-standing-awaited = not seen yet
directory-standing-suspended = suspended partner
directory-standing-removed = no partner any more
directory-standing-refused = refused by you
directory-standing-vouched = recommended by { $names }
directory-standing-third = not yet a partner
directory-nothing-held = nothing is kept of it
directory-fresh = said { $since }
directory-fresh-until = said { $since }, valid until { $until }
directory-via = known through { $peer }
directory-via-since = through { $peer }, since { $date }
directory-via-unnamed = known through a former partner
directory-place = Commune
directory-said = Its records
directory-known = Known
directory-under-way = Introduction under way
directory-invite = Invite
directory-introduce-what = The admins of both structures will have to say yes, and compare a phrase.
directory-invite-what = None of your partners recommends it. Make an invitation and send it yourself.
directory-partner = See the partnership
directory-refuser = Refuse this structure
directory-refuser-ask = Refuse { $name }?
directory-refuser-what = Your node erases what it keeps of this structure and takes nothing of it any more, whoever brings it. Its services will not be offered here any more. Nobody is told. You can accept it again: its records will then come back little by little.
directory-refuser-partner = It stays your partner: referrals under way go on.
directory-done-refuser = This structure is refused. Nothing is kept of it any more, except its name and the proofs.
directory-reprendre = Accept again
directory-reprendre-ask = Accept { $name } again?
directory-reprendre-what = Your node will take the records of this structure again: they will come back little by little. Nobody is told.
directory-done-reprendre = Nothing of this structure is refused any more.
directory-change-refused = That could not be done: too many structures are refused. Accept one of them first.
service-introduce = Be introduced
service-ask-admin = Your admin can ask for an introduction.
