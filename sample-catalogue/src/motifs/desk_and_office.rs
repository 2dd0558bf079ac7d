//! What lies and stands on a desk, and the chair before it.

use super::sheet::{
    INK, LINE, LIT, Motif, PAPER, SHADED, STEEL, STEEL_DARK, STEEL_LIGHT, WOOD, WOOD_LIGHT, lying, standing,
};
use crate::brush::Brush;

pub(super) const MOTIFS: &[Motif] = &[
    lying("notebook", -8, notebook),
    lying("pen", -40, pen),
    standing("pencil-pot", 72, pencil_pot),
    lying("pencils", 0, pencils),
    standing("office-chair", 100, office_chair),
    lying("scissors", 32, scissors),
    standing("stapler", 124, stapler),
    standing("letter-tray", 134, letter_tray),
    standing("ring-binder", 84, ring_binder),
    lying("envelope", -6, envelope),
    lying("sticky-notes", -6, sticky_notes),
    standing("laptop-stand", 124, laptop_stand),
    lying("ruler", -36, ruler),
    standing("desk-clock", 92, desk_clock),
];

fn notebook(brush: &Brush) -> String {
    let Brush { main, dark, accent, accent_dark, pattern, .. } = brush;
    let cover = r#"x="96" y="62" width="206" height="270" rx="14""#;
    format!(
        r#"<path d="M216 320h18v46l-9-10-9 10Z" fill="{accent_dark}"/>
<rect x="104" y="70" width="206" height="270" rx="14" fill="{dark}"/>
<rect x="104" y="68" width="202" height="266" rx="10" fill="{PAPER}"/><rect {cover} fill="{main}"/>
<rect {cover} fill="{pattern}"/>
<path d="M110 62h24V332h-24q-14 0-14-14V76q0-14 14-14Z" fill="{dark}"/>
<rect x="164" y="110" width="92" height="58" rx="6" fill="{PAPER}"/>
<path d="M178 130h64M178 148h40" stroke="{STEEL_DARK}" stroke-width="5" {LINE}/>
<rect x="274" y="62" width="11" height="270" fill="{accent}"/>
<path d="M148 82V312" stroke="{PAPER}" stroke-width="5" opacity=".3" {LINE}/>"#
    )
}

fn pen(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    format!(
        r#"<path d="M66 186L24 200l42 14Z" fill="{accent}"/><path d="M24 200H62" stroke="{INK}" stroke-width="3"/>
<circle cx="60" cy="200" r="4" fill="{INK}"/>
<path d="M64 182h30v36H64Z" fill="{INK}"/><rect x="92" y="174" width="146" height="52" rx="12" fill="{main}"/>
<path d="M92 204h146v10q0 12-12 12H104q-12 0-12-12Z" fill="{dark}"/>
<rect x="106" y="182" width="112" height="7" rx="3" fill="{light}"/>
<rect x="228" y="170" width="148" height="60" rx="22" fill="{dark}"/>
<rect x="228" y="170" width="148" height="28" rx="14" fill="{main}"/>
<rect x="228" y="170" width="16" height="60" fill="{accent}"/>
<path d="M366 160H272q-10 0-10 8t10 8" stroke="{accent}" stroke-width="9" {LINE}/>
<path d="M366 160v18" stroke="{accent}" stroke-width="9" {LINE}/>"#
    )
}

/// An upright pencil with its point at the given place.
fn pencil(x: i32, y: i32, length: i32, wood: &str, lead: &str) -> String {
    format!(
        r#"<g transform="translate({x} {y})"><path d="M0 0L13 34H-13Z" fill="{WOOD_LIGHT}"/>
<path d="M0 0L5 13H-5Z" fill="{lead}"/>
<path d="M-13 34h26v{length}h-26Z" fill="{wood}"/><path d="M4 34h9v{length}h-9Z" {SHADED}/></g>"#
    )
}

