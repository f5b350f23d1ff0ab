structure-overview = Vue d’ensemble
structure-services = Services
structure-partners = Partenaires
structure-colleagues = Collègues
structure-health = Santé du nœud
structure-software = Logiciels
structure-flows = Flux
structure-ledger = Registre
shown-once = Ceci n’est affiché qu’une fois. Copiez-le maintenant.
copy = Copier
copied = Copié

structure-kind-employment-service = Service public de l’emploi
structure-kind-social-action-centre = CCAS ou CIAS
structure-kind-department = Département
structure-kind-mission-locale = Mission locale
structure-kind-digital-hub = Lieu d’inclusion numérique
structure-kind-literacy = Association d’alphabétisation
structure-kind-housing = Logement et hébergement
structure-kind-health = Santé
structure-kind-legal-aid = Accès au droit
structure-kind-food-aid = Aide alimentaire
structure-kind-school-or-library = École ou bibliothèque
structure-kind-other = Autre association ou organisme public

tasks-title = Reste à faire
task-services = Publier vos services
task-partner = Trouver un premier partenaire
task-colleagues = Ajouter un collègue
task-compare = Comparer la phrase avec { $peer }
task-mentions-legales = Compléter les mentions légales
task-confidentialite = Compléter la page sur les données personnelles
task-accessibilite = Compléter la déclaration d’accessibilité
overview-services = { $n ->
    [0] aucun service publié
    [one] { $n } service publié
   *[other] { $n } services publiés
}
overview-partners = { $n ->
    [0] aucun partenaire
    [one] { $n } partenaire
   *[other] { $n } partenaires
}
overview-waiting = { $n ->
    [one] { $n } partenaire à confirmer
   *[other] { $n } partenaires à confirmer
}
overview-awaited = { $n } en attente
overview-colleagues = { $n ->
    [one] { $n } compte ouvert
   *[other] { $n } comptes ouverts
}
overview-alarms = { $n ->
    [0] tout va bien
    [one] { $n } point à regarder
   *[other] { $n } points à regarder
}
overview-software = clés de vos logiciels
overview-flows = nombres par territoire
overview-ledger = preuves signées
overview-pages = Pages publiques
overview-page-mentions-legales = Mentions légales
overview-page-confidentialite = Données personnelles
overview-page-accessibilite = Accessibilité

services-none = Aucun service n’est encore publié.
services-places-unknown = places non indiquées
services-places = { $n ->
    [0] complet
    [one] { $n } place
   *[other] { $n } places
}
services-days = { $n ->
    [0] premier rendez-vous tout de suite
    [one] premier rendez-vous sous { $n } jour
   *[other] premier rendez-vous sous { $n } jours
}
services-said = Indiqué { $since }, valable jusqu’au { $until }.
services-receives = Sans rendez-vous : { $hours }
services-less = Une place de moins
services-more = Une place de plus
services-full = Marquer complet
services-details = Nombre exact, accueil sans rendez-vous
services-places-label = Places libres
services-days-label = Jours avant un premier rendez-vous
services-save = Enregistrer les places
services-walk-in = Accueil sans rendez-vous
services-hours = Horaires
services-hours-hint = Écrivez les jours avec ces lettres : Mo lundi, Tu mardi, We mercredi, Th jeudi, Fr vendredi, Sa samedi, Su dimanche. Exemple : Mo-Fr 09:00-12:00.
services-week = Places par semaine (facultatif)
services-receive = Publier l’accueil
services-receive-no-more = Retirer l’accueil
services-no-number = Écrivez un nombre, ou laissez vide.
services-hours-empty = Écrivez les horaires.
services-places-refused = Écrivez 10 000 places et 730 jours au plus.
services-hours-refused = Vérifiez les horaires, 255 caractères au plus, et les places, 10 000 au plus.
services-changed-places = Quelqu’un a changé les places depuis l’ouverture de la page. Maintenant : { $now }. Vérifiez, puis enregistrez.
services-changed-hours = Quelqu’un a changé cet accueil depuis l’ouverture de la page. Maintenant : { $now }. Vérifiez, puis publiez.
services-changed-none = rien n’est publié
services-done-places = Les places sont publiées.
services-done-accueil = L’accueil sans rendez-vous est publié.
services-done-fini = L’accueil sans rendez-vous est retiré.
services-done-retire = Le service n’est plus publié.
withdrawal-title = Retirer ce service
withdrawal-ask = Retirer « { $service } » ?
withdrawal-found = Vos collègues ailleurs ne le trouvent plus, ni ses places, ni son accueil sans rendez-vous.
withdrawal-open = Les orientations ouvertes vers ce service continuent.
withdrawal-again = Pour le publier de nouveau, importez-le de nouveau.
withdrawal-act = Retirer le service
withdrawal-changed = Quelqu’un a changé ce service depuis l’ouverture de la page. Vérifiez, puis retirez-le.
withdrawal-refused = Rien n’a été retiré. Rechargez la page et recommencez.

