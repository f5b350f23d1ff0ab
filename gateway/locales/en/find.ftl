found-answers-at-once = answers the same day
found-answers = { $n ->
    [one] answers within { $n } day
   *[other] answers within { $n } days
}
found-unanswered = { $left } of { $of } requests left unanswered
found-no-language = languages not stated
found-no-price = price not stated
found-no-hours = opening hours not stated
found-no-mode = in person or at a distance: not stated
found-described = described in { $year }
found-vouched = recommended by a partner
found-stranger = not a partner yet
found-unverified = not on the network yet
found-source = open data: { $source }
service-count = { $n ->
    [one] { $n } service
   *[other] { $n } services
}
service-next = See more
service-first = Back to the start
service-invite = Invite this organisation
filter-title = Narrow down
filter-language = Language spoken
filter-any = Any
filter-free = Free
filter-partners = Partners only
filter-act = Narrow the list down
filter-none = Remove all
filter-mode = Reception
filter-mode-sur-place = In person
filter-mode-a-distance = At a distance
filter-reach = How can the person come?
filter-reach-domicile = They cannot travel
filter-reach-pied = On foot, 2 km
filter-reach-transports = By public transport, 10 km
filter-reach-voiture = By car, 30 km
filter-hours = When can they come?
filter-hours-matin = In the morning
filter-hours-apres-midi = In the afternoon
filter-hours-soir = In the evening, after 6 pm
filter-hours-samedi = On Saturdays
filter-audience = For whom?
filter-audience-actifs = Working people
filter-audience-beneficiaires-des-minimas-sociaux = People on minimum benefits
filter-audience-demandeurs-emploi = Job seekers
filter-audience-etudiants = Students
filter-audience-familles = Families
filter-audience-femmes = Women
filter-audience-jeunes = Young people
filter-audience-personnes-en-situation-de-handicap = People with disabilities
filter-audience-personnes-en-situation-durgence = People in an emergency
filter-audience-personnes-en-situation-juridique-specifique = People in a particular legal situation
filter-audience-personnes-exilees = Exiled people
filter-audience-residents-qpv-frr = People from a priority district or area
filter-audience-seniors = Older people
beyond-title = Just beyond
beyond-count = { $n ->
    [one] { $n } more service
   *[other] { $n } more services
}
beyond-first = the first: { $name }
beyond-first-at = the first { $km } km away: { $name }
beyond-language = In another language: { $count }, { $first }
beyond-audience = For other people: { $count }, { $first }
beyond-price = At a price: { $count }, { $first }
beyond-mode = Received otherwise: { $count }, { $first }
beyond-reach = Further away: { $count }, { $first }
beyond-hours = At other hours: { $count }, { $first }
beyond-doors = Not among your partners: { $count }, { $first }
beyond-territory = For other communes: { $count }, { $first }
beyond-without = See them too
found-said = { $what }, said { $when }
filter-language-unknown = Write one language, by its name.
service-reading = Open data are being read: come back in a moment.
service-none-asked = No service meets all that is asked.
found-awaited = partnership confirmed by you alone: call them
service-not-kept = Your node keeps nothing of organisations of this département that are not your partners. An administrator can choose so, in the directory.
