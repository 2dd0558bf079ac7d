//! Toys and games.

use super::sheet::{
    INK, LINE, LIT, Motif, PAPER, SHADED, STEEL_DARK, WOOD, WOOD_DARK, WOOD_LIGHT, hanging, lying, standing,
};
use crate::brush::Brush;

pub(super) const MOTIFS: &[Motif] = &[
    standing("train", 160, train),
    lying("puzzle", -6, puzzle),
    hanging("kite", kite),
    standing("ball", 84, ball),
    lying("dice", 0, dice),
    lying("draughts", -8, draughts),
    lying("race-game", 7, race_game),
    standing("teddy", 96, teddy),
    standing("blocks", 124, blocks),
    standing("spinning-top", 40, spinning_top),
    lying("cards", 0, cards),
    standing("chess", 66, chess),
    lying("skipping-rope", 0, skipping_rope),
    lying("xylophone", 0, xylophone),
    standing("stacking-rings", 96, stacking_rings),
    standing("sailing-boat", 120, sailing_boat),
];

fn train(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, .. } = brush;
    let wheel = |x: i32, radius: i32| {
        format!(
            r#"<circle cx="{x}" cy="{y}" r="{radius}" fill="{accent_dark}"/>
<circle cx="{x}" cy="{y}" r="{hub}" fill="{WOOD_LIGHT}"/>"#,
            y = 312 - radius,
            hub = radius / 2 - 2,
        )
    };
    format!(
        r#"<path d="M132 266h40" stroke="{INK}" stroke-width="9" {LINE}/>
<rect x="26" y="208" width="116" height="70" rx="9" fill="{accent}"/>
<rect x="26" y="252" width="116" height="26" rx="9" {SHADED}/>
<g fill="{WOOD}"><circle cx="54" cy="202" r="17"/><circle cx="86" cy="198" r="18"/><circle cx="118" cy="203" r="16"/>
</g><path d="M22 204H146v14H22Z" fill="{accent_dark}"/>
<rect x="166" y="186" width="186" height="88" rx="14" fill="{main}"/>
<rect x="240" y="186" width="112" height="34" rx="14" fill="{light}"/><path d="M160 260H362v22H160Z" fill="{dark}"/>
<rect x="170" y="116" width="88" height="130" rx="9" fill="{main}"/>
<rect x="188" y="142" width="52" height="44" rx="7" fill="{PAPER}"/>
<rect x="156" y="98" width="116" height="24" rx="10" fill="{accent}"/>
<path d="M298 188v-42l-10-26h48l-10 26v42Z" fill="{WOOD_DARK}"/>
<rect x="280" y="108" width="64" height="17" rx="8" fill="{WOOD}"/><g fill="{PAPER}" opacity=".9">
<circle cx="312" cy="84" r="15"/><circle cx="336" cy="60" r="20"/></g>
<circle cx="346" cy="226" r="11" fill="{WOOD_LIGHT}"/>{wheels}"#,
        wheels = [wheel(58, 24), wheel(112, 24), wheel(204, 33), wheel(282, 26), wheel(334, 26)].concat(),
    )
}

fn puzzle(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, .. } = brush;
    let piece = "M0 0H44a22 22 0 1 1 32 0H120V44a22 22 0 1 1 0 32V120H76a22 22 0 1 0-32 0H0V76a22 22 0 1 0 0-32Z";
    format!(
        r#"<g transform="translate(70 84)"><path d="{piece}" fill="{main}"/></g><g transform="translate(190 84)">
<path d="{piece}" fill="{accent}"/></g><g transform="translate(70 204)"><path d="{piece}" fill="{light}"/></g>
<g transform="translate(218 230) rotate(16)"><path d="{piece}" fill="{accent_dark}"/>
<path d="M14 16H30" stroke="{PAPER}" stroke-width="7" opacity=".6" {LINE}/></g>
<g stroke="{dark}" stroke-width="3" fill="none" opacity=".6"><path d="{piece}" transform="translate(70 84)"/>
<path d="{piece}" transform="translate(190 84)"/><path d="{piece}" transform="translate(70 204)"/></g>
<path d="M86 104H112M206 104h22M86 224H112" stroke="{PAPER}" stroke-width="7" opacity=".5" {LINE}/>"#
    )
}

