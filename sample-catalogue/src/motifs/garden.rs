//! Digging, sowing and watering.

use super::sheet::{
    INK, LEAF, LEAF_DARK, LINE, LIT, Motif, PAPER, SHADED, STEEL, STEEL_DARK, STEEL_LIGHT, WOOD, WOOD_DARK, hanging,
    lying, standing,
};
use crate::brush::Brush;

/// Earth in pots and beds.
const SOIL: &str = "#5b4334";

pub(super) const MOTIFS: &[Motif] = &[
    standing("watering-can", 110, watering_can),
    standing("plant-pot", 78, plant_pot),
    lying("trowel", 32, trowel),
    lying("hand-fork", -30, hand_fork),
    lying("garden-gloves", 4, garden_gloves),
    lying("seed-packet", -7, seed_packet),
    lying("secateurs", 24, secateurs),
    standing("hose", 130, hose),
    lying("spade", 30, spade),
    lying("rake", -28, rake),
    hanging("birdhouse", birdhouse),
    standing("trug", 136, trug),
    standing("planter", 150, planter),
    standing("wheelbarrow", 140, wheelbarrow),
];

fn watering_can(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    format!(
        r#"<path d="M154 170Q160 92 220 92T288 172" stroke="{accent}" stroke-width="15" {LINE}/>
<path d="M276 190q64 0 58 54t-66 48" stroke="{dark}" stroke-width="14" {LINE}/>
<path d="M146 292L58 150l18-12L158 220Z" fill="{dark}"/><path d="M38 158q-6-12 6-20l36-22q12-6 16 4Z" fill="{main}"/>
<path d="M36 160L98 120" stroke="{light}" stroke-width="8" {LINE}/>
<path d="M140 168H284L292 296q0 16-16 16H148q-16 0-16-16Z" fill="{main}"/>
<path d="M244 168h40L292 296q0 16-16 16H228Q262 240 244 168Z" {SHADED}/>
<path d="M140 168q72-34 144 0Z" fill="{dark}"/>
<path d="M136 196H286M132 286H292" stroke="{light}" stroke-width="7" opacity=".8"/>
<rect x="158" y="212" width="12" height="60" rx="6" {LIT}/>"#
    )
}

/// Stems with paired leaves, growing up from the given place.
fn sprig(x: i32, y: i32, height: i32, lean: i32, colour: &str) -> String {
    let pairs: String = (1..=3)
        .map(|pair| {
            let up = height * pair / 3;
            format!(
                "M0 -{up}Q26 -{high} 40 -{top}Q16 -{top} 0 -{up}ZM0 -{up}Q-26 -{high} -40 -{top}Q-16 -{top} 0 -{up}Z",
                high = up - 4,
                top = up + 24
            )
        })
        .collect();
    format!(
        r#"<g transform="translate({x} {y}) rotate({lean})" fill="{colour}">
<path d="M0 0V-{height}" stroke="{colour}" stroke-width="6"/><path d="{pairs}"/></g>"#
    )
}

fn plant_pot(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, pattern, .. } = brush;
    let rim = brush.vary(1, 196, 216);
    let body = format!("M132 {low}H268L250 300q-2 12-14 12H164q-12 0-14-12Z", low = rim + 28);
    format!(
        r#"{left}{right}{middle}<circle cx="200" cy="{bloom}" r="24" fill="{accent}"/>
<circle cx="200" cy="{bloom}" r="8" fill="{PAPER}"/>
<path d="{body}" fill="{main}"/><path d="{body}" fill="{pattern}"/>
<path d="M232 {low}H268L250 300q-2 12-14 12H212Z" {SHADED}/>
<rect x="120" y="{rim}" width="160" height="36" rx="9" fill="{main}"/>
<path d="M120 {band}H280v6q0 9-9 9H129q-9 0-9-9Z" fill="{dark}"/>
<rect x="134" y="{shine}" width="54" height="8" rx="4" fill="{light}"/>"#,
        left = sprig(176, rim + 4, 92, -30, LEAF_DARK),
        right = sprig(224, rim + 4, 92, 30, LEAF_DARK),
        middle = sprig(200, rim + 4, 120, 0, LEAF),
        bloom = rim - 142,
        low = rim + 28,
        band = rim + 21,
        shine = rim + 8,
    )
}

