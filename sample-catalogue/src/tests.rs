use super::{CATEGORIES, Category, Palette, SampleProduct, products, read};
use std::collections::BTreeSet;

fn distinct<'all>(all: &'all [SampleProduct], of: impl Fn(&'all SampleProduct) -> &'all str) -> usize {
    all.iter().map(of).collect::<BTreeSet<_>>().len()
}

fn category_with(data: &'static str) -> Category {
    let palette = Palette { walls: [0xf1ddc4; 3], contrast: 0x93bcb6, objects: [0xc93f38; 5], accents: [0x2b3d62; 4] };
    Category { slug: "kitchen", data, palette }
}

fn failure_of(data: &'static str) -> String {
    format!("{:#}", read(&category_with(data)).err().unwrap())
}

/// Enough of XML to catch what a hand-written template gets wrong: unclosed elements, unquoted attributes, bare signs.
fn check_well_formed(document: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = document;
    while let Some(start) = rest.find('<') {
        check_text(&rest[..start])?;
        let end = rest[start..].find('>').ok_or("an element never ends")? + start;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Err(format!("</{name}> closes nothing"));
            }
            continue;
        }
        check_attributes(tag.trim_end_matches('/'))?;
        if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap_or_default());
        }
    }
    check_text(rest)?;
    if open.is_empty() { Ok(()) } else { Err(format!("left open: {open:?}")) }
}

fn check_text(text: &str) -> Result<(), String> {
    let entities = ["&amp;", "&lt;", "&gt;", "&quot;"];
    let bare = text.match_indices('&').any(|(at, _)| !entities.iter().any(|entity| text[at..].starts_with(entity)));
    if bare || text.contains(['>', '{', '}']) { Err(format!("stray signs in {text:?}")) } else { Ok(()) }
}

fn check_attributes(tag: &str) -> Result<(), String> {
    let pieces: Vec<&str> = tag.split('"').collect();
    let mut names = BTreeSet::new();
    for pair in pieces[..pieces.len() - 1].chunks(2) {
        let [before, value] = pair else { return Err(format!("an odd number of quotes in {tag:?}")) };
        let name = before.split_whitespace().last().unwrap_or_default();
        if !before.starts_with(char::is_whitespace) && !before.contains(' ') {
            return Err(format!("attributes run together in {tag:?}"));
        }
        if !name.ends_with('=') || !names.insert(name) || value.contains(['{', '}', '<']) {
            return Err(format!("a broken or repeated attribute in {tag:?}"));
        }
    }
    Ok(())
}

#[test]
fn the_check_of_pictures_sees_what_it_is_for() {
    assert_eq!(check_well_formed(r#"<svg a="1"><g><path d="M0 0"/></g></svg>"#), Ok(()));
    for broken in [
        r#"<svg><g></svg>"#,
        r#"<svg><path d="M0 0></svg>"#,
        r#"<svg><path d="M0 0"fill="red"/></svg>"#,
        r#"<svg><path fill="red" fill="blue"/></svg>"#,
        r#"<svg><path fill="{main}"/></svg>"#,
        r#"<svg><title>Salt & pepper</title></svg>"#,
        r#"<svg>"#,
    ] {
        assert!(check_well_formed(broken).is_err(), "{broken}");
    }
}

#[test]
fn there_are_two_hundred_products_in_ten_categories() {
    let all = products().unwrap();
    assert!(all.len() >= 200, "only {}", all.len());
    assert_eq!(distinct(&all, |product| &product.category), 10);
    for category in CATEGORIES {
        let shown = all.iter().filter(|product| product.category == category.slug).count();
        assert!(shown >= 20, "{} has only {shown}", category.slug);
    }
}

#[test]
fn nothing_is_listed_twice() {
    let all = products().unwrap();
    assert_eq!(distinct(&all, |product| &product.sku), all.len());
    assert_eq!(distinct(&all, |product| &product.name), all.len());
    assert_eq!(distinct(&all, |product| &product.description), all.len());
    assert_eq!(distinct(&all, |product| &product.picture), all.len());
}

#[test]
fn skus_are_capitals_digits_and_dashes() {
    for product in products().unwrap() {
        let sku = &product.sku;
        let groups_are_sound = sku.split('-').all(|group| {
            !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        });
        assert!(groups_are_sound && sku.len() <= 40 && sku.contains('-'), "{sku}");
    }
}

#[test]
fn prices_stock_and_texts_are_believable() {
    let all = products().unwrap();
    for product in &all {
        let sku = &product.sku;
        assert!((100..=100_000).contains(&product.price_minor), "{sku} costs {}", product.price_minor);
        assert!((0..=200).contains(&product.stock), "{sku} has {}", product.stock);
        assert!((60..=400).contains(&product.description.len()), "{sku} is described in too few or too many words");
        assert!(product.name.len() <= 60, "{sku} has a long name");
    }
    let sold_out = all.iter().filter(|product| product.stock == 0).count();
    assert!((2..=3).contains(&sold_out), "{sold_out} are sold out");
    assert!(all.iter().any(|product| (1..=5).contains(&product.stock)));
}

#[test]
fn every_picture_is_a_small_closed_document_with_a_title() {
    for product in products().unwrap() {
        let (sku, picture) = (&product.sku, &product.picture);
        let title = format!("<title>{}</title>", product.name.replace('&', "&amp;"));
        assert!(picture.contains(&title), "{sku} has no title");
        assert!(picture.contains(r#"role="img""#), "{sku} has no role");
        assert!(picture.len() < 4096, "{sku} is drawn in {} bytes", picture.len());
        assert!(!picture.contains("<script") && !picture.contains("<text"), "{sku} is not self-contained");
        assert_eq!(picture.matches("http").count(), 1, "{sku} refers to something outside");
        if let Err(fault) = check_well_formed(picture) {
            panic!("{sku}: {fault}");
        }
    }
}

#[test]
fn pictures_are_the_same_every_time() {
    let (first, second) = (products().unwrap(), products().unwrap());
    assert!(first.iter().zip(&second).all(|(one, other)| one.picture == other.picture));
}

#[test]
fn an_unknown_motif_is_an_error_which_names_the_product() {
    let failure = failure_of(
        r#"[{"sku":"KIT-NOTHING","name":"Nothing","description":"No.","price":100,"stock":1,"motif":"unicorn"}]"#,
    );
    assert!(failure.contains("KIT-NOTHING") && failure.contains("unicorn"), "{failure}");
    assert!(failure.contains("products/kitchen.json"), "{failure}");
}

#[test]
fn an_unknown_colour_or_pattern_is_an_error() {
    let colour = failure_of(
        r#"[{"sku":"KIT-MUG","name":"Mug","description":"No.","price":100,"stock":1,"motif":"mug","colour":"octarine"}]"#,
    );
    assert!(colour.contains("KIT-MUG") && colour.contains("octarine"), "{colour}");
    let pattern = failure_of(
        r#"[{"sku":"KIT-MUG","name":"Mug","description":"No.","price":100,"stock":1,"motif":"mug","pattern":"tartan"}]"#,
    );
    assert!(pattern.contains("tartan"), "{pattern}");
}

#[test]
fn a_file_which_cannot_be_read_is_named() {
    let failure = failure_of(r#"[{"sku":"KIT-MUG","price":"cheap"}]"#);
    assert!(failure.contains("products/kitchen.json"), "{failure}");
}