fn kite(brush: &Brush) -> String {
    let Brush { main, dark, accent, accent_dark, light, .. } = brush;
    let lean = brush.vary(1, 12, 30);
    let bow = |x: i32, y: i32| format!(r#"<path d="M{x} {y}l-22-13v26Zl22-13v26Z" fill="{accent}"/>"#);
    format!(
        r#"<g fill="{PAPER}" opacity=".85"><ellipse cx="86" cy="280" rx="50" ry="19"/>
<ellipse cx="116" cy="266" rx="32" ry="18"/><ellipse cx="322" cy="110" rx="42" ry="16"/></g>
<g transform="rotate({lean} 200 150)">
<path d="M200 274Q160 310 200 336T186 392" stroke="{INK}" stroke-width="5" {LINE}/>{bows}
<path d="M200 30L294 132 200 276 106 132Z" fill="{main}"/><path d="M200 30L294 132H200Z" fill="{accent}"/>
<path d="M200 276L106 132h94Z" fill="{accent_dark}"/><path d="M200 276L294 132h-94Z" fill="{light}"/>
<path d="M200 30V276M106 132H294" stroke="{dark}" stroke-width="6"/></g>
<path d="M196 138Q120 260 20 400" stroke="{INK}" stroke-width="3" opacity=".6" {LINE}/>"#,
        bows = [bow(190, 300), bow(198, 334), bow(184, 368)].concat(),
    )
}

fn ball(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, .. } = brush;
    let roll = brush.vary(1, -30, 30);
    format!(
        r#"<g transform="rotate({roll} 200 200)"><circle cx="200" cy="200" r="112" fill="{main}"/>
<path d="M200 88Q120 200 200 312Q128 300 100 248Q74 180 110 134Q146 90 200 88Z" fill="{accent}"/>
<path d="M200 88Q280 200 200 312Q284 306 306 236Q320 150 276 116Q244 88 200 88Z" fill="{light}"/>
<path d="M280 120Q252 200 282 276Q340 200 280 120Z" fill="{accent_dark}"/>
<circle cx="200" cy="92" r="17" fill="{dark}"/></g>
<path d="M200 88a112 112 0 0 1 0 224a112 112 0 0 0 96-170A112 112 0 0 0 200 88Z" {SHADED}/>
<ellipse cx="154" cy="140" rx="26" ry="17" transform="rotate(-38 154 140)" fill="{PAPER}" opacity=".6"/>"#
    )
}

fn dice(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, accent_light, .. } = brush;
    let turn = brush.vary(1, 8, 26);
    format!(
        r#"<g transform="rotate(-{turn} 140 160)"><rect x="68" y="92" width="150" height="150" rx="30" fill="{dark}"/>
<rect x="62" y="82" width="150" height="150" rx="30" fill="{main}"/>
<path d="M84 100q4-6 14-6h40" stroke="{light}" stroke-width="8" {LINE}/>
<g fill="{PAPER}"><circle cx="102" cy="122" r="14"/><circle cx="172" cy="122" r="14"/>
<circle cx="137" cy="157" r="14"/><circle cx="102" cy="192" r="14"/><circle cx="172" cy="192" r="14"/></g></g>
<g transform="rotate({turn} 270 260)"><rect x="206" y="198" width="132" height="132" rx="27" fill="{accent_dark}"/>
<rect x="200" y="188" width="132" height="132" rx="27" fill="{accent}"/>
<path d="M220 204q4-4 12-4h34" stroke="{accent_light}" stroke-width="7" {LINE}/>
<g fill="{PAPER}"><circle cx="234" cy="222" r="12"/><circle cx="266" cy="254" r="12"/>
<circle cx="298" cy="286" r="12"/></g></g>"#
    )
}

