walk-in-title = Une personne vient avec un papier
walk-in-reference = Numéro écrit sur le papier
walk-in-hint = Huit signes, par exemple 7K3M-Q9XT.
walk-in-find = Trouver l’orientation
walk-in-none = Aucun papier en cours ne porte ce numéro. Relisez-le avec la personne, ou appelez la structure qui l’a donné.
refusal-field-reference = Écrivez les huit signes du papier, par exemple 7K3M-Q9XT.
refusal-reference-ended = Cette orientation a pris fin. Demandez un nouveau papier à la structure qui l’a donné.
refusal-ambiguous = Deux papiers portent ce numéro. Cherchez la personne dans les orientations reçues.
