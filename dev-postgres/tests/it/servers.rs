use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use dev_postgres::{Durability, Listen, Source, SourceChoice, start};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{ask, eventually, execute, fresh, postmaster, run, settings, socket_folder};

#[test]
fn an_installed_server_finds_its_data_again() {
    let (_folder, data) = fresh();
    let mut settings = settings(&data);
    settings.source = Some(SourceChoice::Installed);

    let mut first = start(settings.clone()).unwrap();
    assert!(matches!(first.source(), Source::Installed { version: 15..=18, .. }));
    assert!(first.is_alive());
    execute(&first.url("postgres"), "create table note (body text); insert into note values ('kept')");
    let socket = first.socket_dir().to_owned();
    first.stop().unwrap();
    assert!(!socket.exists());

    let second = start(settings).unwrap();
    assert_eq!(ask(&second.url("postgres"), "select body from note"), "kept");
    second.stop().unwrap();
}

#[test]
fn the_server_that_comes_along_finds_its_data_again() {
    let (_folder, data) = fresh();
    let mut settings = settings(&data);
    settings.source = Some(SourceChoice::Bundled);

    let first = start(settings.clone()).unwrap();
    assert_eq!(first.source(), &Source::Bundled);
    execute(&first.url("postgres"), "create table note (body text); insert into note values ('kept')");
    first.stop().unwrap();

    let second = start(settings).unwrap();
    assert_eq!(ask(&second.url("postgres"), "select body from note"), "kept");
    assert_eq!(ask(&second.url("postgres"), "select split_part(version(), ' ', 2)"), "17.5");
    second.stop().unwrap();
}

#[test]
fn letters_are_unicode_and_bytes_decide_the_order() {
    for source in [SourceChoice::Installed, SourceChoice::Bundled] {
        let (_folder, data) = fresh();
        let mut settings = settings(&data);
        settings.source = Some(source);
        let running = start(settings).unwrap();
        assert_eq!(ask(&running.url("postgres"), "select lower('ÖL') || ('a' > 'B')"), "öltrue");
        assert_eq!(ask(&running.url("postgres"), "show timezone"), "UTC");
    }
}

#[test]
fn over_tcp_it_listens_on_this_machine_only() {
    let (_folder, data) = fresh();
    let mut settings = settings(&data);
    settings.listen = Listen::Tcp { port: free_port() };
    let running = start(settings).unwrap();
    let by_tcp = running.tcp_url("postgres").unwrap();
    assert_eq!(ask(&by_tcp, "show listen_addresses"), "127.0.0.1");
    assert_eq!(ask(&running.url("postgres"), "select 'by the socket'"), "by the socket");
}

#[test]
fn nobody_else_reaches_the_socket() {
    let (_folder, data) = fresh();
    let running = start(settings(&data)).unwrap();
    let folder = fs::metadata(running.socket_dir()).unwrap();
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_dropped_server_is_gone() {
    let (_folder, data) = fresh();
    let running = start(settings(&data)).unwrap();
    let pid = Pid::from_raw(i32::try_from(running.pid()).unwrap());
    drop(running);
    assert_eq!(kill(pid, None), Err(nix::Error::ESRCH));
    assert!(!data.join("postmaster.pid").exists());
}

#[test]
fn a_server_without_time_to_stop_keeps_what_was_committed() {
    let (_folder, data) = fresh();
    let mut settings = settings(&data);
    settings.durability = Durability::Full;
    let first = start(settings.clone()).unwrap();
    execute(&first.url("postgres"), "create table note (body text); insert into note values ('kept')");
    let pid = first.pid();
    first.stop_within(Duration::ZERO).unwrap();
    assert!(kill(Pid::from_raw(pid.try_into().unwrap()), None).is_err(), "it still runs");
    let second = start(settings).unwrap();
    assert_eq!(ask(&second.url("postgres"), "select body from note"), "kept");
}

#[test]
fn a_server_that_dies_is_noticed() {
    let (_folder, data) = fresh();
    let mut running = start(settings(&data)).unwrap();
    kill(Pid::from_raw(postmaster(&data)), Signal::SIGQUIT).unwrap();
    eventually("the server is known to be dead", || !data.join("postmaster.pid").exists());
    while running.is_alive() {
        std::thread::yield_now();
    }
    running.stop().unwrap();
}

#[test]
fn a_terminated_program_leaves_nothing_behind() {
    let (_folder, data) = fresh();
    let (mut program, url) = run(&data, &["--no-durability"]);
    let server = Pid::from_raw(postmaster(&data));
    kill(Pid::from_raw(i32::try_from(program.id()).unwrap()), Signal::SIGTERM).unwrap();
    assert!(program.wait().unwrap().success());
    assert_eq!(kill(server, None), Err(nix::Error::ESRCH));
    assert!(!socket_folder(&url).exists());
}

#[test]
#[cfg(target_os = "linux")]
fn a_killed_program_takes_its_server_along_and_the_next_one_finds_the_data() {
    for source in ["--installed", "--bundled"] {
        let (_folder, data) = fresh();
        let (mut program, url) = run(&data, &[source]);
        execute(&url, "create table note (body text); insert into note values ('kept')");
        let server = Pid::from_raw(postmaster(&data));
        program.kill().unwrap();
        program.wait().unwrap();

        // At once, so that the next one meets the old one's end.
        let (mut program, url_again) = run(&data, &[source]);
        assert!(!socket_folder(&url).exists());
        eventually("the first server is gone", || kill(server, None) == Err(nix::Error::ESRCH));
        assert_eq!(ask(&url_again, "select body from note"), "kept");
        kill(Pid::from_raw(i32::try_from(program.id()).unwrap()), Signal::SIGTERM).unwrap();
        assert!(program.wait().unwrap().success());
    }
}

#[test]
fn what_a_crash_left_is_cleared_away() {
    let (_folder, data) = fresh();
    let (mut program, url) = run(&data, &[]);
    execute(&url, "create table note (body text); insert into note values ('kept')");
    // A crash of the whole machine: nobody had time to clean up, and the number now belongs to somebody else.
    let notes = fs::read_to_string(data.join("postmaster.pid")).unwrap();
    kill(Pid::from_raw(postmaster(&data)), Signal::SIGKILL).unwrap();
    program.wait().unwrap();
    let (_, rest) = notes.split_once('\n').unwrap();
    fs::write(data.join("postmaster.pid"), format!("{}\n{rest}", std::process::id())).unwrap();
    fs::create_dir_all(socket_folder(&url)).unwrap();
    std::os::unix::fs::symlink(socket_folder(&url), data.join("socket")).unwrap();

    let running = start(settings(&data)).unwrap();
    assert_eq!(ask(&running.url("postgres"), "select body from note"), "kept");
    assert!(!socket_folder(&url).exists());
}

pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn what_was_committed_outlives_a_kill_of_all_its_processes() {
    let (_folder, data) = fresh();
    let mut settings = settings(&data);
    settings.durability = dev_postgres::Durability::Full;
    let first = start(settings.clone()).unwrap();
    let url = first.url("postgres");
    execute(&url, "CREATE TABLE kept AS SELECT 'still here'::text AS what");
    let postmaster = postmaster(&data);
    first.kill().unwrap();
    assert!(std::fs::read_to_string(format!("/proc/{postmaster}/stat")).is_err(), "the server was left behind");

    let second = start(settings).unwrap();
    assert_eq!(ask(&second.url("postgres"), "SELECT what FROM kept"), "still here");
    second.stop().unwrap();
}
