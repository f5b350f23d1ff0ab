inquiry-ask = Ask who can take this
inquiry-ask-hint = Partners are asked about the need and the place. Nothing of the person leaves.
inquiry-language = Language spoken (optional)
inquiry-ask-act = Ask
inquiry-more = More (optional)
inquiry-title = Who can take this?
inquiry-no-commitment = An answer is no commitment.
inquiry-until = Answers count until { $when }.
inquiry-over = The time was over on { $when }.
inquiry-refresh = Refresh
inquiry-back = Back to the services
inquiry-can-take = Can take
inquiry-waiting-list = Waiting list
inquiry-cannot = Cannot
inquiry-automatic = automatic answer, from its places
inquiry-not-reached = Not reached yet
inquiry-asked = No answer yet
inquiry-no-answer = No answer
inquiry-answer-by = to say { $when }
inquiry-answered = Answer sent.
inquiry-mode-a-distance = at a distance
inquiry-mode-en-presentiel = on site
inquiry-can-take-places = { $n ->
    [one] Can take { $n }
   *[other] Can take { $n }
}
inquiry-left-out = { $n ->
    [one] { $n } partner was not asked: asked too much today already.
   *[other] { $n } partners were not asked: asked too much today already.
}
inquiry-said = said { $when }
inquiry-places = Places (optional)
inquiry-days = Days of waiting (optional)
inquiry-earlier = who can take this? Asked { $when }
inquiry-beyond = { $n ->
    [one] { $n } more partner, further away, was not asked: 50 at most.
   *[other] { $n } more partners, further away, were not asked: 50 at most.
}
inquiry-news = { $n ->
    [one] { $n } answer: who can take this?
   *[other] { $n } answers: who can take this?
}
inquiry-waiting = { $n ->
    [one] { $n } inquiry: who can take this?
   *[other] { $n } inquiries: who can take this?
}
inquiry-audience-tous-publics = everyone
inquiry-audience-actifs = people in work
inquiry-audience-beneficiaires-des-minimas-sociaux = people on minimum income
inquiry-audience-demandeurs-emploi = jobseekers
inquiry-audience-etudiants = students
inquiry-audience-familles = families
inquiry-audience-femmes = women
inquiry-audience-jeunes = young people
inquiry-audience-personnes-en-situation-de-handicap = people with a disability
inquiry-audience-personnes-en-situation-durgence = people in an emergency
inquiry-audience-personnes-en-situation-juridique-specifique = people in a specific legal situation
inquiry-audience-personnes-exilees = people in exile
inquiry-audience-residents-qpv-frr = residents of priority areas
inquiry-audience-seniors = older people
inquiry-setting = Partners’ inquiries
inquiry-setting-yes = The node answers inquiries by itself, from your published places while they hold.
inquiry-setting-no = Your colleagues answer inquiries. The node does not answer by itself.
inquiry-set-yes = Answer automatically
inquiry-set-no = Stop answering automatically
inquiry-answers = { $n ->
    [one] { $n } answer
   *[other] { $n } answers
}
inquiry-partners = { $n ->
    [one] { $n } partner asked
   *[other] { $n } partners asked
}
inquiry-taken-back = Took its answer back
inquiry-service = Service (optional)
inquiries-all = All your requests
inquiries-none = You have not asked anything yet.
inquiry-asked-when = asked { $when }
inquiry-closed = time is over
refusal-no-door-service-id = This service is not, or no longer, for this need there. Choose another one, or none.
inquiries-earlier = Asked before for this need