fn board(brush: &Brush, ground: &str) -> String {
    let Brush { main, dark, .. } = brush;
    format!(
        r#"<rect x="58" y="66" width="292" height="292" rx="14" fill="{dark}"/>
<rect x="54" y="56" width="292" height="292" rx="14" fill="{main}"/>
<rect x="83" y="84" width="234" height="234" fill="{ground}"/>"#
    )
}

fn counter(x: i32, y: i32, top: &str, side: &str) -> String {
    format!(
        r#"<circle cx="{x}" cy="{lower}" r="17" fill="{side}"/><circle cx="{x}" cy="{y}" r="16" fill="{top}"/>
<circle cx="{x}" cy="{y}" r="9" {LIT}/>"#,
        lower = y + 5,
    )
}

fn draughts(brush: &Brush) -> String {
    let Brush { light, accent, accent_dark, .. } = brush;
    let squares: String = (0..6)
        .flat_map(|row| (0..3).map(move |column| (83 + (column * 2 + row % 2) * 39, 84 + row * 39)))
        .map(|(x, y)| format!("M{x} {y}h39v39h-39Z"))
        .collect();
    let (red, red_side) = (accent.to_string(), accent_dark.to_string());
    let places = [(0, 0), (2, 0), (4, 0), (1, 1), (3, 1), (4, 4), (1, 5), (3, 5), (5, 5), (2, 4)];
    let counters: String = places
        .iter()
        .map(|(column, row)| {
            let (top, side) = if *row < 3 { (red.as_str(), red_side.as_str()) } else { (STEEL_DARK, INK) };
            counter(102 + column * 39, 101 + row * 39, top, side)
        })
        .collect();
    format!(r#"{board}<path d="{squares}" fill="{light}"/>{counters}"#, board = board(brush, PAPER))
}

fn race_game(brush: &Brush) -> String {
    let Brush { light, accent, accent_dark, dark, .. } = brush;
    let track = "M106 292H258q36 0 36-38t-36-38H146q-36 0-36-38t36-38H240";
    format!(
        r#"{board}<path d="M100 106q10-10 20 0t20 0 20 0M190 254q10-10 20 0t20 0 20 0M240 178q10-10 20 0t20 0 20 0" stroke="{PAPER}" stroke-width="5" {LINE}/>
<path d="{track}" stroke="{PAPER}" stroke-width="31" {LINE}/>
<path d="{track}" stroke="{accent}" stroke-width="17" stroke-dasharray="0 24" {LINE}/>
<path d="M246 158V116l28-22 28 22v42Z" fill="{WOOD_LIGHT}"/>
<path d="M238 120l36-30 36 30" stroke="{accent_dark}" stroke-width="11" {LINE}/>
<rect x="264" y="130" width="20" height="28" fill="{dark}"/>
{first}{second}<path d="M196 288l10-24h8l10 24Z" fill="{INK}"/><circle cx="210" cy="260" r="10" fill="{INK}"/>
<g transform="rotate(20 330 330)"><rect x="300" y="300" width="56" height="56" rx="12" fill="{WOOD_LIGHT}"/>
<g fill="{INK}"><circle cx="314" cy="314" r="6"/><circle cx="328" cy="328" r="6"/><circle cx="342" cy="342" r="6"/>
</g></g>"#,
        board = board(brush, &light.to_string()),
        first = counter(146, 212, &accent.to_string(), &accent_dark.to_string()),
        second = counter(130, 288, STEEL_DARK, INK),
    )
}

fn teddy(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, .. } = brush;
    format!(
        r#"<g fill="{dark}"><circle cx="140" cy="86" r="31"/><circle cx="260" cy="86" r="31"/>
<ellipse cx="112" cy="218" rx="28" ry="50" transform="rotate(30 112 218)"/>
<ellipse cx="288" cy="218" rx="28" ry="50" transform="rotate(-30 288 218)"/></g><g fill="{light}">
<circle cx="140" cy="86" r="17"/><circle cx="260" cy="86" r="17"/></g>
<ellipse cx="200" cy="238" rx="78" ry="72" fill="{main}"/><ellipse cx="200" cy="246" rx="46" ry="46" fill="{light}"/>
<g fill="{main}"><ellipse cx="134" cy="286" rx="42" ry="27"/><ellipse cx="266" cy="286" rx="42" ry="27"/></g>
<g fill="{light}"><ellipse cx="120" cy="286" rx="20" ry="18"/><ellipse cx="280" cy="286" rx="20" ry="18"/></g>
<ellipse cx="200" cy="124" rx="84" ry="74" fill="{main}"/><ellipse cx="200" cy="148" rx="38" ry="29" fill="{light}"/>
<path d="M186 134q14-8 28 0q-2 14-14 16q-12-2-14-16Z" fill="{INK}"/>
<path d="M200 148v12q-10 10-18 2M200 160q10 10 18 2" stroke="{INK}" stroke-width="4" {LINE}/>
<circle cx="164" cy="114" r="9" fill="{INK}"/><circle cx="236" cy="114" r="9" fill="{INK}"/>
<path d="M200 202l-40-20v40Zl40-20v40Z" fill="{accent}"/><circle cx="200" cy="202" r="12" fill="{accent_dark}"/>"#
    )
}

