//! Samples made to mislead the scanner.

use super::Scan;

fn functions(text: &str) -> Vec<(String, usize)> {
    Scan::of(text).functions().into_iter().map(|function| (function.name, function.lines)).collect()
}

fn named(list: &[(&str, usize)]) -> Vec<(String, usize)> {
    list.iter().map(|(name, lines)| ((*name).to_owned(), *lines)).collect()
}

#[test]
fn masking_keeps_length_and_lines() {
    let text = "let é = \"ü\\\"\n}\"; // {\n/* { /* } */ { */ let x = '{'; let y = b'\\''; r##\"}\"#\"##\n";
    let scan = Scan::of(text);
    assert_eq!(scan.code.len(), text.len());
    assert_eq!(scan.code.lines().count(), text.lines().count());
    assert!(!scan.code.contains(['{', '}']), "{}", scan.code);
    assert!(scan.code.contains("let y = b'~~';"), "{}", scan.code);
}

#[test]
fn braces_in_literals_and_comments_do_not_count() {
    let text = r####"
fn one() { let s = "}"; let c = '}'; let b = b'"'; /* } /* } */ } */ } // }
fn two() -> &'static str {
    r#"} " fn three() { "#
}
fn four<'a>(x: &'a str) -> char { let _ = 'l'; '\'' }
"####;
    assert_eq!(functions(text), named(&[("one", 1), ("two", 3), ("four", 1)]));
}

#[test]
fn comments_and_blank_lines_are_no_lines_of_code() {
    let text =
        "fn f() {\n\n    // why\n    /* a\n       b */\n    g(); // here\n    let s = \"a\n\n b\";\n}\n";
    assert_eq!(functions(text), named(&[("f", 5)]));
}

#[test]
fn signatures_may_hold_braces_and_angles() {
    let text = "
fn f<const N: usize>(a: [u8; { 1 + 1 }], b: A<{ N }>) -> Result<B<{ N }>, Vec<u8>>
where
    F: Fn(u8) -> u8,
{
    1
}
trait T { fn bodyless(&self) -> u8; fn default(&self) -> bool { self.a() < 2 } }
";
    assert_eq!(functions(text), named(&[("f", 6), ("default", 1)]));
}

#[test]
fn what_only_looks_like_a_function_is_none() {
    let text = "let f: fn(u8) -> u8 = g; let r#fn = 1; let fnord = 2; struct S { f: fn() } // fn c() {}\n";
    assert_eq!(functions(text), named(&[]));
}

#[test]
fn functions_nest_and_stand_in_macros() {
    let text = "fn outer() {\n fn inner() {\n 1\n }\n}\nmacro_rules! m { ($n:ident) => { fn $n() { 2 } } }\n";
    assert_eq!(functions(text), named(&[("outer", 5), ("inner", 3), ("$n", 1)]));
}

#[test]
fn lifetimes_and_labels_are_no_characters() {
    let text =
        "fn f<'a, 'b>(x: &'a u8) { 'out: loop { break 'out; } let y = 'é'; let z = '\\u{7B}'; }\nfn g() {}";
    assert_eq!(functions(text), named(&[("f", 1), ("g", 1)]));
}

#[test]
fn test_code_is_what_the_attribute_governs() {
    let text = "\
fn product() {}
#[cfg(test)]
use a::{b, c};
#[cfg(test)]
const X: [u8; 2] = { [0; 2] };
#[cfg(all(test, feature = \"x\"))]
#[derive(Debug)]
pub(crate) struct S<const N: usize>([u8; N]);
struct T {
    #[cfg(test)] probe: u8,
    kept: u8,
}
#[cfg(test)]
impl A<{ 1 }> { fn in_test() {} }
fn also_product() {}
#[cfg(not(test))]
fn not_test() {}
#[cfg(any(test, feature = \"x\"))]
fn maybe() {}
#[cfg(feature = \"test\")]
fn feature() {}
#[cfg(test)]
mod tests { fn inside() { } }
";
    let scan = Scan::of(text);
    let outside: Vec<String> =
        scan.functions().into_iter().filter(|f| !scan.in_test(f.span.start)).map(|f| f.name).collect();
    assert_eq!(outside, ["product", "also_product", "not_test", "maybe", "feature"]);
    let kept = text.find("kept").expect("it is in the sample");
    assert!(!scan.in_test(kept) && scan.in_test(kept - 10));
    assert_eq!(scan.lines_outside_tests(), 11);
}

#[test]
fn test_modules_in_other_files_are_named() {
    let scan = Scan::of(
        "#[cfg(test)]\n#[path = \"x\"]\npub(crate) mod probe;\nmod real;\n#[cfg(test)] mod tests {}\n",
    );
    assert_eq!(scan.test_modules, ["probe"]);
    assert_eq!(Scan::of("#![cfg(test)]\nfn f() {}\n").lines_outside_tests(), 0);
}

#[test]
fn literals_are_read_as_the_program_sees_them() {
    let text = r##"const A: &str = "-- a\nSELECT \"x\" \
        FROM t"; const B: &[u8] = br#"\n"#; const C: char = '"'; // "no"
"##;
    let values: Vec<String> = Scan::of(text).literals.into_iter().map(|literal| literal.value).collect();
    assert_eq!(values, ["-- a\nSELECT \"x\" FROM t", "\\n"]);
}

#[test]
fn attributes_are_found_whole() {
    let scan = Scan::of("#![allow(a)]\n# [ cfg_attr(x, allow(b)) ] fn f() { let s = \"#[allow(c)]\"; }\n");
    let texts: Vec<&str> = scan.attributes().into_iter().map(|(_, text)| text.trim()).collect();
    assert_eq!(texts, ["allow(a)", "cfg_attr(x, allow(b))"]);
}

#[test]
fn unfinished_text_does_not_hang_or_stop_the_scan() {
    for text in ["fn f() {", "\"", "'", "'\\", "/* /*", "r#\"", "#[cfg(test)]", "#[cfg(test", "b'", "fn"] {
        assert_eq!(Scan::of(text).code.len(), text.len(), "{text}");
    }
}
