//! Camping and walking.

use super::sheet::{
    FLAME, GLASS, GLEAM, INK, LEAF, LEAF_DARK, LINE, LIT, Motif, PAPER, SHADED, STEEL, STEEL_DARK, STEEL_LIGHT,
    WOOD_DARK, lying, standing,
};
use crate::brush::Brush;

pub(super) const MOTIFS: &[Motif] = &[
    standing("tent", 160, tent),
    standing("backpack", 100, backpack),
    standing("bottle", 58, bottle),
    standing("flask", 62, flask),
    lying("headlamp", 0, headlamp),
    lying("sleeping-bag", 20, sleeping_bag),
    standing("sleeping-mat", 110, sleeping_mat),
    standing("camp-stove", 72, camp_stove),
    standing("camp-chair", 116, camp_chair),
    standing("hammock", 170, hammock),
    lying("compass", -14, compass),
    lying("pocket-knife", -24, pocket_knife),
    lying("binoculars", 0, binoculars),
    standing("dry-bag", 84, dry_bag),
];

fn tent(brush: &Brush) -> String {
    let Brush { main, dark, deep, light, accent, .. } = brush;
    let peak = brush.vary(1, 96, 124);
    format!(
        r#"<path d="M200 {peak}L30 312M200 {peak}L370 312" stroke="{INK}" stroke-width="4" {LINE}/>
<path d="M200 {peak}Q126 190 60 312H340Q274 190 200 {peak}Z" fill="{main}"/>
<path d="M200 {peak}Q274 190 340 312H262Z" fill="{dark}"/><path d="M200 {inner}L252 312H148Z" fill="{deep}"/>
<path d="M200 {inner}L148 312h-18Q176 250 200 {inner}Z" fill="{light}"/>
<path d="M200 {inner}L252 312h18Q224 250 200 {inner}Z" fill="{light}"/>
<path d="M170 312L200 240l30 72Z" fill="{INK}" opacity=".35"/>
<path d="M200 {peak}v-22l26 9-26 9" fill="{accent}" stroke="{accent}" stroke-width="4"/>
<path d="M128 240L92 296" stroke="{PAPER}" stroke-width="8" opacity=".35" {LINE}/><g fill="{LEAF_DARK}">
<path d="M40 312q2-26 10-26t8 26ZM56 312q4-18 12-14t2 14Z"/><path d="M330 312q4-20 12-18t6 18Z" fill="{LEAF}"/></g>"#,
        inner = peak + 54,
    )
}

fn backpack(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, .. } = brush;
    let top = brush.vary(1, 96, 118);
    format!(
        r#"<path d="M176 {top}v-20q0-16 24-16t24 16v20" stroke="{INK}" stroke-width="11" {LINE}/>
<rect x="92" y="212" width="40" height="84" rx="16" fill="{dark}"/>
<rect x="268" y="212" width="40" height="84" rx="16" fill="{dark}"/>
<rect x="100" y="170" width="22" height="70" rx="8" fill="{STEEL_LIGHT}"/>
<path d="M116 {shoulder}q0-84 84-84t84 84V282q0 30-30 30H146q-30 0-30-30Z" fill="{main}"/>
<path d="M240 {side}q44 20 44 76V282q0 30-30 30H226q28-100 14-212Z" {SHADED}/>
<path d="M112 {flap}q0-92 88-92t88 92q-88 34-176 0Z" fill="{dark}"/>
<path d="M160 {flap}v52M240 {flap}v52" stroke="{accent}" stroke-width="11" {LINE}/>
<rect x="150" y="{buckle}" width="20" height="18" rx="4" fill="{INK}"/>
<rect x="230" y="{buckle}" width="20" height="18" rx="4" fill="{INK}"/>
<rect x="138" y="232" width="124" height="66" rx="18" fill="{light}"/>
<path d="M150 250H250" stroke="{accent_dark}" stroke-width="6" {LINE}/>
<rect x="224" y="246" width="8" height="20" rx="4" fill="{accent}"/>"#,
        shoulder = top + 78,
        side = top + 6,
        flap = top + 86,
        buckle = top + 114,
    )
}

