use dev_rabbitmq::Scratch;
use std::{
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command},
};

fn sleeper() -> Child {
    Command::new("sleep").arg("600").process_group(0).spawn().unwrap()
}

#[test]
fn the_folder_goes_with_its_owner_and_kept_it_stays() {
    let scratch = Scratch::new("ecom-guard-test-").unwrap();
    let path = scratch.path().to_owned();
    let mut child = sleeper();
    scratch.guard().watch(child.id()).unwrap();
    drop(scratch);
    assert!(!path.exists());
    assert_eq!(child.try_wait().unwrap(), None, "an orderly end is for its owner to arrange");
    child.kill().unwrap();
    child.wait().unwrap();

    let mut scratch = Scratch::new("ecom-guard-test-").unwrap();
    let kept = scratch.keep();
    drop(scratch);
    assert!(kept.is_dir());
    std::fs::remove_dir(kept).unwrap();
}

#[test]
fn when_its_owner_is_killed_the_guard_ends_what_it_was_told() {
    let scratch = Scratch::new("ecom-guard-test-").unwrap();
    let (mut watched, mut forgotten) = (sleeper(), sleeper());
    for child in [&watched, &forgotten] {
        scratch.guard().watch(child.id()).unwrap();
    }
    scratch.guard().forget(forgotten.id()).unwrap();
    let path = scratch.path().to_owned();
    // What the system does for a process that is killed: its ends of pipes are closed, and nothing is dropped.
    scratch.abandon();
    assert!(!watched.wait().unwrap().success());
    assert_eq!(forgotten.try_wait().unwrap(), None);
    forgotten.kill().unwrap();
    forgotten.wait().unwrap();
    wait_until_gone(&path);
}

fn wait_until_gone(path: &Path) {
    let begun = std::time::Instant::now();
    while path.exists() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{} is still there", path.display());
        std::thread::yield_now();
    }
}
