//! The workshop.

use super::sheet::{
    GLASS, INK, LEAF, LINE, Motif, PAPER, SHADED, STEEL, STEEL_DARK, STEEL_LIGHT, WOOD, WOOD_DARK, WOOD_LIGHT, lying,
    standing,
};
use crate::brush::Brush;

pub(super) const MOTIFS: &[Motif] = &[
    lying("hammer", 28, hammer),
    lying("mallet", -24, mallet),
    lying("screwdriver", 36, screwdriver),
    lying("handsaw", -20, handsaw),
    lying("drill", 0, drill),
    lying("tape-measure", 0, tape_measure),
    lying("spirit-level", -24, spirit_level),
    lying("pliers", 24, pliers),
    lying("spanner", 38, spanner),
    lying("hex-keys", 0, hex_keys),
    lying("chisel", 30, chisel),
    standing("toolbox", 140, toolbox),
    lying("clamp", -10, clamp),
    lying("paint-brush", 26, paint_brush),
    lying("safety-glasses", -6, safety_glasses),
];

/// A turned or moulded handle from the given height down to the lower edge.
fn shaft(brush: &Brush, top: i32) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    format!(
        r#"<path d="M186 {top}h28l8 252q0 22-22 22t-22-22Z" fill="{main}" transform="translate(0 {shift})"/>
<path d="M204 {top}h10l8 252q0 22-22 22q12-110 4-274Z" fill="{dark}" transform="translate(0 {shift})"/>
<path d="M180 330h40v14h-40Z" fill="{accent}"/><path d="M193 180v120" stroke="{light}" stroke-width="5" {LINE}/>"#,
        shift = 92 - top,
    )
}

fn hammer(brush: &Brush) -> String {
    let shaft = shaft(brush, 92);
    format!(
        r#"{shaft}<path d="M176 56h52v56H176Z" fill="{STEEL_DARK}"/>
<path d="M224 60h54q10-6 22-6v58q-12 0-22-6H224Z" fill="{STEEL}"/>
<rect x="292" y="46" width="26" height="74" rx="8" fill="{STEEL_DARK}"/>
<path d="M180 60Q112 56 78 124l14 10Q118 96 180 104Z" fill="{STEEL}"/>
<path d="M180 60Q112 56 78 124Q120 74 180 76Z" fill="{STEEL_LIGHT}"/>
<path d="M228 68h48" stroke="{STEEL_LIGHT}" stroke-width="7" {LINE}/>"#
    )
}

fn mallet(brush: &Brush) -> String {
    let Brush { accent, accent_dark, accent_light, .. } = brush;
    let shaft = shaft(brush, 92);
    format!(
        r#"{shaft}<rect x="96" y="44" width="208" height="100" rx="16" fill="{accent}"/>
<path d="M96 104H304v24q0 16-16 16H112q-16 0-16-16Z" fill="{accent_dark}"/>
<path d="M96 60q0-16 16-16h12v100h-12q-16 0-16-16Z" fill="{PAPER}"/>
<path d="M276 44h12q16 0 16 16v68q0 16-16 16h-12Z" fill="{INK}"/>
<path d="M140 62H258" stroke="{accent_light}" stroke-width="9" {LINE}/>"#
    )
}

fn screwdriver(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let reach = brush.vary(1, 20, 60);
    format!(
        r#"<rect x="191" y="{reach}" width="18" height="200" fill="{STEEL}"/>
<rect x="202" y="{reach}" width="7" height="200" fill="{STEEL_DARK}"/>
<path d="M191 {reach}l3-16h12l3 16Z" fill="{STEEL_DARK}"/>
<path d="M182 206h36l6 30H176Z" fill="{INK}"/>
<path d="M172 232h56q10 14 4 36q-6 16 2 40q6 40-8 54q-12 12-26 12t-26-12q-14-14-8-54q8-24 2-40q-6-22 4-36Z" fill="{main}"/>
<path d="M208 232h20q10 14 4 36q-6 16 2 40q6 40-8 54q-8 8-18 11q14-60 0-141Z" fill="{dark}"/>
<path d="M180 300v50M200 300v58M220 300v50" stroke="{accent}" stroke-width="8" {LINE}/>
<path d="M182 244v30" stroke="{light}" stroke-width="7" {LINE}/>"#
    )
}

