//! Cups, pots and kettles.

use super::sheet::{
    COFFEE, GLASS, INK, LEAF, LINE, LIT, Motif, PAPER, SHADED, STEEL, STEEL_DARK, STEEL_LIGHT, WOOD, WOOD_DARK,
    standing,
};
use crate::brush::Brush;

pub(super) const MOTIFS: &[Motif] = &[
    standing("mug", 104, mug),
    standing("cup", 130, cup),
    standing("teapot", 100, teapot),
    standing("gooseneck-kettle", 92, gooseneck_kettle),
    standing("kettle", 124, kettle),
    standing("cafetiere", 88, cafetiere),
    standing("moka-pot", 72, moka_pot),
    standing("dripper", 84, dripper),
    standing("grinder", 62, grinder),
    standing("tin", 84, tin),
    standing("coffee-bag", 84, coffee_bag),
    standing("travel-cup", 60, travel_cup),
];

fn steam(x: i32, y: i32) -> String {
    format!(
        r#"<path d="M{x} {y}q-14-16 0-32t0-32M{second} {y}q-14-16 0-32t0-32" stroke="{PAPER}" stroke-width="8" opacity=".85" {LINE}/>"#,
        second = x + 36,
    )
}

fn mug(brush: &Brush) -> String {
    let Brush { main, dark, accent, pattern, .. } = brush;
    let rim = brush.vary(1, 148, 176);
    let body = format!("M106 {rim}H266V280q0 32-32 32H138q-32 0-32-32Z");
    format!(
        r#"{steam}<path d="M258 {upper}q66-4 60 42t-66 46" stroke="{dark}" stroke-width="22" {LINE}/>
<path d="{body}" fill="{main}"/><path d="{body}" fill="{pattern}"/>
<path d="M228 {rim}H266V280q0 32-32 32H196q32 0 32-32Z" {SHADED}/>
<rect x="100" y="{bar}" width="172" height="14" rx="7" fill="{accent}"/>
<rect x="122" y="{shine}" width="13" height="72" rx="6" {LIT}/>"#,
        steam = steam(168, rim - 18),
        upper = rim + 30,
        bar = rim - 6,
        shine = rim + 26,
    )
}

fn cup(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, pattern, .. } = brush;
    let body = "M116 182H268Q268 268 226 290H158Q116 268 116 182Z";
    format!(
        r#"{steam}<ellipse cx="192" cy="300" rx="142" ry="15" fill="{dark}"/>
<ellipse cx="192" cy="294" rx="142" ry="13" fill="{light}"/>
<ellipse cx="192" cy="293" rx="70" ry="7" {SHADED}/>
<path d="M262 202q52-8 44 28t-62 30" stroke="{main}" stroke-width="15" {LINE}/>
<path d="{body}" fill="{main}"/><path d="{body}" fill="{pattern}"/>
<path d="M226 182H268Q268 268 226 290H200Q232 250 226 182Z" {SHADED}/>
<ellipse cx="192" cy="182" rx="76" ry="15" fill="{accent}"/><ellipse cx="192" cy="184" rx="66" ry="10" fill="{COFFEE}"/>
<path d="M134 212q2 32 18 52" stroke="{PAPER}" stroke-width="8" opacity=".4" {LINE}/>"#,
        steam = steam(174, 150),
    )
}

fn teapot(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, pattern, .. } = brush;
    let wide = brush.vary(1, 92, 106);
    format!(
        r#"<path d="M286 196q72-20 66 40t-84 52" stroke="{dark}" stroke-width="19" {LINE}/>
<path d="M130 276Q72 256 62 186L42 176q0-12 14-12H96Q104 204 150 216Z" fill="{dark}"/>
<rect x="152" y="296" width="96" height="16" rx="6" fill="{dark}"/>
<ellipse cx="200" cy="232" rx="{wide}" ry="74" fill="{main}"/>
<ellipse cx="200" cy="232" rx="{wide}" ry="74" fill="{pattern}"/>
<path d="M230 162Q292 176 294 232T222 304Q280 240 230 162Z" {SHADED}/>
<path d="M144 168q8-34 56-34t56 34q-56 12-112 0Z" fill="{light}"/><circle cx="200" cy="126" r="14" fill="{accent}"/>
<path d="M128 220q6-26 26-38" stroke="{PAPER}" stroke-width="10" opacity=".45" {LINE}/>"#
    )
}

fn gooseneck_kettle(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    format!(
        r#"<path d="M130 284Q84 268 92 206T56 132l-16 4" stroke="{dark}" stroke-width="15" {LINE}/>
<path d="M258 184h46q22 0 22 22v70" stroke="{accent}" stroke-width="20" {LINE}/>
<path d="M144 168H256L286 296q4 16-14 16H128q-18 0-14-16Z" fill="{main}"/>
<path d="M226 168h30L286 296q4 16-14 16H232q16-70-6-144Z" {SHADED}/>
<path d="M150 166q6-26 50-26t50 26Z" fill="{light}"/>
<rect x="140" y="160" width="120" height="13" rx="6" fill="{dark}"/>
<rect x="190" y="118" width="20" height="24" rx="9" fill="{accent}"/>
<path d="M156 196L142 276" stroke="{PAPER}" stroke-width="10" opacity=".45" {LINE}/>"#
    )
}

