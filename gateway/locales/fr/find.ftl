found-answers-at-once = répond le jour même
found-answers = { $n ->
    [one] répond en { $n } jour
   *[other] répond en { $n } jours
}
found-unanswered = { $left } demandes sur { $of } restées sans réponse
found-no-language = langues non indiquées
found-no-price = prix non indiqué
found-no-hours = horaires non indiqués
found-no-mode = mode d’accueil non indiqué
found-described = fiche de { $year }
found-vouched = recommandée par un partenaire
found-stranger = pas encore partenaire
found-unverified = pas encore sur le réseau
found-source = données ouvertes : { $source }
service-count = { $n ->
    [one] { $n } service
   *[other] { $n } services
}
service-next = Voir la suite
service-first = Revenir au début
service-invite = Inviter cette structure
filter-title = Affiner
filter-language = Langue parlée
filter-any = Peu importe
filter-free = Gratuit
filter-partners = Partenaires seulement
filter-act = Affiner la liste
filter-none = Tout enlever
filter-mode = Accueil
filter-mode-sur-place = Sur place
filter-mode-a-distance = À distance
filter-reach = Comment la personne peut-elle venir ?
filter-reach-domicile = Elle ne peut pas se déplacer
filter-reach-pied = À pied, 2 km
filter-reach-transports = En transports, 10 km
filter-reach-voiture = En voiture, 30 km
filter-hours = Quand peut-elle venir ?
filter-hours-matin = Le matin
filter-hours-apres-midi = L’après-midi
filter-hours-soir = Le soir, après 18 h
filter-hours-samedi = Le samedi
filter-audience = Pour qui ?
filter-audience-actifs = Actifs
filter-audience-beneficiaires-des-minimas-sociaux = Bénéficiaires des minima sociaux
filter-audience-demandeurs-emploi = Demandeurs d’emploi
filter-audience-etudiants = Étudiants
filter-audience-familles = Familles
filter-audience-femmes = Femmes
filter-audience-jeunes = Jeunes
filter-audience-personnes-en-situation-de-handicap = Personnes en situation de handicap
filter-audience-personnes-en-situation-durgence = Personnes en situation d’urgence
filter-audience-personnes-en-situation-juridique-specifique = Personnes en situation juridique particulière
filter-audience-personnes-exilees = Personnes exilées
filter-audience-residents-qpv-frr = Habitants d’un quartier ou d’une zone prioritaire
filter-audience-seniors = Seniors
beyond-title = Juste à côté
beyond-count = { $n ->
    [one] { $n } service de plus
   *[other] { $n } services de plus
}
beyond-first = le premier : { $name }
beyond-first-at = le premier à { $km } km : { $name }
beyond-language = Dans une autre langue : { $count }, { $first }
beyond-audience = Pour un autre public : { $count }, { $first }
beyond-price = Payant : { $count }, { $first }
beyond-mode = Avec un autre accueil : { $count }, { $first }
beyond-reach = Plus loin : { $count }, { $first }
beyond-hours = À d’autres heures : { $count }, { $first }
beyond-doors = Hors de vos partenaires : { $count }, { $first }
beyond-territory = Réservé à d’autres communes : { $count }, { $first }
beyond-without = Les voir aussi
found-said = { $what }, dit { $when }
filter-language-unknown = Écrivez une seule langue, par son nom.
service-reading = Les données ouvertes sont en cours de lecture : revenez dans un instant.
service-none-asked = Aucun service ne répond à tout ce qui est demandé.
found-awaited = partenariat confirmé par vous seul : appelez-la
service-not-kept = Votre nœud ne garde rien des structures de ce département qui ne sont pas vos partenaires. Un administrateur peut le choisir, dans l’annuaire.