fn blocks(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, accent_light, .. } = brush;
    let tip = brush.vary(1, -6, 6);
    format!(
        r#"<rect x="72" y="224" width="88" height="88" rx="7" fill="{main}"/>
<rect x="88" y="240" width="56" height="56" rx="5" fill="{light}"/><circle cx="116" cy="268" r="19" fill="{dark}"/>
<rect x="164" y="224" width="88" height="88" rx="7" fill="{accent}"/>
<rect x="180" y="240" width="56" height="56" rx="5" fill="{accent_light}"/>
<path d="M208 248l20 40h-40Z" fill="{accent_dark}"/>
<path d="M256 312V224h72V312h-22v-20a14 14 0 0 0-28 0v20Z" fill="{WOOD}"/><path d="M306 224h22V312h-22Z" {SHADED}/>
<g transform="rotate({tip} 164 220)"><rect x="116" y="136" width="88" height="88" rx="7" fill="{WOOD_LIGHT}"/>
<rect x="132" y="152" width="56" height="56" rx="5" fill="{PAPER}"/>
<path d="M160 158l8 16 17 2-12 12 3 17-16-8-16 8 3-17-12-12 17-2Z" fill="{accent}"/></g>
<path d="M208 224V166h78v58Z" fill="{dark}"/><path d="M262 166h24v58h-24Z" {SHADED}/>
<path d="M160 68L208 134H112Z" fill="{main}"/><path d="M160 68L208 134H172Z" {SHADED}/>
<path d="M206 166q40-60 80 0Z" fill="{accent}"/>"#
    )
}

fn spinning_top(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, .. } = brush;
    let lean = brush.vary(1, -13, 13);
    format!(
        r#"<g transform="rotate({lean} 200 312)">
<rect x="191" y="60" width="18" height="80" rx="8" fill="{WOOD_DARK}"/><circle cx="200" cy="58" r="19" fill="{accent}"/>
<path d="M84 190Q110 130 200 130T316 190Q300 258 212 302L200 312 188 302Q100 258 84 190Z" fill="{main}"/>
<path d="M84 190Q200 226 316 190Q314 204 307 218Q200 250 93 218Q86 204 84 190Z" fill="{accent}"/>
<path d="M112 244Q200 272 288 244Q276 258 260 270Q200 288 140 270Q124 258 112 244Z" fill="{light}"/>
<path d="M250 136Q304 150 316 190Q300 258 212 302L200 312Q276 220 250 136Z" {SHADED}/>
<path d="M116 172q20-20 50-26" stroke="{PAPER}" stroke-width="9" opacity=".6" {LINE}/>
<path d="M190 300h20l-10 14Z" fill="{dark}"/></g>
<path d="M100 322Q200 342 300 322M66 200Q52 150 84 118M334 200q14-50-18-82" stroke="{accent_dark}" stroke-width="6" opacity=".55" {LINE}/>"#
    )
}

