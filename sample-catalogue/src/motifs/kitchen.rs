//! Pots, pans and what lies in the kitchen drawer.

use super::sheet::{GLASS, INK, LINE, LIT, Motif, PAPER, SHADED, STEEL, STEEL_DARK, STEEL_LIGHT, lying, standing};
use crate::brush::Brush;

pub(super) const MOTIFS: &[Motif] = &[
    standing("saucepan", 130, saucepan),
    lying("frying-pan", -32, frying_pan),
    lying("cook-knife", -32, cook_knife),
    lying("paring-knife", 28, paring_knife),
    lying("bread-knife", -30, bread_knife),
    lying("chopping-board", 8, chopping_board),
    standing("bowl", 110, bowl),
    lying("whisk", 34, whisk),
    standing("jar", 92, jar),
    lying("rolling-pin", -28, rolling_pin),
    standing("grater", 98, grater),
    standing("casserole", 140, casserole),
    lying("spoons", 6, spoons),
    standing("pepper-mill", 62, pepper_mill),
    lying("plate", 0, plate),
];

fn saucepan(brush: &Brush) -> String {
    let Brush { main, light, dark, accent, pattern, .. } = brush;
    let rim = brush.vary(1, 190, 216);
    let body = format!("M82 {rim}H270V286q0 26-26 26H108q-26 0-26-26Z");
    format!(
        r#"<g transform="translate(18 0)"><rect x="262" y="{handle}" width="106" height="20" rx="10" fill="{INK}"/>
<circle cx="354" cy="{hole}" r="4" fill="{PAPER}"/>
<path d="{body}" fill="{main}"/><path d="{body}" fill="{pattern}"/>
<path d="M232 {rim}H270V286q0 26-26 26H206q26 0 26-26Z" {SHADED}/>
<rect x="98" y="{shine}" width="12" height="62" rx="6" {LIT}/>
<path d="M90 {rim}q6-46 86-46t86 46Z" fill="{light}"/><path d="M218 {lid}q40 14 44 40H232Z" {SHADED}/>
<rect x="74" y="{bar}" width="204" height="14" rx="7" fill="{accent}"/>
<rect x="168" y="{stem}" width="16" height="14" fill="{dark}"/><circle cx="176" cy="{knob}" r="13" fill="{INK}"/></g>"#,
        handle = rim + 14,
        hole = rim + 24,
        shine = rim + 22,
        lid = rim - 40,
        bar = rim - 6,
        stem = rim - 56,
        knob = rim - 60,
    )
}

fn frying_pan(brush: &Brush) -> String {
    let Brush { main, dark, deep, accent, accent_dark, .. } = brush;
    format!(
        r#"<rect x="186" y="238" width="28" height="126" rx="14" fill="{accent}"/>
<path d="M200 238h14v112q0 14-14 14Z" fill="{accent_dark}"/>
<circle cx="200" cy="347" r="6" fill="{PAPER}"/><path d="M182 226h36l-6 32h-24Z" fill="{STEEL_DARK}"/>
<circle cx="200" cy="146" r="106" fill="{dark}"/><circle cx="200" cy="146" r="98" fill="{main}"/>
<circle cx="200" cy="146" r="82" fill="{deep}"/><circle cx="200" cy="150" r="78" fill="{dark}"/>
<path d="M142 128a64 64 0 0 1 46-42" stroke="{PAPER}" stroke-width="8" opacity=".55" {LINE}/>"#
    )
}

/// The handles of all our knives: a riveted grip from `x = 236` on, as long as the knife is.
fn grip(brush: &Brush, length: i32) -> String {
    let Brush { main, dark, .. } = brush;
    format!(
        r#"<path d="M238 176h{length}q20 0 20 20v16q0 12-14 10l-24-6H238Z" fill="{main}"/>
<path d="M238 200h{length}q14 0 20 4v8q0 12-14 10l-24-6H238Z" fill="{dark}"/>
<g fill="{STEEL_LIGHT}"><circle cx="258" cy="197" r="4"/><circle cx="284" cy="197" r="4"/></g>
<rect x="228" y="172" width="16" height="48" rx="3" fill="{STEEL_DARK}"/>"#
    )
}

fn cook_knife(brush: &Brush) -> String {
    let grip = grip(brush, 92);
    format!(
        r#"<path d="M34 206L228 172V236H132Q66 236 34 206Z" fill="{STEEL}"/>
<path d="M34 206Q66 236 132 236H228V222H146Q84 222 34 206Z" fill="{STEEL_LIGHT}"/>{grip}"#
    )
}

fn paring_knife(brush: &Brush) -> String {
    let grip = grip(brush, 68);
    format!(
        r#"<path d="M92 208L228 178V220H146Q112 222 92 208Z" fill="{STEEL}"/>
<path d="M92 208Q112 222 146 220H228V211H156Q118 213 92 208Z" fill="{STEEL_LIGHT}"/>{grip}"#
    )
}