fn kettle(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, .. } = brush;
    format!(
        r#"<path d="M112 190Q104 78 200 78T288 190" stroke="{STEEL_DARK}" stroke-width="12" {LINE}/>
<path d="M150 92Q200 66 250 92" stroke="{accent}" stroke-width="24" {LINE}/>
<path d="M118 250L50 206l20-24 78 24Z" fill="{dark}"/>
<rect x="40" y="176" width="34" height="22" rx="8" fill="{accent_dark}" transform="rotate(36 56 186)"/>
<path d="M96 312q-20 0-20-20Q82 190 152 174H248Q318 190 324 292q0 20-20 20Z" fill="{main}"/>
<path d="M236 174h12Q318 190 324 292q0 20-20 20H250Q300 240 236 174Z" {SHADED}/>
<path d="M150 176q4-26 50-26t50 26Z" fill="{light}"/><circle cx="200" cy="142" r="13" fill="{accent}"/>
<rect x="76" y="294" width="248" height="18" rx="9" fill="{dark}"/>
<path d="M112 264q10-42 44-60" stroke="{PAPER}" stroke-width="11" opacity=".5" {LINE}/>"#
    )
}

fn cafetiere(brush: &Brush) -> String {
    let Brush { main, dark, light, .. } = brush;
    let level = brush.vary(1, 186, 214);
    format!(
        r#"<path d="M256 160h44q18 0 18 18v80q0 18-18 18h-44" stroke="{main}" stroke-width="18" {LINE}/>
<rect x="188" y="70" width="8" height="90" fill="{STEEL_DARK}"/><circle cx="192" cy="66" r="15" fill="{main}"/>
<rect x="124" y="136" width="136" height="166" fill="{GLASS}"/>
<rect x="124" y="{level}" width="136" height="{depth}" fill="{COFFEE}"/>
<rect x="128" y="{plunger}" width="128" height="9" rx="4" fill="{STEEL_LIGHT}"/>
<rect x="138" y="150" width="11" height="120" rx="5" {LIT}/><path d="M110 128l-14-14q0-6 8-6h24v30Z" fill="{STEEL}"/>
<path d="M120 138q6-32 72-32t72 32Z" fill="{light}"/>
<rect x="114" y="130" width="156" height="14" rx="6" fill="{STEEL}"/>
<rect x="114" y="226" width="156" height="12" fill="{STEEL}"/>
<path d="M118 140h9V300h-9ZM257 140h9V300h-9Z" fill="{STEEL_DARK}"/>
<path d="M112 294H272l8 18H104Z" fill="{dark}"/>"#,
        depth = 300 - level,
        plunger = level - 9,
    )
}

fn moka_pot(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    format!(
        r#"<path d="M252 128h60l-12 92" stroke="{accent}" stroke-width="20" {LINE}/>
<path d="M144 116l-34-4 34 40Z" fill="{dark}"/><path d="M138 114H262L244 212H156Z" fill="{main}"/>
<path d="M138 114h42l-4 98h-20Z" fill="{light}"/><path d="M226 114h36L244 212h-22Z" fill="{dark}"/>
<path d="M136 116L196 82h8l60 34Z" fill="{dark}"/><rect x="188" y="58" width="24" height="28" rx="8" fill="{accent}"/>
<rect x="148" y="208" width="104" height="16" rx="5" fill="{STEEL_LIGHT}"/>
<path d="M152 224H248L266 312H134Z" fill="{main}"/><path d="M152 224h26l-6 88H134Z" fill="{light}"/>
<path d="M222 224h26L266 312H228Z" fill="{dark}"/>
<circle cx="200" cy="256" r="8" fill="{STEEL_DARK}"/>"#
    )
}

fn dripper(brush: &Brush) -> String {
    let Brush { main, dark, light, pattern, .. } = brush;
    format!(
        r#"<path d="M158 222H242L272 292q4 20-14 20H142q-18 0-14-20Z" fill="{GLASS}"/>
<path d="M142 260H258L272 292q4 20-14 20H142q-18 0-14-20Z" fill="{COFFEE}"/>
<path d="M200 214V262" stroke="{COFFEE}" stroke-width="6" {LINE}/>
<path d="M158 234L138 286" stroke="{PAPER}" stroke-width="8" opacity=".6" {LINE}/>
<path d="M112 108L136 82H264L288 108Z" fill="{PAPER}"/><path d="M136 82H264L256 94H144Z" fill="{COFFEE}"/>
<path d="M270 128q60-8 50 30t-66 26" stroke="{dark}" stroke-width="15" {LINE}/>
<path d="M100 106H300L240 206H160Z" fill="{main}"/><path d="M100 106H300L240 206H160Z" fill="{pattern}"/>
<path d="M250 106h50L240 206H214Z" {SHADED}/>
<path d="M150 120L180 192M190 120l6 72" stroke="{light}" stroke-width="6" {LINE}/>
<rect x="134" y="202" width="132" height="16" rx="8" fill="{dark}"/>"#
    )
}

