//! The work behind the doors at which a product is changed.

use crate::{
    changes::change_product::{self as change, What, Wish},
    domain::{Edit, Product},
    error::Error,
    slice,
    state::App,
};
use contracts::ProductId;
use service_kit::{Cause, idempotency::Work, if_match::IfMatch};

/// What this request wants.
pub(crate) fn wish(id: ProductId, wanted: IfMatch, what: What, cause: Cause) -> Wish {
    Wish { id, wanted, what, cause }
}

/// An edit that this request wants.
pub(crate) fn edit(id: ProductId, wanted: IfMatch, edit: Edit, cause: Cause) -> Wish {
    wish(id, wanted, What::Edit(edit), cause)
}

/// Changes products in one transaction, each at a version that is wanted, with its event.
pub(crate) async fn change(app: &App, work: Work, wishes: Vec<Wish>) -> Vec<Result<Product, Error>> {
    let answers = slice::told(change_now(app, work, &wishes).await, wishes.len());
    app.answers.forget();
    answers
}

async fn change_now(app: &App, work: Work, wishes: &[Wish]) -> Result<Vec<Result<Product, Error>>, Error> {
    let mut tx = app.kit.database.begin(work.name).await?;
    let answers = change::change(&app.kit, &mut tx, wishes).await?;
    if answers.iter().any(Result::is_ok) {
        let _committed = tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    Ok(answers)
}