import-title = Publier des services
import-file = Fichier data·inclusion
import-file-hint = Format JSON ou CSV, schéma v1, un million de caractères au plus.
import-act = Publier ces services
import-no-file = Choisissez un fichier.
import-unreadable = Ce fichier n’a pas pu être lu. Il faut des services au format JSON ou CSV, data·inclusion v1.
import-done = C’est publié
import-nothing = Aucun service n’a été publié.
import-accepted = { $n ->
    [one] { $n } nouveau service
   *[other] { $n } nouveaux services
}
import-updated = { $n ->
    [one] { $n } service mis à jour
   *[other] { $n } services mis à jour
}
import-unchanged = { $n ->
    [one] { $n } service inchangé
   *[other] { $n } services inchangés
}
import-replaced = Anciennes communes remplacées
import-refused = Services refusés
import-place = Rang
import-service = Identifiant
import-field = Champ
import-why = Pourquoi
import-see = Voir les services
import-line = Ligne
export-title = Garder une copie de vos services
export-hint = Tout ce que votre structure publie, au format data·inclusion v1. Publier à nouveau ce fichier ne change rien.
export-json = Services et structure (JSON)
export-services = Services (CSV, pour un tableur)
export-structure = Structure (CSV, pour un tableur)

colleagues-add = Ajouter un collègue
colleagues-name-hint = Un nom court, sans espace. Il sert à se connecter.
colleagues-name-empty = Écrivez un nom de compte.
colleagues-refused-name = Ce nom est déjà pris, ou ne convient pas : 60 caractères au plus.
colleagues-roles = Ce que ce collègue peut faire
colleagues-role-empty = Cochez au moins un rôle.
colleagues-work-hint = Facultatif. Un partenaire le voit quand ce collègue accepte une orientation.
colleagues-work-name = Nom professionnel
colleagues-work-contact = Téléphone ou courriel professionnel
colleagues-work-half = Écrivez le nom et le contact, ou laissez les deux vides.
colleagues-add-act = Ajouter ce collègue
role-what-counsellor = Accompagne des personnes, envoie des orientations et y répond.
role-what-coordinator = Voit toute l’équipe, publie les places.
role-what-admin = Gère comptes, partenaires et services. Ne voit aucune personne.
role-what-auditor = Lit le registre et les flux. Ne voit aucune personne.
colleague-title = Un compte
colleague-back = Tous les collègues
colleague-closed = compte fermé
colleague-rights = Rôles et contact
colleague-save = Enregistrer les rôles et le contact
colleague-link-title = Lien de connexion
colleague-link-what = Un lien qui sert une fois. Ce collègue choisit ensuite son mot de passe.
colleague-link-act = Créer un lien de connexion
colleague-link-until = À donner à ce collègue, et à personne d’autre. Valable jusqu’au { $date }.
colleague-link-back = J’ai copié le lien
colleague-code-what = Pour qui a perdu son téléphone.
colleague-code-act = Retirer son code à six chiffres
colleague-no-code = Ce compte n’a pas de code à six chiffres.
colleague-close-what = Ses sessions se ferment tout de suite. Rien n’est effacé.
colleague-close-act = Fermer ce compte
colleague-open-act = Rouvrir ce compte
colleague-changed = Quelqu’un a changé ce compte depuis l’ouverture de la page. Maintenant : { $now }. Vérifiez, puis enregistrez.
colleague-done-ajoute = Le compte est créé. Donnez-lui maintenant un lien de connexion.
colleague-done-change = C’est enregistré.
colleague-done-code = Son code à six chiffres est retiré.
colleague-done-ferme = Le compte est fermé.
colleague-done-ouvert = Le compte est rouvert.