fn handsaw(brush: &Brush) -> String {
    let Brush { main, dark, deep, light, accent, .. } = brush;
    let teeth = "l7 11 7-11".repeat(18);
    format!(
        r#"<path d="M262 128L20 172V196L10 228{teeth}Z" fill="{STEEL}"/>
<path d="M262 128L20 172v14L262 146Z" fill="{STEEL_LIGHT}"/>
<path d="M250 108q44-16 80 0q44 8 54 44q4 44-14 72q-22 30-64 30q-40 4-56-18Z" fill="{main}"/>
<path d="M384 152q4 44-14 72q-22 30-64 30q-40 4-56-18Q360 236 384 152Z" fill="{dark}"/>
<path d="M296 152q26-14 46 4q10 26-6 48q-20 12-38 0q-12-26-2-52Z" fill="{deep}"/><g fill="{accent}">
<circle cx="272" cy="140" r="8"/><circle cx="270" cy="214" r="8"/></g>
<path d="M282 122q30-8 56 4" stroke="{light}" stroke-width="7" {LINE}/>"#
    )
}

fn drill(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, .. } = brush;
    format!(
        r#"<path d="M20 134l14-7H104v15H34Z" fill="{STEEL_DARK}"/>
<path d="M44 127l12 15M62 127l12 15M80 127l12 15" stroke="{STEEL_LIGHT}" stroke-width="4"/>
<path d="M98 116l34-14v66l-34-14Z" fill="{INK}"/><rect x="126" y="98" width="24" height="74" rx="5" fill="{STEEL}"/>
<path d="M250 160L292 290H212L196 180Z" fill="{main}"/><path d="M270 180L292 290h-36L238 180Z" fill="{dark}"/>
<path d="M144 90q80-20 160-6q46 10 46 56t-46 52q-80 6-160-10Z" fill="{main}"/>
<path d="M146 158q90 16 202 2q-8 26-44 32q-80 6-160-10Z" fill="{dark}"/>
<path d="M162 102q60-12 120-6" stroke="{light}" stroke-width="8" {LINE}/>
<path d="M200 186q-14 18-4 36l16 2" stroke="{INK}" stroke-width="12" {LINE}/>
<path d="M296 112h34M296 128h38M296 144h34" stroke="{INK}" stroke-width="7" {LINE}/>
<rect x="196" y="284" width="118" height="56" rx="13" fill="{accent}"/>
<path d="M196 316H314v11q0 13-13 13H209q-13 0-13-13Z" fill="{accent_dark}"/>
<circle cx="224" cy="302" r="6" fill="{LEAF}"/><circle cx="242" cy="302" r="6" fill="{LEAF}"/>"#
    )
}

fn tape_measure(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let marks: String =
        (0..14).map(|mark| format!("M{} 276v{}", 40 + mark * 14, if mark % 5 == 0 { 26 } else { 14 })).collect();
    format!(
        r##"<rect x="26" y="276" width="230" height="46" fill="#f3cf56"/>
<path d="{marks}" stroke="{INK}" stroke-width="4"/><path d="M18 264h14v74H18Z" fill="{STEEL_DARK}"/>
<path d="M150 74H260q98 0 98 100V298q0 28-28 28H150q-28 0-28-28V102q0-28 28-28Z" fill="{main}"/>
<path d="M122 270H358v28q0 28-28 28H150q-28 0-28-28Z" fill="{dark}"/>
<circle cx="236" cy="188" r="76" fill="{dark}"/><circle cx="236" cy="188" r="62" fill="{accent}"/>
<circle cx="236" cy="188" r="46" fill="{PAPER}"/>
<path d="M214 190h44M236 168v44" stroke="{STEEL_DARK}" stroke-width="7" {LINE}/>
<path d="M146 110v70" stroke="{light}" stroke-width="10" {LINE}/>
<rect x="190" y="62" width="70" height="20" rx="8" fill="{INK}"/>"##
    )
}