fn cards(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, .. } = brush;
    let spread = brush.vary(1, 17, 22);
    let back = format!(
        r#"<rect x="130" y="74" width="150" height="216" rx="14" fill="{PAPER}"/>
<rect x="141" y="85" width="128" height="194" rx="8" fill="{main}"/>
<path d="M205 110l46 72-46 72-46-72Z" fill="{light}"/><path d="M205 140l27 42-27 42-27-42Z" fill="{dark}"/>"#
    );
    format!(
        r#"<g transform="rotate(-{spread} 205 340)">{back}</g><g transform="rotate({spread} 205 340)">
<rect x="130" y="74" width="150" height="216" rx="14" fill="{PAPER}" stroke="{dark}" stroke-width="3"/>
<path d="M148 112q8-18 18-6q10-12 18 6q-2 14-18 26q-16-12-18-26Z" fill="{accent}"/></g>
<rect x="126" y="90" width="158" height="224" rx="14" fill="{PAPER}" stroke="{dark}" stroke-width="3"/>
<path d="M205 158q20-34 44-14t-4 62l-40 40-40-40q-28-42-4-62t44 14Z" fill="{accent}"/>
<path d="M140 116q7-14 14-5q7-9 14 5q-2 11-14 20q-12-9-14-20ZM242 288q-2-11 14-20q12 9 14 20q-7 14-14 5q-7 9-14-5Z" fill="{accent}"/>"#
    )
}

fn chess(brush: &Brush) -> String {
    let Brush { main, dark, light, deep, accent, .. } = brush;
    format!(
        r#"<path d="M142 282Q146 226 196 192Q178 196 158 194L140 208Q118 206 116 182Q146 152 156 112Q172 82 210 76L216 50 240 74Q304 112 288 200Q282 246 286 282Z" fill="{main}"/>
<path d="M240 74Q304 112 288 200Q282 246 286 282H240Q262 170 216 84Z" {SHADED}/>
<path d="M238 96q34 36 24 96M222 116q26 30 18 76" stroke="{dark}" stroke-width="7" {LINE}/>
<circle cx="186" cy="122" r="8" fill="{INK}"/><path d="M130 188l14-6" stroke="{deep}" stroke-width="5" {LINE}/>
<path d="M168 118q10-20 32-26" stroke="{light}" stroke-width="6" {LINE}/>
<path d="M128 278H298l8 20q4 14-10 14H132q-14 0-10-14Z" fill="{dark}"/>
<rect x="128" y="270" width="172" height="14" rx="7" fill="{accent}"/>"#
    )
}

fn skipping_rope(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, .. } = brush;
    let grip = format!(
        r#"<rect x="-19" y="0" width="38" height="116" rx="17" fill="{main}"/>
<path d="M4 0h0q15 0 15 17v82q0 17-15 17Z" fill="{dark}"/>
<path d="M-19 30h38v12h-38ZM-19 82h38v12h-38Z" fill="{light}"/>
<rect x="-11" y="-11" width="22" height="16" rx="5" fill="{WOOD_DARK}"/>"#
    );
    format!(
        r#"<path d="M104 230Q70 90 170 84T250 200Q240 290 180 268T160 130Q190 30 286 74T304 226" stroke="{accent_dark}" stroke-width="15" {LINE}/>
<path d="M104 230Q70 90 170 84T250 200Q240 290 180 268T160 130Q190 30 286 74T304 226" stroke="{accent}" stroke-width="9" stroke-dasharray="13 7" fill="none"/>
<g transform="translate(106 236) rotate(9)">{grip}</g><g transform="translate(302 232) rotate(-10)">{grip}</g>"#
    )
}

