//! Lamps and candles; their light is one colour, so that a row of them looks lit alike.

use super::sheet::{
    FLAME, GLASS, GLEAM, INK, LINE, LIT, Motif, PAPER, SHADED, STEEL_DARK, WOOD, WOOD_DARK, hanging, standing,
};
use crate::brush::Brush;

pub(super) const MOTIFS: &[Motif] = &[
    hanging("pendant", pendant),
    hanging("paper-lantern", paper_lantern),
    standing("floor-lamp", 96, floor_lamp),
    standing("table-lamp", 74, table_lamp),
    standing("desk-lamp", 80, desk_lamp),
    standing("candle", 80, candle),
    standing("candlestick", 60, candlestick),
    standing("lantern", 84, lantern),
    hanging("string-lights", string_lights),
    hanging("bulb", bulb),
    standing("mushroom-lamp", 78, mushroom_lamp),
    hanging("wall-lamp", wall_lamp),
];

fn flame(x: i32, y: i32) -> String {
    format!(
        r#"<circle cx="{x}" cy="{y}" r="38" fill="{GLEAM}" opacity=".5"/>
<path d="M{x} {top}q24 30 12 46q-12 12-24 0q-12-16 12-46Z" fill="{FLAME}"/>
<path d="M{x} {heart}q11 14 5 22q-5 5-10 0q-6-8 5-22Z" fill="{PAPER}"/>"#,
        top = y - 34,
        heart = y - 8,
    )
}

fn pendant(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, pattern, .. } = brush;
    let drop = brush.vary(1, 96, 126);
    let flare = brush.vary(2, 0, 24);
    format!(
        r#"<g transform="translate(0 {drop})"><path d="M200-140V10" stroke="{INK}" stroke-width="6"/>
<path d="M104 118H296L346 262H54Z" fill="{GLEAM}" opacity=".45"/>
<circle cx="200" cy="120" r="28" fill="{GLEAM}"/><rect x="182" y="0" width="36" height="28" rx="7" fill="{accent}"/>
<path d="M84 120Q{bend} 22 200 22T316 120Z" fill="{main}"/>
<path d="M84 120Q{bend} 22 200 22T316 120Z" fill="{pattern}"/>
<path d="M200 22Q{mirror} 22 316 120H262Q256 44 200 22Z" {SHADED}/>
<path d="M116 102Q128 62 160 46" stroke="{light}" stroke-width="10" {LINE}/>
<rect x="78" y="114" width="244" height="13" rx="6" fill="{dark}"/></g>"#,
        bend = 88 + flare,
        mirror = 312 - flare,
    )
}

fn paper_lantern(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let flat = brush.vary(1, 84, 112);
    let ribs: String = (-3i32..=3)
        .map(|rib| {
            let across = [112, 108, 94, 66][usize::try_from(rib.abs()).unwrap_or(0)];
            let y = 196 + rib * flat / 4;
            format!("M{} {y}q{across} 16 {} 0", 200 - across, across * 2)
        })
        .collect();
    format!(
        r#"<path d="M200 0V96" stroke="{INK}" stroke-width="5"/>
<circle cx="200" cy="196" r="150" fill="{GLEAM}" opacity=".4"/>
<ellipse cx="200" cy="196" rx="114" ry="{flat}" fill="{main}"/>
<ellipse cx="186" cy="186" rx="76" ry="{glow}" fill="{light}"/>
<path d="{ribs}" stroke="{dark}" stroke-width="3" opacity=".55" {LINE}/>
<rect x="172" y="{top}" width="56" height="12" rx="5" fill="{accent}"/>
<rect x="172" y="{bottom}" width="56" height="12" rx="5" fill="{accent}"/>"#,
        glow = flat - 30,
        top = 190 - flat,
        bottom = 190 + flat,
    )
}

fn floor_lamp(brush: &Brush) -> String {
    let Brush { main, light, accent, accent_dark, pattern, .. } = brush;
    let spread = brush.vary(1, 54, 76);
    let shade = "M152 60H248L276 148H124Z";
    format!(
        r#"<path d="M124 148H276L316 300H84Z" fill="{GLEAM}" opacity=".3"/>
<path d="M200 188L{left} 310M200 188L{right} 310" stroke="{accent}" stroke-width="12" {LINE}/>
<path d="M200 140V310" stroke="{accent_dark}" stroke-width="10" {LINE}/>
<circle cx="200" cy="188" r="12" fill="{INK}"/><path d="{shade}" fill="{main}"/><path d="{shade}" fill="{pattern}"/>
<path d="M224 60h24L276 148H236Z" {SHADED}/><path d="M160 70L144 138" stroke="{light}" stroke-width="8" {LINE}/>
<path d="M124 142H276v8H124Z" fill="{GLEAM}"/>"#,
        left = 200 - spread,
        right = 200 + spread,
    )
}

