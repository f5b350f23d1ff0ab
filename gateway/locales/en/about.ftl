about-not-completed = This page has not been completed yet by the structure’s administrator.
about-text = Text of the page
about-text-hint = An empty line parts two paragraphs.
about-refused = At most 20,000 characters, and no invisible sign.
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
    This structure is responsible for the data of the persons it follows. Nothing leaves for another structure without the person’s agreement.

    The person can stop at any time. What was passed on is then erased, here and at the other structure, which signs a receipt.

    One session cookie is set, and a second remembers the language chosen. No audience measurement, no outside service.
about-accessibility = Accessibility
about-accessibility-usual =
    These pages are made to be used by keyboard, with a screen reader, magnified and on a small screen. They aim at RGAA 4.1 and WCAG 2.2, level AA.

    They have not been audited yet. If something gets in your way, tell this structure.
