//! The Hungarian method on a full matrix (Kuhn 1955, in the form with potentials and shortest paths): slow, short, and
//! without a line in common with the assignment it checks.

/// Far more than any way, and far less than what overflows.
const NO_DRIVER: i64 = 1 << 32;
const NOT_NEAR: i64 = 1 << 45;

/// For each row the driver it gets, if any: as many as possible, at the least total cost.
pub(super) fn assign(rows: &[Vec<(usize, i64)>]) -> Vec<Option<usize>> {
    let mut drivers: Vec<usize> = rows.iter().flatten().map(|(driver, _)| *driver).collect();
    drivers.sort_unstable();
    drivers.dedup();
    let matrix = Matrix { rows, drivers: &drivers };
    let columns_of = solve(&matrix, drivers.len() + rows.len());
    columns_of.into_iter().map(|column| drivers.get(column).copied()).collect()
}

/// A cost for every row and every column. Behind the drivers there is a column for each row that says "nobody". Rows are
/// written out when they are looked at: all of them would take gigabytes.
struct Matrix<'a> {
    rows: &'a [Vec<(usize, i64)>],
    /// The driver of each column, in growing order.
    drivers: &'a [usize],
}

impl Matrix<'_> {
    fn write_row(&self, row: usize, costs: &mut [i64]) {
        let (near, nobody) = costs.split_at_mut(self.drivers.len());
        near.fill(NOT_NEAR);
        nobody.fill(NO_DRIVER);
        for (driver, cost) in &self.rows[row] {
            let column = self.drivers.binary_search(driver).expect("every driver has a column");
            near[column] = near[column].min(*cost);
        }
    }
}

/// The column of each row. Rows and columns count from 1 here; 0 is where a search begins.
fn solve(matrix: &Matrix<'_>, columns: usize) -> Vec<usize> {
    let rows = matrix.rows.len();
    let mut costs = vec![0i64; columns];
    let mut row_potential = vec![0i64; rows + 1];
    let mut column_potential = vec![0i64; columns + 1];
    let mut row_of = vec![0usize; columns + 1];
    for row in 1..=rows {
        row_of[0] = row;
        let mut least = vec![i64::MAX; columns + 1];
        let mut came_from = vec![0usize; columns + 1];
        let mut used = vec![false; columns + 1];
        let mut column = 0;
        while row_of[column] != 0 {
            used[column] = true;
            let (current, mut delta, mut next) = (row_of[column], i64::MAX, 0);
            matrix.write_row(current - 1, &mut costs);
            for other in (1..=columns).filter(|other| !used[*other]) {
                let reduced = costs[other - 1] - row_potential[current] - column_potential[other];
                if reduced < least[other] {
                    (least[other], came_from[other]) = (reduced, column);
                }
                if least[other] < delta {
                    (delta, next) = (least[other], other);
                }
            }
            for other in 0..=columns {
                if used[other] {
                    row_potential[row_of[other]] += delta;
                    column_potential[other] -= delta;
                } else if other > 0 {
                    least[other] -= delta;
                }
            }
            column = next;
        }
        while column != 0 {
            let before = came_from[column];
            row_of[column] = row_of[before];
            column = before;
        }
    }
    let mut columns_of = vec![0; rows];
    for (column, row) in row_of.iter().enumerate().skip(1).filter(|(_, row)| **row != 0) {
        columns_of[row - 1] = column - 1;
    }
    columns_of
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_least_and_as_many_as_possible_get_somebody() {
        assert_eq!(assign(&[vec![(7, 10), (9, 12)], vec![(7, 11), (9, 40)]]), [Some(9), Some(7)]);
        assert_eq!(assign(&[vec![(0, 1), (1, 1_000_000)], vec![(0, 1)]]), [Some(1), Some(0)]);
        assert_eq!(assign(&[vec![], vec![(3, 5)], vec![(3, 4)]]), [None, None, Some(3)]);
        assert_eq!(assign(&[]), []);
    }
}
