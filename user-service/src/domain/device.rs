//! What a person sees of the device they logged in on. A few names are enough to know one's own again; more would be a
//! trace of the person.

/// What a browser's `User-Agent` holds, most telling first: others claim to be Safari, and Chrome, too.
const BROWSERS: [(&str, &str); 7] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// "Firefox on Linux"; or what a program calls itself, shortened.
pub(crate) fn device(user_agent: Option<&str>) -> String {
    let user_agent = user_agent.unwrap_or_default();
    let named =
        |names: [(&'static str, &'static str); 7]| names.into_iter().find(|(sign, _)| user_agent.contains(sign));
    match (named(BROWSERS), named(SYSTEMS)) {
        (Some((_, browser)), Some((_, system))) => format!("{browser} on {system}"),
        (Some((_, browser)), None) => browser.to_owned(),
        (None, _) => {
            let word = user_agent.trim().split([' ', '/']).next().unwrap_or_default();
            let word: String = word.chars().filter(|letter| !letter.is_control()).take(40).collect();
            if word.is_empty() { "An unknown program".to_owned() } else { word }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn browsers_have_a_name_and_programs_the_one_they_give_themselves() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0";
        assert_eq!(device(Some(firefox)), "Firefox on Linux");
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                     Version/17.5 Mobile/15E148 Safari/604.1";
        assert_eq!(device(Some(phone)), "Safari on iPhone");
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                    Chrome/129.0.0.0 Safari/537.36 Edg/129.0.0.0";
        assert_eq!(device(Some(edge)), "Edge on Windows");
        assert_eq!(device(Some("curl/8.5.0")), "curl");
        assert_eq!(device(Some("shop-sync/2 (nightly)")), "shop-sync");
        assert_eq!(device(Some("")), "An unknown program");
        assert_eq!(device(None), "An unknown program");
        assert_eq!(device(Some(&"x".repeat(900))).len(), 40);
    }
}
