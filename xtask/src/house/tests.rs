//! Small made-up crates.

use std::fs;

use super::of_crate;

/// What is found in a crate of these files, a line each.
fn found(name: &str, files: &[(&str, &str)]) -> Vec<String> {
    let top = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = top.path().join(name).join("src").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    of_crate(top.path(), name).unwrap().iter().map(ToString::to_string).collect()
}

/// Only where, since the sentences are for people.
fn places(name: &str, files: &[(&str, &str)]) -> Vec<String> {
    let places = found(name, files).into_iter();
    places.map(|line| line.splitn(3, ':').take(2).collect::<Vec<_>>().join(":")).collect()
}

#[test]
fn a_circle_of_two_files_is_told_with_both_arrows() {
    let files = [
        ("lib.rs", "mod a;\nmod b;"),
        ("a.rs", "use crate::b::B;\npub struct A;"),
        ("b.rs", "\nuse super::a::A;\npub struct B;"),
    ];
    assert_eq!(
        found("shop", &files),
        ["shop/src/a.rs:1: a circle of 2 files: takes `crate::b::B` from b.rs, b.rs:2 takes `super::a::A` from a.rs. \
             Move what both need into a file that knows neither, or hand it in."]
    );
}

#[test]
fn a_circle_may_have_more_files_groups_and_inline_paths() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "use crate::{b::{self, B}, c as other};\nfn f() -> other::Nothing { b::g() }"),
        ("b.rs", "pub fn g() { crate::c::h() }\npub struct B;"),
        ("c.rs", "pub struct Nothing;\npub fn h() { println!(\"{}\", super::a::f()) }"),
    ];
    // The shortest of them: a takes from c, c from a.
    assert_eq!(places("shop", &files), ["shop/src/a.rs:2"]);
}

#[test]
fn a_parent_that_only_declares_its_child_is_no_circle() {
    let files = [
        ("lib.rs", "pub mod a;"),
        ("a/mod.rs", "pub mod child;\npub struct Given;"),
        ("a/child.rs", "use super::Given;\npub struct Taken;"),
    ];
    assert_eq!(places("shop", &files), [""; 0]);
}

#[test]
fn a_parent_that_hands_its_child_on_and_is_used_by_it_is_one() {
    let files = [
        ("lib.rs", "pub mod a;"),
        ("a/mod.rs", "mod child;\npub use child::Taken;\npub struct Given;"),
        ("a/child.rs", "use super::Given;\npub struct Taken;"),
    ];
    assert_eq!(places("shop", &files), ["shop/src/a/mod.rs:2"]);
}

#[test]
fn what_is_taken_from_a_folders_face_comes_from_the_file_that_defines_it() {
    // a/mod.rs takes from `other`; `other` takes from a/child.rs by way of a/mod.rs, which is no circle.
    let files = [
        ("lib.rs", "mod a; mod other;"),
        ("a/mod.rs", "mod child;\npub use child::*;\nuse crate::other::Other;\npub struct Own(Other);"),
        ("a/child.rs", "pub struct Taken;"),
        ("other.rs", "use crate::a::Taken;\npub struct Other(Taken);"),
    ];
    assert_eq!(places("shop", &files), [""; 0]);
    let own = [files[0], files[1], files[2], ("other.rs", "use crate::a::Own;\npub struct Other(Own);")];
    assert_eq!(places("shop", &own), ["shop/src/a/mod.rs:3"]);
}

#[test]
fn tests_and_cures_are_no_arrows() {
    let files = [
        ("lib.rs", "mod a; mod labs; #[cfg(test)] mod tests;"),
        (
            "a.rs",
            "#[cure(sold_once, instead = crate::labs::twice)]\n\
                pub fn sell() {}\n\
                #[cfg(test)] mod tests { use crate::labs; fn t() { labs::twice() } }",
        ),
        ("labs.rs", "pub fn twice() { crate::a::sell() }"),
        ("tests.rs", "use crate::a;"),
    ];
    assert_eq!(places("order-service", &files), [""; 0]);
}

#[test]
fn a_macro_comes_from_the_file_that_defines_it() {
    let files = [
        ("lib.rs", "mod a; mod b;\npub use b::B;"),
        ("a.rs", "#[macro_export]\nmacro_rules! list { () => {} }"),
        ("b.rs", "crate::list! {}\npub struct B;"),
    ];
    assert_eq!(places("shop", &files), [""; 0]);
}

#[test]
fn a_programs_own_files_are_read_too() {
    let files = [("main.rs", "mod a;\nuse a::go;\npub struct Flags;"), ("a.rs", "use crate::Flags;\npub fn go() {}")];
    assert_eq!(places("shop", &files), ["shop/src/main.rs:2"]);
}

#[test]
fn sql_outside_of_store_is_found() {
    let http = "use sqlx::query_as;\n\
        fn f() { sqlx::query!(\"SELECT 1\"); }\n\
        fn g() { join!(query_scalar!(\"SELECT 2\")) }\n\
        fn h() { request.query() }";
    let files = [
        ("lib.rs", "mod http; mod store; mod labs;"),
        ("http.rs", http),
        ("store/mod.rs", "pub fn f() { sqlx::query(\"SELECT 1\"); }"),
        ("labs.rs", "pub fn f() { sqlx::query!(\"SELECT 1\"); }"),
    ];
    assert_eq!(
        places("order-service", &files),
        ["order-service/src/http.rs:1", "order-service/src/http.rs:2", "order-service/src/http.rs:3"]
    );
    // The kit has SQL wherever it needs some.
    assert_eq!(places("service-kit", &files), [""; 0]);
}

#[test]
fn cures_and_steps_in_a_body_are_found() {
    let place = "#[cure(total_of_lines, skip)]\n\
        fn f() {\n\
            step(\"order-commit\");\n\
            if cure(\"x\") {}\n\
            labs::is_off(Cure::X);\n\
            next_step(1);\n\
            self.step(1);\n\
            numbers::step(1);\n\
            for x in y { step(x) }\n\
            let cure = 1;\n\
        }";
    let files = [
        ("lib.rs", "mod place; mod labs;"),
        ("place.rs", place),
        ("labs.rs", "fn f() { is_off(Cure::X); step(\"x\") }"),
    ];
    let file = "order-service/src/place.rs";
    assert_eq!(places("order-service", &files), [format!("{file}:3"), format!("{file}:4"), format!("{file}:5")]);
    assert_eq!(places("service-kit", &files), [""; 0]);
}

#[test]
fn a_domain_that_knows_the_outside_is_found() {
    let rule = "use http::StatusCode;\n\
        use service_kit::{Clock, Problem};\n\
        #[derive(utoipa::ToSchema)]\n\
        struct A;\n\
        fn f() { crate::http::g(); tokio::spawn(x) }\n\
        #[service_kit::cure(sold_once, skip)]\n\
        fn g() {}";
    let files = [
        ("lib.rs", "mod domain; mod http;"),
        ("domain/mod.rs", "mod rule;"),
        ("domain/rule.rs", rule),
        ("http.rs", "use http::Method;\npub fn g() {}"),
    ];
    let lines: Vec<String> = [1, 2, 3, 5, 5, 6].map(|line| format!("order-service/src/domain/rule.rs:{line}")).into();
    assert_eq!(places("order-service", &files), lines);
}