fn bottle(brush: &Brush) -> String {
    let Brush { main, dark, accent, accent_dark, pattern, .. } = brush;
    let shoulder = brush.vary(1, 138, 166);
    let body = format!(
        "M172 {neck}H228V{collar}Q258 {shoulder} 258 {hip}V292q0 20-20 20H162q-20 0-20-20V{hip}Q142 {shoulder} 172 {collar}Z",
        neck = shoulder - 40,
        collar = shoulder - 26,
        hip = shoulder + 40
    );
    format!(
        r#"<path d="M180 {ring}q-4-36 20-36t20 36" stroke="{accent_dark}" stroke-width="10" {LINE}/>
<rect x="164" y="{cap}" width="72" height="40" rx="9" fill="{accent}"/>
<path d="M178 {cap}v40M192 {cap}v40M206 {cap}v40M220 {cap}v40" stroke="{accent_dark}" stroke-width="4"/>
<path d="{body}" fill="{main}"/><path d="{body}" fill="{pattern}"/>
<path d="M216 {neck}h12V{collar}Q258 {shoulder} 258 {hip}V292q0 20-20 20H214Z" {SHADED}/>
<rect x="156" y="{hip}" width="11" height="90" rx="5" {LIT}/>
<rect x="142" y="276" width="116" height="8" fill="{dark}"/>"#,
        ring = shoulder - 68,
        cap = shoulder - 76,
        neck = shoulder - 40,
        collar = shoulder - 26,
        hip = shoulder + 40,
    )
}

fn flask(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, pattern, .. } = brush;
    let top = brush.vary(1, 132, 158);
    format!(
        r#"<path d="M256 {grip}h28q18 0 18 18v58q0 18-18 18h-28" stroke="{INK}" stroke-width="15" {LINE}/>
<rect x="142" y="{top}" width="116" height="{tall}" rx="16" fill="{main}"/>
<rect x="142" y="{top}" width="116" height="{tall}" rx="16" fill="{pattern}"/>
<path d="M222 {top}h20q16 0 16 16V296q0 16-16 16H222Z" {SHADED}/>
<path d="M142 {band}h116v16H142ZM142 268h116v12H142Z" fill="{STEEL}"/>
<path d="M150 {cup}q0-14 14-14h72q14 0 14 14l4 60H146Z" fill="{accent}"/>
<path d="M220 {rim}h16q14 0 14 14l4 60H222Z" fill="{accent_dark}"/>
<rect x="140" y="{seam}" width="120" height="14" rx="6" fill="{STEEL_DARK}"/>
<rect x="156" y="{shine}" width="11" height="64" rx="5" fill="{light}" opacity=".8"/>
<path d="M164 {cap}h50" stroke="{dark}" stroke-width="4" opacity=".3"/>"#,
        grip = top + 46,
        tall = 312 - top,
        band = top + 18,
        cup = top - 56,
        rim = top - 70,
        seam = top - 12,
        shine = top + 50,
        cap = top - 40,
    )
}

fn headlamp(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, .. } = brush;
    format!(
        r#"<ellipse cx="200" cy="166" rx="134" ry="86" stroke="{accent_dark}" stroke-width="30" fill="none"/>
<path d="M74 196Q104 250 200 250T326 196" stroke="{accent}" stroke-width="32" {LINE}/>
<path d="M200 82Q176 140 184 216" stroke="{accent}" stroke-width="24" {LINE}/>
<path d="M92 222Q130 256 200 256T308 222" stroke="{PAPER}" stroke-width="4" stroke-dasharray="10 8" {LINE}/>
<rect x="134" y="196" width="132" height="98" rx="28" fill="{main}"/>
<path d="M134 252H266v14q0 28-28 28H162q-28 0-28-28Z" fill="{dark}"/>
<circle cx="186" cy="246" r="36" fill="{INK}"/><circle cx="186" cy="246" r="27" fill="{GLEAM}"/>
<circle cx="178" cy="238" r="9" fill="{PAPER}"/>
<circle cx="243" cy="238" r="11" fill="{INK}"/><circle cx="243" cy="238" r="7" fill="{FLAME}"/>
<rect x="210" y="188" width="34" height="12" rx="5" fill="{light}"/>"#
    )
}