fn spirit_level(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let bubble = brush.vary(1, 186, 214);
    format!(
        r##"<rect x="14" y="154" width="372" height="92" rx="9" fill="{main}"/>
<path d="M14 216H386v21q0 9-9 9H23q-9 0-9-9Z" fill="{dark}"/>
<path d="M14 154h20v92H14ZM366 154h20v92h-20Z" fill="{INK}"/>
<path d="M52 168H140M262 168H348" stroke="{light}" stroke-width="7" {LINE}/>
<rect x="144" y="166" width="112" height="58" rx="12" fill="{INK}"/>
<rect x="154" y="178" width="92" height="34" rx="15" fill="#c9e265"/>
<ellipse cx="{bubble}" cy="192" rx="18" ry="10" fill="{PAPER}"/>
<path d="M180 178v34M220 178v34" stroke="{INK}" stroke-width="3"/>
<circle cx="84" cy="202" r="27" fill="{INK}"/><circle cx="84" cy="202" r="19" fill="#c9e265"/>
<path d="M84 186v32" stroke="{accent}" stroke-width="4"/><circle cx="316" cy="202" r="27" fill="{INK}"/>
<circle cx="316" cy="202" r="19" fill="#c9e265"/><path d="M302 190l28 24" stroke="{accent}" stroke-width="4"/>"##
    )
}

fn pliers(brush: &Brush) -> String {
    let Brush { main, dark, light, .. } = brush;
    let gape = brush.vary(1, 2, 7);
    format!(
        r#"<g transform="rotate({gape} 200 170)">
<path d="M216 190Q252 240 240 368" stroke="{dark}" stroke-width="33" {LINE}/>
<path d="M224 196L170 166Q160 80 196 26V150Z" fill="{STEEL}"/>
<path d="M186 60v70" stroke="{STEEL_LIGHT}" stroke-width="6" {LINE}/></g>
<g transform="rotate(-{gape} 200 170)"><path d="M184 190Q148 240 160 368" stroke="{main}" stroke-width="33" {LINE}/>
<path d="M152 244q-10 40-4 92" stroke="{light}" stroke-width="7" {LINE}/>
<path d="M176 196L230 166Q240 80 204 26V150Z" fill="{STEEL_DARK}"/>
<path d="M204 60l8 6-8 6 8 6-8 6 8 6-8 6 8 6-8 6Z" fill="{INK}"/></g>
<circle cx="200" cy="174" r="32" fill="{STEEL}"/><circle cx="200" cy="174" r="14" fill="{STEEL_DARK}"/>
<path d="M192 174h16" stroke="{INK}" stroke-width="5"/>"#
    )
}

fn spanner(brush: &Brush) -> String {
    let Brush { main, dark, accent, wall, .. } = brush;
    let pale = wall.lighter(45);
    let one = format!(
        r#"<path d="M180 108h40L214 300h-28Z" fill="{STEEL}"/><path d="M204 108h16L214 300h-10Z" fill="{STEEL_DARK}"/>
<path d="M186 160h28v90h-28Z" fill="{main}"/><path d="M202 160h12v90h-12Z" fill="{dark}"/>
<path d="M166 20L160 70 200 92 240 70 234 20Q276 40 270 92Q258 140 200 142T130 92Q124 40 166 20Z" fill="{STEEL}"/>
<path d="M234 20Q276 40 270 92Q258 140 200 142Q244 124 248 70Q248 40 234 20Z" fill="{STEEL_DARK}"/>
<circle cx="200" cy="328" r="50" fill="{STEEL}"/>
<path d="M218 282a50 50 0 0 1-18 96Q240 350 218 282Z" fill="{STEEL_DARK}"/>
<path d="M200 300l25 14v28l-25 14-25-14v-28Z" fill="{pale}"/>
<path d="M146 76q6 30 24 42" stroke="{STEEL_LIGHT}" stroke-width="8" {LINE}/>
<circle cx="200" cy="176" r="6" fill="{accent}"/>"#
    );
    format!(
        r#"<g transform="translate(-52 96) scale(.62)">{one}</g>
<g transform="translate(204 96) scale(.62)">{one}</g>{one}"#
    )
}