fn table_lamp(brush: &Brush) -> String {
    let Brush { main, dark, accent, accent_dark, accent_light, pattern, .. } = brush;
    let belly = brush.vary(1, 44, 60);
    format!(
        r#"<circle cx="200" cy="150" r="132" fill="{GLEAM}" opacity=".4"/>
<rect x="192" y="170" width="16" height="40" fill="{STEEL_DARK}"/>
<path d="M178 200h44q-4 20 12 34q{belly} 44-10 78H176q-{belly}-34-10-78q16-14 12-34Z" fill="{main}"/>
<path d="M178 200h44q-4 20 12 34q{belly} 44-10 78H176q-{belly}-34-10-78q16-14 12-34Z" fill="{pattern}"/>
<path d="M206 200h16q-4 20 12 34q{belly} 44-10 78H206q34-50 0-112Z" {SHADED}/>
<path d="M150 76H250L290 184H110Z" fill="{accent_light}"/><path d="M222 76h28L290 184H236Z" {SHADED}/>
<path d="M110 178H290l3 9H107ZM148 72H252v8H148Z" fill="{accent}"/>
<path d="M160 92L140 164" stroke="{PAPER}" stroke-width="9" opacity=".7" {LINE}/>
<rect x="158" y="302" width="84" height="10" rx="5" fill="{dark}"/>
<circle cx="200" cy="66" r="7" fill="{accent_dark}"/>"#
    )
}

fn desk_lamp(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let lean = brush.vary(1, -12, 12);
    format!(
        r#"<path d="M96 312q0-26 44-26t44 26Z" fill="{dark}"/>
<g transform="rotate({lean} 140 292)"><path d="M140 290L102 176L206 92" stroke="{STEEL_DARK}" stroke-width="13" {LINE}/>
<circle cx="102" cy="176" r="15" fill="{accent}"/><circle cx="140" cy="290" r="12" fill="{accent}"/>
<g transform="rotate(54 212 96)"><path d="M266 58L352 28V212L268 166Z" fill="{GLEAM}" opacity=".45"/>
<circle cx="266" cy="112" r="26" fill="{GLEAM}"/>
<path d="M186 78h26l52-26q14 60 0 120l-52-42h-26q-10-26 0-52Z" fill="{main}"/>
<path d="M212 78l52-26q8 34 7 60H182q0-20 4-34Z" fill="{light}" opacity=".6"/>
<path d="M258 48q22 64 2 128" stroke="{dark}" stroke-width="9" {LINE}/></g></g>"#
    )
}

fn candle(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let wax = brush.vary(1, 176, 200);
    format!(
        r#"<rect x="114" y="150" width="172" height="162" rx="18" fill="{GLASS}"/>
<path d="M124 {wax}q76 12 152 0V290q0 14-14 14H138q-14 0-14-14Z" fill="{main}"/>
<path d="M236 {lower}q20 0 40-5V290q0 14-14 14H226q10-60 10-98Z" {SHADED}/>
<ellipse cx="200" cy="{wax}" rx="76" ry="9" fill="{light}"/>
<path d="M200 {wax}v-22" stroke="{INK}" stroke-width="6" {LINE}/>{flame}
<rect x="152" y="222" width="96" height="58" rx="6" fill="{PAPER}"/>
<path d="M168 242H232M178 260H222" stroke="{accent}" stroke-width="6" {LINE}/>
<rect x="128" y="164" width="10" height="116" rx="5" {LIT}/>
<path d="M114 164q0-14 18-14H268q18 0 18 14" stroke="{dark}" stroke-width="5" opacity=".5" {LINE}/>"#,
        flame = flame(200, wax - 34),
        lower = wax + 6,
    )
}

fn candlestick(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_light, .. } = brush;
    let top = brush.vary(1, 108, 136);
    format!(
        r#"{flame}<path d="M200 {top}v-14" stroke="{INK}" stroke-width="5" {LINE}/>
<rect x="186" y="{top}" width="28" height="{tall}" rx="5" fill="{accent}"/>
<rect x="190" y="{shine}" width="7" height="60" rx="3" fill="{accent_light}"/>
<path d="M172 218H228L222 248H178Z" fill="{main}"/><rect x="164" y="210" width="72" height="13" rx="6" fill="{light}"/>
<path d="M190 246h20v34q8 12 36 16q12 4 12 16H142q0-12 12-16q28-4 36-16Z" fill="{main}"/>
<circle cx="200" cy="264" r="17" fill="{dark}"/>
<path d="M206 280q6 14 40 16q12 4 12 16H206Z" {SHADED}/>"#,
        flame = flame(200, top - 28),
        tall = 220 - top,
        shine = top + 14,
    )
}

