about-not-completed = Cette page n’a pas encore été complétée par l’administrateur de la structure.
about-text = Texte de la page
about-text-hint = Une ligne vide sépare deux paragraphes.
about-refused = 20 000 caractères au plus, sans signe invisible.
about-changed = Quelqu’un a publié un autre texte depuis l’ouverture de la page. Comparez, puis publiez.
about-present = Texte publié maintenant
about-present-none = Rien n’est publié.
about-save = Publier la page
about-legal = Mentions légales
about-legal-usual =
    Ces pages sont celles du nœud Relais de cette structure. La structure les publie et les héberge, ou les fait héberger.

    Relais est un logiciel libre, sous licence Apache 2.0.
about-privacy = Données personnelles
about-privacy-usual =
    Cette structure est responsable des données des personnes qu’elle accompagne. Rien ne part vers une autre structure sans l’accord de la personne.

    La personne peut arrêter à tout moment. Ce qui a été transmis est alors effacé, ici et chez l’autre structure, qui signe un reçu.

    Un seul cookie de session est déposé, et un second retient la langue choisie. Aucune mesure d’audience, aucun service extérieur.
about-accessibility = Accessibilité
about-accessibility-usual =
    Ces pages sont faites pour être utilisables au clavier, avec un lecteur d’écran, agrandies et sur petit écran. Elles visent le RGAA 4.1 et les WCAG 2.2, niveau AA.

    Elles n’ont pas encore fait l’objet d’un audit de conformité. Si quelque chose vous gêne, dites-le à cette structure.