fn grinder(brush: &Brush) -> String {
    let Brush { main, dark, light, .. } = brush;
    format!(
        r#"<path d="M200 126V92L296 80" stroke="{STEEL_DARK}" stroke-width="12" {LINE}/>
<rect x="284" y="34" width="30" height="50" rx="14" fill="{WOOD}"/>
<path d="M150 150q0-36 50-36t50 36Z" fill="{STEEL}"/>
<rect x="144" y="146" width="112" height="166" rx="12" fill="{main}"/>
<rect x="144" y="204" width="112" height="40" fill="{WOOD}"/>
<rect x="222" y="204" width="34" height="40" fill="{WOOD_DARK}"/>
<path d="M222 146h22q12 0 12 12V300q0 12-12 12H222Z" {SHADED}/>
<rect x="140" y="142" width="120" height="14" rx="7" fill="{dark}"/>
<rect x="156" y="166" width="10" height="32" rx="5" fill="{light}"/>
<rect x="156" y="252" width="10" height="42" rx="5" fill="{light}"/>"#
    )
}

fn tin(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, pattern, .. } = brush;
    let lid = brush.vary(1, 108, 138);
    format!(
        r#"<rect x="122" y="{lid}" width="156" height="{tall}" rx="10" fill="{main}"/>
<rect x="122" y="{lid}" width="156" height="{tall}" rx="10" fill="{pattern}"/>
<rect x="116" y="{top}" width="168" height="54" rx="12" fill="{dark}"/>
<rect x="116" y="{edge}" width="168" height="7" fill="{light}"/>
<circle cx="200" cy="236" r="47" fill="{accent}"/><circle cx="200" cy="236" r="41" fill="{PAPER}"/>
<path d="M176 258Q172 214 222 212Q226 254 176 258ZM170 266L208 226" fill="{LEAF}" stroke="{LEAF}" stroke-width="3"/>
<path d="M244 {edge}h34V302q0 10-10 10H244Z" {SHADED}/>
<rect x="132" y="{shine}" width="10" height="96" rx="5" {LIT}/>"#,
        tall = 312 - lid,
        top = lid - 28,
        edge = lid + 26,
        shine = lid + 46,
    )
}

fn coffee_bag(brush: &Brush) -> String {
    let Brush { main, dark, accent, accent_light, pattern, .. } = brush;
    let body = "M120 130H280L286 300q0 12-12 12H126q-12 0-12-12Z";
    format!(
        r#"<path d="{body}" fill="{main}"/><path d="{body}" fill="{pattern}"/>
<path d="M250 130H280L286 300q0 12-12 12H252Z" {SHADED}/>
<path d="M120 94H280V136H120Z" fill="{dark}"/><rect x="104" y="112" width="192" height="12" rx="6" fill="{accent}"/>
<rect x="142" y="168" width="104" height="112" rx="10" fill="{PAPER}"/>
<g transform="rotate(32 194 214)"><ellipse cx="194" cy="214" rx="21" ry="29" fill="{COFFEE}"/>
<path d="M194 187q-14 27 0 54" stroke="{PAPER}" stroke-width="5" {LINE}/></g>
<path d="M166 262H224" stroke="{accent}" stroke-width="7" {LINE}/>
<circle cx="264" cy="150" r="6" fill="{accent_light}"/>
<path d="M130 150L124 292" stroke="{PAPER}" stroke-width="7" opacity=".3" {LINE}/>"#
    )
}

fn travel_cup(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, pattern, .. } = brush;
    let lid = brush.vary(1, 96, 122);
    let body = format!("M140 {lid}H260L244 300q-1 12-12 12H168q-11 0-12-12Z");
    format!(
        r#"<path d="{body}" fill="{main}"/><path d="{body}" fill="{pattern}"/>
<path d="M148 180H252L245 252H155Z" fill="{accent}"/><path d="M226 180h26L245 252H222Z" fill="{accent_dark}"/>
<path d="M234 {lid}H260L244 300q-1 12-12 12H216Z" {SHADED}/>
<rect x="130" y="{bar}" width="140" height="28" rx="9" fill="{INK}"/>
<path d="M146 {bar}l8-22h92l8 22Z" fill="{STEEL_DARK}"/>
<rect x="168" y="{sip}" width="34" height="9" rx="4" fill="{light}"/>
<path d="M160 {shine}v34" stroke="{dark}" stroke-width="8" opacity=".4" {LINE}/>
<path d="M166 270v22" stroke="{STEEL}" stroke-width="7" {LINE}/>"#,
        bar = lid - 16,
        sip = lid - 34,
        shine = lid + 28,
    )
}