fn sleeping_bag(brush: &Brush) -> String {
    let Brush { main, dark, deep, light, accent, accent_light, .. } = brush;
    format!(
        r#"<path d="M200 26q66 0 68 74Q312 190 266 342q-8 28-30 28H164q-22 0-30-28Q88 190 132 100q2-74 68-74Z" fill="{main}"/>
<path d="M200 26q66 0 68 74Q312 190 266 342q-8 28-30 28H214Q270 200 200 26Z" {SHADED}/>
<ellipse cx="200" cy="94" rx="48" ry="52" fill="{dark}"/><ellipse cx="200" cy="98" rx="38" ry="42" fill="{accent}"/>
<path d="M168 106q32-22 64 0v22q-32 16-64 0Z" fill="{accent_light}"/>
<path d="M117 178Q200 200 283 178M113 224Q200 246 287 224M118 270Q200 290 282 270M127 316Q200 334 273 316" stroke="{deep}" stroke-width="5" opacity=".6" {LINE}/>
<path d="M200 150V330" stroke="{light}" stroke-width="5" stroke-dasharray="7 5"/>
<rect x="193" y="146" width="14" height="24" rx="6" fill="{accent}"/>"#
    )
}

fn sleeping_mat(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, .. } = brush;
    format!(
        r#"<path d="M126 180H310q30 8 30 66t-30 66H126Z" fill="{main}"/>
<path d="M126 276H334q-8 30-24 36H126Z" {SHADED}/>
<g fill="{dark}" opacity=".6"><circle cx="222" cy="210" r="6"/><circle cx="252" cy="234" r="6"/>
<circle cx="222" cy="258" r="6"/><circle cx="312" cy="210" r="6"/><circle cx="318" cy="250" r="6"/></g>
<ellipse cx="126" cy="246" rx="60" ry="66" fill="{light}"/>
<path d="M126 246m0-4q12-10 20 6t-20 26q-32 0-30-34t38-34q38 4 36 42t-44 46q-40-6-44-50" stroke="{dark}" stroke-width="7" {LINE}/>
<path d="M180 180q26 66 0 132h20q26-66 0-132ZM272 180q26 66 0 132h20q26-66 0-132Z" fill="{accent}"/>
<path d="M198 226h18v26h-18ZM290 226h18v26h-18Z" fill="{accent_dark}"/>
<path d="M200 182Q246 116 290 182" stroke="{accent}" stroke-width="9" {LINE}/>"#
    )
}

fn camp_stove(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    format!(
        r#"<path d="M132 262q0-26 68-26t68 26V290q0 22-22 22H154q-22 0-22-22Z" fill="{main}"/>
<path d="M240 240q28 6 28 22V290q0 22-22 22H222Z" {SHADED}/>
<path d="M132 270H268v16H132Z" fill="{light}"/>
<rect x="186" y="200" width="28" height="40" rx="6" fill="{STEEL_DARK}"/>
<path d="M214 216h52l18 12" stroke="{accent}" stroke-width="9" {LINE}/>
<path d="M126 150L176 206H224L274 150" stroke="{STEEL_DARK}" stroke-width="10" {LINE}/>
<rect x="166" y="180" width="68" height="22" rx="8" fill="{INK}"/>
<path d="M176 180q-8-20 4-32q10 12 6 32ZM196 180q-8-24 5-38q11 14 6 38ZM216 180q-6-20 5-32q10 12 4 32Z" fill="{FLAME}"/>
<path d="M112 84H288V132q0 16-16 16H128q-16 0-16-16Z" fill="{STEEL}"/>
<path d="M250 84h38V132q0 16-16 16H240Z" fill="{STEEL_DARK}"/>
<rect x="104" y="76" width="192" height="13" rx="6" fill="{STEEL_LIGHT}"/>
<path d="M290 100h58" stroke="{dark}" stroke-width="13" {LINE}/>"#
    )
}