/// The grip of a hand tool, hanging down from `y = 240`.
fn grip(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    format!(
        r#"<path d="M184 240h32q10 56 4 112q-2 18-20 18t-20-18q-6-56 4-112Z" fill="{main}"/>
<path d="M204 240h12q10 56 4 112q-2 18-20 18q14-60 4-130Z" fill="{dark}"/>
<path d="M190 256q-4 40 0 74" stroke="{light}" stroke-width="6" {LINE}/>
<path d="M186 350q-16 26 10 34q26-4 18-34" stroke="{accent}" stroke-width="6" {LINE}/>
<rect x="180" y="228" width="40" height="20" rx="6" fill="{STEEL_DARK}"/>"#
    )
}

fn trowel(brush: &Brush) -> String {
    let grip = grip(brush);
    format!(
        r#"<path d="M200 232V170" stroke="{STEEL_DARK}" stroke-width="18" {LINE}/>
<path d="M200 24Q256 76 250 140Q244 186 200 186Q156 186 150 140Q144 76 200 24Z" fill="{STEEL}"/>
<path d="M200 24Q256 76 250 140Q244 186 200 186Z" fill="{STEEL_DARK}"/>
<path d="M178 84q-12 34-6 66" stroke="{STEEL_LIGHT}" stroke-width="10" {LINE}/>{grip}"#
    )
}

fn hand_fork(brush: &Brush) -> String {
    let grip = grip(brush);
    format!(
        r#"<path d="M200 232V160" stroke="{STEEL_DARK}" stroke-width="18" {LINE}/>
<path d="M144 40V130Q144 166 200 166T256 130V40M200 36V160" stroke="{STEEL}" stroke-width="19" {LINE}/>
<path d="M139 44v82M195 40v110M251 44v82" stroke="{STEEL_LIGHT}" stroke-width="5" {LINE}/>{grip}"#
    )
}

fn garden_gloves(brush: &Brush) -> String {
    let Brush { main, dark, accent, accent_dark, pattern, .. } = brush;
    let hand = "M84 290V200L62 156q-6-22 10-28t26 14l14 30V96q0-18 15-18t15 18v58V72q0-18 16-18t16 18v82V84q0-18 15-18t15 18v78v-54q0-16 14-16t14 16V220q0 40-14 70Z";
    let glove = |fill: &str| {
        format!(
            r#"<path d="{hand}" fill="{fill}"/><path d="{hand}" fill="{pattern}"/>
<path d="M196 290V200q8-40 26-60V220q0 40-14 70Z" {SHADED}/>
<path d="M142 154v24M174 154v24M204 162v20" stroke="{dark}" stroke-width="5" opacity=".5" {LINE}/>
<rect x="76" y="278" width="140" height="56" rx="14" fill="{accent}"/>
<path d="M84 298H208M84 314H208" stroke="{accent_dark}" stroke-width="5" {LINE}/>"#
        )
    };
    format!(
        r#"<g transform="translate(410 -4) scale(-1 1) rotate(-9 150 200)">{back}</g>
<g transform="translate(-12 14) rotate(-9 150 200)">{front}</g>"#,
        back = glove(&dark.to_string()),
        front = glove(&main.to_string()),
    )
}

