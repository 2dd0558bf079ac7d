use std::fs;
use std::net::TcpListener;

use dev_postgres::{Error, Listen, SourceChoice, start};

use crate::support::{fresh, settings};

#[test]
fn a_folder_with_something_else_in_it_is_left_alone() {
    let (_folder, data) = fresh();
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("holiday.txt"), "by the sea").unwrap();
    let error = start(settings(&data)).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{} is not empty and holds no PostgreSQL cluster; nothing in it was changed. Name another data folder, or \
             empty this one",
            data.display()
        )
    );
    let left: Vec<_> = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["holiday.txt"]);
    assert_eq!(fs::read_dir(data.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn a_file_where_the_folder_should_be_is_named() {
    let (_folder, data) = fresh();
    fs::create_dir_all(data.parent().unwrap()).unwrap();
    fs::write(&data, "a file").unwrap();
    let error = start(settings(&data)).unwrap_err().to_string();
    assert!(error.contains(&data.display().to_string()) && error.contains("is a file, not a folder"), "{error}");
}

#[test]
fn data_in_use_name_the_process() {
    let (_folder, data) = fresh();
    let running = start(settings(&data)).unwrap();
    let error = start(settings(&data)).unwrap_err();
    assert!(matches!(error, Error::InUse { .. }), "{error}");
    let expected =
        format!("process {0}. Stop the program that started it, or end it with: kill -INT {0}", running.pid());
    assert!(error.to_string().contains(&expected), "{error}");
}

#[test]
fn data_of_a_version_that_is_not_there_say_what_to_install() {
    let (_folder, data) = fresh();
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("PG_VERSION"), "9.6\n").unwrap();
    let mut settings = settings(&data);
    settings.source = Some(SourceChoice::Bundled);
    assert_eq!(
        start(settings).unwrap_err().to_string(),
        format!(
            "the data in {} were made by PostgreSQL 9.6, and only PostgreSQL 9.6 can read them, but there are the \
             PostgreSQL 17 that comes along. Install PostgreSQL 9.6, or name another data folder",
            data.display()
        )
    );
}

#[test]
fn a_taken_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let (_folder, data) = fresh();
    let mut settings = settings(&data);
    settings.listen = Listen::Tcp { port };
    let error = start(settings).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("port {port} on 127.0.0.1 is taken by another program. Choose another port, or stop that program")
    );
}

#[test]
fn a_broken_cluster_shows_what_postgres_said() {
    let (_folder, data) = fresh();
    start(settings(&data)).unwrap().stop().unwrap();
    fs::remove_file(data.join("global/pg_control")).unwrap();
    let error = start(settings(&data)).unwrap_err().to_string();
    assert!(error.contains("could not find the database system") && error.contains("server.log"), "{error}");
}

#[test]
fn a_program_that_does_not_become_the_helper_is_told_so() {
    let (_folder, data) = fresh();
    let mut settings = settings(&data);
    settings.launcher = Some("/bin/true".into());
    let error = start(settings).unwrap_err().to_string();
    assert!(error.contains("must call dev_postgres::maybe_run_as_helper()"), "{error}");
    assert!(!data.exists());
}

#[test]
fn the_server_that_comes_along_stays_off_the_network() {
    let (_folder, data) = fresh();
    let mut settings = settings(&data);
    settings.source = Some(SourceChoice::Bundled);
    settings.listen = Listen::Tcp { port: 1 };
    assert!(matches!(start(settings).unwrap_err(), Error::BundledOverTcp));
}