fn hex_keys(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let keys: String = (0..6)
        .map(|key| {
            let (x, length, width) = (92 + key * 42, 236 - key * 22, 19 - key * 2);
            format!(
                r#"<path d="M{x} 286V{top}q0-16 16-16h{foot}" stroke="{STEEL_DARK}" stroke-width="{width}"/>
<path d="M{shine} 280V{top}" stroke="{STEEL_LIGHT}" stroke-width="4"/>"#,
                top = 296 - length,
                foot = 32 - key * 3,
                shine = x - 3,
            )
        })
        .collect();
    format!(
        r#"<g {LINE}>{keys}</g>
<path d="M60 238H340q16 0 16 16v66q0 16-16 16H60q-16 0-16-16V254q0-16 16-16Z" fill="{main}"/>
<path d="M44 296H356v24q0 16-16 16H60q-16 0-16-16Z" fill="{dark}"/>
<path d="M70 256H300" stroke="{light}" stroke-width="8" {LINE}/>
<rect x="150" y="278" width="100" height="34" rx="8" fill="{accent}"/>
<path d="M170 295h60" stroke="{PAPER}" stroke-width="7" {LINE}/>"#
    )
}

fn chisel(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let half = brush.vary(1, 15, 27);
    format!(
        r#"<path d="M{left} 40H{right}V180l-{neck} 34h-20l-{neck}-34Z" fill="{STEEL}"/>
<path d="M{left} 40H{right}V72H{left}Z" fill="{STEEL_LIGHT}"/>
<path d="M200 72H{right}V180l-{neck} 34H200Z" fill="{STEEL_DARK}" opacity=".6"/>
<rect x="188" y="206" width="24" height="26" fill="{STEEL_DARK}"/>
<path d="M176 232h48q12 30 6 66q-4 30 0 56q0 20-30 20t-30-20q4-26 0-56q-6-36 6-66Z" fill="{main}"/>
<path d="M206 232h18q12 30 6 66q-4 30 0 56q0 20-30 20q18-70 6-142Z" fill="{dark}"/>
<rect x="172" y="226" width="56" height="16" rx="6" fill="{accent}"/>
<rect x="168" y="342" width="64" height="17" rx="6" fill="{accent}"/>
<path d="M186 258q-6 34-2 66" stroke="{light}" stroke-width="6" {LINE}/>"#,
        left = 200 - half,
        right = 200 + half,
        neck = half - 10,
    )
}

fn toolbox(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    format!(
        r#"<path d="M126 150V98q0-16 16-16H258q16 0 16 16v52" stroke="{INK}" stroke-width="17" {LINE}/>
<path d="M120 156l-14-70 22-4 20 74ZM272 156l8-88 14 2 2 86Z" fill="{STEEL}"/>
<circle cx="288" cy="66" r="17" fill="{STEEL_DARK}"/>
<path d="M54 152q0-12 12-12H334q12 0 12 12v40H54Z" fill="{light}"/>
<path d="M60 186H340V296q0 16-16 16H76q-16 0-16-16Z" fill="{main}"/>
<path d="M284 186h56V296q0 16-16 16H268Z" {SHADED}/><rect x="48" y="180" width="304" height="17" rx="7" fill="{dark}"/>
<path d="M100 170h30v50h-30ZM270 170h30v50h-30Z" fill="{accent}"/>
<path d="M108 204h14v8h-14ZM278 204h14v8h-14Z" fill="{INK}"/>
<rect x="160" y="226" width="80" height="44" rx="6" fill="{PAPER}"/>
<path d="M176 248h48" stroke="{STEEL_DARK}" stroke-width="7" {LINE}/>"#
    )
}