fn pencil_pot(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, pattern, .. } = brush;
    let rim = brush.vary(1, 180, 206);
    let body = format!("M130 {rim}H270L262 300q-1 12-12 12H150q-11 0-12-12Z");
    format!(
        r#"<g transform="rotate(-10 160 240)">{first}</g><g transform="rotate(9 240 240)">{third}</g>{second}
<rect x="214" y="92" width="22" height="130" rx="3" fill="{STEEL_LIGHT}"/>
<path d="M214 106h9M214 122h13M214 138h9M214 154h13" stroke="{STEEL_DARK}" stroke-width="3"/>
<path d="{body}" fill="{main}"/><path d="{body}" fill="{pattern}"/>
<path d="M236 {rim}H270L262 300q-1 12-12 12H220Z" {SHADED}/>
<rect x="124" y="{bar}" width="152" height="14" rx="7" fill="{dark}"/>
<path d="M150 {shine}v58" stroke="{light}" stroke-width="9" {LINE}/>"#,
        first = pencil(150, 78, 140, &accent.to_string(), &accent.to_string()),
        second = pencil(184, 96, 120, &accent_dark.to_string(), INK),
        third = pencil(256, 96, 120, &light.to_string(), &dark.to_string()),
        bar = rim - 6,
        shine = rim + 28,
    )
}

fn pencils(brush: &Brush) -> String {
    let Brush { main, accent, .. } = brush;
    let colours = [
        main.to_string(),
        "#e3b341".to_owned(),
        accent.to_string(),
        "#5c9c63".to_owned(),
        "#c9524a".to_owned(),
        "#4d7fb5".to_owned(),
    ];
    colours
        .iter()
        .zip([0, 22, 6, 28, 12, 20])
        .zip(0..)
        .map(|((colour, drop), place)| pencil(88 + place * 45, 52 + drop, 240, colour, colour))
        .collect()
}

fn office_chair(brush: &Brush) -> String {
    let Brush { main, dark, light, .. } = brush;
    format!(
        r#"<g fill="{INK}"><circle cx="118" cy="302" r="10"/><circle cx="282" cy="302" r="10"/>
<circle cx="200" cy="304" r="9"/></g>
<path d="M120 292Q160 270 200 270T280 292M200 232v66" stroke="{STEEL_DARK}" stroke-width="12" {LINE}/>
<rect x="191" y="232" width="18" height="36" fill="{INK}"/>
<path d="M254 190Q276 150 262 110" stroke="{STEEL_DARK}" stroke-width="12" {LINE}/>
<path d="M146 62q54-22 108 0q16 58 2 112q-56 16-112 0q-14-54 2-112Z" fill="{main}"/>
<path d="M226 53q16 2 28 9q16 58 2 112q-16 5-30 6q22-60 0-127Z" {SHADED}/>
<path d="M166 84q34-10 68 0M162 116q38-8 76 0M166 146q34-6 68 0" stroke="{light}" stroke-width="6" opacity=".7" {LINE}/>
<path d="M106 148h20v52M294 148h-20v52" stroke="{INK}" stroke-width="10" {LINE}/>
<rect x="92" y="140" width="50" height="14" rx="7" fill="{INK}"/>
<rect x="258" y="140" width="50" height="14" rx="7" fill="{INK}"/>
<rect x="112" y="194" width="176" height="42" rx="20" fill="{main}"/>
<path d="M112 216H288q-2 20-20 20H132q-18 0-20-20Z" fill="{dark}"/>"#
    )
}

fn scissors(brush: &Brush) -> String {
    let Brush { main, dark, .. } = brush;
    format!(
        r#"<path d="M186 226L232 40Q246 84 236 130L208 236Z" fill="{STEEL}"/>
<path d="M214 226L168 40Q154 84 164 130L192 236Z" fill="{STEEL_LIGHT}"/>
<path d="M168 40L200 172" stroke="{STEEL_DARK}" stroke-width="3"/>
<g fill="none" stroke-width="24">
<ellipse cx="152" cy="302" rx="36" ry="50" stroke="{main}" transform="rotate(18 152 302)"/>
<ellipse cx="248" cy="302" rx="36" ry="50" stroke="{dark}" transform="rotate(-18 248 302)"/></g>
<path d="M208 226L176 268M192 226L224 268" stroke="{dark}" stroke-width="22" {LINE}/>
<path d="M208 226L176 268" stroke="{main}" stroke-width="22" {LINE}/>
<circle cx="200" cy="214" r="12" fill="{STEEL_DARK}"/><path d="M194 214h12" stroke="{INK}" stroke-width="4"/>"#
    )
}

