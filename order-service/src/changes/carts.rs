//! What happens to carts. A cart is read, the catalogue is asked without a transaction, and the cart is written if nobody
//! else did meanwhile.

use crate::{
    domain::{Cart, Offers, Unfit},
    error::Error,
    products,
    state::App,
    store::carts::{self, Holder},
};
use contracts::{AccountId, CartId};

/// Tries while others change the same cart.
const TRIES: usize = 8;

/// A cart, with what is offered now; none where the catalogue could not be asked.
pub(crate) struct Seen {
    pub(crate) cart: Cart,
    pub(crate) offers: Option<Offers>,
}

/// Somebody's cart as it stands.
pub(crate) async fn look(app: &App, id: CartId, holders: &[Holder]) -> Result<Seen, Error> {
    let cart = read(app, id, holders).await?;
    let offers = products::offers(&app.kit.peers, cart.skus()).await.ok();
    Ok(Seen { cart, offers })
}

/// The account's cart, which is made where there is none; whether it was.
pub(crate) async fn open(app: &App, account_id: AccountId) -> Result<(Seen, bool), Error> {
    let mut connection = app.kit.database.acquire().await?;
    let holder = Holder::Account(account_id);
    let (mut found, mut made) = (carts::of_account(&mut connection, account_id).await?, false);
    if found.is_none() {
        let fresh = fresh(app);
        made = carts::insert(&mut connection, &fresh, &holder, app.kit.clock.now()).await?;
        // Another tab was faster.
        found = if made { Some(fresh) } else { carts::of_account(&mut connection, account_id).await? };
    }
    drop(connection);
    let cart = found.ok_or(Error::CartContended)?;
    let offers = products::offers(&app.kit.peers, cart.skus()).await.ok();
    Ok((Seen { cart, offers }, made))
}

/// A new one for whoever has the token.
pub(crate) async fn open_for_guest(app: &App, token_hash: Vec<u8>) -> Result<Seen, Error> {
    let cart = fresh(app);
    let mut connection = app.kit.database.acquire().await?;
    if !carts::insert(&mut connection, &cart, &Holder::Guest(token_hash), app.kit.clock.now()).await? {
        return Err(Error::CartContended);
    }
    Ok(Seen { cart, offers: Some(Offers::new()) })
}

fn fresh(app: &App) -> Cart {
    Cart::empty(app.kit.clock.new_id(), app.kit.clock.now() + app.cart_ttl)
}

/// Changes a cart on what is offered of its SKUs and of `sku`. The catalogue is asked before.
pub(crate) async fn edit(
    app: &App,
    id: CartId,
    holders: &[Holder],
    sku: Option<&str>,
    change: impl Fn(&mut Cart, &Offers) -> Result<(), Unfit>,
) -> Result<Seen, Error> {
    for _ in 0..TRIES {
        let cart = read(app, id, holders).await?;
        let skus = sku.map(str::to_owned).into_iter().chain(cart.skus()).collect();
        let offers = products::offers(&app.kit.peers, skus).await?;
        let mut changed = cart.clone();
        change(&mut changed, &offers).map_err(|unfit| Error::unfit(unfit, sku))?;
        if let Some(cart) = save(app, cart, changed).await? {
            return Ok(Seen { cart, offers: Some(offers) });
        }
    }
    Err(Error::CartContended)
}

/// Takes a SKU out, also while the catalogue is away.
pub(crate) async fn remove(app: &App, id: CartId, holders: &[Holder], sku: &str) -> Result<Seen, Error> {
    for _ in 0..TRIES {
        let cart = read(app, id, holders).await?;
        let mut changed = cart.clone();
        changed.remove(sku);
        if let Some(cart) = save(app, cart, changed).await? {
            let offers = products::offers(&app.kit.peers, cart.skus()).await.ok();
            return Ok(Seen { cart, offers });
        }
    }
    Err(Error::CartContended)
}

async fn read(app: &App, id: CartId, holders: &[Holder]) -> Result<Cart, Error> {
    let mut connection = app.kit.database.acquire().await?;
    carts::find(&mut connection, id, holders).await?.ok_or(Error::NoCart)
}

/// As it is then; none where somebody else was faster.
async fn save(app: &App, before: Cart, mut changed: Cart) -> Result<Option<Cart>, Error> {
    if changed == before {
        return Ok(Some(before));
    }
    let now = app.kit.clock.now();
    changed.expires_at = now + app.cart_ttl;
    let mut connection = app.kit.database.acquire().await?;
    let saved = carts::save(&mut connection, &changed, now).await?;
    changed.version += 1;
    Ok(saved.then_some(changed))
}

/// What a person put into a cart before they logged in comes into the account's. Done once: a repeat finds the guest's cart
/// gone.
pub(crate) async fn merge(
    app: &App,
    account_id: AccountId,
    guests: CartId,
    token_hash: Vec<u8>,
) -> Result<Seen, Error> {
    let guest = Holder::Guest(token_hash.clone());
    let mut connection = app.kit.database.acquire().await?;
    let theirs = carts::find(&mut connection, guests, &[guest]).await?;
    let own = carts::of_account(&mut connection, account_id).await?;
    drop(connection);
    let skus = own.iter().chain(&theirs).flat_map(Cart::skus).collect();
    let offers = products::offers(&app.kit.peers, skus).await?;
    for _ in 0..TRIES {
        let mut tx = app.kit.database.begin("merge_carts").await?;
        let now = app.kit.clock.now();
        let merged = match carts::lock_for_merge(&mut tx, account_id, guests, &token_hash).await? {
            (Some(own), None) => own,
            (None, None) => {
                tx.rollback().await?;
                return open(app, account_id).await.map(|(seen, _made)| seen);
            }
            (None, Some(mut theirs)) => {
                if !carts::give(&mut tx, theirs.id, account_id, now).await? {
                    // The account got one at this moment.
                    tx.rollback().await?;
                    continue;
                }
                theirs.version += 1;
                theirs
            }
            (Some(mut own), Some(theirs)) => {
                carts::delete(&mut tx, theirs.id).await?;
                own.merge(theirs, &offers);
                own.expires_at = now + app.cart_ttl;
                if !carts::save(&mut tx, &own, now).await? {
                    return Err(Error::CartContended);
                }
                own.version += 1;
                own
            }
        };
        let _committed = tx.commit().await?;
        return Ok(Seen { cart: merged, offers: Some(offers) });
    }
    Err(Error::CartContended)
}
