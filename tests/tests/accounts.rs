//! Signing in from a browser, over a node's socket: what each token opens, and what none does.

mod accounts {
    mod authenticator;
    mod bearer;
    mod browser;
    mod house;
    mod https;
    mod signing_in;
    mod software;
}
