inquiry-ask = Demander qui peut prendre
inquiry-ask-hint = Les partenaires sont interrogés sur le besoin et la commune. Rien de la personne ne part.
inquiry-language = Langue parlée (facultatif)
inquiry-ask-act = Demander
inquiry-more = Préciser (facultatif)
inquiry-title = Qui peut prendre ?
inquiry-no-commitment = Une réponse n’est pas un engagement.
inquiry-until = Les réponses comptent jusqu’au { $when }.
inquiry-over = Le délai est passé le { $when }.
inquiry-refresh = Actualiser
inquiry-back = Revenir aux services
inquiry-can-take = Peut prendre
inquiry-waiting-list = Liste d’attente
inquiry-cannot = Ne peut pas
inquiry-automatic = réponse automatique, d’après ses places
inquiry-not-reached = Pas encore joint
inquiry-asked = Pas encore de réponse
inquiry-no-answer = Pas de réponse
inquiry-answer-by = à dire { $when }
inquiry-answered = Réponse envoyée.
inquiry-mode-a-distance = à distance
inquiry-mode-en-presentiel = sur place
inquiry-can-take-places = { $n ->
    [one] Peut en prendre { $n }
   *[other] Peut en prendre { $n }
}
inquiry-left-out = { $n ->
    [one] { $n } partenaire n’a pas été interrogé : déjà trop demandé aujourd’hui.
   *[other] { $n } partenaires n’ont pas été interrogés : déjà trop demandés aujourd’hui.
}
inquiry-said = dit { $when }
inquiry-places = Places (facultatif)
inquiry-days = Jours d’attente (facultatif)
inquiry-earlier = qui peut prendre ? Demandé { $when }
inquiry-beyond = { $n ->
    [one] { $n } autre partenaire, plus loin, n’a pas été interrogé : 50 au plus.
   *[other] { $n } autres partenaires, plus loin, n’ont pas été interrogés : 50 au plus.
}
inquiry-news = { $n ->
    [one] { $n } réponse : qui peut prendre ?
   *[other] { $n } réponses : qui peut prendre ?
}
inquiry-waiting = { $n ->
    [one] { $n } demande : qui peut prendre ?
   *[other] { $n } demandes : qui peut prendre ?
}
inquiry-audience-tous-publics = tous publics
inquiry-audience-actifs = actifs
inquiry-audience-beneficiaires-des-minimas-sociaux = bénéficiaires de minima sociaux
inquiry-audience-demandeurs-emploi = demandeurs d’emploi
inquiry-audience-etudiants = étudiants
inquiry-audience-familles = familles
inquiry-audience-femmes = femmes
inquiry-audience-jeunes = jeunes
inquiry-audience-personnes-en-situation-de-handicap = personnes en situation de handicap
inquiry-audience-personnes-en-situation-durgence = personnes en situation d’urgence
inquiry-audience-personnes-en-situation-juridique-specifique = personnes en situation juridique spécifique
inquiry-audience-personnes-exilees = personnes exilées
inquiry-audience-residents-qpv-frr = habitants de quartiers prioritaires
inquiry-audience-seniors = seniors
inquiry-setting = Demandes des partenaires
inquiry-setting-yes = Le nœud répond seul aux demandes, d’après vos places publiées tant qu’elles sont valables.
inquiry-setting-no = Vos collègues répondent aux demandes. Le nœud ne répond pas seul.
inquiry-set-yes = Répondre automatiquement
inquiry-set-no = Ne plus répondre automatiquement
inquiry-answers = { $n ->
    [one] { $n } réponse
   *[other] { $n } réponses
}
inquiry-partners = { $n ->
    [one] { $n } partenaire interrogé
   *[other] { $n } partenaires interrogés
}
inquiry-taken-back = A retiré sa réponse
inquiry-service = Service (facultatif)
inquiries-all = Toutes vos demandes
inquiries-none = Vous n’avez encore rien demandé.
inquiry-asked-when = demandé { $when }
inquiry-closed = délai passé
refusal-no-door-service-id = Ce service n’est pas, ou n’est plus, pour ce besoin à cet endroit. Choisissez-en un autre, ou aucun.
inquiries-earlier = Déjà demandé pour ce besoin