fn seed_packet(brush: &Brush) -> String {
    let Brush { main, dark, accent, accent_dark, accent_light, .. } = brush;
    let petals: String = (0..8)
        .map(|petal| {
            format!(r#"<ellipse cx="200" cy="166" rx="15" ry="34" transform="rotate({} 200 200)"/>"#, petal * 45)
        })
        .collect();
    format!(
        r#"<rect x="96" y="46" width="216" height="300" rx="8" fill="{dark}"/>
<rect x="90" y="40" width="216" height="300" rx="8" fill="{PAPER}"/>
<path d="M90 48q0-8 8-8H298q8 0 8 8V96H90Z" fill="{main}"/>
<path d="M90 60H306" stroke="{dark}" stroke-width="3" stroke-dasharray="9 7"/>
<path d="M140 78H256" stroke="{PAPER}" stroke-width="9" {LINE}/>
<path d="M200 214V316" stroke="{LEAF_DARK}" stroke-width="8" {LINE}/>
<path d="M200 300Q140 300 128 252Q184 250 200 300ZM200 286Q256 284 270 240Q214 240 200 286Z" fill="{LEAF}"/>
<g fill="{accent}">{petals}</g><circle cx="200" cy="200" r="24" fill="{accent_dark}"/>
<circle cx="194" cy="194" r="9" fill="{accent_light}"/><path d="M90 318H306v14q0 8-8 8H98q-8 0-8-8Z" fill="{main}"/>"#
    )
}

fn secateurs(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    format!(
        r#"<path d="M206 190Q150 120 176 34Q234 72 232 176Z" fill="{STEEL_LIGHT}"/>
<path d="M206 190Q176 120 176 34Q160 110 186 176Z" fill="{STEEL}"/>
<path d="M190 196Q256 150 262 84q22 60-34 130Z" fill="{STEEL_DARK}"/>
<path d="M196 204Q246 270 236 372" stroke="{dark}" stroke-width="31" {LINE}/>
<path d="M208 204Q140 260 148 366" stroke="{main}" stroke-width="31" {LINE}/>
<path d="M190 234Q148 280 146 342" stroke="{light}" stroke-width="7" {LINE}/>
<path d="M176 262q22 8 46 0M178 276q20 8 44 0" stroke="{STEEL}" stroke-width="6" {LINE}/>
<circle cx="202" cy="198" r="21" fill="{STEEL_DARK}"/><circle cx="202" cy="198" r="9" fill="{accent}"/>"#
    )
}

fn hose(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, .. } = brush;
    let coils: String = (0..4)
        .map(|coil| {
            let (y, across) = (284 - coil * 26, 128 - coil * 5);
            format!(
                r#"<ellipse cx="188" cy="{y}" rx="{across}" ry="38" stroke="{dark}" stroke-width="26"/>
<ellipse cx="188" cy="{above}" rx="{across}" ry="38" stroke="{main}" stroke-width="20"/>
<path d="M{left} {front}q40 28 120 28" stroke="{light}" stroke-width="4" stroke-linecap="round"/>"#,
                above = y - 3,
                left = 188 - across + 12,
                front = y + 14,
            )
        })
        .collect();
    format!(
        r#"<g fill="none" transform="translate(0 -20)">{coils}<path d="M300 210Q344 170 304 136" stroke="{main}" stroke-width="21" stroke-linecap="round"/>
</g>
<g transform="translate(18 22) rotate(-32 276 80)">
<rect x="262" y="54" width="34" height="36" rx="7" fill="{accent_dark}"/>
<path d="M258 4h42l-6 54h-30Z" fill="{accent}"/><rect x="254" y="-6" width="50" height="15" rx="6" fill="{INK}"/></g>"#
    )
}

fn spade(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    format!(
        r#"<rect x="190" y="52" width="20" height="200" fill="{main}"/>
<rect x="201" y="52" width="9" height="200" fill="{dark}"/>
<path d="M164 20h72q-2 40-36 44q-34-4-36-44Z" stroke="{accent}" stroke-width="15" stroke-linejoin="round" fill="none"/>
<path d="M186 214h28v46h-28Z" fill="{STEEL_DARK}"/>
<path d="M142 238H258V316Q250 364 200 384Q150 364 142 316Z" fill="{STEEL}"/>
<path d="M200 238h58V316Q250 364 200 384Z" fill="{STEEL_DARK}"/>
<path d="M136 232H264v13H136Z" fill="{STEEL_LIGHT}"/>
<path d="M160 260v52q6 22 18 36" stroke="{STEEL_LIGHT}" stroke-width="8" {LINE}/>
<path d="M194 76v120" stroke="{light}" stroke-width="4" {LINE}/>"#
    )
}

fn rake(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let tines: String = (0..9).map(|tine| format!("M200 240L{x} 348q2 18-8 24", x = 116 + tine * 21)).collect();
    format!(
        r#"<rect x="191" y="14" width="18" height="230" rx="8" fill="{main}"/>
<rect x="201" y="14" width="8" height="230" fill="{dark}"/>
<path d="M195 32v170" stroke="{light}" stroke-width="4" {LINE}/>
<path d="{tines}" stroke="{STEEL_DARK}" stroke-width="8" {LINE}/>
<path d="M146 306H254" stroke="{STEEL}" stroke-width="13" {LINE}/><path d="M184 214h32l10 46H174Z" fill="{accent}"/>"#
    )
}

fn birdhouse(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, .. } = brush;
    let hole = brush.vary(1, 22, 31);
    format!(
        r#"<rect x="184" y="300" width="32" height="110" fill="{WOOD_DARK}"/>
<path d="M112 170L200 90 288 170V318H112Z" fill="{main}"/><path d="M200 90L288 170V318H236V124Z" {SHADED}/>
<path d="M112 204H288M112 244H288M112 284H288" stroke="{dark}" stroke-width="4" opacity=".55"/>
<path d="M78 190L200 72 322 190" stroke="{accent_dark}" stroke-width="30" stroke-linejoin="round" fill="none"/>
<path d="M78 184L200 66 322 184" stroke="{accent}" stroke-width="21" stroke-linejoin="round" fill="none"/>
<circle cx="200" cy="212" r="{hole}" fill="{INK}"/><path d="M200 270h34" stroke="{WOOD}" stroke-width="10" {LINE}/>
<rect x="104" y="310" width="192" height="17" rx="5" fill="{light}"/>
<g transform="translate(240 238)">
<path d="M-30 22Q-34-6-6-10Q22-14 34 12L54 6Q40 34 8 34Q-20 36-30 22Z" fill="{accent}"/>
<circle cx="-10" cy="0" r="16" fill="{accent_dark}"/><circle cx="-14" cy="-3" r="3" fill="{PAPER}"/>
<path d="M-24 2l-14 4 14 4Z" fill="{WOOD}"/></g>"#
    )
}

