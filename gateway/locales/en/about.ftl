about-not-completed = This page has not been completed yet by the structure’s administrator.
about-text = Text of the page
about-text-hint = A blank line separates two paragraphs.
about-refused = At most 20,000 characters, and no invisible characters.
about-changed = Someone published another text since the page was opened. Compare, then publish.
about-present = Text published now
about-present-none = Nothing is published.
about-save = Publish the page
about-legal = Legal notice
about-legal-usual =
    These are the pages of this structure’s Relais node. The structure publishes and hosts them, or has them hosted.

    Relais is free software under the Apache 2.0 licence.
about-privacy = Personal data
about-privacy-usual =
    This structure is responsible for the data of the people it supports. Nothing leaves for another structure without the person’s agreement.

    The person can stop at any time. What was passed on is then erased, here and at the other structure, which signs a receipt. What remains is each structure’s own file, coded evidence without a name, and what a law requires to be kept.

    Two cookies only: one for the session, the other for the language chosen. No audience measurement, no outside service.
about-accessibility = Accessibility
about-accessibility-usual =
    These pages are made to be used by keyboard, with a screen reader, magnified and on a small screen. They aim at RGAA 4.1 and WCAG 2.2, level AA.

    They have not been audited yet. If something gets in your way, tell this structure.