fn clamp(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let gap = brush.vary(1, 0, 40);
    format!(
        r#"<rect x="76" y="{block}" width="150" height="40" fill="{WOOD_LIGHT}"/>
<rect x="76" y="{lower}" width="150" height="34" fill="{WOOD}"/>
<path d="M146 78H256q40 0 40 40V262q0 40-40 40H200" stroke="{dark}" stroke-width="38" {LINE}/>
<path d="M146 74H256q36 2 36 40V262q0 36-36 36H200" stroke="{main}" stroke-width="28" {LINE}/>
<path d="M180 70h76q30 2 32 34" stroke="{light}" stroke-width="6" {LINE}/>
<rect x="118" y="66" width="56" height="34" rx="7" fill="{STEEL_DARK}"/>
<rect x="136" y="{screw}" width="22" height="{length}" fill="{STEEL}"/>
<path d="M136 262h22M136 276h22M136 330h22M136 316h22" stroke="{STEEL_DARK}" stroke-width="5"/>
<rect x="112" y="282" width="76" height="34" rx="9" fill="{dark}"/>
<rect x="116" y="{pad}" width="62" height="18" rx="7" fill="{STEEL_DARK}"/>
<rect x="84" y="350" width="126" height="20" rx="10" fill="{accent}"/>"#,
        block = 100,
        lower = 140,
        pad = 174 + gap / 4,
        screw = 180 + gap / 4,
        length = 176 - gap / 4,
    )
}

fn paint_brush(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, .. } = brush;
    let tip = "M134 64Q148 38 162 52Q174 32 188 48Q200 30 214 46Q228 34 238 52Q254 40 266 64";
    format!(
        r#"<path d="{tip}L258 150H142Z" fill="{WOOD_DARK}"/>
<path d="M166 76v66M200 76v66M234 76v66" stroke="{INK}" stroke-width="3" opacity=".3" {LINE}/>
<path d="{tip}L264 90Q246 116 228 98Q208 126 188 102Q160 118 136 90Z" fill="{accent}"/>
<path d="M160 66v22M214 60v24" stroke="{accent_dark}" stroke-width="5" opacity=".6" {LINE}/>
<path d="M138 144H262V206H138Z" fill="{STEEL}"/>
<path d="M138 158H262M138 192H262" stroke="{STEEL_DARK}" stroke-width="5"/><path d="M214 144H262V206H214Z" {SHADED}/>
<path d="M142 206H258Q256 240 222 256L216 344q-2 26-16 26t-16-26L178 256Q144 240 142 206Z" fill="{main}"/>
<path d="M206 206H258Q256 240 222 256L216 344q-2 26-16 26Q214 290 206 206Z" fill="{dark}"/>
<circle cx="200" cy="346" r="7" fill="{PAPER}"/>
<path d="M166 220q6 16 22 24" stroke="{light}" stroke-width="6" {LINE}/>"#
    )
}

fn safety_glasses(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let lens = "M58 150H178q16 0 16 18v20q-4 60-66 62q-66 0-80-56q-8-44 10-44Z";
    format!(
        r#"<path d="M56 168Q20 100 70 72L120 70M344 168Q380 100 330 72L280 70" stroke="{dark}" stroke-width="16" {LINE}/>
<path d="M92 70h36M272 70h36" stroke="{accent}" stroke-width="22" {LINE}/>
<g stroke="{main}" stroke-width="13" stroke-linejoin="round"><path d="{lens}" fill="{GLASS}"/>
<path d="{lens}" fill="{GLASS}" transform="translate(400 0) scale(-1 1)"/></g>
<path d="M188 176q12-14 24 0" stroke="{main}" stroke-width="16" {LINE}/>
<path d="M78 220L126 164M104 228L158 166M246 220l48-56M272 228l54-62" stroke="{PAPER}" stroke-width="9" opacity=".85" {LINE}/>
<path d="M60 142H176M224 142H340" stroke="{light}" stroke-width="5" {LINE}/>"#
    )
}
