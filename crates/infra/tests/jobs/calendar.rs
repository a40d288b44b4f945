//! Jobs that come by the calendar.

use std::time::Duration;

use guildhall_base::Timestamp;
use guildhall_infra::jobs::Cron;

use crate::support::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn times(pattern: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
    let cron = Cron::new("test", pattern, zone, plain("x")).unwrap();
    let mut next = at(from);
    let mut times = Vec::new();
    for _ in 0..count {
        next = cron.next(next).unwrap();
        times.push(next.to_string()[..16].to_owned());
    }
    times
}

#[test]
fn a10_times_follow_the_clock_on_the_wall() {
    // Helsinki goes from 03:00 to 04:00 on 2026-03-29, and from 04:00 back to 03:00 on 2026-10-25.
    assert_eq!(
        times("30 3 * * *", "Europe/Helsinki", "2026-03-27T12:00:00Z", 3),
        ["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"],
        "in the gap: right after it"
    );
    assert_eq!(
        times("30 3 * * *", "Europe/Helsinki", "2026-10-23T12:00:00Z", 3),
        ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"],
        "shown twice: once"
    );
    assert_eq!(
        times("0 * * * *", "Europe/Helsinki", "2026-10-24T23:30:00Z", 4),
        ["2026-10-25T00:00", "2026-10-25T01:00", "2026-10-25T02:00", "2026-10-25T03:00"],
        "every hour is every hour"
    );
    assert_eq!(times("0 12 29 2 *", "UTC", "2026-01-01T00:00:00Z", 1), ["2028-02-29T12:00"]);
    // Lord Howe moves by half an hour: 02:00 becomes 02:30 on 2026-10-04.
    assert_eq!(times("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", 1), ["2026-10-03T15:30"]);
    assert!(Cron::new("test", "* * *", "UTC", plain("x")).is_err());
    assert!(Cron::new("test", "* * * * *", "Europe/Nowhere", plain("x")).is_err());
}

#[tokio::test]
async fn a10_a_job_comes_once_per_time_over_all_processes_and_through_both_changes_of_the_clock() {
    for bench in benches().await {
        for (begin, days) in [("2026-03-27T12:00:00Z", 4_u32), ("2026-10-23T12:00:00Z", 4)] {
            bench.hand.set(at(begin));
            let nodes = [bench.node(), bench.node(), bench.node()];
            for node in &nodes {
                let cron = Cron::new(begin, "30 3 * * *", "Europe/Helsinki", plain(begin)).unwrap();
                node.schedule(cron);
                node.tick().await.unwrap();
            }
            let mut runs = 0;
            for _ in 0..days * 24 * 4 {
                bench.hand.advance(Duration::from_secs(900));
                futures_util::future::join_all(nodes.iter().map(|node| node.tick())).await;
                runs += nodes[0].run_due().await.unwrap();
            }
            assert_eq!(runs, days as usize, "{begin}");
        }
    }
}

#[tokio::test]
async fn times_that_went_by_are_made_up_for_once() {
    for bench in benches().await {
        let jobs = bench.node();
        jobs.schedule(Cron::new("hourly", "0 * * * *", "UTC", plain("x")).unwrap());
        jobs.tick().await.unwrap();
        bench.hand.advance(Duration::from_secs(36 * 3600));
        assert_eq!(jobs.run_due().await.unwrap(), 1);
        // Another schedule under the same name begins anew.
        let changed = bench.node();
        changed.schedule(Cron::new("hourly", "30 * * * *", "UTC", plain("x")).unwrap());
        changed.tick().await.unwrap();
        bench.hand.advance(Duration::from_secs(31 * 60));
        assert_eq!(changed.run_due().await.unwrap(), 1);
    }
}
