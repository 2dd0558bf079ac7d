//! Pictures that lie in a bucket: a server of S3 by others (s3s), which looks at every signature.

use crate::{
    pictures::{photograph, put, put_at},
    support::Shop,
};
use axum::{Router, error_handling::HandleError};
use product_service::{Config, build};
use s3s::{HttpError, auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use service_kit::{Bus, Clock, Env};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};
use tempfile::TempDir;
use test_kit::{Running, until};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

struct Bucket {
    folder: TempDir,
    address: String,
    closing: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Bucket {
    async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("pictures")).unwrap();
        let mut service = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
        service.set_auth(SimpleAuth::from_single("shop", "a/secret+key"));
        let service = HandleError::new(service.build(), |failed: HttpError| async move {
            (http::StatusCode::INTERNAL_SERVER_ERROR, format!("{failed:?}"))
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (closing, closed) = oneshot::channel();
        let server = axum::serve(listener, Router::new().fallback_service(service));
        let server = server.with_graceful_shutdown(async { closed.await.unwrap_or_default() });
        let server = tokio::spawn(async move { server.await.unwrap() });
        Self { folder, address, closing, server }
    }

    fn url(&self) -> String {
        format!("http://shop:a%2Fsecret%2Bkey@{}/pictures/of/shop", self.address)
    }

    /// What lies in it.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = files(&self.folder.path().join("pictures")).iter().map(|file| name(file)).collect();
        names.sort();
        names
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let inside = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    inside.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn name(file: &Path) -> String {
    file.file_name().unwrap().to_string_lossy().into_owned()
}

const BYTES: &str = "SELECT count(*) FROM (SELECT bytes FROM pictures UNION ALL SELECT bytes FROM picture_sizes) AS one \
     WHERE bytes IS NOT NULL";

#[tokio::test(flavor = "multi_thread")]
async fn a_photograph_is_shown_in_its_sizes_out_of_the_bucket_and_not_kept_twice() {
    let bucket = Bucket::open().await;
    let shop = Shop::with_pictures_in(&bucket.url()).await;
    shop.stock(&[("A", 1)]).await;
    let (of_samples, address_before) = (shop.database.count(BYTES).await, shop.product("A").await["picture"].clone());
    let (status, product) = put(&shop, "image/jpeg", photograph(900, 600)).await;
    assert_eq!(status, 200, "{product}");
    let address = product["picture"].as_str().unwrap();
    let picture = address.rsplit('/').next().unwrap();
    let expected = [format!("320-{picture}"), format!("640-{picture}"), picture.to_owned()];
    assert_eq!(bucket.names().iter().filter(|name| expected.contains(name)).count(), 3, "{:?}", bucket.names());
    assert_eq!(shop.database.count(BYTES).await, of_samples);
    let http = reqwest::Client::new();
    for (wanted, width) in [("", 900), ("?width=1", 320), ("?width=321", 640), ("?width=700", 900)] {
        let answer = http.get(format!("{}{address}{wanted}", shop.running.url)).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"]),
            (200, &"image/jpeg".parse().unwrap())
        );
        let tag = answer.headers()["etag"].clone();
        let shown = image::load_from_memory(&answer.bytes().await.unwrap()).unwrap();
        assert_eq!((shown.width(), shown.height()), (width, width * 2 / 3), "{wanted}");
        let again = http.get(format!("{}{address}{wanted}", shop.running.url)).header("if-none-match", tag);
        assert_eq!(again.send().await.unwrap().status(), 304);
    }
    // What lay in the database lies there.
    shop.anybody().get(address_before.as_str().unwrap()).await.assert_status(200);
    // The same once more is the same, and as many.
    let before = bucket.names();
    let (_, again) = put(&shop, "image/jpeg", photograph(900, 600)).await;
    assert_eq!((&again["picture"], &again["version"]), (&product["picture"], &product["version"]));
    assert_eq!(bucket.names(), before);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_refuses_or_cannot_be_reached_changes_nothing_and_is_said() {
    let bucket = Bucket::open().await;
    let wrong_key = bucket.url().replace("secret", "public");
    for (what, url) in [("a wrong key", wrong_key.as_str()), ("nobody there", "http://shop:key@127.0.0.1:9/pictures")] {
        let shop = Shop::with_pictures_in(url).await;
        shop.stock(&[("A", 1)]).await;
        let (before, rows) = (shop.product("A").await, shop.database.count("SELECT count(*) FROM pictures").await);
        let (status, refused) = put(&shop, "image/jpeg", photograph(400, 300)).await;
        assert_eq!((status, refused["code"].as_str()), (503, Some("pictures_unavailable")), "{what}: {refused}");
        assert_eq!(shop.product("A").await, before, "{what}");
        assert_eq!(shop.database.count("SELECT count(*) FROM pictures").await, rows, "{what}");
        shop.anybody().get(before["picture"].as_str().unwrap()).await.assert_status(200);
        shop.close().await;
    }
    assert_eq!(bucket.names(), Vec::<String>::new());
}

/// It takes connections, and never answers.
#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_silent_is_asked_by_few_and_the_shop_sells_on() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://shop:key@{}/pictures", silent.local_addr().unwrap());
    let taken = Arc::new(Mutex::new(Vec::new()));
    let asked_of_it = Arc::clone(&taken);
    let bucket = tokio::spawn(async move {
        loop {
            let (connection, _) = silent.accept().await.unwrap();
            asked_of_it.lock().unwrap().push(connection);
        }
    });
    let shop = Shop::with_pictures_in(&url).await;
    shop.stock(&[("A", 500)]).await;
    let address = shop.product("A").await["picture"].as_str().unwrap().to_owned();
    sqlx::query("UPDATE pictures SET bytes = NULL").execute(shop.database.pool()).await.unwrap();
    let asked: Vec<_> = (0..100)
        .map(|_| {
            let (client, address) = (shop.anybody(), address.clone());
            tokio::spawn(async move { client.get(&address).await })
        })
        .collect();
    until("the bucket to be asked", || async { (!taken.lock().unwrap().is_empty()).then_some(()) }).await;
    shop.held(&[("A", 1)]).await;
    for one in asked {
        one.await.unwrap().assert_problem(503, "pictures_unavailable");
    }
    // 32 at a time; a few more where some came seconds after the others.
    let connections = taken.lock().unwrap().len();
    assert!(connections < 64, "{connections} of 100 waited for the bucket");
    bucket.abort();
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_whose_bucket_is_gone_is_unavailable_and_one_that_is_lost_is_not_there() {
    let bucket = Bucket::open().await;
    let shop = Shop::with_pictures_in(&bucket.url()).await;
    shop.stock(&[("A", 1)]).await;
    let (_, product) = put(&shop, "image/jpeg", photograph(400, 300)).await;
    let address = product["picture"].as_str().unwrap();
    // A copy of the service that was not told of the bucket.
    let (kit, bus) = (shop.running.kit.settings.clone(), Bus::Elsewhere);
    let config = Config::read(kit, &Env::of([("PICTURES_URL", "")])).unwrap();
    let without = Running::start(build(config, bus, Clock::system()).await.unwrap()).await;
    without.client().get(address).await.assert_problem(503, "pictures_unavailable");
    // What is handed in there lies in the database then; and what is handed in here, in the bucket again.
    let in_database = shop.database.count(BYTES).await;
    let (status, again) = put_at(&without.url, &shop, "image/jpeg", photograph(400, 300)).await;
    assert_eq!((status, &again["picture"]), (200, &product["picture"]));
    for size in ["", "?width=320"] {
        without.client().get(&format!("{address}{size}")).await.assert_status(200);
    }
    assert_eq!(shop.database.count(BYTES).await, in_database + 2);
    put(&shop, "image/jpeg", photograph(400, 300)).await;
    assert_eq!(shop.database.count(BYTES).await, in_database);
    without.stop().await;
    for file in files(&bucket.folder.path().join("pictures")) {
        if name(&file).starts_with("320-") {
            std::fs::remove_file(file).unwrap();
        }
    }
    shop.anybody().get(&format!("{address}?width=320")).await.assert_problem(404, "picture_not_found");
    shop.anybody().get(address).await.assert_status(200);
    bucket.closing.send(()).unwrap();
    bucket.server.await.unwrap();
    shop.anybody().get(address).await.assert_problem(503, "pictures_unavailable");
    // The shop sells on.
    assert_eq!(shop.product("A").await["picture"], product["picture"]);
    shop.close().await;
}
