//! Markers in what is printed: no message or type that holds something of a person shows it in `Debug` or in an error.

mod markers {
    mod command_line;
    mod printed;
}