fn trug(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, .. } = brush;
    format!(
        r#"<path d="M92 216Q100 76 200 76T308 216" stroke="{dark}" stroke-width="17" {LINE}/><g fill="{LEAF}">
<path d="M116 206Q92 150 120 122Q150 160 138 206ZM138 206Q136 146 166 128Q180 170 158 206Z"/></g>
<circle cx="206" cy="196" r="36" fill="{accent}"/><circle cx="264" cy="202" r="32" fill="{accent_dark}"/>
<path d="M206 162v-16M264 172v-14" stroke="{LEAF_DARK}" stroke-width="7" {LINE}/>
<path d="M184 184q6-14 18-16" stroke="{PAPER}" stroke-width="7" opacity=".6" {LINE}/>
<path d="M52 204H348Q336 298 262 306H138Q64 298 52 204Z" fill="{main}"/>
<path d="M290 204h58Q336 298 262 306H222Q284 280 290 204Z" {SHADED}/>
<path d="M60 236H340M78 268H322" stroke="{dark}" stroke-width="5" opacity=".6"/>
<rect x="44" y="194" width="312" height="20" rx="10" fill="{light}"/>
<path d="M84 210h18l10 88H98ZM298 210h18l-14 88h-14Z" fill="{dark}"/>
<path d="M118 300h24v12h-24ZM258 300h24v12h-24Z" fill="{WOOD_DARK}"/>"#
    )
}

fn planter(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, pattern, .. } = brush;
    let herbs: String = (0..5)
        .map(|herb| {
            let height = brush.vary(10 + herb, 70, 116);
            let x = i32::try_from(herb).unwrap_or(0) * 58 + 84;
            sprig(x, 218, height, brush.vary(20 + herb, -9, 9), if herb % 2 == 0 { LEAF } else { LEAF_DARK })
        })
        .collect();
    format!(
        r#"{herbs}<g fill="{accent}"><circle cx="142" cy="118" r="9"/><circle cx="154" cy="134" r="8"/>
<circle cx="258" cy="112" r="9"/><circle cx="246" cy="130" r="8"/></g>
<rect x="58" y="200" width="284" height="20" fill="{SOIL}"/>
<path d="M46 210H354L338 300q-2 12-14 12H76q-12 0-14-12Z" fill="{main}"/>
<path d="M46 210H354L338 300q-2 12-14 12H76q-12 0-14-12Z" fill="{pattern}"/>
<path d="M300 210h54L338 300q-2 12-14 12H278Z" {SHADED}/>
<rect x="38" y="204" width="324" height="22" rx="9" fill="{dark}"/>
<path d="M52 211H200" stroke="{light}" stroke-width="5" {LINE}/>"#
    )
}

fn wheelbarrow(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    format!(
        r#"<path d="M28 190L160 240 300 272" stroke="{STEEL_DARK}" stroke-width="13" {LINE}/>
<path d="M26 189l44 17" stroke="{accent}" stroke-width="20" {LINE}/>
<path d="M150 238L128 306h36L196 250" stroke="{STEEL_DARK}" stroke-width="11" {LINE}/><g fill="{LEAF}">
<circle cx="190" cy="138" r="30"/><circle cx="262" cy="134" r="32"/></g>
<circle cx="226" cy="124" r="34" fill="{LEAF_DARK}"/><g fill="{accent}"><circle cx="200" cy="124" r="9"/>
<circle cx="240" cy="110" r="9"/><circle cx="272" cy="130" r="9"/></g>
<path d="M112 150H354Q350 214 288 244H180Q136 230 112 150Z" fill="{main}"/>
<path d="M290 150h64Q350 214 288 244H236Q292 214 290 150Z" {SHADED}/>
<rect x="102" y="140" width="262" height="17" rx="8" fill="{dark}"/>
<path d="M142 176q10 30 36 46" stroke="{light}" stroke-width="9" {LINE}/>
<circle cx="296" cy="270" r="42" fill="{INK}"/><circle cx="296" cy="270" r="24" fill="{STEEL_LIGHT}"/>
<circle cx="296" cy="270" r="9" fill="{STEEL_DARK}"/>"#
    )
}
