//! When a stage that works on many at once begins its next batch. A batch costs much of its price however small it is; so
//! who has just worked on some leaves others time to come. Who comes alone waits for nobody.

use std::time::Duration;

/// Where nobody waits for the answer: at the relay, where answers are booked, where mails are addressed and marked.
const BEHIND: Duration = Duration::from_millis(60);
/// Where somebody does.
const AT_THE_DOOR: Duration = Duration::from_millis(5);
/// So many at once are a crowd. What one order causes by itself is less.
const CROWD: usize = 4;

/// After a batch behind the doors that held so many and could have held `most`.
pub async fn leave_time(held: usize, most: usize) {
    leave(BEHIND, held, most).await;
}

/// The same at a door.
pub(crate) async fn leave_time_at_the_door(held: usize, most: usize) {
    leave(AT_THE_DOOR, held, most).await;
}

async fn leave(time: Duration, held: usize, most: usize) {
    if is_crowd(held, most) {
        tokio::time::sleep(time).await;
    }
}

/// Where the batch was full there are others already.
fn is_crowd(held: usize, most: usize) -> bool {
    (CROWD..most).contains(&held)
}

#[cfg(test)]
mod tests {
    use super::is_crowd;

    #[test]
    fn time_is_left_after_some_and_neither_after_one_order_nor_where_more_wait() {
        let left: Vec<usize> = [0, 1, 3, 4, 63, 64, 65].into_iter().filter(|held| is_crowd(*held, 64)).collect();
        assert_eq!(left, [4, 63]);
    }
}
