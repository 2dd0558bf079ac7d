//! `/office/products/{id}`: everything about one product, and after something that failed, all of it again with what was
//! typed and why.

use super::{adjusting::Adjusting, filling::Filling, find, status_word};
use crate::{
    account::moment,
    form::{Form, Trouble},
    layout,
    member::{Member, Stopped},
    refusal::Refusal,
    shop::shelf::sized,
    state::App,
    upstream::{Call, Page},
};
use askama::Template;
use axum::response::Response;
use contracts::{
    ProductId,
    access::Permission,
    api::product::{AdjustmentReason, LevelView, MovementKind, MovementView, ProductStatus, ProductView},
};
use http::{Method, StatusCode};
use serde::Deserialize;
use url::form_urlencoded;

/// What was tried and did not go well.
pub(super) enum Failed {
    Edit(Filling),
    Adjust(Adjusting),
    Picture,
    Act,
}

/// What the page is asked for, besides the product.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) done: Option<&'static str>,
    /// A place in the list of movements.
    pub(super) after: Option<String>,
    pub(super) failed: Option<(Failed, Refusal)>,
}

impl Wanted {
    pub(super) fn again(failed: Failed, refusal: impl Into<Refusal>) -> Self {
        Self { failed: Some((failed, refusal.into())), ..Self::default() }
    }
}

/// As product-service answers it.
#[derive(Deserialize)]
struct StockShown {
    #[serde(flatten)]
    level: LevelView,
    movements: Page<MovementView>,
}

#[derive(Template)]
#[template(path = "office/product.html")]
struct ProductPage {
    product: ProductView,
    picture: Option<String>,
    done: Option<&'static str>,
    trouble: Option<Trouble>,
    /// None for whoever may only look.
    edit: Option<Form>,
    picture_trouble: Option<String>,
    stock: Stock,
    /// None for whoever may not.
    adjust: Option<Form>,
}

enum Stock {
    /// Not for this visitor.
    Hidden,
    Unknown,
    Known {
        level: LevelView,
        movements: Vec<MovementView>,
        next: Option<String>,
    },
}

impl ProductPage {
    fn status(&self) -> &'static str {
        status_word(&self.product.status)
    }

    fn is(&self, status: &str) -> bool {
        match self.product.status {
            ProductStatus::Draft => status == "draft",
            ProductStatus::Active => status == "active",
            ProductStatus::Archived => status == "archived",
        }
    }
}

/// Why a movement was, in words.
fn why(movement: &MovementView) -> &'static str {
    match (movement.kind, movement.reason) {
        (MovementKind::Initial, _) => "There from the start",
        (MovementKind::Shipped, _) => "Left with an order",
        (_, Some(AdjustmentReason::Restocked)) | (MovementKind::Restocked, None) => "New goods came in",
        (_, Some(AdjustmentReason::Returned)) => "Came back from a customer",
        (_, Some(AdjustmentReason::Counted)) => "Counted",
        (_, Some(AdjustmentReason::Damaged)) => "Damaged",
        (_, Some(AdjustmentReason::Lost)) => "Lost",
        (MovementKind::Adjusted, None) => "Adjusted",
    }
}

pub(super) async fn shown(app: &App, member: &Member, id: ProductId, wanted: Wanted) -> Response {
    let product = match find(member, id).await {
        Ok(Some(product)) => product,
        Ok(None) => return layout::not_found().await,
        Err(stopped) => return stopped.page(),
    };
    let Wanted { done, after, failed } = wanted;
    let (failed, refusal) = failed.unzip();
    let stock = match stock(member, id, after.as_deref()).await {
        Ok(stock) => stock,
        Err(answer) => return answer,
    };
    let mut page = ProductPage {
        picture: sized(&product, 640),
        done,
        trouble: None,
        edit: None,
        picture_trouble: None,
        stock,
        adjust: None,
        product,
    };
    if member.permissions().contains(Permission::WriteProducts) {
        // Without its categories the form still holds the product's own.
        let categories = app.upstream.categories().await.unwrap_or_default();
        let is_stale = refusal.as_ref().is_some_and(|refusal| refusal.code == "version_stale");
        let form = match &failed {
            Some(Failed::Edit(filling)) if is_stale => filling.form_upon(&page.product, &categories),
            Some(Failed::Edit(filling)) => filling.edit_form(&page.product, &categories),
            _ => Filling::of(&page.product).edit_form(&page.product, &categories),
        };
        page.edit = Some(form);
    }
    page.offer_adjusting(app, member, failed.as_ref());
    let Some(refusal) = refusal else { return layout::office_page(StatusCode::OK, &page) };
    page.tell(failed.as_ref(), &refusal);
    refusal.stamped(layout::office_page(refusal.status, &page))
}

impl ProductPage {
    fn offer_adjusting(&mut self, app: &App, member: &Member, failed: Option<&Failed>) {
        let is_known = matches!(self.stock, Stock::Known { .. });
        if is_known && member.permissions().contains(Permission::WriteStock) {
            let filling = match failed {
                Some(Failed::Adjust(filling)) => filling.clone(),
                _ => Adjusting::new(app.clock.new_id::<uuid::Uuid>().to_string()),
            };
            self.adjust = Some(filling.form(self.product.id));
        }
    }

    /// Beside its field where it is about one.
    fn tell(&mut self, failed: Option<&Failed>, refusal: &Refusal) {
        let is_stale = refusal.code == "version_stale";
        let form = match failed {
            Some(Failed::Edit(_)) => self.edit.as_mut(),
            Some(Failed::Adjust(_)) => self.adjust.as_mut(),
            Some(Failed::Picture) if !is_stale => {
                self.picture_trouble = Some(refusal.text.to_string());
                None
            }
            _ => None,
        };
        let trouble = match (form, failed) {
            (_, Some(Failed::Edit(_))) if is_stale => Trouble::of(
                "Somebody changed this product while you did. What you typed is kept, what you had not touched is as they \
                 made it, and beside each field that differs stands what is stored by now. Nothing of yours is stored \
                 until you send it again.",
            ),
            _ if is_stale => Trouble::of(
                "Somebody changed this product meanwhile, and nothing was done. This is how it stands now: if you \
                 still want to, do it again.",
            ),
            (Some(form), _) => form.refused(refusal),
            (None, Some(Failed::Picture)) => Trouble::at("picture", refusal.text.clone()),
            (None, _) => Trouble::saying(refusal),
        };
        self.trouble = Some(trouble);
    }
}

/// None but the level and movements is needed for the rest of the page: without them it says so.
async fn stock(member: &Member, id: ProductId, after: Option<&str>) -> Result<Stock, Response> {
    if !member.permissions().contains(Permission::ReadStock) {
        return Ok(Stock::Hidden);
    }
    let path = format!("/products/{id}/stock");
    let call = Call::product(Method::GET, &path).with_query(after.map(|after| ("after", after)));
    match member.ask::<StockShown>(call).await {
        Ok(StockShown { level, movements: Page { items, next } }) => {
            let next = next.map(|next| {
                let query = form_urlencoded::Serializer::new(String::new()).append_pair("after", &next).finish();
                format!("/office/products/{id}?{query}#movements")
            });
            Ok(Stock::Known { level, movements: items, next })
        }
        Err(Stopped::LoginOver(answer)) => Err(answer),
        Err(Stopped::Failed(cause)) => {
            tracing::warn!(%cause, "a product's stock could not be shown");
            Ok(Stock::Unknown)
        }
    }
}
