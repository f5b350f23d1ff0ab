skip = Aller au contenu
menu-label = Menu
menu-home = À traiter
menu-people = Personnes que j’accompagne
menu-structure = Ma structure
sign-out = Se déconnecter
new-referral = Nouvelle orientation
footer-accessibility = Accessibilité
footer-privacy = Données personnelles
footer-legal = Mentions légales

error-word = Erreur :
error-title = Erreur : { $title }
error-summary = { $n ->
    [one] Un point à corriger
   *[other] { $n } points à corriger
}

trouble-back = Revenir à l’accueil
trouble-not-found = Cette page n’existe pas
trouble-not-found-what = Elle n’existe pas, ou elle n’est pas pour vous. Vérifiez l’adresse, ou revenez à l’accueil.
trouble-sign-in = Connectez-vous
trouble-sign-in-what = Votre session est terminée. Connectez-vous pour continuer.
trouble-bad-form = Ce formulaire n’a pas pu être lu
trouble-bad-form-what = Revenez en arrière, rechargez la page et recommencez. Rien n’a été enregistré.
trouble-stale = Cette page a été ouverte il y a trop longtemps
trouble-stale-what = Revenez en arrière, rechargez la page et recommencez. Rien n’a été enregistré.
trouble-too-big = C’est trop long
trouble-too-big-what = Ce qui a été envoyé dépasse un million de caractères. Rien n’a été enregistré.
trouble-too-often = Trop d’essais en peu de temps
trouble-too-often-what = Attendez une minute, puis recommencez.
trouble-node-away = Relais ne répond pas
trouble-node-away-what = Rien n’est perdu. Les papiers déjà imprimés restent valables. Réessayez dans une minute ; si cela dure, prévenez votre administrateur.
trouble-refused = Ce n’est pas possible
trouble-failed = Quelque chose n’a pas marché
trouble-failed-what = Ce n’est pas de votre faute. Réessayez ; si cela dure, prévenez votre administrateur.

date-day = { $weekday } { $day } { $month } { $year }
date-instant = { $day } à { $time }
date-in-hours = { $n ->
    [0] dans moins d’une heure
    [one] dans { $n } heure
   *[other] dans { $n } heures
}
date-in-days = { $n ->
    [one] dans { $n } jour
   *[other] dans { $n } jours
}
date-ago-hours = { $n ->
    [0] il y a moins d’une heure
    [one] il y a { $n } heure
   *[other] il y a { $n } heures
}
date-ago-days = { $n ->
    [one] il y a { $n } jour
   *[other] il y a { $n } jours
}
weekday-1 = lundi
weekday-2 = mardi
weekday-3 = mercredi
weekday-4 = jeudi
weekday-5 = vendredi
weekday-6 = samedi
weekday-7 = dimanche
hours-days = du { $from } au { $to }
hours-every-day = tous les jours
hours-holidays = jours fériés
hours-open = { $days }, { $times }
hours-closed = { $days } : fermé
hours-always = à toute heure
hours-from-to = de { $from } à { $to }
hours-and = { $first } et { $last }
hours-then = { $first } ; { $then }
hours-hour = { $hour } h
hours-minute = { $hour } h { $minute }
month-1 = janvier
month-2 = février
month-3 = mars
month-4 = avril
month-5 = mai
month-6 = juin
month-7 = juillet
month-8 = août
month-9 = septembre
month-10 = octobre
month-11 = novembre
month-12 = décembre
trouble-busy = Beaucoup de monde en même temps
trouble-busy-what = Rien n’a été enregistré. Attendez quelques secondes, puis recommencez.
trouble-slow = La réponse se fait trop attendre
trouble-slow-what = Ce que vous veniez d’envoyer est peut-être enregistré : regardez avant de recommencer. Ce qui était confirmé reste, les brouillons aussi. Les papiers déjà imprimés servent toujours. Si cela dure, prévenez votre administrateur.
