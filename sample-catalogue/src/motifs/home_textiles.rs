//! Soft things: most of them carry the product's pattern.

use super::sheet::{
    GLASS, INK, LINE, LIT, Motif, PAPER, SHADED, STEEL_DARK, WOOD, WOOD_DARK, hanging, lying, standing,
};
use crate::brush::Brush;

pub(super) const MOTIFS: &[Motif] = &[
    lying("cushion", 0, cushion),
    standing("blanket", 140, blanket),
    standing("towel-stack", 134, towel_stack),
    hanging("tea-towel", tea_towel),
    standing("bed-linen", 164, bed_linen),
    lying("rug", 0, rug),
    lying("round-rug", 0, round_rug),
    hanging("curtains", curtains),
    hanging("apron", apron),
    lying("oven-glove", -12, oven_glove),
    standing("tablecloth", 120, tablecloth),
];

fn cushion(brush: &Brush) -> String {
    let Brush { main, dark, accent, pattern, .. } = brush;
    let shape = "M72 84Q200 112 328 84Q304 200 328 316Q200 288 72 316Q96 200 72 84Z";
    format!(
        r#"<path d="{shape}" fill="{main}" stroke="{accent}" stroke-width="9" stroke-linejoin="round"/>
<path d="{shape}" fill="{pattern}"/>
<path d="M328 84Q304 200 328 316Q200 288 72 316Q270 270 328 84Z" {SHADED}/>
<path d="M104 116q44 10 90 12" stroke="{PAPER}" stroke-width="9" opacity=".4" {LINE}/>
<circle cx="200" cy="200" r="12" fill="{dark}"/>
<path d="M200 188v-30M200 212v30M188 200h-34M212 200h34" stroke="{dark}" stroke-width="4" opacity=".6" {LINE}/>"#
    )
}

fn blanket(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, pattern, .. } = brush;
    let fringe: String = (0..15).map(|strand| format!("M{} 286v22", 148 + strand * 9)).collect();
    format!(
        r#"<rect x="66" y="254" width="270" height="58" rx="29" fill="{dark}"/>
<rect x="70" y="202" width="262" height="56" rx="28" fill="{main}"/>
<rect x="70" y="202" width="262" height="56" rx="28" fill="{pattern}"/>
<rect x="76" y="150" width="250" height="56" rx="28" fill="{light}"/>
<path d="M96 284H320M96 232H318" stroke="{dark}" stroke-width="5" opacity=".6" {LINE}/>
<path d="M140 150H282V286H140Z" fill="{main}"/><path d="M140 150H282V286H140Z" fill="{pattern}"/>
<path d="M250 150h32V286H250Z" {SHADED}/>
<path d="M140 262h142v10H140Z" fill="{accent}"/><path d="{fringe}" stroke="{accent}" stroke-width="4" {LINE}/>"#
    )
}

fn towel_stack(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, pattern, .. } = brush;
    let towel = |y: i32, body, fold| {
        format!(
            r#"<rect x="74" y="{y}" width="252" height="60" rx="24" fill="{body}"/>
<path d="M100 {middle}H302" stroke="{fold}" stroke-width="6" {LINE}/>
<path d="M276 {y}h24q26 0 26 26v10q0 24-26 24h-24Z" {SHADED}/>
<rect x="128" y="{y}" width="16" height="60" fill="{fold}" opacity=".55"/>"#,
            middle = y + 32,
        )
    };
    format!(
        r#"{bottom}{middle}{top}<rect x="74" y="128" width="252" height="60" rx="24" fill="{pattern}"/>"#,
        bottom = towel(252, main, dark),
        middle = towel(190, accent, accent_dark),
        top = towel(128, light, main),
    )
}

fn tea_towel(brush: &Brush) -> String {
    let Brush { main, dark, accent, pattern, .. } = brush;
    let cloth = "M118 92q0-20 20-20H258q20 0 20 20V300H118Z";
    format!(
        r#"<path d="M150 110H298V336H150Z" fill="{dark}"/><path d="M150 304H298v12H150Z" fill="{accent}"/>
<path d="{cloth}" fill="{main}"/><path d="{cloth}" fill="{pattern}"/>
<path d="M118 252H278v16H118ZM118 276H278v7H118Z" fill="{accent}"/>
<path d="M160 110V292M236 110V292" stroke="{dark}" stroke-width="5" opacity=".4" {LINE}/>
<path d="M240 72h18q20 0 20 20V300H244Z" {SHADED}/>
<path d="M118 92q0-20 20-20H258q20 0 20 20v8H118Z" {LIT}/>
<path d="M40 92H116M280 92H360" stroke="{WOOD}" stroke-width="17" {LINE}/>
<path d="M44 56V124M356 56V124" stroke="{INK}" stroke-width="13" {LINE}/>
<circle cx="44" cy="92" r="13" fill="{WOOD_DARK}"/><circle cx="356" cy="92" r="13" fill="{WOOD_DARK}"/>"#
    )
}