fn stapler(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let open = brush.vary(1, -13, -6);
    format!(
        r#"<path d="M74 312q-4-26 22-26H316q18 0 18 26Z" fill="{dark}"/>
<rect x="92" y="272" width="60" height="14" rx="4" fill="{STEEL_DARK}"/>
<g transform="rotate({open} 310 260)"><rect x="84" y="240" width="226" height="24" rx="5" fill="{STEEL}"/>
<rect x="84" y="240" width="18" height="34" rx="4" fill="{STEEL_DARK}"/>
<path d="M76 236Q76 186 150 182L290 198Q330 206 330 250V266H290L286 244H84q-8 0-8-8Z" fill="{main}"/>
<path d="M76 236q0-8 2-14L300 232q26 4 30 34H290L286 244H84q-8 0-8-8Z" {SHADED}/>
<path d="M104 206Q122 196 152 196L250 206" stroke="{light}" stroke-width="9" {LINE}/></g>
<circle cx="308" cy="262" r="13" fill="{accent}"/><path d="M290 262h40v34h-40Z" fill="{dark}"/>
<circle cx="310" cy="268" r="9" fill="{STEEL_LIGHT}"/>"#
    )
}

fn letter_tray(brush: &Brush) -> String {
    let Brush { main, dark, accent, .. } = brush;
    let tier = |y: i32, sheets: &str| {
        format!(
            r#"<path d="M94 {paper}H300l-6 20H90Z" fill="{sheets}"/>
<path d="M78 {back}H322" stroke="{dark}" stroke-width="6" {LINE}/>
<path d="M68 {y}H332V{lip}q0 8-8 8H76q-8 0-8-8Z" fill="{main}"/>
<path d="M160 {y}h80q-6 16-40 16t-40-16Z" fill="{dark}"/>"#,
            paper = y - 16,
            back = y - 20,
            lip = y + 22,
        )
    };
    format!(
        r#"<path d="M76 128V300M324 128V300" stroke="{dark}" stroke-width="10" {LINE}/>{top}{middle}{bottom}<path d="M68 300h26v12H68ZM306 300h26v12h-26Z" fill="{INK}"/>
<path d="M120 132l150-8 4 16H116Z" fill="{accent}"/>"#,
        top = tier(144, PAPER),
        middle = tier(208, WOOD_LIGHT),
        bottom = tier(272, PAPER),
    )
}

fn ring_binder(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, pattern, .. } = brush;
    format!(
        r#"<path d="M234 74L300 92V304L234 312Z" fill="{dark}"/><path d="M240 84L290 98V298L240 304Z" fill="{PAPER}"/>
<path d="M252 88V302M266 92V300M278 95V299" stroke="{STEEL}" stroke-width="3"/>
<rect x="122" y="70" width="118" height="242" rx="8" fill="{main}"/>
<rect x="122" y="70" width="118" height="242" rx="8" fill="{pattern}"/>
<path d="M214 70h18q8 0 8 8V304q0 8-8 8H214Z" {SHADED}/>
<rect x="142" y="100" width="78" height="92" rx="5" fill="{PAPER}"/>
<path d="M154 122h54M154 142h54M154 162h34" stroke="{accent}" stroke-width="6" {LINE}/>
<circle cx="181" cy="250" r="23" fill="{STEEL_LIGHT}"/><circle cx="181" cy="250" r="15" fill="{INK}"/>
<path d="M134 84V296" stroke="{light}" stroke-width="6" opacity=".7" {LINE}/>"#
    )
}

fn envelope(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, .. } = brush;
    format!(
        r#"<rect x="66" y="134" width="268" height="178" rx="8" fill="{dark}" transform="rotate(-7 200 220)"/>
<rect x="96" y="78" width="208" height="170" rx="6" fill="{PAPER}"/>
<path d="M120 108H280M120 130H280M120 152H230" stroke="{STEEL}" stroke-width="6" {LINE}/>
<path d="M62 140L200 250 338 140V306q0 8-8 8H70q-8 0-8-8Z" fill="{main}"/>
<path d="M62 312L178 220Q200 204 222 220L338 312Z" fill="{light}"/>
<path d="M66 310L180 222M334 310L220 222" stroke="{dark}" stroke-width="3" opacity=".6" {LINE}/>
<circle cx="200" cy="232" r="25" fill="{accent}"/><circle cx="200" cy="232" r="16" fill="{accent_dark}"/>"#
    )
}