partners-list = Vos partenaires
partners-none = Pas encore de partenaire.
partners-waiting = En attente
partners-new = Nouveau partenaire
partners-new-what = Créez une invitation, ou collez celle que vous avez reçue.
partners-invite = Créer une invitation
partners-join-label = Invitation reçue
partners-join-hint = Collez le lien en entier.
partners-join = Rejoindre ce partenaire
partners-join-empty = Collez le lien d’invitation.
partners-join-unreachable = L’autre structure ne répond pas. Vérifiez qu’elle est en ligne, puis réessayez.
partners-join-refused = Ce lien n’est plus valable, ou il a déjà servi. Demandez une autre invitation.
partners-invitations = Invitations créées ici
partners-done-refuse = L’échange est abandonné. Prévenez l’autre structure par téléphone.
partners-done-retiree = L’invitation est retirée : son lien n’ouvre plus rien.
peer-trust-paired = partenaire depuis le { $date }
peer-trust-suspended = suspendu depuis le { $date }
peer-trust-removed = retiré depuis le { $date }
pairing-awaits-us = à confirmer ici
pairing-awaits-them = attend l’autre structure
pairing-paired = confirmé
pairing-failed = abandonné
invitation-title = Invitation
invitation-what = Donnez ce lien à l’administrateur de l’autre structure, de la main à la main ou par un canal sûr. Valable jusqu’au { $date }.
invitation-made = Cette invitation est créée, mais son lien ne peut plus être montré. Si vous ne l’avez pas copié, créez-en une autre.
invitation-another = Créer une autre invitation
invitation-next = Attendre l’autre structure
invitation-open = valable jusqu’au { $date }
invitation-expired = personne n’est venu à temps
invitation-used = utilisée
invitation-dead = bloquée après trop d’essais
invitation-withdrawn = retirée
invitation-withdraw = Retirer cette invitation
invitation-wrong-proofs = quelqu’un a essayé sans le bon lien
invitation-late-claims = quelqu’un d’autre a aussi ce lien
pairing-title = Confirmer un partenaire
pairing-theirs = Vous avez confirmé. { $peer } doit encore confirmer.
pairing-for-admin = Un administrateur doit comparer la phrase.
pairing-compare = Comparer la phrase
pairing-compare-what = Téléphonez à { $peer }. Lisez-vous cette phrase. Elle doit être la même, mot pour mot.
pairing-read = Lire la convention de partenariat
pairing-confirm = Confirmer
pairing-accepted = Nous avons lu la convention et nous l’acceptons
pairing-same = La phrase est la même : confirmer
pairing-other = La phrase est différente : abandonner
pairing-until = À faire avant le { $date }.
pairing-agreement-changed = Votre convention a changé depuis l’échange entre les deux structures : elle ne peut plus être confirmée ainsi. Abandonnez, puis recommencez l’échange.
pairing-give-up = Abandonner cet échange
pairing-unread = Cochez que vous avez lu la convention et que vous l’acceptez.
partner-title = Un partenaire
partner-back = Tous les partenaires
partner-kind = Structure
partner-endpoints = Adresse du nœud
partner-number = Numéro
partner-suspendre = Suspendre ce partenaire
partner-reprendre = Reprendre les échanges
partner-retirer = Retirer ce partenaire
partner-suspendre-ask = Suspendre { $peer } ?
partner-reprendre-ask = Reprendre les échanges avec { $peer } ?
partner-retirer-ask = Retirer { $peer } ?
partner-suspendre-what = Plus aucune orientation ne passe. Les arrêts et les effacements passent encore. Vous pourrez reprendre.
partner-reprendre-what = Les orientations passent de nouveau, dans les deux sens.
partner-retirer-what = C’est définitif. Plus rien ne passe, sauf les arrêts et les effacements. Il faudra une nouvelle invitation.
partner-reason = Pourquoi ?
partner-reason-empty = Choisissez une raison.
partner-done-partenaire = Cette structure est votre partenaire.
partner-done-suspendre = Ce partenaire est suspendu.
partner-done-reprendre = Les orientations passent de nouveau.
partner-done-retirer = Ce partenaire est retiré.
peer-change-reason-partnership-ended = Le partenariat est fini
peer-change-reason-structure-closed = La structure a fermé
peer-change-reason-agreement-broken = La convention n’est pas respectée
peer-change-reason-key-compromise = Une clé est peut-être dans d’autres mains
peer-change-reason-equivocation = Ses messages se contredisent
peer-change-reason-other = Autre raison