fn bed_linen(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, pattern, .. } = brush;
    let cover = "M50 232H350V286q0 12-12 12H62q-12 0-12-12Z";
    format!(
        r#"<path d="M62 290h18v22H62ZM320 290h18v22H320Z" fill="{WOOD_DARK}"/>
<rect x="46" y="104" width="308" height="150" rx="20" fill="{WOOD}"/>
<rect x="62" y="120" width="276" height="120" rx="10" fill="{WOOD_DARK}" opacity=".5"/>
<g fill="{light}"><rect x="74" y="152" width="122" height="74" rx="24"/>
<rect x="204" y="152" width="122" height="74" rx="24"/></g>
<g fill="{pattern}"><rect x="74" y="152" width="122" height="74" rx="24"/>
<rect x="204" y="152" width="122" height="74" rx="24"/></g>
<path d="M92 206q42 14 86 0M222 206q42 14 86 0" stroke="{dark}" stroke-width="4" opacity=".5" {LINE}/>
<path d="{cover}" fill="{main}"/><path d="{cover}" fill="{pattern}"/>
<path d="M50 222q0-12 12-12H338q12 0 12 12v34Q200 272 50 256Z" fill="{accent}"/>
<path d="M130 268v26M270 268v26" stroke="{dark}" stroke-width="4" opacity=".4" {LINE}/>
<path d="M300 256l50 0V286q0 12-12 12H300Z" {SHADED}/>"#
    )
}

fn rug(brush: &Brush) -> String {
    let Brush { main, accent, pattern, .. } = brush;
    let fringe: String = (0..13).map(|strand| format!("M72 {y}h-24M328 {y}h24", y = 98 + strand * 17)).collect();
    format!(
        r#"<path d="{fringe}" stroke="{accent}" stroke-width="5" {LINE}/>
<rect x="70" y="86" width="260" height="228" rx="5" fill="{main}"/>
<rect x="92" y="108" width="216" height="184" fill="{pattern}"/>
<rect x="80" y="96" width="240" height="208" stroke="{accent}" stroke-width="7" fill="none"/>
<path d="M70 300H330v14H70Z" {SHADED}/>
<path d="M200 158L240 200 200 242 160 200Z" fill="{accent}"/>
<path d="M200 178L221 200 200 222 179 200Z" fill="{main}"/>"#
    )
}