fn camp_chair(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, pattern, .. } = brush;
    format!(
        r#"<path d="M112 306L276 212M288 306L124 212" stroke="{STEEL_DARK}" stroke-width="12" {LINE}/>
<path d="M118 312V70M282 312V70" stroke="{STEEL}" stroke-width="13" {LINE}/>
<path d="M106 84H294V168Q200 186 106 168Z" fill="{main}"/>
<path d="M106 84H294V168Q200 186 106 168Z" fill="{pattern}"/><path d="M250 84h44V168Q272 173 246 176Z" {SHADED}/>
<path d="M120 102H270" stroke="{light}" stroke-width="6" opacity=".8" {LINE}/>
<path d="M100 214H300L284 248Q200 262 116 248Z" fill="{dark}"/><path d="M100 206H300v14q-100 16-200 0Z" fill="{main}"/>
<rect x="86" y="178" width="58" height="16" rx="8" fill="{accent}"/>
<rect x="256" y="178" width="58" height="16" rx="8" fill="{accent}"/>
<path d="M104 306h28v8h-28ZM268 306h28v8h-28Z" fill="{INK}"/>"#
    )
}

fn hammock(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, pattern, .. } = brush;
    let cloth = "M92 158Q200 250 308 158Q326 176 300 214Q200 314 100 214Q74 176 92 158Z";
    format!(
        r#"<g fill="{LEAF}"><circle cx="50" cy="62" r="44"/><circle cx="350" cy="62" r="44"/></g>
<g fill="{LEAF_DARK}"><circle cx="78" cy="46" r="30"/><circle cx="322" cy="46" r="30"/></g>
<path d="M38 70h24l4 242H34ZM338 70h24l4 242h-32Z" fill="{WOOD_DARK}"/>
<path d="M50 132L96 162M350 132L304 162M50 132L90 176M350 132L310 176" stroke="{INK}" stroke-width="4" {LINE}/>
<path d="M34 126h32v14H34ZM334 126h32v14h-32Z" fill="{accent}"/>
<path d="M92 158Q200 250 308 158Q200 214 92 158Z" fill="{dark}"/>
<path d="{cloth}" fill="{main}"/><path d="{cloth}" fill="{pattern}"/>
<path d="M100 214Q200 314 300 214Q310 196 312 184Q200 290 88 184Q90 196 100 214Z" {SHADED}/>
<path d="M112 184Q200 244 288 184" stroke="{light}" stroke-width="7" {LINE}/>"#
    )
}

fn compass(brush: &Brush) -> String {
    let Brush { main, dark, accent, .. } = brush;
    let marks: String = (0..12)
        .map(|mark| {
            format!(
                r#"<path d="M200 110v{}" transform="rotate({} 200 214)"/>"#,
                if mark % 3 == 0 { 18 } else { 9 },
                mark * 30
            )
        })
        .collect();
    let north = brush.vary(1, -50, 50);
    format!(
        r#"<circle cx="200" cy="66" r="25" stroke="{dark}" stroke-width="11" fill="none"/>
<rect x="184" y="74" width="32" height="28" rx="6" fill="{main}"/>
<circle cx="200" cy="214" r="136" fill="{dark}"/><circle cx="200" cy="210" r="134" fill="{main}"/>
<circle cx="200" cy="212" r="112" fill="{PAPER}"/>
<g stroke="{INK}" stroke-width="5" {LINE}>{marks}</g><g transform="rotate({north} 200 214)">
<path d="M200 128L221 214H179Z" fill="{accent}"/><path d="M200 300L221 214H179Z" fill="{STEEL}"/>
<path d="M200 128v86h21ZM200 300v-86h21Z" {SHADED}/></g>
<circle cx="200" cy="214" r="10" fill="{INK}"/>
<path d="M122 176a90 90 0 0 1 42-44" stroke="{GLASS}" stroke-width="10" {LINE}/>"#
    )
}