health-alarms = À regarder
health-fine = Tout va bien.
health-call = Téléphone :
health-node = Ce nœud
health-version = Version
health-started = Démarré
health-not-delivered = Rien n’arrive chez ce partenaire depuis le { $date }.
health-waiting = { $n ->
    [one] { $n } message attend.
   *[other] { $n } messages attendent.
}
health-parked = { $n ->
    [one] { $n } message mis de côté : il n’a pas pu partir.
   *[other] { $n } messages mis de côté : ils n’ont pas pu partir.
}
health-clocks = { $n ->
    [one] Les deux horloges diffèrent de { $n } minute. Mettez-les à l’heure.
   *[other] Les deux horloges diffèrent de { $n } minutes. Mettez-les à l’heure.
}
health-refused = { $n ->
    [one] { $n } message de ce partenaire a été refusé.
   *[other] { $n } messages de ce partenaire ont été refusés.
}
health-heard = Dernier signe { $when }.
health-never-heard = Aucun signe pour le moment.
link-state-open = relié
link-state-closed = injoignable
link-state-endings-only = arrêts seulement
link-state-pairing = à confirmer
link-state-suspended = suspendu
link-state-removed = retiré
alarm-messages-set-aside = Des messages pour { $peer } n’ont pas pu partir. Appelez cette structure.
alarm-partner-removed-messages-wait = { $peer } a été retiré et des messages l’attendent. Appelez cette structure, aussi pour les arrêts.
alarm-ledger-contradiction = { $peer } a signé deux registres qui se contredisent. Appelez cette structure.
alarm-ledger-unproven = { $peer } ne prouve pas que son registre continue le précédent. Appelez cette structure.
alarm-more-threads = D’autres orientations demandent un regard. Voyez ce qui est à traiter.
alarm-delayed-act-refused = Une action prévue n’a pas pu être faite. Ouvrez l’orientation.
alarm-erasure-receipt-missing = { $peer } n’a pas signé l’effacement. Appelez cette structure.
alarm-event-without-effect = { $peer } a envoyé un message qui n’était pas permis. Il est sans effet.
alarm-forked = { $peer } a envoyé deux versions différentes de ce qui s’est passé. L’échange est bloqué : appelez cette structure.
alarm-handover-unconfirmed = { $peer } n’a pas confirmé le relais. Continuez à accompagner la personne, et appelez.
alarm-disclosure-held = { $peer } a accepté, mais le nom et le contact ne sont pas encore partis. Vérifiez l’heure de votre machine et de la leur.