fn round_rug(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let rounds: String = (1..8).map(|round| format!(r#"<circle cx="200" cy="200" r="{}"/>"#, round * 19)).collect();
    format!(
        r#"<circle cx="200" cy="200" r="150" fill="{main}"/><circle cx="200" cy="200" r="124" fill="{accent}"/>
<circle cx="200" cy="200" r="104" fill="{light}"/>
<circle cx="200" cy="200" r="50" fill="{main}"/>
<g fill="none" stroke="{dark}" stroke-width="4" stroke-dasharray="11 5" opacity=".6">{rounds}</g>"#
    )
}

fn curtains(brush: &Brush) -> String {
    let Brush { main, dark, accent, pattern, wall, .. } = brush;
    let drape = "M66 88H186Q184 190 150 226Q128 250 130 336Q98 326 66 336Z";
    format!(
        r#"<rect x="112" y="104" width="176" height="176" fill="{PAPER}"/>
<rect x="122" y="114" width="156" height="156" fill="{GLASS}"/>
<path d="M122 270V236q40-30 80 0t76-10v44Z" fill="{wall}"/>
<path d="M196 114h8V270h-8ZM122 188H278v8H122Z" fill="{PAPER}"/>
<g><path d="{drape}" fill="{main}"/><path d="{drape}" fill="{pattern}"/>
<path d="M98 92V328M130 92Q132 180 112 226M160 92Q158 170 140 210" stroke="{dark}" stroke-width="5" opacity=".5" {LINE}/>
<path d="M88 232Q124 244 152 222" stroke="{accent}" stroke-width="10" {LINE}/></g>
<g transform="translate(400 0) scale(-1 1)"><path d="{drape}" fill="{main}"/><path d="{drape}" fill="{pattern}"/>
<path d="{drape}" {SHADED}/>
<path d="M98 92V328M130 92Q132 180 112 226M160 92Q158 170 140 210" stroke="{dark}" stroke-width="5" opacity=".5" {LINE}/>
<path d="M88 232Q124 244 152 222" stroke="{accent}" stroke-width="10" {LINE}/></g>
<path d="M48 82H352" stroke="{WOOD_DARK}" stroke-width="12" {LINE}/><circle cx="44" cy="82" r="13" fill="{WOOD}"/>
<circle cx="356" cy="82" r="13" fill="{WOOD}"/>"#
    )
}

fn apron(brush: &Brush) -> String {
    let Brush { main, dark, accent, accent_dark, pattern, .. } = brush;
    let cloth = "M148 122H252Q252 180 304 196V342Q200 356 96 342V196Q148 180 148 122Z";
    format!(
        r#"<circle cx="200" cy="48" r="12" fill="{WOOD_DARK}"/>
<path d="M156 126Q160 52 200 52T244 126" stroke="{accent}" stroke-width="10" {LINE}/>
<path d="M100 204Q60 212 50 268M300 204Q340 212 350 268" stroke="{accent}" stroke-width="9" {LINE}/>
<path d="{cloth}" fill="{main}"/><path d="{cloth}" fill="{pattern}"/>
<path d="M252 122Q252 180 304 196V342L256 347Q280 240 224 122Z" {SHADED}/>
<path d="M148 122H252v16H148Z" fill="{dark}"/><path d="M136 226H264V276q0 20-20 20H156q-20 0-20-20Z" fill="{accent}"/>
<path d="M200 228v66M144 238H256" stroke="{accent_dark}" stroke-width="4" stroke-dasharray="8 6" {LINE}/>"#
    )
}

fn oven_glove(brush: &Brush) -> String {
    let Brush { main, dark, accent, accent_dark, pattern, .. } = brush;
    let hand = "M134 286V150Q134 62 202 62T268 150V172Q286 138 312 146T328 190Q318 244 268 270V286Z";
    format!(
        r#"<path d="{hand}" fill="{main}"/><path d="{hand}" fill="{pattern}"/>
<path d="M162 100L240 178M150 150L256 256M150 214L222 286M240 96L146 190M262 146L144 264M264 214L192 286" stroke="{dark}" stroke-width="4" opacity=".5" {LINE}/>
<path d="M268 172Q286 138 312 146T328 190Q318 244 268 270Z" {SHADED}/>
<path d="M268 172Q262 200 268 226" stroke="{dark}" stroke-width="5" {LINE}/>
<rect x="124" y="278" width="154" height="54" rx="14" fill="{accent}"/>
<path d="M132 306H270" stroke="{accent_dark}" stroke-width="5" stroke-dasharray="9 7" {LINE}/>
<path d="M270 322q34 14 26 36t-30-24" stroke="{accent_dark}" stroke-width="6" {LINE}/>"#
    )
}

fn tablecloth(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, pattern, .. } = brush;
    let drop = "M56 158H344L356 258q-19 16-38 0q-20 16-40 0q-20 16-39 0q-20 16-39 0q-20 16-39 0q-20 16-40 0q-19 16-39 0q-19 16-38 0Z";
    format!(
        r#"<path d="M110 240h16v72h-16ZM274 240h16v72h-16Z" fill="{WOOD_DARK}"/><path d="{drop}" fill="{main}"/>
<path d="{drop}" fill="{pattern}"/>
<path d="M120 170L108 262M200 172V264M280 170L292 262" stroke="{dark}" stroke-width="5" opacity=".4" {LINE}/>
<path d="M290 158h54L356 258q-19 16-38 0Z" {SHADED}/><ellipse cx="200" cy="158" rx="144" ry="30" fill="{light}"/>
<ellipse cx="200" cy="158" rx="144" ry="30" fill="{pattern}"/>
<ellipse cx="200" cy="158" rx="144" ry="30" fill="none" stroke="{accent}" stroke-width="5"/>
<path d="M182 152q-6-40 4-54h28q10 14 4 54q-18 8-36 0Z" fill="{GLASS}"/>
<path d="M200 100V58M200 90Q180 84 176 64M200 84q20-6 24-26" stroke="{STEEL_DARK}" stroke-width="4" {LINE}/>
<g fill="{accent}"><circle cx="200" cy="54" r="12"/><circle cx="174" cy="62" r="10"/><circle cx="226" cy="58" r="10"/>
</g>"#
    )
}