fn xylophone(brush: &Brush) -> String {
    let Brush { main, accent, .. } = brush;
    let colours = ["#c9524a", "#e5863a", "#ecc04a", "#5c9c63", "#3f8f96", "#4d7fb5", "#8a6bb0"];
    let bars: String = colours
        .iter()
        .zip(0..)
        .map(|(colour, bar)| {
            let (x, half) = (52 + bar * 44, 112 - bar * 11);
            format!(
                r#"<rect x="{x}" y="{y}" width="35" height="{tall}" rx="9" fill="{colour}"/>
<circle cx="{middle}" cy="{upper}" r="4" fill="{PAPER}"/><circle cx="{middle}" cy="{lower}" r="4" fill="{PAPER}"/>"#,
                y = 190 - half,
                tall = half * 2,
                middle = x + 17,
                upper = 212 - half,
                lower = 168 + half,
            )
        })
        .collect();
    format!(
        r#"<path d="M36 102L368 146v20L36 124ZM36 258L368 216v20L36 280Z" fill="{WOOD_DARK}"/>{bars}<path d="M120 352L290 286" stroke="{WOOD}" stroke-width="11" {LINE}/>
<circle cx="298" cy="283" r="19" fill="{main}"/>
<path d="M176 366L334 326" stroke="{WOOD}" stroke-width="11" {LINE}/>
<circle cx="342" cy="324" r="19" fill="{accent}"/>"#
    )
}

fn stacking_rings(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, accent_light, .. } = brush;
    let colours = [dark, main, accent, light, accent_dark];
    let rings: String = colours
        .iter()
        .zip(0..)
        .map(|(colour, ring)| {
            let (y, half) = (254 - ring * 38, 104 - ring * 15);
            format!(
                r#"<rect x="{x}" y="{y}" width="{wide}" height="38" rx="19" fill="{colour}"/>
<rect x="{shine}" y="{high}" width="34" height="7" rx="3" {LIT}/>"#,
                x = 200 - half,
                wide = half * 2,
                shine = 218 - half,
                high = y + 8,
            )
        })
        .collect();
    format!(
        r#"<rect x="192" y="64" width="16" height="60" fill="{WOOD}"/>
<circle cx="200" cy="74" r="30" fill="{accent}"/>
<circle cx="191" cy="65" r="8" fill="{accent_light}"/>{rings}<rect x="96" y="292" width="208" height="20" rx="10" fill="{WOOD}"/>
<path d="M248 292h46q10 0 10 10t-10 10H240Z" {SHADED}/>"#
    )
}

fn sailing_boat(brush: &Brush) -> String {
    let Brush { main, dark, light, accent, accent_dark, pattern, .. } = brush;
    format!(
        r#"<rect x="193" y="46" width="13" height="200" rx="5" fill="{WOOD_DARK}"/>
<path d="M214 62Q320 140 322 224H214Z" fill="{PAPER}"/><path d="M214 62Q320 140 322 224H214Z" fill="{pattern}"/>
<path d="M292 148Q320 186 322 224H262Q292 196 292 148Z" {SHADED}/>
<path d="M184 90Q110 150 102 224H184Z" fill="{accent}"/>
<path d="M160 112L184 90V224H150Z" fill="{accent_dark}" opacity=".5"/><path d="M206 46l40 12-40 12Z" fill="{main}"/>
<path d="M70 244H336Q322 300 270 300H138Q88 300 70 244Z" fill="{main}"/>
<path d="M70 244H336Q334 254 330 262H77Q72 254 70 244Z" fill="{light}"/>
<path d="M280 262h50Q314 300 270 300H220Q266 290 280 262Z" fill="{dark}"/>
<path d="M120 300H288v12H120Z" fill="{WOOD}"/>"#
    )
}
