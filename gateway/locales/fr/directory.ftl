structure-directory = Annuaire
overview-directory = qui est connu, et depuis quand
directory-lead = Votre nœud connaît { $structures }, la vôtre comprise, et { $services }.
directory-count = { $n ->
    [one] { $n } structure
   *[other] { $n } structures
}
directory-services = { $n ->
    [0] aucun service
    [one] { $n } service
   *[other] { $n } services
}
directory-to-look-at = À regarder
directory-conflict = { $n ->
    [one] A signé deux versions différentes de la même fiche. Les deux sont gardées comme preuve.
   *[other] A signé deux versions différentes de { $n } fiches. Toutes sont gardées comme preuve.
}
directory-conflict-do = Appelez cette structure : son nœud a peut-être été copié, ou rétabli d’une ancienne sauvegarde. Sans explication, refusez-la.
directory-conflicting = Structures qui se contredisent
directory-refused = Structures refusées
directory-see-all = Les voir toutes ({ $n })
directory-state = Ce qui est gardé ici
directory-departements = Départements
directory-everywhere = toute la France
directory-kept-none = Aucun : dites-le ci-dessous, ou publiez vos antennes. Vos partenaires et les services nationaux sont gardés.
directory-kept-chosen = { $places } : votre choix. Vos partenaires et les services nationaux sont gardés aussi.
directory-kept-home = { $places } : là où travaille votre structure. Vos partenaires et les services nationaux sont gardés aussi.
directory-open = Données ouvertes
directory-unread = Mises de côté
directory-unread-count = { $n ->
    [one] { $n } fiche qu’une autre version du programme a écrite
   *[other] { $n } fiches qu’une autre version du programme a écrites
}
directory-open-none = Aucune n’est chargée.
directory-open-loading = La lecture n’est pas finie.
directory-open-source = { $source } : { $services }, chargés { $when }. Fiche la plus récente : { $newest }.
directory-choose = Choisir les départements
directory-choose-what = De quels départements gardez-vous les structures ?
directory-choice-home = Là où travaille notre structure
directory-choice-france = Toute la France
directory-choice-list = Ceux que j’écris ci-dessous
directory-choice-empty = Choisissez une des trois réponses.
directory-codes = Numéros des départements
directory-codes-hint = Par exemple : 17, 79, 2A, 971.
directory-codes-empty = Écrivez au moins un numéro de département.
directory-kept-refused-departements = Un de ces numéros n’est pas celui d’un département. Vérifiez-les : 128 au plus.
directory-choose-warns = Les structures des autres départements sont effacées d’ici, sauf vos partenaires. Si vous changez d’avis, elles reviendront peu à peu.
directory-choose-act = Garder ces départements
directory-done-departements = C’est noté. Ce qui manque arrive peu à peu par vos partenaires.
directory-comparisons = Comparé avec vos partenaires
directory-comparisons-all = Quand, et avec quel résultat
directory-never-compared = pas encore depuis le démarrage
directory-compared-nothing-new = rien de nouveau
directory-compared-exchanged = des fiches échangées
directory-compared-partly = pas fini, la suite vient
directory-compared-answered = à sa demande
directory-compared-unanswered = sans réponse
directory-compared-unreadable = réponse illisible
directory-harmless = Ce qui n’a pas été pris, sans gravité
directory-not-taken = { $what }, la dernière fois { $when }.
directory-not-taken-forged = { $n ->
    [one] { $n } fiche qui n’est pas signée par sa structure
   *[other] { $n } fiches qui ne sont pas signées par leur structure
}
directory-not-taken-forged-do = Appelez ce partenaire : quelqu’un se fait peut-être passer pour une structure.
directory-not-taken-unreadable = { $n ->
    [one] { $n } fiche illisible, ou hors des règles
   *[other] { $n } fiches illisibles, ou hors des règles
}
directory-not-taken-unreadable-do = Demandez à ce partenaire de mettre son programme à jour.
directory-not-taken-rival = { $n ->
    [one] { $n } fiche d’une structure qui signe deux identités contraires, apportée par ce partenaire
   *[other] { $n } fiches de structures qui signent deux identités contraires, apportées par ce partenaire
}
directory-not-taken-rival-do = Ce partenaire n’y est pour rien. Quelqu’un a peut-être volé les clés de cette structure : le journal du nœud la nomme.
directory-not-taken-returned = { $n ->
    [one] { $n } fiche de votre structure que votre nœud ne connaissait plus
   *[other] { $n } fiches de votre structure que votre nœud ne connaissait plus
}
directory-not-taken-returned-do = Si le dossier du nœud vient d’une copie, vérifiez vos services. Sinon, quelqu’un a peut-être volé vos clés : changez-les.
directory-not-taken-ahead = { $n ->
    [one] { $n } fiche à votre nom que votre nœud n’a pas pu signer
   *[other] { $n } fiches à votre nom que votre nœud n’a pas pu signer
}
directory-not-taken-ahead-do = Quelqu’un d’autre a vos clés : changez-les avec « relais identity rotate ».
directory-not-taken-insistent = { $n ->
    [one] { $n } demande hors des règles
   *[other] { $n } demandes hors des règles
}
directory-not-taken-insistent-do = Demandez à ce partenaire de mettre son programme à jour. Si cela dure, suspendez-le.
directory-not-taken-early = { $n ->
    [one] { $n } fiche datée de plus tard
   *[other] { $n } fiches datées de plus tard
}
directory-not-taken-early-do = Vérifiez l’heure de votre machine, puis appelez ce partenaire.
directory-not-taken-full = { $n ->
    [one] { $n } fiche de trop
   *[other] { $n } fiches de trop
}
directory-not-taken-full-do = Votre nœud ne peut en garder plus. Choisissez moins de départements.
directory-not-taken-late = { $n ->
    [one] { $n } fiche périmée
   *[other] { $n } fiches périmées
}
directory-not-taken-unwanted = { $n ->
    [one] { $n } fiche que vous ne gardez pas
   *[other] { $n } fiches que vous ne gardez pas
}
directory-not-taken-halves = { $n ->
    [one] { $n } fiche incomplète, redemandée
   *[other] { $n } fiches incomplètes, redemandées
}
directory-not-taken-version = { $n ->
    [one] { $n } fiche d’une autre version du programme
   *[other] { $n } fiches d’une autre version du programme
}
directory-not-taken-other = { $n ->
    [one] { $n } fiche, pour une autre raison
   *[other] { $n } fiches, pour une autre raison
}
directory-structures = Structures
directory-structure-title = Structure de l’annuaire
directory-search = Chercher par le nom
directory-search-act = Chercher
directory-found = { $n ->
    [0] Aucune structure trouvée.
    [one] { $n } structure trouvée.
   *[other] { $n } structures trouvées.
}
directory-back = Voir tout l’annuaire
directory-unnamed = Structure sans nom
directory-and-others = { $names } et d’autres
directory-standing-own = votre structure
directory-standing-partner = partenaire
directory-standing-awaited = pas encore vue
directory-standing-suspended = partenaire suspendu
directory-standing-removed = n’est plus partenaire
directory-standing-refused = refusée par vous
directory-standing-vouched = recommandée par { $names }
directory-standing-third = pas encore partenaire
directory-nothing-held = rien n’est gardé d’elle
directory-fresh = dit { $since }
directory-fresh-until = dit { $since }, valable jusqu’au { $until }
directory-via = connue par { $peer }
directory-via-since = par { $peer }, depuis le { $date }
directory-via-unnamed = connue par un ancien partenaire
directory-place = Commune
directory-said = Ses fiches
directory-known = Connue
directory-under-way = Mise en relation en cours
directory-invite = Inviter
directory-introduce-what = Les administrateurs des deux structures devront dire oui, et comparer une phrase.
directory-invite-what = Aucun de vos partenaires ne la recommande. Créez une invitation et envoyez-la-lui vous-même.
directory-partner = Voir le partenariat
directory-refuser = Refuser cette structure
directory-refuser-ask = Refuser { $name } ?
directory-refuser-what = Votre nœud efface ce qu’il garde de cette structure et ne prend plus rien d’elle, qui que ce soit qui l’apporte. Ses services ne seront plus proposés ici. Personne n’en est prévenu. Vous pourrez l’accepter à nouveau : ses fiches reviendront alors peu à peu.
directory-refuser-partner = Elle reste votre partenaire : les orientations en cours continuent.
directory-done-refuser = Cette structure est refusée. Rien n’est plus gardé d’elle, sauf son nom et les preuves.
directory-reprendre = Accepter à nouveau
directory-reprendre-ask = Accepter à nouveau { $name } ?
directory-reprendre-what = Votre nœud prendra de nouveau les fiches de cette structure : elles reviendront peu à peu. Personne n’en est prévenu.
directory-done-reprendre = Rien n’est plus refusé de cette structure.
directory-change-refused = Cela n’a pas pu être fait : trop de structures sont refusées. Acceptez-en d’abord une.
service-introduce = Être mis en relation
service-ask-admin = Votre administrateur peut demander la mise en relation.
