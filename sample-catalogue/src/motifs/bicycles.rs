//! Bicycles and what is screwed on to them.

use super::sheet::{
    GLASS, GLEAM, INK, LINE, LIT, Motif, PAPER, SHADED, STEEL, STEEL_DARK, STEEL_LIGHT, lying, standing,
};
use crate::brush::Brush;

pub(super) const MOTIFS: &[Motif] = &[
    standing("bicycle", 160, bicycle),
    standing("balance-bike", 150, balance_bike),
    lying("bell", 0, bell),
    lying("helmet", -4, helmet),
    lying("saddle", -4, saddle),
    lying("bicycle-lock", 10, bicycle_lock),
    standing("floor-pump", 96, floor_pump),
    lying("hand-pump", -34, hand_pump),
    lying("bicycle-light", 0, bicycle_light),
    standing("bicycle-basket", 106, bicycle_basket),
    standing("pannier", 110, pannier),
    lying("tyre", 0, tyre),
    lying("pedal", -8, pedal),
    standing("oil-bottle", 56, oil_bottle),
    lying("multi-tool", -20, multi_tool),
];

fn wheel(x: i32, radius: i32) -> String {
    let spokes: String = (0..6)
        .map(|spoke| format!(r#"<path d="M-{radius} 0H{radius}" transform="rotate({})"/>"#, spoke * 30))
        .collect();
    format!(
        r#"<g transform="translate({x} {y})"><g stroke="{STEEL}" stroke-width="2">{spokes}</g>
<circle r="{radius}" fill="none" stroke="{INK}" stroke-width="11"/>
<circle r="{rim}" fill="none" stroke="{STEEL_LIGHT}" stroke-width="3"/><circle r="8" fill="{STEEL_DARK}"/></g>"#,
        y = 306 - radius,
        rim = radius - 7,
    )
}

fn bicycle(brush: &Brush) -> String {
    let Brush { main, dark, accent, .. } = brush;
    format!(
        r#"{back}{front}<path d="M104 244L160 156H262L192 244H104M152 138L192 244" stroke="{main}" stroke-width="11" {LINE}/>
<path d="M256 118L296 244" stroke="{dark}" stroke-width="11" {LINE}/>
<path d="M256 120l-8-22 36-6q16 0 16 16" stroke="{STEEL_DARK}" stroke-width="9" {LINE}/>
<path d="M244 99l20-3" stroke="{accent}" stroke-width="15" {LINE}/>
<path d="M122 128q30-8 64 0q2 12-14 14l-34 2q-16 0-16-16Z" fill="{accent}"/>
<circle cx="192" cy="244" r="17" fill="none" stroke="{INK}" stroke-width="7"/>
<path d="M192 244l16 28m-10 0h24" stroke="{INK}" stroke-width="7" {LINE}/>"#,
        back = wheel(104, 62),
        front = wheel(296, 62),
    )
}

fn balance_bike(brush: &Brush) -> String {
    let Brush { main, dark, accent, accent_dark, .. } = brush;
    format!(
        r#"{back}{front}<path d="M114 248Q170 236 200 214T266 160" stroke="{main}" stroke-width="21" {LINE}/>
<path d="M172 232L150 168" stroke="{STEEL_DARK}" stroke-width="12" {LINE}/>
<path d="M250 108L288 248" stroke="{dark}" stroke-width="17" {LINE}/>
<path d="M250 112l-30-12" stroke="{STEEL_DARK}" stroke-width="11" {LINE}/>
<path d="M224 102l-20-8" stroke="{accent}" stroke-width="19" {LINE}/>
<path d="M104 152q4-22 30-12q30 10 62 4q12 2 8 14q-6 14-34 14h-44q-22-2-22-20Z" fill="{accent}"/>
<path d="M106 160q40 12 98-4q-6 16-34 16h-44q-16-2-20-12Z" fill="{accent_dark}"/>
<circle cx="256" cy="132" r="9" fill="{accent}"/>"#,
        back = wheel(114, 56),
        front = wheel(288, 56),
    )
}

fn bell(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    format!(
        r#"<rect x="40" y="278" width="320" height="46" rx="23" fill="{INK}"/>
<rect x="150" y="246" width="100" height="84" rx="16" fill="{STEEL_DARK}"/>
<path d="M288 246h48q14 0 14-14v-12h-30q-26 0-40 12Z" fill="{accent}"/>
<rect x="88" y="234" width="214" height="22" rx="11" fill="{dark}"/>
<path d="M84 236Q84 104 195 104T306 236Z" fill="{main}"/>
<path d="M232 108Q306 128 306 236H254Q270 160 232 108Z" {SHADED}/>
<path d="M114 206Q120 146 166 128" stroke="{light}" stroke-width="14" {LINE}/>
<circle cx="195" cy="102" r="15" fill="{STEEL_DARK}"/><path d="M186 102h18" stroke="{INK}" stroke-width="5"/>
<g stroke="{accent}" stroke-width="8" {LINE}><path d="M66 132L44 112M92 96L76 70M322 132l22-20M298 96l16-26"/></g>"#
    )
}

fn helmet(brush: &Brush) -> String {
    let Brush { main, dark, deep, light, accent, .. } = brush;
    format!(
        r#"<path d="M112 232L166 338M290 226L178 338M166 338h14" stroke="{INK}" stroke-width="9" {LINE}/>
<rect x="156" y="328" width="34" height="24" rx="7" fill="{accent}"/>
<path d="M44 234Q40 84 196 76T362 222Q364 246 336 246H84Q46 258 44 234Z" fill="{main}"/>
<path d="M362 222Q364 246 336 246H84Q46 258 44 234Q200 244 362 222Z" fill="{dark}"/>
<g fill="{deep}">
<path d="M96 196Q104 132 158 108Q134 156 138 200Q112 206 96 196ZM166 204Q168 142 204 104Q240 142 238 204Q200 212 166 204ZM266 200Q268 150 244 110Q304 136 316 196Q290 206 266 200Z"/>
</g>
<path d="M74 186Q86 122 134 98" stroke="{light}" stroke-width="9" {LINE}/>
<path d="M330 246h34q18 0 20-14l-24-12Z" fill="{accent}"/>"#
    )
}

fn saddle(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    format!(
        r#"<path d="M186 226l14 146" stroke="{STEEL}" stroke-width="30" {LINE}/>
<path d="M196 250l10 122" stroke="{STEEL_DARK}" stroke-width="8" {LINE}/>
<path d="M92 226Q130 262 190 250T326 190" stroke="{STEEL_DARK}" stroke-width="10" {LINE}/>
<rect x="164" y="228" width="50" height="34" rx="9" fill="{INK}"/>
<path d="M36 146Q92 116 150 146Q260 164 360 154Q380 168 362 186Q262 196 206 220Q150 246 88 238Q30 214 36 146Z" fill="{main}"/>
<path d="M36 162Q50 206 110 208Q180 206 230 180Q300 168 368 172Q366 182 362 186Q262 196 206 220Q150 246 88 238Q32 214 36 162Z" fill="{dark}"/>
<path d="M70 152Q104 138 146 158Q220 172 290 170" stroke="{light}" stroke-width="7" {LINE}/><g fill="{accent}">
<circle cx="70" cy="196" r="7"/><circle cx="104" cy="214" r="7"/><circle cx="338" cy="176" r="6"/></g>"#
    )
}

fn bicycle_lock(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let tall = brush.vary(1, 0, 40);
    format!(
        r#"<path d="M124 250V{arch}a76 76 0 0 1 152 0V250" stroke="{STEEL_DARK}" stroke-width="38" fill="none"/>
<path d="M118 250V{arch}a82 82 0 0 1 90-82" stroke="{STEEL_LIGHT}" stroke-width="9" {LINE}/>
<rect x="70" y="246" width="260" height="74" rx="34" fill="{main}"/>
<path d="M70 288H330q-4 32-34 32H104q-30 0-34-32Z" fill="{dark}"/>
<path d="M106 262H236" stroke="{light}" stroke-width="8" {LINE}/>
<path d="M104 240h40v20h-40ZM256 240h40v20h-40Z" fill="{INK}"/><circle cx="200" cy="284" r="22" fill="{accent}"/>
<circle cx="200" cy="279" r="7" fill="{INK}"/><path d="M196 280h8l3 16h-14Z" fill="{INK}"/>"#,
        arch = 136 - tall / 2,
    )
}

fn floor_pump(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let lifted = brush.vary(1, 0, 34);
    format!(
        r#"<path d="M214 270q70 10 74-60t-40-70q-30-4-30 24" stroke="{INK}" stroke-width="9" {LINE}/>
<rect x="194" y="{rod}" width="12" height="120" fill="{STEEL}"/>
<rect x="120" y="{grip}" width="160" height="26" rx="13" fill="{accent}"/>
<rect x="186" y="{hub}" width="28" height="34" rx="7" fill="{INK}"/>
<rect x="176" y="120" width="48" height="168" rx="9" fill="{main}"/>
<rect x="206" y="120" width="18" height="168" rx="9" fill="{dark}"/>
<rect x="184" y="136" width="7" height="96" rx="3" fill="{light}"/>
<rect x="170" y="114" width="60" height="18" rx="7" fill="{INK}"/>
<path d="M104 312q0-14 16-14h46l12-20h44l12 20h46q16 0 16 14Z" fill="{dark}"/>
<circle cx="200" cy="268" r="31" fill="{INK}"/><circle cx="200" cy="268" r="24" fill="{PAPER}"/>
<path d="M200 268l11-14" stroke="{accent}" stroke-width="5" {LINE}/>
<rect x="206" y="158" width="24" height="30" rx="6" fill="{STEEL_DARK}"/>"#,
        rod = 70 - lifted,
        grip = 60 - lifted,
        hub = 56 - lifted,
    )
}

fn hand_pump(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    format!(
        r#"<rect x="252" y="188" width="74" height="24" fill="{STEEL}"/>
<rect x="252" y="202" width="74" height="10" fill="{STEEL_DARK}"/>
<rect x="312" y="166" width="64" height="68" rx="18" fill="{INK}"/>
<path d="M330 178v44M346 178v44" stroke="{STEEL_DARK}" stroke-width="5" {LINE}/>
<rect x="66" y="168" width="196" height="64" rx="16" fill="{main}"/>
<path d="M66 206H262v10q0 16-16 16H82q-16 0-16-16Z" fill="{dark}"/>
<path d="M92 184H236" stroke="{light}" stroke-width="8" {LINE}/>
<path d="M26 176h48v48H26q-10 0-10-10v-28q0-10 10-10Z" fill="{INK}"/>
<rect x="34" y="222" width="20" height="26" rx="5" fill="{accent}"/>
<rect x="232" y="168" width="18" height="64" fill="{accent}"/>"#
    )
}

fn bicycle_light(brush: &Brush) -> String {
    let Brush { main, dark, accent, accent_light, .. } = brush;
    let rays: String =
        (0..7).map(|ray| format!(r#"<path d="M200 26v26" transform="rotate({} 200 172)"/>"#, ray * 30 - 90)).collect();
    format!(
        r#"<g stroke="{accent}" stroke-width="9" opacity=".75" {LINE}>{rays}</g>
<rect x="44" y="316" width="312" height="40" rx="20" fill="{INK}"/><path d="M160 268h80v88h-80Z" fill="{STEEL_DARK}"/>
<path d="M160 300h80v14h-80Z" fill="{INK}"/>
<rect x="100" y="72" width="200" height="204" rx="64" fill="{dark}"/>
<rect x="104" y="70" width="188" height="198" rx="60" fill="{main}"/><circle cx="198" cy="166" r="74" fill="{INK}"/>
<circle cx="198" cy="166" r="62" fill="{accent}"/>
<circle cx="198" cy="166" r="42" fill="{accent_light}"/><circle cx="198" cy="166" r="20" fill="{GLEAM}"/>
<path d="M152 150a50 50 0 0 1 28-32" stroke="{PAPER}" stroke-width="9" {LINE}/>
<rect x="182" y="248" width="32" height="12" rx="6" fill="{GLASS}"/>"#
    )
}

fn bicycle_basket(brush: &Brush) -> String {
    let Brush { main, dark, deep, light, accent, .. } = brush;
    let weave: String =
        (0..6).map(|row| format!("M{} {y}H{}", 98 + row * 4, 302 - row * 4, y = 178 + row * 22)).collect();
    let stakes: String = (0..9).map(|stake| format!("M{} 160L{} 306", 100 + stake * 25, 126 + stake * 18)).collect();
    format!(
        r#"<path d="M110 150Q120 62 200 62T290 150" stroke="{dark}" stroke-width="15" {LINE}/>
<path d="M84 152H316L288 300q-2 12-16 12H128q-14 0-16-12Z" fill="{main}"/>
<path d="{stakes}" stroke="{deep}" stroke-width="5" opacity=".7"/>
<path d="{weave}" stroke="{light}" stroke-width="11" stroke-dasharray="20 8" {LINE}/>
<path d="M262 152h54L288 300q-2 12-16 12H240Z" {SHADED}/>
<rect x="76" y="142" width="248" height="24" rx="12" fill="{dark}"/>
<path d="M140 136h18v74h-18ZM242 136h18v74h-18Z" fill="{accent}"/>
<path d="M143 186h12v12h-12ZM245 186h12v12h-12Z" fill="{STEEL_LIGHT}"/>"#
    )
}

fn pannier(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    format!(
        r#"<path d="M140 116V90h26v26M234 116V90h26v26" stroke="{INK}" stroke-width="11" {LINE}/>
<path d="M96 130H304L312 284q0 28-28 28H116q-28 0-28-28Z" fill="{main}"/>
<path d="M256 130h48L312 284q0 28-28 28H236Q272 220 256 130Z" {SHADED}/>
<rect x="86" y="108" width="228" height="30" rx="14" fill="{dark}"/>
<rect x="92" y="134" width="216" height="22" rx="10" fill="{light}"/>
<path d="M192 138h16V222h-16Z" fill="{INK}"/><rect x="184" y="196" width="32" height="26" rx="5" fill="{STEEL_DARK}"/>
<path d="M124 236H276v44q0 14-14 14H138q-14 0-14-14Z" fill="{dark}"/>
<circle cx="200" cy="264" r="20" fill="{accent}"/><circle cx="200" cy="264" r="12" fill="{PAPER}" opacity=".75"/>
<path d="M112 172v52" stroke="{PAPER}" stroke-width="9" opacity=".4" {LINE}/>"#
    )
}

fn tyre(brush: &Brush) -> String {
    let Brush { main, dark, accent, .. } = brush;
    let spokes: String =
        (0..9).map(|spoke| format!(r#"<path d="M76 200H324" transform="rotate({} 200 200)"/>"#, spoke * 20)).collect();
    let tread = brush.vary(1, 7, 12);
    format!(
        r#"<circle cx="200" cy="200" r="156" fill="none" stroke="{main}" stroke-width="26" stroke-dasharray="{tread} 5"/>
<circle cx="200" cy="200" r="144" fill="none" stroke="{main}" stroke-width="30"/>
<circle cx="200" cy="200" r="140" fill="none" stroke="{dark}" stroke-width="6"/>
<circle cx="200" cy="200" r="126" fill="none" stroke="{accent}" stroke-width="11"/>
<circle cx="200" cy="200" r="114" fill="none" stroke="{STEEL_LIGHT}" stroke-width="12"/>
<g stroke="{STEEL_DARK}" stroke-width="3" opacity=".7">{spokes}</g>
<circle cx="200" cy="200" r="24" fill="{STEEL_DARK}"/><circle cx="200" cy="200" r="11" fill="{INK}"/>
<path d="M74 148a136 136 0 0 1 52-60" stroke="{PAPER}" stroke-width="6" opacity=".6" {LINE}/>"#
    )
}

fn pedal(brush: &Brush) -> String {
    let Brush { main, dark, light, deep, accent, .. } = brush;
    format!(
        r#"<rect x="286" y="182" width="82" height="36" rx="6" fill="{STEEL}"/>
<path d="M318 182v36M330 182v36M342 182v36M354 182v36" stroke="{STEEL_DARK}" stroke-width="5"/>
<rect x="282" y="174" width="28" height="52" rx="6" fill="{STEEL_DARK}"/>
<path d="M70 96H258q28 0 28 28V276q0 28-28 28H70q-28 0-28-28V124q0-28 28-28Z" fill="{dark}"/>
<path d="M70 90H258q28 0 28 28V266q0 28-28 28H70q-28 0-28-28V118q0-28 28-28Z" fill="{main}"/>
<path d="M76 130H246v38H76ZM76 218H246v38H76Z" fill="{deep}"/>
<rect x="42" y="176" width="246" height="34" fill="{STEEL_DARK}"/>
<rect x="42" y="180" width="246" height="9" fill="{STEEL_LIGHT}"/>
<g fill="{light}"><circle cx="66" cy="112" r="7"/><circle cx="164" cy="110" r="7"/><circle cx="262" cy="112" r="7"/>
<circle cx="66" cy="274" r="7"/><circle cx="164" cy="276" r="7"/><circle cx="262" cy="274" r="7"/></g>
<rect x="28" y="160" width="22" height="66" rx="6" fill="{accent}"/>"#
    )
}

fn oil_bottle(brush: &Brush) -> String {
    let Brush { main, dark, accent, accent_dark, .. } = brush;
    format!(
        r#"<path d="M192 96h16l-4-54h-8Z" fill="{accent}"/><path d="M168 146q0-52 32-52t32 52Z" fill="{accent_dark}"/>
<rect x="158" y="138" width="84" height="24" rx="7" fill="{accent}"/>
<path d="M158 164H242Q262 176 262 206V292q0 20-20 20H158q-20 0-20-20V206Q138 176 158 164Z" fill="{main}"/>
<path d="M222 164h20Q262 176 262 206V292q0 20-20 20H218Z" {SHADED}/>
<rect x="138" y="206" width="124" height="78" fill="{PAPER}"/>
<path d="M200 214q24 28 24 42a24 24 0 0 1-48 0q0-14 24-42Z" fill="{dark}"/>
<path d="M188 256q2 10 10 13" stroke="{PAPER}" stroke-width="5" {LINE}/>
<rect x="150" y="178" width="10" height="24" rx="5" {LIT}/>"#
    )
}

fn multi_tool(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    format!(
        r#"<g stroke="{STEEL_DARK}" stroke-width="15" fill="none" stroke-linejoin="round"><path d="M108 200V52h30"/>
<path d="M292 200V84h-26"/></g><path d="M186 196L160 60l12-22 14 18 22 140Z" fill="{STEEL}"/>
<path d="M250 206L330 96" stroke="{STEEL}" stroke-width="13" {LINE}/>
<path d="M322 86l20 16" stroke="{STEEL_DARK}" stroke-width="15" {LINE}/>
<path d="M120 236L60 300l-22 4" stroke="{STEEL_DARK}" stroke-width="14" {LINE}/>
<rect x="74" y="176" width="252" height="88" rx="40" fill="{STEEL_DARK}"/>
<rect x="74" y="182" width="252" height="76" rx="38" fill="{main}"/>
<path d="M76 230H324q-6 28-36 28H112q-30 0-36-28Z" fill="{dark}"/>
<path d="M146 206H254" stroke="{light}" stroke-width="9" {LINE}/><g fill="{STEEL_LIGHT}">
<circle cx="110" cy="220" r="16"/><circle cx="290" cy="220" r="16"/></g><g fill="{accent}">
<circle cx="110" cy="220" r="7"/><circle cx="290" cy="220" r="7"/></g>"#
    )
}
