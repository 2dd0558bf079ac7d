//! notify-service's mail folder: one `.eml` file per delivery, named by it.

use anyhow::Context;
use std::{collections::BTreeMap, fs, path::Path};
use uuid::Uuid;

/// The folder keeps this many of the newest mails; older ones may be gone.
const KEPT: usize = 1000;

#[derive(Clone, Debug, Default)]
pub(crate) struct Mails {
    /// Each delivery's mail with the values of its Message-ID headers.
    pub(crate) message_ids: BTreeMap<Uuid, Vec<String>>,
}

impl Mails {
    /// Whether the mail of this delivery can have been cleaned away: only when so many newer ones are there. The oldest that
    /// is there tells nothing, since an old mail may be sent late, after those of its time were cleaned away.
    pub(crate) fn may_be_gone(&self, delivery: Uuid) -> bool {
        self.message_ids.keys().rev().nth(KEPT - 1).is_some_and(|last_kept| delivery < *last_kept)
    }
}

pub(super) fn read(folder: &Path) -> anyhow::Result<Mails> {
    let shown = folder.display();
    let entries = fs::read_dir(folder).with_context(|| format!("the mail folder {shown} cannot be read"))?;
    let mut mails = Mails::default();
    for entry in entries {
        let path = entry.with_context(|| format!("the mail folder {shown} cannot be read"))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".eml"));
        let Some(id) = name.and_then(|stem| Uuid::parse_str(stem).ok()) else { continue };
        // One that was cleaned away between the look and the reading is no mail without a header.
        let Ok(mail) = fs::read(&path) else { continue };
        mails.message_ids.insert(id, message_ids(&String::from_utf8_lossy(&mail)));
    }
    Ok(mails)
}

fn message_ids(mail: &str) -> Vec<String> {
    let headers = mail.lines().take_while(|line| !line.trim_end().is_empty());
    let named = headers.filter_map(|line| line.split_once(':'));
    let ids = named.filter(|(name, _)| name.eq_ignore_ascii_case("Message-ID"));
    ids.map(|(_, value)| value.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::{KEPT, Mails, message_ids};
    use uuid::Uuid;

    #[test]
    fn an_old_mail_that_was_sent_late_does_not_make_others_of_its_time_missing() {
        let id = |number: usize| Uuid::from_u128(number as u128);
        let newest = (100..100 + KEPT).map(|number| (id(number), Vec::new()));
        let mails = Mails { message_ids: newest.chain([(id(7), Vec::new())]).collect() };
        assert!(mails.may_be_gone(id(8)) && mails.may_be_gone(id(99)));
        assert!(!mails.may_be_gone(id(101)));
        let few = Mails { message_ids: [(id(7), Vec::new())].into() };
        assert!(!few.may_be_gone(id(3)));
    }

    #[test]
    fn only_the_headers_of_a_mail_name_it() {
        let mail = "From: shop\r\nmessage-id: <1.order_paid@localhost>\r\n\r\nMessage-ID: <quoted>\r\n";
        assert_eq!(message_ids(mail), ["<1.order_paid@localhost>"]);
    }
}