fn bread_knife(brush: &Brush) -> String {
    let grip = grip(brush, 92);
    let teeth = "q-9 13-18 0".repeat(11);
    format!(
        r#"<path d="M32 212V190Q32 176 48 176H230V212{teeth}Z" fill="{STEEL}"/>
<path d="M48 176H230V186H34Z" fill="{STEEL_LIGHT}"/>{grip}"#
    )
}

fn chopping_board(brush: &Brush) -> String {
    let Brush { main, dark, deep, light, pattern, .. } = brush;
    let shape = r#"width="212" height="262" rx="26""#;
    format!(
        r#"<rect x="94" y="82" {shape} fill="{deep}"/><rect x="94" y="72" {shape} fill="{main}"/>
<rect x="94" y="72" {shape} fill="{pattern}"/>
<g stroke="{dark}" stroke-width="3" opacity=".55" {LINE}>
<path d="M120 150Q180 136 282 154M114 196Q210 214 286 192M120 292Q206 276 280 296M168 240q34-22 66 0q-32 24-66 0Z"/></g>
<path d="M120 72H150L94 190V98q0-26 26-26Z" fill="{light}" opacity=".4"/>
<rect x="164" y="92" width="72" height="18" rx="9" fill="{deep}"/>"#
    )
}

fn bowl(brush: &Brush) -> String {
    let Brush { main, dark, deep, light, pattern, .. } = brush;
    let rim = brush.vary(1, 176, 204);
    let body = format!("M74 {rim}H326Q318 288 244 300V312H156V300Q82 288 74 {rim}Z");
    format!(
        r#"<path d="{body}" fill="{main}"/><path d="{body}" fill="{pattern}"/>
<path d="M270 {rim}H326Q318 288 244 300V312H204Q266 280 270 {rim}Z" {SHADED}/>
<ellipse cx="200" cy="{rim}" rx="126" ry="24" fill="{light}"/>
<ellipse cx="200" cy="{inside}" rx="114" ry="18" fill="{deep}"/>
<path d="M86 {inside}a114 18 0 0 1 228 0q-110-10-228 0Z" fill="{dark}"/>"#,
        inside = rim + 2,
    )
}

fn whisk(brush: &Brush) -> String {
    let Brush { main, dark, .. } = brush;
    format!(
        r#"<g stroke="{STEEL_DARK}" stroke-width="5" {LINE}>
<path d="M196 226C96 190 110 44 200 44C290 44 304 190 204 226"/>
<path d="M198 226C136 190 146 48 200 44C254 48 264 190 202 226M200 226V46"/></g>
<g stroke="{STEEL_LIGHT}" stroke-width="3" {LINE}><path d="M197 226C118 190 128 46 200 44C272 46 282 190 203 226"/></g>
<rect x="184" y="216" width="32" height="24" rx="6" fill="{STEEL}"/>
<rect x="186" y="236" width="28" height="122" rx="13" fill="{main}"/>
<path d="M202 236h12v108q0 14-12 14Z" fill="{dark}"/><circle cx="200" cy="342" r="5" fill="{PAPER}"/>"#
    )
}

fn jar(brush: &Brush) -> String {
    let Brush { main, dark, accent, accent_dark, .. } = brush;
    let fill = brush.vary(1, 176, 214);
    format!(
        r#"<rect x="116" y="128" width="168" height="184" rx="30" fill="{GLASS}"/>
<path d="M126 {fill}q36-12 74 0t74 0V282q0 22-22 22H148q-22 0-22-22Z" fill="{accent}"/>
<path d="M236 {fill}q20 6 38 0V282q0 22-22 22H214q22 0 22-22Z" fill="{accent_dark}" opacity=".5"/>
<rect x="138" y="112" width="124" height="22" fill="{STEEL_LIGHT}"/>
<rect x="128" y="84" width="144" height="38" rx="10" fill="{main}"/>
<rect x="128" y="106" width="144" height="16" rx="8" fill="{dark}"/>
<rect x="154" y="222" width="92" height="54" rx="6" fill="{PAPER}"/>
<path d="M168 242H232M168 258H212" stroke="{STEEL_DARK}" stroke-width="5" {LINE}/>
<rect x="130" y="148" width="12" height="120" rx="6" {LIT}/>"#
    )
}

fn rolling_pin(brush: &Brush) -> String {
    let Brush { main, dark, accent, .. } = brush;
    format!(
        r#"<g fill="{accent}"><rect x="28" y="184" width="80" height="32" rx="16"/>
<rect x="292" y="184" width="80" height="32" rx="16"/></g>
<rect x="84" y="166" width="232" height="68" rx="16" fill="{main}"/>
<path d="M84 206H316v12q0 16-16 16H100q-16 0-16-16Z" fill="{dark}"/>
<rect x="102" y="178" width="196" height="9" rx="4" {LIT}/>"#
    )
}