fn pocket_knife(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let open = brush.vary(1, -14, 4);
    format!(
        r#"<g transform="rotate({open} 196 206)">
<path d="M196 190L72 178Q40 178 26 200Q60 222 110 222L196 224Z" fill="{STEEL_LIGHT}"/>
<path d="M26 200Q60 222 110 222L196 224V212L100 208Q58 206 26 200Z" fill="{STEEL}"/>
<path d="M76 190h46" stroke="{STEEL_DARK}" stroke-width="6" {LINE}/></g>
<path d="M312 176q-4-50 34-60l12 8q-24 24-20 58Z" fill="{STEEL}"/>
<rect x="176" y="172" width="196" height="70" rx="35" fill="{STEEL_DARK}"/>
<rect x="176" y="178" width="196" height="62" rx="31" fill="{main}"/>
<path d="M178 216H370q-6 24-29 24H207q-23 0-29-24Z" fill="{dark}"/>
<circle cx="204" cy="208" r="9" fill="{STEEL_LIGHT}"/><circle cx="344" cy="208" r="9" fill="{STEEL_LIGHT}"/>
<path d="M228 194H316" stroke="{light}" stroke-width="8" {LINE}/>
<circle cx="376" cy="228" r="12" stroke="{accent}" stroke-width="7" fill="none"/>"#
    )
}

fn binoculars(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let half = format!(
        r#"<path d="M116 118h64l10 66v124q0 20-20 20H94q-20 0-20-20V226q0-22 16-38Z" fill="{main}"/>
<path d="M160 118h20l10 66v124q0 20-20 20h-22Z" {SHADED}/>
<rect x="110" y="76" width="76" height="52" rx="13" fill="{INK}"/>
<rect x="66" y="288" width="132" height="50" rx="16" fill="{dark}"/>
<path d="M78 304H186" stroke="{accent}" stroke-width="8" {LINE}/>
<path d="M98 220v46" stroke="{light}" stroke-width="10" {LINE}/>"#
    );
    format!(
        r#"<path d="M88 190Q10 20 200 20T312 190" stroke="{INK}" stroke-width="8" opacity=".8" {LINE}/>
<rect x="176" y="172" width="48" height="72" rx="10" fill="{dark}"/>{half}
<g transform="translate(400 0) scale(-1 1)">{half}</g>
<rect x="184" y="140" width="32" height="54" rx="9" fill="{STEEL_DARK}"/>
<path d="M192 148v38M200 148v38M208 148v38" stroke="{INK}" stroke-width="3"/>"#
    )
}

fn dry_bag(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let body = "M126 130H274Q282 220 276 292q-2 20-24 20H148q-22 0-24-20Q118 220 126 130Z";
    format!(
        r#"<path d="M158 96Q160 56 200 56T242 96" stroke="{INK}" stroke-width="12" {LINE}/>
<rect x="180" y="46" width="40" height="24" rx="7" fill="{accent}"/>
<path d="{body}" fill="{main}"/><path d="M236 130H274Q282 220 276 292q-2 20-24 20H222Q256 240 236 130Z" {SHADED}/>
<rect x="108" y="84" width="184" height="48" rx="24" fill="{dark}"/>
<path d="M128 100H272M128 116H272" stroke="{light}" stroke-width="4" opacity=".6" {LINE}/>
<circle cx="282" cy="108" r="24" fill="{light}"/>
<path d="M282 108q8-8 10 4t-14 10q-12-8-6-22t20-8" stroke="{dark}" stroke-width="5" {LINE}/>
<path d="M122 262q78 16 156 0v14q-78 16-156 0Z" fill="{dark}"/>
<path d="M140 150q-6 50-2 94" stroke="{PAPER}" stroke-width="9" opacity=".5" {LINE}/>
<path d="M200 158q30 38 30 56a30 30 0 0 1-60 0q0-18 30-56Z" fill="{accent}"/>
<path d="M184 214q2 14 14 18" stroke="{PAPER}" stroke-width="7" {LINE}/>"#
    )
}
