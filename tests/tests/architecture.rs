//! The house's guards: walls, budgets, single call sites, words that must not appear, dependencies and their
//! licences. They read the repository itself and ask cargo; they run none of the product's code.

mod architecture {
    mod budgets;
    mod cargo;
    mod duties;
    mod house;
    mod repository;
    mod rules;
    mod scan;
    mod sql;
    mod supply;
    mod walls;

    /// Asserts that nothing was found, else shows every finding.
    fn none(what: &str, found: Vec<String>) {
        assert!(found.is_empty(), "{what}: {}\n  {}\n", found.len(), found.join("\n  "));
    }
}