fn grater(brush: &Brush) -> String {
    let Brush { main, dark, .. } = brush;
    let holes: String = (0..5)
        .flat_map(|row| (0..4).map(move |column| (162 + column * 24 + (row % 2) * 8, 158 + row * 28)))
        .map(|(x, y)| format!(r#"<path d="M{x} {y}q7 0 7 9h-14q0-9 7-9Z"/>"#))
        .collect();
    format!(
        r#"<path d="M158 124V100q0-26 26-26h32q26 0 26 26v24" stroke="{main}" stroke-width="18" {LINE}/>
<path d="M140 122H252L284 304H108Z" fill="{STEEL}"/><path d="M252 122h14l34 182H284Z" fill="{STEEL_DARK}"/>
<path d="M140 122h16L126 304H108Z" fill="{STEEL_LIGHT}"/><g fill="{INK}" opacity=".75">{holes}</g>
<rect x="100" y="296" width="204" height="16" rx="8" fill="{dark}"/>
<rect x="134" y="114" width="136" height="14" rx="7" fill="{main}"/>"#
    )
}

fn casserole(brush: &Brush) -> String {
    let Brush { main, dark, light, deep, accent, pattern, .. } = brush;
    let rim = brush.vary(1, 186, 204);
    let body = format!("M76 {rim}H324V276q0 36-36 36H112q-36 0-36-36Z");
    format!(
        r#"<g fill="{deep}"><rect x="44" y="{grip}" width="60" height="24" rx="12"/>
<rect x="296" y="{grip}" width="60" height="24" rx="12"/></g>
<path d="{body}" fill="{main}"/><path d="{body}" fill="{pattern}"/>
<path d="M270 {rim}H324V276q0 36-36 36H234q36 0 36-36Z" {SHADED}/>
<path d="M84 {rim}q10-62 116-62t116 62Z" fill="{light}"/><path d="M262 {shade}q48 18 54 48H286Z" {SHADED}/>
<rect x="68" y="{bar}" width="264" height="16" rx="8" fill="{dark}"/>
<rect x="180" y="{knob}" width="40" height="22" rx="10" fill="{accent}"/>
<rect x="94" y="{shine}" width="13" height="54" rx="6" {LIT}/>"#,
        grip = rim + 22,
        shade = rim - 48,
        bar = rim - 8,
        knob = rim - 80,
        shine = rim + 24,
    )
}

fn spoons(brush: &Brush) -> String {
    let Brush { main, dark, light, .. } = brush;
    let spoon = |angle: i32, wood, hollow| {
        format!(
            r#"<g transform="rotate({angle} 200 372)">
<rect x="193" y="140" width="14" height="206" rx="7" fill="{wood}"/>
<ellipse cx="200" cy="104" rx="31" ry="46" fill="{wood}"/><ellipse cx="200" cy="100" rx="21" ry="33" fill="{hollow}"/>
</g>"#
        )
    };
    format!(
        r#"{left}{right}<rect x="193" y="160" width="14" height="196" rx="7" fill="{light}"/>
<path d="M172 62q28-12 56 0l-8 100q-20 12-40 0Z" fill="{light}"/>
<path d="M186 84v54M200 84v58M214 84v54" stroke="{dark}" stroke-width="6" {LINE}/>"#,
        left = spoon(-21, main, dark),
        right = spoon(21, dark, main),
    )
}

fn pepper_mill(brush: &Brush) -> String {
    let Brush { main, dark, accent, .. } = brush;
    format!(
        r#"<path d="M148 312q-8-64 18-112q10-24-6-50h80q-16 26-6 50q26 48 18 112Z" fill="{main}"/>
<path d="M208 150h32q-16 26-6 50q26 48 18 112H206q22-60 6-110q-6-28-4-52Z" {SHADED}/>
<rect x="156" y="138" width="88" height="16" rx="5" fill="{accent}"/>
<path d="M158 138q-6-56 42-58q48 2 42 58Z" fill="{dark}"/><circle cx="200" cy="70" r="13" fill="{STEEL}"/>
<rect x="144" y="298" width="112" height="14" rx="5" fill="{dark}"/>
<path d="M172 220q-10 30-10 62" stroke="{PAPER}" stroke-width="8" opacity=".35" {LINE}/>"#
    )
}

fn plate(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, pattern, .. } = brush;
    let well = brush.vary(1, 78, 92);
    format!(
        r#"<circle cx="208" cy="214" r="140" fill="{dark}"/><circle cx="204" cy="207" r="140" fill="{light}"/>
<circle cx="204" cy="207" r="140" {SHADED}/>
<circle cx="200" cy="198" r="140" fill="{main}"/><circle cx="200" cy="198" r="140" fill="{pattern}"/>
<circle cx="200" cy="198" r="134" stroke="{accent}" stroke-width="6" {LINE}/>
<circle cx="200" cy="198" r="{well}" fill="{light}"/>
<circle cx="200" cy="198" r="{well}" stroke="{dark}" stroke-width="5" opacity=".35" {LINE}/>
<path d="M142 168a66 66 0 0 1 34-32" stroke="{PAPER}" stroke-width="8" opacity=".7" {LINE}/>"#
    )
}