fn sticky_notes(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, accent_light, .. } = brush;
    format!(
        r#"<g transform="rotate(11 230 230)"><path d="M150 150H330V330H150Z" fill="{accent_dark}"/>
<path d="M146 144H326V324H146Z" fill="{accent}"/><path d="M146 144H326v34H146Z" fill="{accent_light}"/></g>
<g transform="rotate(-4 170 170)"><path d="M70 76H264V270H70Z" fill="{dark}"/>
<path d="M66 70H260V214Q258 236 216 264H66Z" fill="{main}"/>
<path d="M216 264Q222 226 260 214Q256 240 216 264Z" fill="{light}"/><path d="M66 70H260v30H66Z" {SHADED}/>
<path d="M96 134H226M96 164H226M96 194H180" stroke="{dark}" stroke-width="8" {LINE}/></g>"#
    )
}

fn laptop_stand(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    format!(
        r#"<path d="M92 214L120 64q2-10 12-10H330q12 0 10 12L312 214Z" fill="{INK}"/>
<path d="M112 198L136 72H322L300 198Z" fill="{accent}"/>
<path d="M112 198L136 72h90L150 198Z" {LIT}/>
<path d="M160 106h90M156 128h66M152 150h80" stroke="{PAPER}" stroke-width="7" opacity=".8" {LINE}/>
<path d="M62 236L92 212H312l16 24q0 6-8 6H70q-8 0-8-6Z" fill="{STEEL}"/>
<path d="M62 236H328q0 6-8 6H70q-8 0-8-6Z" fill="{STEEL_DARK}"/>
<path d="M60 242H330v16H60Z" fill="{main}"/><path d="M60 232h14v26H60Z" fill="{dark}"/>
<path d="M100 258h30L158 298H128ZM300 258h-30L242 298h30Z" fill="{dark}"/>
<rect x="84" y="296" width="232" height="16" rx="7" fill="{main}"/>
<path d="M96 301H220" stroke="{light}" stroke-width="4" {LINE}/>"#
    )
}

fn ruler(brush: &Brush) -> String {
    let Brush { main, dark, light, deep, .. } = brush;
    let marks: String = (0..31)
        .map(|mark| format!("M{} 162v{}", 50 + mark * 10, [34, 14, 14, 14, 14, 24, 14, 14, 14, 14][mark % 10]))
        .collect();
    format!(
        r#"<rect x="34" y="162" width="332" height="78" rx="6" fill="{main}"/>
<path d="M34 214H366v20q0 6-6 6H40q-6 0-6-6Z" fill="{dark}"/>
<path d="M34 162H366v8H34Z" fill="{light}"/><path d="{marks}" stroke="{deep}" stroke-width="3"/>
<circle cx="346" cy="212" r="8" fill="{PAPER}"/>
<path d="M60 222H180" stroke="{light}" stroke-width="5" opacity=".6" {LINE}/>"#
    )
}

fn desk_clock(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let hours: String =
        (0..12).map(|hour| format!(r#"<path d="M200 114v13" transform="rotate({} 200 198)"/>"#, hour * 30)).collect();
    let minute = brush.vary(1, 20, 80);
    format!(
        r#"<path d="M140 286L122 312M260 286L278 312" stroke="{WOOD}" stroke-width="16" {LINE}/>
<circle cx="206" cy="200" r="112" fill="{dark}"/><circle cx="200" cy="198" r="112" fill="{main}"/>
<circle cx="200" cy="198" r="92" fill="{PAPER}"/><g stroke="{STEEL_DARK}" stroke-width="6" {LINE}>{hours}</g>
<path d="M200 198V140" stroke="{INK}" stroke-width="9" transform="rotate(-58 200 198)" {LINE}/>
<path d="M200 198V128" stroke="{INK}" stroke-width="7" transform="rotate({minute} 200 198)" {LINE}/>
<path d="M200 214V132" stroke="{accent}" stroke-width="3" transform="rotate(158 200 198)"/>
<circle cx="200" cy="198" r="8" fill="{accent}"/>
<path d="M118 150a94 94 0 0 1 40-42" stroke="{light}" stroke-width="8" {LINE}/>"#
    )
}