software-what = Une clé permet à l’un de vos logiciels de parler à ce nœud.
software-persons = Une clé qui ouvre des orientations ou des personnes se crée dans « Mon compte », par chaque professionnel.
software-none = Aucune clé pour le moment.
software-for = Pour le compte { $user }, jusqu’au { $date }.
software-used = Utilisée { $when }.
software-never-used = Jamais utilisée.
software-revoke = Retirer cette clé
software-new = Nouvelle clé
software-name = Nom du logiciel
software-name-empty = Écrivez le nom du logiciel.
software-refused-name = Ce nom est déjà pris, ou ne convient pas : 60 caractères au plus.
software-scopes = Ce que la clé permet
software-scope-empty = Cochez au moins un droit.
software-user = Compte
software-user-hint = La clé ne peut jamais plus que ce compte.
software-days = Durée en jours
software-days-hint = Vide : 90 jours. 366 au plus.
software-create = Créer la clé
software-key-title = Clé créée
software-key-until = valable jusqu’au { $date }
software-back = J’ai copié la clé
software-done-revoque = La clé est retirée.
scope-threads-list = Lire la liste des orientations, sans nom
scope-threads-read = Lire une orientation entière
scope-threads-act = Envoyer et répondre
scope-follow-ups = Voir et ouvrir mes accompagnements
scope-inquiries = Demander aux partenaires qui peut prendre, et leur répondre
scope-services-read = Lire les services
scope-services-write = Publier services et places
scope-flows-read = Lire les flux

flows-what = Ce que ce nœud a envoyé et reçu. Un petit nombre s’écrit « 0–10 » ; rien n’est additionné.
flows-level = Territoire
flows-when = Trimestre
flows-show = Afficher les nombres
quarter-1 = 1er trimestre
quarter-2 = 2e trimestre
quarter-3 = 3e trimestre
quarter-4 = 4e trimestre
flows-quarter = { $quarter } { $year }
flows-caption = Flux, { $quarter } { $year }
flows-none = Rien n’a été compté pour ce trimestre.
flows-territory = Territoire
flows-side = Sens
flows-end = Fin
flows-outcome = Résultat
flows-count = Nombre
flows-sent = envoyées
flows-received = reçues
flows-live = en cours
flows-few = 0–10
level-commune = Commune
level-epci = Intercommunalité
level-departement = Département
level-region = Région
level-france = France

ledger-holds = Le registre est intact.
ledger-broken = Le registre se contredit. Arrêtez le nœud et prévenez votre administrateur.
ledger-leaves-missing = Feuilles signées : { $signed }. Feuilles présentes : { $held }. Il en manque.
ledger-not-as-signed = Les { $signed } premières feuilles ne sont pas celles qui ont été signées.
ledger-leaf-missing = La feuille { $place } manque.
ledger-other-tree = Les feuilles ne donnent pas l’arbre gardé à côté d’elles.
ledger-tree-not-whole = L’arbre gardé à côté des feuilles est incomplet.
ledger-checkpoint-bad = Un point de contrôle gardé n’est pas signé par cette structure, ou est abîmé.
ledger-corrupt = Une donnée du registre est abîmée.
ledger-not-checked = Le registre n’a pas pu être vérifié. Réessayez.
ledger-size = Feuilles
ledger-signed = Feuilles signées
ledger-root = Racine
ledger-checkpoint = Dernier point de contrôle signé
ledger-checkpoint-what = Gardez-le : il prouve plus tard que rien n’a été retiré.
ledger-peers = Registres des partenaires
ledger-peers-caption = Ce que ce nœud sait d’eux
ledger-no-peers = Aucun registre de partenaire n’est encore connu.
ledger-peer = Partenaire
ledger-seen = Vu
ledger-state = État
ledger-holds-short = intact
ledger-broken-short = se contredit
peer-trust-awaited = confirmé ici le { $date }, pas encore vu
partner-awaited = Vous avez confirmé { $when }. Le nœud de { $peer } n’a jamais été vu : cette structure n’a pas confirmé, a dit non, ou ne peut être jointe. Appelez-la.
partner-awaited-do = Vérifiez ensemble l’adresse, puis recommencez l’échange. Pour renoncer, suspendez : vous pourrez recommencer.
partner-awaited-introduce = Redemander la mise en relation
partner-awaited-invite = Inviter à nouveau
link-state-awaited = pas encore vu
alarm-partner-never-met = { $peer } n’a toujours pas été vu. Appelez cette structure, vérifiez ensemble l’adresse, puis recommencez l’échange ou suspendez.
invitation-for = Pour { $peer }.