fn lantern(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    format!(
        r#"<path d="M156 112Q156 44 200 44T244 112" stroke="{dark}" stroke-width="9" {LINE}/>
<path d="M132 128L168 84H232L268 128Z" fill="{main}"/><path d="M206 84h26L268 128H222Z" {SHADED}/>
<rect x="128" y="140" width="144" height="150" fill="{GLASS}"/>
<circle cx="200" cy="212" r="66" fill="{GLEAM}" opacity=".7"/>
<rect x="174" y="228" width="52" height="62" rx="5" fill="{PAPER}"/>
<rect x="174" y="256" width="52" height="34" fill="{accent}" opacity=".5"/>{flame}
<path d="M122 136h14V296h-14ZM264 136h14V296h-14ZM194 136h8v30h-8Z" fill="{main}"/>
<path d="M128 162L166 140M272 162L234 140" stroke="{main}" stroke-width="6" {LINE}/>
<rect x="114" y="124" width="172" height="16" rx="6" fill="{dark}"/>
<rect x="110" y="290" width="180" height="22" rx="7" fill="{main}"/>
<path d="M122 296H278" stroke="{light}" stroke-width="5" opacity=".6" {LINE}/>"#,
        flame = flame(200, 208),
    )
}

fn string_lights(brush: &Brush) -> String {
    let Brush { main, accent_light, .. } = brush;
    let lamps: String =
        [(44, 122), (110, 172), (186, 196), (262, 184), (332, 138), (84, 286), (160, 318), (240, 318), (316, 288)]
            .iter()
            .enumerate()
            .map(|(index, (x, y))| {
                let colour = [GLEAM.to_owned(), main.to_string(), accent_light.to_string()][index % 3].clone();
                format!(
                    r#"<g transform="translate({x} {y})"><circle cy="24" r="32" fill="{GLEAM}" opacity=".5"/>
<rect x="-7" y="-4" width="14" height="14" rx="3" fill="{INK}"/><circle cy="25" r="18" fill="{colour}"/></g>"#
                )
            })
            .collect();
    format!(
        r#"<path d="M-10 80Q190 300 410 84M-10 230Q200 400 410 232" stroke="{INK}" stroke-width="6" {LINE}/>{lamps}"#
    )
}

fn bulb(brush: &Brush) -> String {
    let Brush { main, dark, accent, .. } = brush;
    format!(
        r#"<path d="M200 0V60" stroke="{INK}" stroke-width="7"/>
<rect x="170" y="52" width="60" height="58" rx="9" fill="{main}"/>
<rect x="206" y="52" width="24" height="58" rx="9" fill="{dark}"/>
<circle cx="200" cy="222" r="140" fill="{GLEAM}" opacity=".45"/>
<path d="M176 130q-4 22-36 48a88 88 0 1 0 120 0q-32-26-36-48Z" fill="{GLEAM}" stroke="{FLAME}" stroke-width="4"/>
<path d="M186 132L168 210l22 44 20-64 20 64 22-44L214 132" stroke="{FLAME}" stroke-width="6" {LINE}/>
<path d="M154 196q-20 20-18 50" stroke="{PAPER}" stroke-width="11" {LINE}/>
<path d="M172 108h56v26h-56Z" fill="{accent}"/>
<path d="M172 116h56M172 126h56" stroke="{INK}" stroke-width="3" opacity=".5"/>"#
    )
}

fn mushroom_lamp(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let brim = brush.vary(1, 178, 200);
    format!(
        r#"<circle cx="200" cy="{brim}" r="140" fill="{GLEAM}" opacity=".5"/>
<path d="M172 {brim}H228Q226 262 250 296q4 16-10 16H160q-14 0-10-16Q174 262 172 {brim}Z" fill="{light}"/>
<path d="M206 {brim}h22Q226 262 250 296q4 16-10 16H208Z" {SHADED}/>
<ellipse cx="200" cy="{brim}" rx="112" ry="18" fill="{GLEAM}"/>
<path d="M84 {brim}q0-104 116-104t116 104q-116 22-232 0Z" fill="{main}"/>
<path d="M230 {crown}Q314 110 316 {brim}q-32 6-64 8Q280 140 230 {crown}Z" {SHADED}/>
<g fill="{accent}"><circle cx="150" cy="{spot}" r="15"/><circle cx="214" cy="{high}" r="18"/>
<circle cx="256" cy="{spot}" r="11"/></g>
<rect x="156" y="300" width="88" height="12" rx="6" fill="{dark}"/>"#,
        crown = brim - 100,
        spot = brim - 36,
        high = brim - 62,
    )
}

fn wall_lamp(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, .. } = brush;
    format!(
        r#"<circle cx="222" cy="172" r="146" fill="{GLEAM}" opacity=".45"/>
<rect x="70" y="180" width="50" height="146" rx="18" fill="{WOOD}"/>
<rect x="98" y="180" width="22" height="146" rx="11" fill="{WOOD_DARK}"/>
<path d="M104 268H222V226" stroke="{accent}" stroke-width="13" {LINE}/>
<circle cx="104" cy="268" r="13" fill="{accent_dark}"/>
<circle cx="222" cy="150" r="30" fill="{GLEAM}"/><path d="M164 100H280L322 214H122Z" fill="{main}"/>
<path d="M252 100h28L322 214H268Z" {SHADED}/>
<path d="M176 114L146 198" stroke="{light}" stroke-width="10" {LINE}/>
<rect x="116" y="208" width="212" height="12" rx="6" fill="{dark}"/>
<path d="M104 326v40q0 20 20 20" stroke="{INK}" stroke-width="5" {LINE}/>"#
    )
}
