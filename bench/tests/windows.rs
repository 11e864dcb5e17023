//! The one scenario that needs no server, from beginning to end.

use bench::{Figure, Supply, run_windows, text};

#[tokio::test]
async fn ours_is_as_good_as_the_exact_method_and_never_worse_than_greedy() {
    for supply in [Supply::Enough, Supply::Scarce] {
        // Fails by itself if the exact method finds more pairs, or a shorter way for as many.
        let part = run_windows(supply, &[20, 120], 2).await.unwrap();
        assert_eq!(part.series.len(), 6);
        for series in &part.series[..2] {
            assert_eq!(series.repetitions.len(), 2);
        }
        for riders in part.series.chunks(3) {
            let value = |place: usize| {
                let median = |figure| riders[place].spread(figure).unwrap().median;
                (median(Figure::Pairs), median(Figure::TotalPickupS))
            };
            let (ours, greedy) = (value(0), value(1));
            assert!(ours.0 > greedy.0 || (ours.0 == greedy.0 && ours.1 <= greedy.1), "{ours:?} {greedy:?}");
        }
        assert!(text(&part).contains("mean pickup, s"));
    }
}
